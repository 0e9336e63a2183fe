"""The pages of data sets, cards, terms and documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel

from catalog.facts import Evidence
from catalog.lineage import descendants
from catalog.records import Dataset, Document, Entry, Hardware, Term
from catalog.register import Catalog, File, once
from catalog.walk import Path, fields, nodes
from generator import figures
from generator.language import Language
from generator.setting_names import setting_name
from generator.tame import outward
from generator.views.citing import Citations, SourceView
from generator.views.downloads import DownloadView, download_views
from generator.views.record import (
    CorrectionView,
    DisputeView,
    HomonymView,
    StatementView,
    corrections,
    disputes,
    homonyms,
    links,
    simple_facts,
    statements,
)
from generator.views.shown import FactView, Part, Shower, language_name


@dataclass(frozen=True)
class SimplePage:
    """Everything `simple.html` shows."""

    kind: str
    kind_name: str
    slug: str
    name: str
    other_name: str | None
    aliases: tuple[str, ...]
    summary: str
    definition: str | None
    facts: tuple[FactView, ...]
    links: tuple[FactView, ...]
    downloads: tuple[DownloadView, ...]
    related_title: str
    related: tuple[Part, ...]
    statements: tuple[StatementView, ...]
    corrections: tuple[CorrectionView, ...]
    disputes: tuple[DisputeView, ...]
    homonyms: tuple[HomonymView, ...]
    sources: tuple[SourceView, ...]


_DATASET = (
    "publisher", "released", "languages", "examples", "tokens", "words", "bytes", "access", "licence", "generated_by",
    "derived_from", "cost",
)  # fmt: skip
_CARD = ("memory", "bandwidth", "fp16", "fp16_fast", "bf16", "tf32", "fp32", "int8", "power", "released")


def simple_page(catalog: Catalog, file: File, language: Language, home: str) -> SimplePage:
    """A data set, a card or a term."""
    record = file.record
    assert isinstance(record, Dataset | Hardware | Term)
    citations = Citations(catalog, file, language, home)
    show = Shower(catalog, citations)
    found: tuple[FactView, ...] = ()
    definition, related_title = None, ""
    related: tuple[Part, ...] = ()
    if isinstance(record, Dataset):
        found = simple_facts(show, record, _DATASET) + _settings(show, record)
        related_title = show.word("trained_on_it")
        related = _unique(show.reference(edge.child) for edge in descendants(catalog, file.slug))
    elif isinstance(record, Hardware):
        found = simple_facts(show, record, _CARD)
        related_title = show.word("trained_on_it")
        related = _users(catalog, show, file.slug, record.family)
    else:
        definition = str(getattr(record.definition, language))
        related_title = show.word("related")
        related = tuple(show.reference(name) for name in record.related)
    name, other = (record.name.en, record.name.zh) if language == "en" else (record.name.zh, record.name.en)
    return SimplePage(
        file.kind,
        show.word(file.kind),
        file.slug,
        name,
        other if other != name else None,
        tuple(record.aliases),
        str(getattr(record.summary, language)),
        definition,
        found,
        links(show, record),
        download_views(catalog, record, language),
        related_title,
        related,
        statements(show, record),
        corrections(show, record),
        disputes(show, record),
        homonyms(show, record),
        citations.sources(),
    )


def _settings(show: Shower, record: Dataset) -> tuple[FactView, ...]:
    return tuple(
        FactView(setting_name(key, show.language), (show.claim("settings", fact.accepted),))
        for key, fact in record.settings.items()
    )


def _unique(parts: object) -> tuple[Part, ...]:
    found: dict[str, Part] = {}
    for part in parts:  # type: ignore[attr-defined]
        found.setdefault(part.text, part)
    return tuple(found.values())


def _users(catalog: Catalog, show: Shower, slug: str, family: str) -> tuple[Part, ...]:
    """Entries with a run on this card, or on its family where the memory size was not said."""
    found: list[Part] = []
    for name, entry in catalog.entries.items():
        runs = [*entry.training.values(), *(r for v in entry.variants.values() for r in v.training.values())]
        cards = {c.value.card for run in runs if run.hardware for c in run.hardware.claims if c.value}
        if cards & {slug, family}:
            found.append(show.reference(name))
    return _unique(found)


@dataclass(frozen=True)
class Quote:
    """One thing the register took from a line of a document."""

    line: int
    lines: str
    entry: Part
    label: str
    value: str
    accepted: bool


@dataclass(frozen=True)
class DocumentPage:
    """Everything `document.html` shows."""

    slug: str
    title: str
    summary: str
    note: str | None
    facts: tuple[tuple[str, str], ...]
    url: str | None
    quotes: tuple[Quote, ...]
    statements: tuple[StatementView, ...]
    corrections: tuple[CorrectionView, ...]
    sources: tuple[SourceView, ...]


def document_page(catalog: Catalog, file: File, language: Language, home: str) -> DocumentPage:
    """A document with everything the register took from it, line by line."""
    record = file.record
    assert isinstance(record, Document)
    citations = Citations(catalog, file, language, home)
    show = Shower(catalog, citations)
    zh = language == "zh"
    labels = ("日期", "查阅", "语言", "行数", "SHA-256") if zh else ("Dated", "Read", "Language", "Lines", "SHA-256")
    values = (
        figures.day(record.as_of, language),
        figures.day(record.accessed, language),
        show.comma.join(language_name(code, language) for code in record.language.split(", ")),
        f"{record.lines:,}",
        record.sha256,
    )
    return DocumentPage(
        file.slug,
        str(getattr(record.title, language)),
        str(getattr(record.summary, language)),
        show.text(record.note),
        tuple(zip(labels, values, strict=True)),
        outward(record.url),
        quotes(catalog, file.slug, language, home),
        statements(show, record),
        corrections(show, record),
        citations.sources(),
    )


def quotes(catalog: Catalog, document: str, language: Language, home: str) -> tuple[Quote, ...]:
    """Every citation of the document in the register, by line."""
    found: list[Quote] = []
    for file, places in _citing(catalog).get(document, ()):
        show = Shower(catalog, Citations(catalog, file, language, home))
        entry = _entry_part(file, language, home)
        for path, node, field, item in places:
            found += _quote(show, file, entry, path, node, item, holds=field == "evidence")
    return tuple(sorted(set(found), key=lambda q: (q.line, q.entry.text, q.label, q.value)))


_Place = tuple[Path, BaseModel, str, Evidence]


@once
def _citing(catalog: Catalog) -> dict[str, list[tuple[File, list[_Place]]]]:
    """The files that cite each document, with the objects and fields in which they do."""
    found: dict[str, list[tuple[File, list[_Place]]]] = {}
    for file in catalog.files:
        places: dict[str, list[_Place]] = {}
        for path, node in nodes(file.record):
            for field in ("from_", "settings_from", "evidence"):
                for item in (getattr(node, field) or ()) if field in fields(type(node)) else ():
                    if item.source in catalog.documents:
                        places.setdefault(item.source, []).append((path, node, field, item))
        for document, cited in places.items():
            found.setdefault(document, []).append((file, cited))
    return found


def _entry_part(file: File, language: Language, home: str) -> Part:
    return Part(str(getattr(file.name, language)), f"{home}{file.kind}/{file.slug}/")


def _quote(
    show: Shower, file: File, entry: Part, path: Path, node: object, item: Evidence, *, holds: bool
) -> list[Quote]:
    """The lines of one citation; `holds` where it backs a correction and not the claim that is corrected."""
    label = _path_words(show, file, path)
    correction = getattr(node, "correction", None)
    value = str(getattr(correction, show.language)) if holds and correction else _value(show, path, node)
    accepted = True
    if "claims" in path:
        fact = _fact_of(file, path)
        accepted = fact is None or getattr(fact, "accepted", None) is node
    return [
        Quote(first, str(first) if first == last else f"{first}–{last}", entry, label, value, accepted)
        for first, last in item.lines
    ]


def _fact_of(file: File, path: Path) -> object | None:
    """The fact that a claim's path belongs to."""
    here: Any = file.record
    for part in path[: path.index("claims")]:
        here = getattr(here, part) if isinstance(part, str) and not isinstance(here, dict) else here[part]
    return cast(object, here)


def _value(show: Shower, path: Path, node: object) -> str:
    text = getattr(node, "text", None) or getattr(node, "claim", None)
    if text is not None:
        return str(getattr(text, show.language))
    if hasattr(node, "level"):
        return show.word(node.level)
    if hasattr(node, "dataset"):
        return show.reference(node.dataset).text
    if hasattr(node, "cells"):
        return str(getattr(node.name, show.language))  # type: ignore[attr-defined]
    if hasattr(node, "status"):
        names = [str(part) for part in path if part != "claims" and not isinstance(part, int)]
        return show.claim(names[-1], node).text
    title = getattr(node, "title", None)
    return str(getattr(title, show.language)) if title else ""


def _path_words(show: Shower, file: File, path: Path) -> str:
    record = file.record
    parts: list[str] = []
    for before, part in zip(("", *path), path, strict=False):
        if isinstance(part, int) or part in ("claims", "variants", "settings", "training", "rows"):
            continue
        if part in ("corrections", "statements"):
            parts.append(show.word(f"one.{part}"))
            continue
        if before == "variants" and isinstance(record, Entry):
            parts.append(str(getattr(record.variants[str(part)].name, show.language)))
        else:
            parts.append(show.word(str(part)))
    return show.comma.join(parts)
