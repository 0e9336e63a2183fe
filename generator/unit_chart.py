"""Rows of marks, one mark a thing, as inline SVG: what is few looks few. The table beside it holds the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from generator.axes import drawing
from generator.charts import glyph, text

_PITCH, _LINE, _RADIUS = 11.0, 14.0, 4.0
_HEAD, _LABEL, _GAP = 26, 18, 9
_TO_SAY = 44
"""Room at the end of a line for what is said of it."""


@dataclass(frozen=True)
class UnitRow:
    """One row: its label, how many marks of each level in the order drawn, and what stands at its end."""

    label: str
    marks: tuple[tuple[str, int], ...]
    said: str


@dataclass(frozen=True)
class UnitPanel:
    """Rows under one heading; no heading where there is one panel."""

    title: str
    rows: tuple[UnitRow, ...]


def units(panels: Sequence[UnitPanel], key: str, title: str, description: str) -> Markup:
    """A drawing for a desk, its panels beside each other, and one for a phone, its panels below each other."""
    wide = 1212 if len(panels) > 1 else 940
    return _drawn(panels, key, wide, len(panels), title, description, "hb-broad") + _drawn(
        panels, key, 350, 1, title, description, "hb-narrow"
    )


def _drawn(
    panels: Sequence[UnitPanel], key: str, wide: int, beside: int, title: str, description: str, name: str
) -> Markup:
    key = f"{key}-{name}"
    pitch = wide / max(beside, 1)
    parts: list[Markup] = []
    tops = [0.0] * max(beside, 1)
    for number, panel in enumerate(panels):
        column = number % beside
        lines, end = _panel(panel, key, column * pitch, tops[column], pitch - (20 if beside > 1 else 0))
        parts += lines
        tops[column] = end
    body = _marks(panels, key) + Markup("").join(parts)
    return drawing(name, key, wide, max(tops), title, description, body)


def _marks(panels: Sequence[UnitPanel], key: str) -> Markup:
    """Every mark once, as the pattern that a run of them is filled with; a hidden drawing lends none to another."""
    used = sorted({level for panel in panels for row in panel.rows for level, count in row.marks if count})
    patterns = (
        Markup(
            '<pattern id="{0}-{1}" width="{2:g}" height="{2:g}" patternUnits="userSpaceOnUse">'
            '<g class="lv-{3}" transform="translate({4:g} {4:g})">{5}</g></pattern>'
        ).format(key, level, _PITCH, _class(level), _PITCH / 2, _shape(level))
        for level in used
    )
    return Markup("<defs>{0}</defs>").format(Markup("").join(patterns))


def mark(level: str) -> Markup:
    """One mark as it stands in the rows, for the legend."""
    return Markup(
        '<svg class="hb-svg" width="13" height="13" viewBox="-6.5 -6.5 13 13" aria-hidden="true">'
        '<g class="lv-{0}">{1}</g></svg>'
    ).format(_class(level), _shape(level))


def _shape(level: str) -> Markup:
    """The sign of the level; `other` is a plain ring."""
    if level == "other":
        return Markup('<circle class="s" r="{0}"/>').format(_RADIUS)
    return glyph(level, 0, 0, _RADIUS)


def _class(level: str) -> str:
    return "na" if level == "other" else level


def _panel(panel: UnitPanel, key: str, x: float, top: float, wide: float) -> tuple[list[Markup], float]:
    """Labels to the left where they are short, else above their marks; marks go on in the next line where they must."""
    above = any(len(row.label) > 8 for row in panel.rows) and wide < 600
    longest = max((_width(row.label) for row in panel.rows), default=0.0)
    left = x if above else x + longest + 12
    most = max(int((x + wide - left - _TO_SAY) // _PITCH), 1)
    parts = [text(x, top + 15, panel.title, "b", "start")] if panel.title else []
    y = top + (_HEAD if panel.title else 4)
    for row in panel.rows:
        if above:
            parts.append(text(x, y + 12, row.label, "sm", "start"))
            y += _LABEL
        else:
            parts.append(text(x, y + 10, row.label, "sm num", "start"))
        lines = list(_lines(row, most))
        for number, line in enumerate(lines):
            parts += _line(line, key, left, y + number * _LINE)
        end = left + sum(count for _, count in lines[-1]) * _PITCH + 6
        parts.append(text(end, y + 10 + (len(lines) - 1) * _LINE, row.said, "mut sm num", "start"))
        y += len(lines) * _LINE + (_GAP if above or len(lines) > 1 else 4)
    return parts, y + 10


def _width(label: str) -> float:
    return sum(12.0 if ord(character) > 0x2E80 else 6.6 for character in label)


def _lines(row: UnitRow, most: int) -> Iterator[list[tuple[str, int]]]:
    """The marks of a row, `most` in a line; an empty row is one empty line."""
    line: list[tuple[str, int]] = []
    room = most
    for level, count in row.marks:
        while count:
            if room == 0:
                yield line
                line, room = [], most
            taken = min(count, room)
            line.append((level, taken))
            count, room = count - taken, room - taken
    yield line


def _line(line: Sequence[tuple[str, int]], key: str, x: float, y: float) -> Iterator[Markup]:
    """Runs of marks; each is moved to its place, for a pattern begins where its drawing does."""
    for level, count in line:
        yield Markup(
            '<rect width="{0:g}" height="{1:g}" fill="url(#{2}-{3})" transform="translate({4:.1f} {5:.1f})"/>'
        ).format(count * _PITCH, _PITCH, key, level, x, y)
        x += count * _PITCH
