"""The explorer: every model and framework in one table, with the values it can be filtered by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog import licences, openness
from catalog.facts import Day, Fact
from catalog.lineage import edges_from
from catalog.records import Entry, Model
from catalog.register import Catalog, File
from catalog.summary import runs
from catalog.units import Quantity, plain
from catalog.vocabulary import COMPONENTS
from generator import figures
from generator.language import Language
from generator.views.citing import Citations
from generator.views.shown import Shower, Shown, language_name

COLUMNS = (
    "name", "released", "parameters", "code", "data", "weights", "commercial", "base", "method", "examples",
    "hardware", "duration",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One cell: what is shown, what it sorts by (empty sorts last), a level if it is one."""

    text: str
    sort: str = ""
    level: str = ""
    missing: bool = False


@dataclass(frozen=True)
class RowView:
    """One entry."""

    slug: str
    name: str
    publisher: str
    href: str
    cells: tuple[Cell, ...]
    """For every column after the name."""
    facets: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Option:
    """One choice of a facet."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Facet:
    """One group of choices."""

    id: str
    name: str
    options: tuple[Option, ...]
    levels: bool
    """Options are levels of openness."""
    prominent: bool
    """Open at first."""


@dataclass(frozen=True)
class ExplorerPage:
    """Everything `explorer.html` shows."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[RowView, ...]
    facets: tuple[Facet, ...]


def explorer(catalog: Catalog, language: Language, home: str) -> ExplorerPage:
    """Youngest first."""
    files = [f for f in catalog.files if isinstance(f.record, Entry) and getattr(f.record, "kind", "model") == "model"]
    rows = [_Row(catalog, file, language, home).view() for file in files]
    rows.sort(key=lambda row: (row.cells[0].sort, row.name), reverse=True)
    if not files:
        return ExplorerPage((), (), ())
    show = Shower(catalog, Citations(catalog, files[0], language, home))
    named = {"name": "name", "commercial": "commercial_short", "examples": "data", "data": "tuning_data"}
    columns = tuple((column, show.word(named.get(column, column))) for column in COLUMNS)
    return ExplorerPage(columns, tuple(rows), tuple(_facets(catalog, show, rows)))


