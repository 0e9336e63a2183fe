"""The timeline as a picture: lanes to the right on a desk, downwards on a phone. Links stand in the table behind it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from markupsafe import Markup

from generator import figures
from generator.axes import drawing
from generator.charts import clipped, glyph, text, text_width
from generator.language import Language
from generator.views.timeline import Release, TimelinePage

_WIDE, _LEFT, _ROW = 1212, 150, 25


def broad(page: TimelinePage, title: str, description: str, language: Language) -> Markup:
    """Lanes by method, time to the right; 1212 units wide."""
    shown = [release for release in page.releases if release.day >= page.start]
    first, last = page.start, max(release.day for release in shown) + datetime.timedelta(days=10)
    span = max((last - first).days, 1)

    def across(day: datetime.date) -> float:
        return _LEFT + 12 + (day - first).days / span * (_WIDE - _LEFT - 40)

    lanes: list[Markup] = []
    marks: list[Markup] = []
    top = 34.0
    for number, (lane, name) in enumerate(page.lanes):
        placed, rows = _place([r for r in shown if r.lane == lane], across)
        height = max(1, rows) * _ROW + 14
        if number % 2 == 0:
            lanes.append(
                Markup('<rect class="lane" x="0" y="{0:.0f}" width="{1}" height="{2}"/>').format(top, _WIDE, height)
            )
        marks.append(text(10, top + 23, name, "b", "start"))
        for release, x, row, flipped in placed:
            marks.append(_mark(release, x, top + 19 + row * _ROW, flipped, sunk=number % 2 == 0))
        top += height
    for x, name in _months(first, last, across, language):
        lanes.append(Markup('<path class="grid" d="M{0:.1f} 22V{1:.0f}"/>').format(x, top))
        lanes.append(text(x + 5, 20, name, "mut sm", "start"))
    return drawing("hb-broad", "tl-b", _WIDE, top + 4, title, description, Markup("").join(lanes + marks))


def narrow(page: TimelinePage, title: str, description: str, language: Language) -> Markup:
    """Time runs down, true to the day but never closer than a line; 350 units wide."""
    shown = [release for release in page.releases if release.day >= page.start]
    y, before, month = 6.0, shown[0].day, (0, 0)
    parts: list[Markup] = []
    for release in shown:
        y += max(25.0, min((release.day - before).days * 3.0, 90.0)) if release is not shown[0] else 0
        if (release.day.year, release.day.month) != month:
            month = (release.day.year, release.day.month)
            y += 26
            parts.append(text(98, y - 4, figures.month(release.day, language, year=release is shown[0]), "b", "start"))
            y += 20
        before = release.day
        parts.append(text(68, y + 4, release.day.strftime("%m-%d"), "mut sm num", "end"))
        parts.append(
            _named(
                release,
                Markup("").join([_glyph(release, 82, y), text(98, y + 4.5, clipped(release.name), "", "start")]),
            )
        )
        after = 98 + text_width(clipped(release.name), bold=False) + 8
        if after + text_width(release.lane_name, bold=False) < 350:
            parts.append(text(after, y + 4.5, release.lane_name, "mut sm", "start"))
    line = Markup('<path class="axis" d="M82 0V{0:.0f}"/>').format(y + 12)
    return drawing("hb-narrow", "tl-n", 350, y + 16, title, description, line + Markup("").join(parts))


def _place(
    releases: list[Release], across: Callable[[datetime.date], float]
) -> tuple[list[tuple[Release, float, int, bool]], int]:
    ends: list[float] = []
    placed = []
    for release in releases:
        x = across(release.day)
        width = 18 + text_width(clipped(release.name), bold=False) + 10
        flipped = x + width > _WIDE
        left, right = (x - width, x + 10) if flipped else (x - 8, x + width)
        row = next((number for number, end in enumerate(ends) if end <= left), len(ends))
        if row == len(ends):
            ends.append(0)
        ends[row] = right
        placed.append((release, x, row, flipped))
    return placed, len(ends)


def _mark(release: Release, x: float, y: float, flipped: bool, *, sunk: bool) -> Markup:
    name = "halo halo--s" if sunk else "halo"
    label = text(x - 12 if flipped else x + 11, y + 4.5, clipped(release.name), name, "end" if flipped else "start")
    return _named(release, _glyph(release, x, y) + label)


def _named(release: Release, inner: Markup) -> Markup:
    title = f"{clipped(release.name, 100)}, {release.date}, {release.level_name}"
    return Markup("<g><title>{0}</title>{1}</g>").format(title, inner)


def _glyph(release: Release, x: float, y: float) -> Markup:
    if release.level == "framework":
        return Markup(
            '<g class="lv-unknown"><rect class="f" x="{0:.1f}" y="{1:.1f}" width="10" height="10" rx="1"/></g>'
        ).format(x - 5, y - 5)
    level = "na" if release.level == "not-applicable" else release.level
    return Markup('<g class="lv-{0}">{1}</g>').format(level, glyph(release.level, x, y, 6.5))


def _months(
    first: datetime.date, last: datetime.date, across: Callable[[datetime.date], float], language: Language
) -> Iterator[tuple[float, str]]:
    month, started = datetime.date(first.year, first.month, 1), False
    while month <= last:
        if month >= first:
            yield across(month), figures.month(month, language, year=not started or month.month == 1)
            started = True
        month = datetime.date(month.year + month.month // 12, month.month % 12 + 1, 1)
