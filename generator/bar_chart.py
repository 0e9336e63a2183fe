"""Bars of one figure over months, as inline SVG; the table below holds the same numbers."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from generator.axes import drawing
from generator.charts import text

_ROW, _LEFT = 24, 66


def bars(rows: Sequence[tuple[str, float, str]], most: float, title: str, description: str) -> Markup:
    """One bar a row: label, value, and what stands at its end; drawn for a desk and for a phone."""
    return Markup("").join(
        drawing(name, f"bars-{name}", wide, len(rows) * _ROW + 8, title, description, _body(rows, most, wide))
        for wide, name in ((620, "hb-broad"), (350, "hb-narrow"))
    )


def _body(rows: Sequence[tuple[str, float, str]], most: float, wide: int) -> Markup:
    room = wide - _LEFT - 70
    parts = []
    for number, (label, value, said) in enumerate(rows):
        y, end = number * _ROW + 14, _LEFT + max(room * value / most, 1.0)
        bar = Markup('<path class="bar" d="M{0} {1}H{2:.1f}"/>').format(_LEFT, y, end)
        parts += [text(0, y + 4, label, "sm num", "start"), bar, text(end + 8, y + 4, said, "mut sm num", "start")]
    return Markup("").join(parts)