class _Row:
    """One entry's row; holds what its cells and facets share."""

    def __init__(self, catalog: Catalog, file: File, language: Language, home: str) -> None:
        assert isinstance(file.record, Entry)
        self.catalog, self.file, self.entry, self.home = catalog, file, file.record, home
        self.show = Shower(catalog, Citations(catalog, file, language, home))
        self.runs = runs(self.entry)
        self.components = openness.cells(catalog, file.slug)
        self.columns = openness.columns(self.components)
        self.commercial = licences.of_entry(catalog, file.slug).answer

    def view(self) -> RowView:
        name = str(getattr(self.entry.name, self.show.language))
        href = f"{self.home}{self.file.kind}/{self.file.slug}/"
        return RowView(self.file.slug, name, self._publisher(), href, self._cells(), self._facets())

    def _cells(self) -> tuple[Cell, ...]:
        show, entry = self.show, self.entry
        released, sizes = entry.released.accepted.value, self._sizes()
        day = _cell(show, show.word(entry.released.accepted.status))
        if isinstance(released, Day):
            day = Cell(figures.day(released, show.language), released.first.isoformat())
        columns = (self.columns.code, self.columns.data, self.columns.weights)
        levels = [Cell(show.word(level), level, level) for level in columns]
        answer = Cell(show.word(self.commercial), self.commercial, "", self.commercial == "unknown")
        return (
            day,
            _cell(show, _joined(show, (show.fact("parameters", f) for f in sizes)), _number(_largest(sizes))),
            *levels,
            answer,
            self._base(),
            _cell(show, _joined(show, (show.fact("method", run.method) for run in self.runs))),
            _cell(show, _joined(show, (show.fact("examples", f) for f in self._amounts()), limit=2)),
            _cell(show, _joined(show, (show.fact("hardware", run.hardware) for run in self.runs), limit=3)),
            _cell(show, _joined(show, (show.fact("duration", run.duration) for run in self.runs), limit=3),
                  _number(_largest(run.duration for run in self.runs))),
        )  # fmt: skip

    def _base(self) -> Cell:
        own = self.entry.variants
        bases = [v.base for v in own.values() if v.base and v.base.accepted.value not in own]
        return _cell(
            self.show,
            _joined(
                self.show, [*self.show.from_scratch(self.entry), *(self.show.fact("base", base) for base in bases)]
            ),
        )

    def _sizes(self) -> list[Fact[Any]]:
        facts = [self.entry.parameters, *(v.parameters for v in self.entry.variants.values())]
        found = [fact for fact in facts if fact is not None]
        return sorted(found, key=lambda fact: _largest([fact]))

    def _amounts(self) -> list[Fact[Any]]:
        fields = ("examples", "tokens", "words", "bytes")
        found = [getattr(source, field) for run in self.runs for source in (run, *run.data) for field in fields]
        return [fact for fact in found if fact is not None]

    def _publisher(self) -> str:
        """The first publisher, and how many stand beside it."""
        parts = self.show.claim("publisher", self.entry.publisher.accepted).parts
        names = [part.text for part in parts if part.text != self.show.comma]
        if len(names) < 3:
            return self.show.comma.join(names)
        zh = self.show.language == "zh"
        return f"{names[0]}等 {len(names)} 方" if zh else f"{names[0]} and {len(names) - 1} others"

    def _facets(self) -> dict[str, tuple[str, ...]]:
        released = self.entry.released.accepted.value
        spoken = self.entry.languages if isinstance(self.entry, Model) else None
        return {
            "kind": (self.file.kind,),
            "weights": (self.columns.weights,),
            "data": (self.columns.data,),
            "commercial": (self.commercial,),
            "size": (_band(_largest(self._sizes())),),
            "base": tuple(_roots(self.catalog, self.file.slug)) or ("none",),
            "method": _known(run.method.accepted.value for run in self.runs if run.method),
            "languages": _known((spoken.accepted.value or ()) if spoken else ()),
            "datakind": self._data_kinds(),
            "hardware": self._cards(),
            "month": (released.first.isoformat()[:7],) if isinstance(released, Day) else ("unknown",),
            **{component: (cell.level,) for component, cell in self.components.items()},
        }

    def _data_kinds(self) -> tuple[str, ...]:
        sets = [self.catalog.datasets.get(use.dataset) for run in self.runs for use in run.data if not use.rejected]
        return _known(data.kind for data in sets if data)

    def _cards(self) -> tuple[str, ...]:
        cards = [run.hardware.accepted.value.card for run in self.runs if run.hardware and run.hardware.accepted.value]
        return _known(self.catalog.hardware[c].family if c in self.catalog.hardware else c for c in cards)


def _known(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value)) or ("unknown",)


def _roots(catalog: Catalog, slug: str) -> list[str]:
    """The bases at the top of the pedigree: entries or outside models that were made from nothing on record."""
    found: dict[str, None] = {}
    queue, seen = [slug], {slug}
    while queue:
        here = queue.pop(0)
        bases = [edge.parent for edge in edges_from(catalog, here) if edge.relation == "base"]
        above = [catalog.variants[b][0] if b in catalog.variants else b for b in bases]
        if not above and here != slug:
            found.setdefault(here)
        for name in above:
            if name not in seen:
                seen.add(name)
                queue.append(name)
    return list(found)


def _largest(facts: Iterable[Fact[Any] | None]) -> Decimal:
    values = [fact.accepted.value for fact in facts if fact is not None]
    return max((v.high for v in values if isinstance(v, Quantity) and v.high is not None), default=Decimal(0))


