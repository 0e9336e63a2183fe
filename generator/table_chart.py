"""Pictures of published tables: bars beside each other, or one line of dots a column where the rows are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.axes import drawing
from generator.charts import clipped, text, text_width
from generator.views.tables import Panel, TableRow, TableView

_MANY = 12
"""Rows above which bars would be taller than anybody reads."""
_ROW, _HEAD = 20, 26
_CHARACTER = 6.8
"""Width of a character that is neither wide nor bold, in units of the picture."""


def table_chart(table: TableView, description: str) -> Markup:
    """A drawing for a desk and one for a phone; nothing where the table has no two figures to compare."""
    panels = table.panels
    if not panels or (len(table.rows) > _MANY and len(panels) < 2):
        return Markup("")
    draw = _strips if len(table.rows) > _MANY else _bars
    return Markup("").join(
        draw(table, panels, f"tb-{table.id}-{name}", description, wide, left, beside, name)
        for wide, left, beside, name in ((760, 170, 3, "hb-broad"), (350, 92, 2, "hb-narrow"))
    )


def _bars(
    table: TableView,
    panels: Sequence[Panel],
    key: str,
    description: str,
    wide: int,
    left: int,
    beside: int,
    name: str,
) -> Markup:
    """Panels in bands of `beside`; every band names its rows again."""
    beside = min(beside, len(panels))
    pitch = (wide - left) / beside
    band = _HEAD + _ROW * len(table.rows) + 12
    parts: list[Markup] = []
    for number, panel in enumerate(panels):
        x, y = left + number % beside * pitch, number // beside * band
        if number % beside == 0:
            parts += _names(table, left, y + _HEAD)
        parts.append(text(x + 10, y + 16, _fitting(panel.title, pitch - 14), "b sm", "start"))
        parts += _panel(table, panels, panel, x + 10, y + _HEAD, pitch - 14)
    bands = -(-len(panels) // beside)
    return drawing(name, key, wide, bands * band - 8, clipped(table.title, 200), description, Markup("").join(parts))


def _names(table: TableView, left: int, top: float) -> Iterator[Markup]:
    for number, row in enumerate(table.rows):
        style = "b sm" if table.own[number] else "sm"
        yield text(left, top + _ROW * number + 14, _fitting(_label(row), left), style, "end")


def _panel(
    table: TableView, panels: Sequence[Panel], panel: Panel, x: float, top: float, wide: float
) -> Iterator[Markup]:
    low, high = _ends(panels, panel, table.from_zero)
    widest = max(text_width(shown, bold=False) for _, _, shown in filter(None, panel.figures))
    room = max(wide - min(widest, wide * 0.6) - 6, 20)
    yield Markup('<path class="axis" d="M{0:.1f} {1:.1f}v{2}"/>').format(x, top, _ROW * len(panel.figures))
    for number, figure in enumerate(panel.figures):
        if figure is None:
            continue
        start, end = (x + max(value - low, 0) / (high - low) * room for value in figure[:2])
        y = top + _ROW * number + 10
        own = " bar--own" if table.own[number] else ""
        if table.from_zero:
            shape = Markup('<path class="bar{0}" d="M{1:.1f} {2:.1f}H{3:.1f}"/>').format(
                own, start if figure[0] != figure[1] else x, y, max(end, x + 1)
            )
        else:
            shape = Markup('<circle class="dot{0}" cx="{1:.1f}" cy="{2:.1f}" r="4.5"/>').format(own, end, y)
        label = text(end + (5 if table.from_zero else 9), y + 4, clipped(figure[2]), "sm num", "start")
        yield Markup("<g><title>{0}: {1}</title>{2}{3}</g>").format(
            clipped(_label(table.rows[number]), 100), clipped(figure[2]), shape, label
        )


def _ends(panels: Sequence[Panel], panel: Panel, from_zero: bool) -> tuple[float, float]:
    """Where the scale begins and ends: at zero, unless zero means nothing; the same for panels of one scale."""
    alike = [figure for p in panels if p.scale == panel.scale for figure in p.figures if figure]
    low, high = min(figure[0] for figure in alike), max(figure[1] for figure in alike)
    if not from_zero:
        margin = (high - low) * 0.08 or 1.0
        return low - margin, high
    return min(low, 0.0), high if high > min(low, 0.0) else min(low, 0.0) + 1.0


def _strips(
    table: TableView,
    panels: Sequence[Panel],
    key: str,
    description: str,
    wide: int,
    left: int,
    _beside: int,
    name: str,
) -> Markup:
    """One line a column, one dot a row; the page's own entry stands out."""
    parts: list[Markup] = []
    start, end = left + 44, wide - 44
    for number, panel in enumerate(panels):
        y = 18.0 + 30 * number
        known = [figure for figure in panel.figures if figure]
        low, high = min(known, key=lambda figure: figure[1]), max(known, key=lambda figure: figure[1])
        span = high[1] - low[1] or 1.0
        parts.append(text(left - 4, y + 4, _fitting(panel.title, left - 4), "sm", "end"))
        parts.append(Markup('<path class="grid" d="M{0} {1:.1f}H{2}"/>').format(start, y, end))
        parts.append(text(start - 8, y + 4, clipped(low[2]), "mut sm num", "end"))
        parts.append(text(end + 8, y + 4, clipped(high[2]), "mut sm num", "start"))
        dots = sorted(zip(panel.figures, table.rows, table.own, strict=True), key=lambda item: item[2])
        for figure, row, own in dots:
            if figure:
                x = start + (figure[1] - low[1]) / span * (end - start)
                parts.append(
                    Markup(
                        '<g><title>{0}: {1}</title><circle class="dot{2}" cx="{3:.1f}" cy="{4}" r="4.5"/></g>'
                    ).format(clipped(row.label.text, 100), clipped(figure[2]), " bar--own" if own else "", x, y)
                )
    return drawing(
        name, key, wide, 30 * len(panels) + 6, clipped(table.title, 200), description, Markup("").join(parts)
    )


def _label(row: TableRow) -> str:
    """Where every row is about the page's own entry, the other side tells them apart."""
    return f"vs {row.against.text}" if row.against else row.label.text


def _fitting(label: str, room: float) -> str:
    """The label cut to the room there is; the whole of it stands in the table."""
    most = max(int(room / _CHARACTER), 4)
    wide = sum(2 if ord(character) > 0x2E80 else 1 for character in label)
    return clipped(label, most if wide <= len(label) else max(most * len(label) // wide, 3))
