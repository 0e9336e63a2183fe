"""The numbered sources of a page: one number a source, one anchor a place in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from catalog.facts import Day, Evidence
from catalog.records import Document, Source
from catalog.register import Catalog, File
from generator import figures
from generator.language import Language
from generator.tame import outward

_BLOB = re.compile(r"https://github\.com/([^/]+/[^/]+)/(?:blob|tree)/([0-9a-f]{7,40})/(.+)")
_COMMIT = re.compile(r"https://github\.com/([^/]+/[^/]+)/commit/([0-9a-f]{7,40})")


@dataclass(frozen=True)
class Ref:
    """The small number behind a figure."""

    number: int
    anchor: str
    label: str
    """For screen readers: which source, which place."""


@dataclass(frozen=True)
class PlaceView:
    """One cited place of a source."""

    anchor: str
    label: str
    href: str | None


@dataclass(frozen=True)
class SourceView:
    """One source in the list at the foot of a page."""

    number: int
    title: str
    href: str | None
    detail: str
    archived: str | None
    note: str | None
    places: tuple[PlaceView, ...]


_Key = tuple[str, str]


class Citations:
    """Gathers what a page cites, in the order in which it cites it."""

    def __init__(self, catalog: Catalog, file: File, language: Language, home: str) -> None:
        self.catalog, self.file, self.language, self.home = catalog, file, language, home
        self._places: dict[_Key, dict[str, PlaceView]] = {}
        self._owners: dict[_Key, File] = {}

    def beside(self, file: File) -> Citations:
        """The same numbered list, for evidence that a file beside the entry declares, such as its recipe."""
        other = Citations(self.catalog, file, self.language, self.home)
        other._places, other._owners = self._places, self._owners
        return other

    def cite(self, evidence: tuple[Evidence, ...]) -> tuple[Ref, ...]:
        """References for a figure's evidence, one a source: two lines of one file share a number."""
        refs: dict[int, Ref] = {}
        for item in evidence:
            key = self._key(item.source)
            places = self._places.setdefault(key, {})
            self._owners.setdefault(key, self.file)
            number = list(self._places).index(key) + 1
            anchor = f"s{number}" + (f"-{_anchor(item.locator)}" if item.locator else "")
            if item.locator and item.locator not in places:
                places[item.locator] = self._place(item, anchor)
            label = f"来源 {number}" if self.language == "zh" else f"source {number}"
            shown = locator(item.locator, self.language)
            refs.setdefault(
                number,
                Ref(
                    number,
                    anchor,
                    f"{label}{'，' if self.language == 'zh' and shown else ', ' if shown else ''}{shown}",
                ),
            )
        return tuple(refs.values())

    def sources(self) -> tuple[SourceView, ...]:
        """The list, numbered."""
        return tuple(self._view(n, key) for n, key in enumerate(self._places, 1))

    def _key(self, name: str) -> _Key:
        """A source by its name and the file that declares it; documents are the register's."""
        return (self.file.relative if name in getattr(self.file.record, "sources", {}) else "", name)

    def _place(self, item: Evidence, anchor: str) -> PlaceView:
        source = self.catalog.source(self.file, item.source)
        href = None
        if isinstance(source, Document) and item.lines:
            href = f"{self.home}sources/{item.source}/#L{item.lines[0][0]}"
        elif isinstance(source, Source) and source.url and item.lines and _BLOB.match(source.url):
            plain = "?plain=1" if source.url.endswith(".md") or source.url.endswith(".MD") else ""
            first, last = item.lines[0]
            href = f"{source.url}{plain}#L{first}" + (f"-L{last}" if last != first else "")
        return PlaceView(anchor, locator(item.locator, self.language), href)

    def _view(self, number: int, key: _Key) -> SourceView:
        name = key[1]
        source = self.catalog.source(self._owners[key], name)
        places = tuple(self._places[key].values())
        if isinstance(source, Document):
            detail = figures.day(source.as_of, self.language)
            return SourceView(
                number, getattr(source.title, self.language), f"{self.home}sources/{name}/", detail, None, None, places
            )
        if source is None:
            return SourceView(number, name, None, "", None, None, places)
        note = getattr(source.note, self.language) if source.note else None
        return SourceView(
            number,
            title(source, self.language),
            outward(source.url),
            self._detail(source),
            outward(source.archived),
            note,
            places,
        )

    def _detail(self, source: Source) -> str:
        zh = self.language == "zh"
        dated = figures.day(source.as_of, self.language)
        if isinstance(source.accessed, Day):
            read = figures.day(source.accessed, self.language)
            return f"{dated}的版本，{read}查阅" if zh else f"as of {dated}, read {read}"
        return f"{dated}的版本，原文未能读到" if zh else f"as of {dated}, the original could not be read"


def title(source: Source, language: Language) -> str:
    """The source's title; a file in a repository is called by its path and commit."""
    if source.title:
        return str(getattr(source.title, language))
    if match := _BLOB.match(source.url or ""):
        return f"{match[1]}: {match[3]} @ {match[2][:8]}"
    if match := _COMMIT.match(source.url or ""):
        label = "提交" if language == "zh" else "commit"
        return f"{match[1]}: {label} {match[2][:8]}"
    return (source.url or "").removeprefix("https://")


@lru_cache(maxsize=10_000)
def locator(text: str, language: Language) -> str:
    """`L28-L30` as words: `lines 28 to 30`."""

    def one(match: re.Match[str]) -> str:
        first, last = match[1], match[2]
        if language == "zh":
            return f"第 {first} 至 {last} 行" if last else f"第 {first} 行"
        return f"lines {first} to {last}" if last else f"line {first}"

    return (
        re.sub(r"L(\d+)(?:-L?(\d+))?", one, text).replace(",", "、" if language == "zh" else ", ").replace(",  ", ", ")
    )


@lru_cache(maxsize=10_000)
def _anchor(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower() or "p"
