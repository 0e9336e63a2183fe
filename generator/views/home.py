"""The home page: counts, releases week by week, corrections many have seen, the youngest entries."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.claims.verdicts import VERDICTS
from catalog.lineage import ancestors
from catalog.openness import LEVELS
from catalog.queries import answers
from catalog.records import Correction
from catalog.register import Catalog, File
from catalog.tournaments import tournaments
from catalog.walk import facts
from generator import figures
from generator.language import Language
from generator.views.benchmarks import panel
from generator.views.claims import claims_page
from generator.views.finding_sentences import teaser
from generator.views.shown import Part
from generator.views.timeline import Release, timeline

# Corrections of figures many readers have seen; where one is gone from the records, it is left out here.
FRONT_PAGE = ("C01", "C37", "C64", "C33", "C03", "C13")


@dataclass(frozen=True)
class Dot:
    """One release in the picture."""

    name: str
    date: str
    level: str
    level_name: str
    week: int
    height: int
    weight: int
    """How many entries of the register descend from it or from its data."""


@dataclass(frozen=True)
class Tested:
    """One line of the ledger; where nothing was measured there is what was derived."""

    entry: Part
    """Leads to where the claim was tested."""
    claimed: str
    detail: str
    derived: str
    measured: str
    verdict: str
    verdict_name: str
    reach: str


@dataclass(frozen=True)
class HomePage:
    """Everything `home.html` shows."""

    models: int
    counts: tuple[tuple[str, str], ...]
    dots: tuple[Dot, ...]
    months: tuple[tuple[int, str], ...]
    """(days after the first week's Monday, name)."""
    legend: tuple[tuple[str, str, int], ...]
    ledger: tuple[Tested, ...]
    """One of each verdict there is."""
    corrections: tuple[tuple[Part, str, str], ...]
    finding: str
    """One figure of the page of findings."""
    latest: tuple[Release, ...]


def home_page(catalog: Catalog, language: Language) -> HomePage:
    """Models only; frameworks are counted."""
    zh = language == "zh"
    releases = [r for r in timeline(catalog, language, "").releases if r.level != "framework"]
    models = sum(model.kind == "model" for model in catalog.models.values())
    stated = sum(1 for f in catalog.files for _, fact in facts(f.record) for c in fact.claims if c.evidence)
    corrected = [(f, c) for f in catalog.files for c in getattr(f.record, "corrections", ())]
    counts = (
        (f"{models:,}", "个模型" if zh else "models"),
        (f"{len(catalog.frameworks):,}", "个框架" if zh else "frameworks"),
        (f"{len(catalog.datasets):,}", "个数据集" if zh else "data sets"),
        (f"{stated:,}", "条有出处的说法" if zh else "claims with their source"),
        (f"{len(corrected):,}", "条更正或存疑" if zh else "claims corrected or questioned"),
    )
    first = min((r.day for r in releases), default=datetime.date(2023, 2, 20))
    first -= datetime.timedelta(days=first.weekday())
    dots = _dots(catalog, releases, first)
    names = {dot.level: dot.level_name for dot in dots}
    totals = Counter(dot.level for dot in dots)
    weeks = max((dot.week for dot in dots), default=0)
    return HomePage(
        models,
        counts,
        dots,
        tuple(_months(first, weeks, language)),
        tuple((level, names[level], totals[level]) for level in LEVELS if totals[level]),
        _ledger(catalog, language),
        _corrections(corrected, language),
        teaser(answers(catalog).of["disclosure-by-method"].records, zh),
        tuple(reversed(releases[-6:])),
    )


def _ledger(catalog: Catalog, language: Language) -> tuple[Tested, ...]:
    """Of each verdict one that a run came to, else an accepted claim that arithmetic judged."""
    found: dict[str, Tested] = {}
    for tested in (*_rated(catalog, language), *_judged(catalog, language)):
        found.setdefault(tested.verdict, tested)
    return tuple(found[verdict] for verdict in VERDICTS if verdict in found)


def _rated(catalog: Catalog, language: Language) -> Iterator[Tested]:
    for one in tournaments(catalog):
        shown = panel(catalog, one, language, "")
        entry = Part(shown.entry.text, shown.href)
        for c in shown.claims:
            if c.verdict:
                detail = f"{c.claimed}{'；' if language == 'zh' else '; '}{c.run}"
                yield Tested(entry, c.name, detail, "", c.found, c.verdict, c.verdict_name, c.reach)


def _judged(catalog: Catalog, language: Language) -> Iterator[Tested]:
    rows = claims_page(catalog, language, "").rows
    for row in sorted(rows, key=lambda row: row.facets["fact"] != "duration"):  # hours speak for themselves
        judged = row.judged
        if row.accepted:
            entry = Part(row.entry.text, f"claims/#{row.id}")
            yield Tested(entry, row.claimed, row.what, judged.derived, judged.measured, judged.verdict, judged.name, "")


def _corrections(corrected: list[tuple[File, Correction]], language: Language) -> tuple[tuple[Part, str, str], ...]:
    by_number = {c.id: (f, c) for f, c in corrected if c.id}
    found = []
    for number in FRONT_PAGE:
        if number in by_number:
            file, correction = by_number[number]
            part = Part(str(getattr(file.name, language)), f"{file.kind}/{file.slug}/#{number.lower()}")
            said, holds = getattr(correction.claim, language), getattr(correction.correction, language)
            found.append((part, str(said), str(holds)))
    return tuple(found)


def _dots(catalog: Catalog, releases: list[Release], first: datetime.date) -> tuple[Dot, ...]:
    """One dot a model, in piles by week, the one with most descendants on top."""
    below: dict[str, set[str]] = {}
    for slug in catalog.entries:
        for edge in ancestors(catalog, slug):
            below.setdefault(edge.parent, set()).add(slug)
    weight = {r.href: _weight(catalog, r.href.split("/")[-2], below) for r in releases}
    piles: Counter[int] = Counter()
    dots: list[Dot] = []
    for release in sorted(releases, key=lambda r: (weight[r.href], r.name)):
        week = (release.day - first).days // 7
        name = re.split("[（(]", release.name)[0].strip()
        dots.append(Dot(name, release.date, release.level, release.level_name, week, piles[week], weight[release.href]))
        piles[week] += 1
    return tuple(sorted(dots, key=lambda dot: (dot.week, dot.height)))


def _weight(catalog: Catalog, slug: str, below: dict[str, set[str]]) -> int:
    data = (name for name in catalog.datasets if name.startswith(f"{slug}-"))
    mine = {slug, *catalog.entries[slug].variants, *data}
    return len(set().union(*(below.get(name, ()) for name in mine)) - {slug})


def _months(first: datetime.date, weeks: int, language: Language) -> Iterator[tuple[int, str]]:
    month = datetime.date(first.year, first.month, 1)
    last = first + datetime.timedelta(weeks=weeks + 1)
    started = False
    while month <= last:
        if month >= first:
            yield (month - first).days, figures.month(month, language, year=not started)
            started = True
        month = datetime.date(month.year + month.month // 12, month.month % 12 + 1, 1)
