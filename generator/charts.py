"""Pictures as inline SVG, coloured by CSS classes alone; each has a title, a description and a table behind it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from generator.views.listing import Dot

_R = 9.3


def releases(dots: Sequence[Dot], months: Sequence[tuple[int, str]], title: str, description: str) -> Markup:
    """Weekly dot stack of releases; 620 units wide, as tall as the fullest week."""
    weeks = max((dot.week for dot in dots), default=0) + 1
    step = 600 / max(weeks, 1)
    scale = min(1.0, step / (2 * _R + 1.6))
    pitch = (2 * _R + 5) * max(scale, 0.62)
    top = max((dot.height + 1.6 * dot.label for dot in dots), default=0) * pitch + 30
    base = top + 8
    parts = [
        _text(10 + days / 7 * step, base + 22, name, "mut sm", "start")
        + _line(10 + days / 7 * step, base + 4, base + 10)
        for days, name in months
    ]
    parts.append(Markup('<path class="axis" d="M0 {0:.1f}H620"/>').format(base + 4))
    for dot in dots:
        x, y = 10 + (dot.week + 0.5) * step, top - 8 - dot.height * pitch
        label = f"{dot.name}, {dot.date}, {dot.level_name}"
        parts.append(
            Markup('<g class="lv-{0}"><title>{1}</title>{2}</g>').format(
                _class(dot.level), label, _glyph(dot.level, x, y, _R * max(scale, 0.62))
            )
        )
        if dot.label:
            where = "start" if x < 40 else "end" if x > 580 else "middle"
            parts.append(Markup('<path class="drop" d="M{0:.1f} {1:.1f}v-10"/>').format(x, y - _R - 2))
            parts.append(_text(x, y - _R - 16, dot.name, "b sm", where))
    body = Markup("").join(parts)
    return Markup(
        '<svg data-search-exclude class="hb-svg" viewBox="0 0 620 {0:.0f}" role="img" aria-labelledby="rel-t rel-d">'
        '<title id="rel-t">{1}</title><desc id="rel-d">{2}</desc>{3}</svg>'
    ).format(base + 30, title, description, body)


def _class(level: str) -> str:
    return "na" if level == "not-applicable" else level


def _text(x: float, y: float, text: str, name: str, where: str) -> Markup:
    return Markup('<text class="{0}" x="{1:.1f}" y="{2:.1f}" text-anchor="{3}">{4}</text>').format(
        name, x, y, where, escape(text)
    )


def _line(x: float, top: float, bottom: float) -> Markup:
    return Markup('<path class="axis" d="M{0:.1f} {1:.1f}V{2:.1f}"/>').format(x, top, bottom)


def _glyph(level: str, x: float, y: float, r: float) -> Markup:
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
