"""The explorer, the lists of each kind, and the home page."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from catalog import licences, openness
from catalog.facts import Day
from catalog.lineage import ancestors
from catalog.records import Correction, Entry, Run
from catalog.register import Catalog, File
from catalog.summary import runs
from catalog.units import Quantity, plain
from catalog.walk import facts
from generator import figures
from generator.language import Language
from generator.views.citing import Citations
from generator.views.shown import Part, Shower, Shown

COLUMNS = (
    "name",
    "released",
    "parameters",
    "code",
    "data",
    "weights",
    "commercial",
    "base",
    "method",
    "examples",
    "hardware",
    "duration",
)


@dataclass(frozen=True)
class Cell:
    """One cell: what is shown, what it sorts by, a level if it is one."""

    text: str
    sort: str = ""
    level: str = ""
    missing: bool = False


@dataclass(frozen=True)
class RowView:
    """One entry of a table."""

    name: str
    publisher: str
    href: str
    cells: tuple[Cell, ...]
    facets: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Facet:
    """One group of choices."""

    id: str
    name: str
    options: tuple[tuple[str, str, int, bool], ...]
    """(value, label, count, is a level)."""


@dataclass(frozen=True)
class ExplorerPage:
    """Everything `explorer.html` shows."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[RowView, ...]
    facets: tuple[Facet, ...]


def explorer(catalog: Catalog, language: Language, home: str) -> ExplorerPage:
    """All models, youngest first."""
    rows = [
        _row(catalog, catalog.by_key["models", slug], language, home)
        for slug, m in catalog.models.items()
        if m.kind == "model"
    ]
    rows.sort(key=lambda row: (row.cells[0].sort, row.name), reverse=True)
    show = _shower(catalog, next(iter(catalog.by_key.values())), language, home) if catalog.files else None
    names = tuple((c, _column(show, c)) for c in COLUMNS) if show else ()
    return ExplorerPage(names, tuple(rows), tuple(_facets(show, rows)) if show else ())


def _column(show: Shower, column: str) -> str:
    named = {"name": "model", "commercial": "commercial_short", "examples": "data", "data": "tuning_data"}
    return show.word(named.get(column, column))


def _shower(catalog: Catalog, file: File, language: Language, home: str) -> Shower:
    return Shower(catalog, Citations(catalog, file, language, home))


def _row(catalog: Catalog, file: File, language: Language, home: str) -> RowView:
    entry = file.record
    assert isinstance(entry, Entry)
    show = _shower(catalog, file, language, home)
    columns = openness.columns(openness.cells(catalog, file.slug))
    answer = licences.of_entry(catalog, file.slug).answer
    released = entry.released.accepted.value
    sizes = [f for f in (entry.parameters, *(v.parameters for v in entry.variants.values())) if f]
    size = max((plain(f.accepted.value.high) or 0 for f in sizes if isinstance(f.accepted.value, Quantity)), default=0)
    all_runs = runs(entry)
    bases = _joined(
        show,
        [
            show.fact("base", v.base)
            for v in entry.variants.values()
            if v.base and v.base.accepted.value not in entry.variants
        ],
    )
    methods = _joined(show, [show.fact("method", run.method) for run in all_runs])
    data = [
        getattr(source, field)
        for run in all_runs
        for source in (run, *run.data)
        for field in ("examples", "tokens", "words", "bytes")
    ]
    durations = [run.duration for run in all_runs if run.duration]
    hours = max((plain(f.accepted.value.high) or 0 for f in durations if f.accepted.value), default=0)
    cells = (
        Cell(
            figures.day(released, language) if isinstance(released, Day) else "",
            released.first.isoformat() if isinstance(released, Day) else "",
        ),
        _cell(show, _joined(show, [show.fact("parameters", f) for f in sizes]), f"{size:020.0f}"),
        Cell(show.word(columns.code), columns.code, columns.code),
        Cell(show.word(columns.data), columns.data, columns.data),
        Cell(show.word(columns.weights), columns.weights, columns.weights),
        Cell(show.word(answer), answer, "", answer == "unknown"),
        _cell(show, bases, bases, empty="none"),
        _cell(show, methods, methods),
        _cell(show, _joined(show, [show.fact("examples", f) for f in data if f], limit=2), ""),
        _cell(show, _joined(show, [show.fact("hardware", run.hardware) for run in all_runs], limit=3), ""),
        _cell(show, _joined(show, [show.fact("duration", f) for f in durations], limit=3), f"{hours:012.3f}"),
    )
    facets = (
        ("weights", columns.weights),
        ("data", columns.data),
        ("code", columns.code),
        ("commercial", answer),
        ("size", _size_band(size)),
        ("method", _method_band(all_runs)),
    )
    return RowView(
        str(getattr(entry.name, language)),
        _publisher(show, entry),
        f"{home}{file.kind}/{file.slug}/",
        cells,
        facets,
    )


