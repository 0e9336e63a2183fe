"""Pictures as inline SVG, coloured by CSS classes alone; each has a title, a description and a table behind it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from generator.axes import drawing
from generator.tame import tamed
from generator.views.home import Dot

_R = 9.3


def releases(dots: Sequence[Dot], months: Sequence[tuple[int, str]], title: str, description: str) -> Markup:
    """Weekly dot stack of releases, the weightiest named: one drawing for a desk, one for a phone."""
    broad = _stack(dots, months, title, description, 620, "hb-broad")
    return broad + _stack(dots, months, title, description, 350, "hb-narrow")


def _stack(
    dots: Sequence[Dot], months: Sequence[tuple[int, str]], title: str, description: str, wide: int, name: str
) -> Markup:
    """One drawing, `wide` units across, as tall as the fullest week."""
    weeks = max((dot.week for dot in dots), default=0) + 1
    step = (wide - 20) / max(weeks, 1)
    radius = _R * max(min(1.0, step / (2 * _R + 1.6)), 0.62)
    pitch = 2 * radius + 5
    named = _named(dots, step, pitch, radius, wide)
    top = max((dot.height + (2.0 if dot in named else 0.0) for dot in dots), default=0.0) * pitch + 30
    base = top + 8
    ends = [10 + days / 7 * step for days, _ in months[1:]] + [float(wide)]
    parts = [
        text(10 + days / 7 * step, base + 22, _fitting(month, end - 10 - days / 7 * step), "mut sm", "start")
        + _line(10 + days / 7 * step, base + 4, base + 10)
        for (days, month), end in zip(months, ends, strict=True)
    ]
    parts.append(Markup('<path class="axis" d="M0 {0:.1f}H{1}"/>').format(base + 4, wide))
    for dot in dots:
        x, y = 10 + (dot.week + 0.5) * step, top - 8 - dot.height * pitch
        label = f"{tamed(dot.name)}, {dot.date}, {dot.level_name}"
        mark = glyph(dot.level, x, y, radius)
        parts.append(Markup('<g class="lv-{0}"><title>{1}</title>{2}</g>').format(_class(dot.level), label, mark))
        if dot in named:
            parts.append(Markup('<path class="drop" d="M{0:.1f} {1:.1f}v-10"/>').format(x, y - radius - 2))
            left, right = _span(dot, x, wide)
            parts.append(text((left + right) / 2, y - radius - 16, clipped(dot.name), "b sm", "middle"))
    body = Markup("").join(parts)
    return drawing(name, name, wide, base + 30, title, description, body)


def clipped(label: str, most: int = 36) -> str:
    """A label no longer than `most`; the whole name stands in the table behind the picture."""
    label = tamed(label)
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _fitting(month: str, room: float) -> str:
    """The month as long as there is room for it: whole, short, or not at all."""
    return next((one for one in (month, _brief(month)) if text_width(one, bold=False) * 0.92 + 4 <= room), "")


def _brief(month: str) -> str:
    """`Feb`, `2 月`: without the year, which the title of the page's table has."""
    return month[:3] if month.isascii() else month.split("年 ")[-1]


def text_width(label: str, *, bold: bool = True) -> float:
    """Width of a label in units of the picture, on the safe side: a Chinese character is as wide as it is high."""
    plain = 7.4 if bold else 7.1
    return sum(13.0 if ord(one) > 0x2E80 else plain + 2 if one.isupper() else plain for one in label)


def _span(dot: Dot, x: float, wide: int) -> tuple[float, float]:
    """Left and right end of a dot's label, kept inside the picture."""
    width = text_width(clipped(dot.name))
    left = min(max(x - width / 2, 0), wide - width)
    return left, left + width


def _named(dots: Sequence[Dot], step: float, pitch: float, radius: float, wide: int) -> list[Dot]:
    """The weightiest dots on top of their piles whose labels touch neither each other nor a taller pile."""
    heights: dict[int, int] = {}
    for dot in dots:
        heights[dot.week] = max(heights.get(dot.week, 0), dot.height)
    chosen: list[Dot] = []
    for dot in sorted(dots, key=lambda d: (-d.weight, d.week)):
        x = 10 + (dot.week + 0.5) * step
        left, right = _span(dot, x, wide)
        level = dot.height * pitch + 20
        hits_pile = any(
            week != dot.week
            and left - 2 < 10 + (week + 0.5) * step + radius
            and 10 + (week + 0.5) * step - radius < right + 2
            and height * pitch + radius > level - 12
            for week, height in heights.items()
        )
        hits_label = any(
            left < _span(o, 10 + (o.week + 0.5) * step, wide)[1] + 8
            and _span(o, 10 + (o.week + 0.5) * step, wide)[0] - 8 < right
            and abs(o.height - dot.height) * pitch < 26
            for o in chosen
        )
        if dot.height == heights[dot.week] and not hits_pile and not hits_label and len(chosen) < 8:
            chosen.append(dot)
    return chosen


def _class(level: str) -> str:
    return "na" if level == "not-applicable" else level


def text(x: float, y: float, label: str, name: str, where: str) -> Markup:
    """One line of text; `where` is its anchor."""
    return Markup('<text class="{0}" x="{1:.1f}" y="{2:.1f}" text-anchor="{3}">{4}</text>').format(
        name, x, y, where, escape(label)
    )


def _line(x: float, top: float, bottom: float) -> Markup:
    return Markup('<path class="axis" d="M{0:.1f} {1:.1f}V{2:.1f}"/>').format(x, top, bottom)


def glyph(level: str, x: float, y: float, r: float) -> Markup:
    """Fill tells the level: full disc, half disc, key, barred ring, dashed ring: shape, not only colour."""
    if level == "open":
        return Markup('<circle class="f" cx="{0:.1f}" cy="{1:.1f}" r="{2:.1f}"/>').format(x, y, r * 1.08)
    ring = Markup('<circle class="s" cx="{0:.1f}" cy="{1:.1f}" r="{2:.1f}"/>').format(x, y, r)
    if level == "partial":
        return ring + Markup('<path class="f" d="M{0:.1f} {1:.1f}a{2:.1f} {2:.1f} 0 0 0 0 {3:.1f}Z"/>').format(
            x, y - r, r, 2 * r
        )
    if level == "closed":
        return ring + Markup('<path class="l" d="M{0:.1f} {1:.1f}L{2:.1f} {3:.1f}"/>').format(
            x - r * 0.7, y + r * 0.7, x + r * 0.7, y - r * 0.7
        )
    if level == "gated":
        bow = Markup('<circle class="s" cx="{0:.1f}" cy="{1:.1f}" r="{2:.1f}"/>').format(x - r * 0.5, y, r * 0.5)
        return bow + Markup('<path class="l" d="M{0:.1f} {1:.1f}H{2:.1f}v{3:.1f}"/>').format(x, y, x + r, r * 0.5)
    return Markup('<circle class="s" stroke-dasharray="2 1.6" cx="{0:.1f}" cy="{1:.1f}" r="{2:.1f}"/>').format(x, y, r)