def _number(value: Decimal) -> str:
    return str(plain(value)) if value else ""


def _cell(show: Shower, text: str, sort: str = "") -> Cell:
    """A cell with a word where nothing is known."""
    gaps = (show.word("unknown"), show.word("not-disclosed"), show.word("not-applicable"))
    if not text or text in gaps:
        return Cell(text or show.word("unknown"), sort, missing=True)
    return Cell(text, sort or text.lower())


def _joined(show: Shower, found: Iterable[Shown | None], limit: int = 5) -> str:
    """Different answers joined; stated ones displace missing ones."""
    every = [shown for shown in found if shown]
    texts = list(dict.fromkeys(shown.text for shown in every if not shown.missing))
    if texts:
        return show.comma.join(texts[:limit]) + (" …" if len(texts) > limit else "")
    missing = [shown.text for shown in every]
    disclosed = show.word("not-disclosed")
    return disclosed if disclosed in missing else missing[0] if missing else ""


def _band(size: Decimal) -> str:
    if not size:
        return "unknown"
    return next((name for name, limit in (("s", 5), ("m", 10), ("l", 20)) if size < limit * 10**9), "xl")


_BANDS = {
    "s": ("under 5B", "5B 以下"), "m": ("5B to 10B", "5B 至 10B"), "l": ("10B to 20B", "10B 至 20B"),
    "xl": ("over 20B", "20B 以上"),
}  # fmt: skip
_ORDER = ("models", "frameworks", "open", "partial", "gated", "closed", "yes", "conditions", "no", "s", "m", "l", "xl")
_NAMES = {
    "data": "tuning_data", "commercial": "commercial_short", "size": "parameters", "datakind": "data_kind",
    "month": "released",
}  # fmt: skip
_FACETS = (
    "kind", "weights", "data", "commercial", "size", "base", "method", "languages", "datakind", "hardware", "month",
    *(component for component in COMPONENTS if component != "tuning_data"),
)  # fmt: skip


def _facets(catalog: Catalog, show: Shower, rows: list[RowView]) -> Iterator[Facet]:
    for facet in _FACETS:
        counts = Counter(value for row in rows for value in row.facets[facet])
        ordered = sorted(counts, key=lambda value: _rank(facet, value, counts))
        options = tuple(Option(value, _label(catalog, show, facet, value), counts[value]) for value in ordered)
        if len(options) > 1:
            levels = facet in COMPONENTS or facet in ("weights", "data")
            prominent = facet in ("kind", "weights", "data", "commercial")
            yield Facet(facet, show.word(_NAMES.get(facet, facet)), options, levels, prominent)


def _rank(facet: str, value: str, counts: Counter[str]) -> tuple[int, int, str]:
    """Levels and sizes in their order, months by time, all else by how often; unknown last."""
    if value in ("unknown", "not-applicable", "none"):
        return (2, 0, value)
    if value in _ORDER:
        return (0, _ORDER.index(value), value)
    return (1, 0 if facet == "month" else -counts[value], value)


def _label(catalog: Catalog, show: Shower, facet: str, value: str) -> str:
    if value in _BANDS and facet == "size":
        return _BANDS[value][show.language == "zh"]
    if facet == "base":
        if value == "none":
            return "从头训练" if show.language == "zh" else "none: from scratch"
        entry = catalog.entries.get(value)
        return str(getattr(entry.name, show.language)) if entry else show.reference(value).text
    if facet == "languages":
        return language_name(value, show.language) if value != "unknown" else show.word("unknown")
    if facet == "hardware" and value != "unknown":
        return _card_name(catalog, show, value)
    return show.word(value)


def _card_name(catalog: Catalog, show: Shower, family: str) -> str:
    cards = catalog.families.get(family, [])
    if len(cards) == 1:
        return str(getattr(catalog.hardware[cards[0]].name, show.language))
    return family.upper()