def _publisher(show: Shower, entry: Entry) -> str:
    """The first publisher, and how many stand beside it."""
    names = [part.text for part in show.claim("publisher", entry.publisher.accepted).parts if part.text != show.comma]
    if len(names) < 3:
        return show.comma.join(names)
    return f"{names[0]}等 {len(names)} 方" if show.language == "zh" else f"{names[0]} and {len(names) - 1} others"


def _cell(show: Shower, text: str, sort: str, empty: str = "unknown") -> Cell:
    if not text:
        return (
            Cell("" if empty == "none" else show.word("unknown"), sort, missing=True)
            if empty != "none"
            else Cell("自身预训练" if show.language == "zh" else "own", sort)
        )
    return Cell(
        text, sort, missing=text in (show.word("unknown"), show.word("not-disclosed"), show.word("not-applicable"))
    )


def _joined(show: Shower, found: list[Shown | None], limit: int = 5) -> str:
    """Different answers joined; stated ones displace missing ones."""
    texts = list(dict.fromkeys(s.text for s in found if s and not s.missing))
    if texts:
        return show.comma.join(texts[:limit]) + (" …" if len(texts) > limit else "")
    missing = list(dict.fromkeys(s.text for s in found if s))
    return show.word("not-disclosed") if show.word("not-disclosed") in missing else missing[0] if missing else ""


def _size_band(size: float) -> str:
    if not size:
        return "unknown"
    return "s" if size < 5e9 else "m" if size < 10e9 else "l" if size < 20e9 else "xl"


def _method_band(all_runs: list[Run]) -> str:
    methods = {run.method.accepted.value for run in all_runs if run.method}
    for name in ("qlora", "lora-8bit", "lora", "full", "continued-pre-training", "pre-training"):
        if name in methods:
            return name
    return "unknown"


_BANDS = {
    "s": ("under 5B", "5B 以下"),
    "m": ("5B to 10B", "5B 至 10B"),
    "l": ("10B to 20B", "10B 至 20B"),
    "xl": ("over 20B", "20B 以上"),
}
_ORDER = ("open", "partial", "gated", "closed", "yes", "conditions", "no", "s", "m", "l", "xl", "unknown")
_FACET_NAMES = {"data": "tuning_data", "commercial": "commercial_short", "size": "parameters"}


def _facets(show: Shower, rows: list[RowView]) -> Iterator[Facet]:
    for facet in ("weights", "data", "code", "commercial", "size", "method"):
        counts = Counter(dict(row.facets)[facet] for row in rows)
        ordered = sorted(counts, key=lambda v: (_ORDER.index(v) if v in _ORDER else 5, v))
        options = tuple(
            (
                v,
                _BANDS[v][show.language == "zh"] if v in _BANDS else show.word(v),
                counts[v],
                facet in ("weights", "data", "code"),
            )
            for v in ordered
        )
        yield Facet(facet, show.word(_FACET_NAMES.get(facet, facet)), options)


@dataclass(frozen=True)
class ListRow:
    """One line of a list."""

    part: Part
    detail: str
    summary: str


@dataclass(frozen=True)
class ListPage:
    """Everything `list.html` shows."""

    kind: str
    title: str
    rows: tuple[ListRow, ...]


def listing(catalog: Catalog, kind: str, language: Language, home: str) -> ListPage:
    """Every record of one kind by name."""
    rows = []
    for file in catalog.files:
        if file.kind != kind:
            continue
        record = file.record
        publisher = getattr(record, "publisher", None)
        show = _shower(catalog, file, language, home)
        detail = show.claim("publisher", publisher.accepted).text if publisher else getattr(record, "vendor", "")
        part = Part(str(getattr(file.name, language)), f"{home}{kind}/{file.slug}/")
        rows.append(ListRow(part, detail, str(getattr(file.summary, language))))
    from generator.words import word

    return ListPage(
        kind,
        word(kind if kind != "sources" else "documents", language),
        tuple(sorted(rows, key=lambda r: r.part.text.lower())),
    )


@dataclass(frozen=True)
class Dot:
    """One release in the picture of the home page."""

    name: str
    date: str
    level: str
    level_name: str
    week: int
    height: int
    weight: int = 0
    """How many entries of the register descend from it or from its data."""


@dataclass(frozen=True)
class HomePage:
    """Everything `home.html` shows."""

    counts: tuple[tuple[str, str], ...]
    dots: tuple[Dot, ...]
    months: tuple[tuple[int, str], ...]
    legend: tuple[tuple[str, str, int], ...]
    corrections: tuple[tuple[Part, str, str], ...]
    latest: tuple[tuple[Part, str, str, str], ...]
    first_day: str


