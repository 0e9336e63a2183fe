"""One column of the comparison: the same questions for every entry, grouped, as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from catalog import licences, openness
from catalog.facts import Fact
from catalog.records import Entry, Model
from catalog.register import Catalog, File
from catalog.summary import runs
from catalog.vocabulary import COMPONENTS
from generator.language import Language
from generator.tame import tamed
from generator.views.citing import Citations
from generator.views.shown import Shower, Shown
from generator.words import word

_TRAINING = (
    "method", "examples", "tokens", "epochs", "batch", "sequence", "learning_rate", "lora_rank", "hardware", "duration",
    "gpu_hours", "cost",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One cell."""

    text: str
    level: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Column:
    """One entry."""

    slug: str
    name: str
    href: str
    groups: tuple[tuple[str, tuple[tuple[str, Answer], ...]], ...]
    """(group, ((question, answer), ...)); questions are the same for every entry."""


def column(catalog: Catalog, file: File, language: Language, home: str) -> Column:
    """All answers of one entry, accepted figures only."""
    entry = file.record
    assert isinstance(entry, Entry)
    show = Shower(catalog, Citations(catalog, file, language, home))
    groups = (
        (show.word("identity"), tuple(_identity(show, entry))),
        (show.word("openness"), tuple(_openness(catalog, show, file.slug))),
        (show.word("training"), tuple(_training(show, entry))),
    )
    return Column(file.slug, tamed(str(getattr(entry.name, language))), f"{home}{file.kind}/{file.slug}/", groups)


def _identity(show: Shower, entry: Entry) -> list[tuple[str, Answer]]:
    variants = entry.variants.values()
    bases = [show.fact("base", v.base) for v in variants if v.base and v.base.accepted.value not in entry.variants]
    return [
        (show.word("publisher"), _answer(show, [show.fact("publisher", entry.publisher)])),
        (show.word("released"), _answer(show, [show.fact("released", entry.released)])),
        (
            show.word("parameters"),
            _answer(show, [show.fact("parameters", f) for f in _by_size(entry)]),
        ),
        (show.word("base"), _answer(show, sorted(bases, key=lambda base: _natural(base.text if base else "")))),
        (show.word("context"), _answer(show, [show.fact("context", v.context) for v in variants])),
        (
            show.word("languages"),
            _answer(show, [show.fact("languages", entry.languages)] if isinstance(entry, Model) else []),
        ),
    ]


def _natural(text: str) -> list[tuple[int, str]]:
    """A key by which 7B stands before 13B, so that the same bases read the same."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", text)]


def _by_size(entry: Entry) -> list[Fact[Any]]:
    facts = [f for f in (entry.parameters, *(v.parameters for v in entry.variants.values())) if f is not None]
    return sorted(facts, key=lambda f: (f.accepted.value.high if f.accepted.value else None) or 0)


def _openness(catalog: Catalog, show: Shower, slug: str) -> list[tuple[str, Answer]]:
    cells = openness.cells(catalog, slug)
    rows = [(show.word(c), Answer(show.word(cells[c].level), cells[c].level)) for c in COMPONENTS]
    answer = licences.of_entry(catalog, slug).answer
    score = f"{openness.score(cells):g} / 14"
    return [
        *rows,
        (show.word("score"), Answer(score)),
        (show.word("commercial_short"), Answer(show.word(answer), missing=answer == "unknown")),
    ]


def _training(show: Shower, entry: Entry) -> list[tuple[str, Answer]]:
    every = runs(entry)
    sources = [source for run in every for source in (run, *run.data)]
    rows = [(show.word(f), _answer(show, [show.fact(f, getattr(s, f, None)) for s in sources])) for f in _TRAINING]
    data = show.comma.join(
        dict.fromkeys(show.reference(u.dataset).text for run in every for u in run.data if not u.rejected)
    )
    rows.insert(1, (show.word("data"), Answer(tamed(data)) if data else Answer(show.word("unknown"), missing=True)))
    return rows


def _answer(show: Shower, found: list[Shown | None]) -> Answer:
    """Different answers joined; stated ones displace missing ones."""
    stated = list(dict.fromkeys(s.text for s in found if s and not s.missing))
    if stated:
        return Answer(tamed(show.comma.join(stated[:6])) + (" …" if len(stated) > 6 else ""))
    missing = [s.text for s in found if s]
    disclosed = word("not-disclosed", show.language)
    return Answer(disclosed if disclosed in missing else word("unknown", show.language), missing=True)