def home_page(catalog: Catalog, language: Language) -> HomePage:
    """Counts, releases by week, a few corrections, the youngest entries."""
    zh = language == "zh"
    explored = explorer(catalog, language, "")
    stated = sum(1 for f in catalog.files for _, fact in facts(f.record) for c in fact.claims if c.evidence)
    corrected = [(f, c) for f in catalog.files for c in getattr(f.record, "corrections", ())]
    counts = (
        (f"{len(explored.rows):,}", "个模型" if zh else "models"),
        (f"{len(catalog.frameworks):,}", "个框架" if zh else "frameworks"),
        (f"{len(catalog.datasets):,}", "个数据集" if zh else "data sets"),
        (f"{stated:,}", "条有出处的说法" if zh else "claims with their source"),
        (f"{len(corrected):,}", "条更正或存疑" if zh else "claims corrected or questioned"),
    )
    rows = [row for row in explored.rows if row.cells[0].sort]
    first = min(
        (datetime.date.fromisoformat(row.cells[0].sort) for row in rows if row.cells[0].sort >= "2023"),
        default=datetime.date(2023, 2, 20),
    )
    first -= datetime.timedelta(days=first.weekday())
    dots = _dots(catalog, rows, first)
    levels = Counter(dot.level for dot in dots)
    legend = tuple(
        (lv, next(d.level_name for d in dots if d.level == lv), levels[lv]) for lv in openness.LEVELS if levels[lv]
    )
    return HomePage(
        counts,
        dots,
        tuple(_months(first, max((d.week for d in dots), default=0), zh)),
        legend,
        _corrections(corrected, language),
        tuple((Part(r.name, r.href), r.cells[0].text, r.cells[4].level, r.cells[4].text) for r in rows[:6]),
        first.isoformat(),
    )


# Corrections of figures many readers have seen; where one is gone from the records, it is left out here.
_FRONT_PAGE = ("C01", "C37", "C64", "C33", "C03", "C13")


def _corrections(corrected: list[tuple[File, Correction]], language: Language) -> tuple[tuple[Part, str, str], ...]:
    by_number = {c.id: (f, c) for f, c in corrected if c.id}
    return tuple(
        (
            Part(str(getattr(file.name, language)), f"{file.kind}/{file.slug}/#{number.lower()}"),
            str(getattr(correction.claim, language)),
            str(getattr(correction.correction, language)),
        )
        for number in _FRONT_PAGE
        if number in by_number
        for file, correction in [by_number[number]]
    )


def _dots(catalog: Catalog, rows: list[RowView], first: datetime.date) -> tuple[Dot, ...]:
    """One dot a model, in piles by week, the one with most descendants on top."""
    below: dict[str, set[str]] = {}
    for slug in catalog.entries:
        for edge in ancestors(catalog, slug):
            below.setdefault(edge.parent, set()).add(slug)
    weight = {row.href: _weight(catalog, row.href.split("/")[1], below) for row in rows}
    piles: Counter[int] = Counter()
    dots: list[Dot] = []
    for row in sorted(rows, key=lambda row: (weight[row.href], row.name)):
        week = (datetime.date.fromisoformat(row.cells[0].sort) - first).days // 7
        if week >= 0:
            released, weights = row.cells[0].text, row.cells[4]
            name = re.split("[（(]", row.name)[0].strip()
            dots.append(Dot(name, released, weights.level, weights.text, week, piles[week], weight[row.href]))
            piles[week] += 1
    return tuple(sorted(dots, key=lambda dot: (dot.week, dot.height)))


def _weight(catalog: Catalog, slug: str, below: dict[str, set[str]]) -> int:
    mine = {slug, *catalog.entries[slug].variants, *(name for name in catalog.datasets if name.startswith(f"{slug}-"))}
    return len(set().union(*(below.get(name, ()) for name in mine)) - {slug})


def _months(first: datetime.date, weeks: int, zh: bool) -> Iterator[tuple[int, str]]:
    month = datetime.date(first.year, first.month, 1)
    last = first + datetime.timedelta(weeks=weeks + 1)
    started = False
    while month <= last:
        if month >= first:
            name = f"{month.month} 月" if zh else month.strftime("%B") if weeks < 30 else month.strftime("%b")
            yield (
                (month - first).days,
                name if started else (f"{month.year} 年 {name}" if zh else f"{name} {month.year}"),
            )
            started = True
        month = datetime.date(month.year + month.month // 12, month.month % 12 + 1, 1)
