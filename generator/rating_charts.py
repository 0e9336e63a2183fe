"""Pictures of ratings: intervals with the published figures beside them, and ratings round by round."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from generator.axes import drawing, scale
from generator.charts import text, text_width
from generator.views.tournament import RatedView, RunView, TraceView

_ROW = 30


def intervals(run: RunView, title: str, description: str) -> Markup:
    """One row a player: interval, estimate, published figure. A drawing for a desk and one for a phone."""
    rows = [row for row in run.rows if row.rating is not None]
    if not rows:
        return Markup("")
    return Markup("").join(
        _intervals(rows, f"ci-{run.id}-{name}", title, description, wide, left, name)
        for wide, left, name in ((620, 170, "hb-broad"), (350, 0, "hb-narrow"))
    )


def _intervals(
    rows: Sequence[RatedView], key: str, title: str, description: str, wide: int, left: int, name: str
) -> Markup:
    """Names stand left of the axis; where there is no room for them (`left` 0), above their row."""
    values = [v for row in rows for v in (row.rating, row.low, row.high, row.published) if v is not None]
    low, high, step = scale(min(values), max(values))
    pitch = _ROW if left else _ROW + 14
    start, end = left + 14, wide - 46

    def across(value: float) -> float:
        return start + (value - low) / (high - low) * (end - start)

    parts = []
    for number in range(round((high - low) / step) + 1):
        x = across(low + number * step)
        parts.append(Markup('<path class="grid" d="M{0:.1f} 8V{1}"/>').format(x, 14 + pitch * len(rows)))
        parts.append(text(x, 30 + pitch * len(rows), f"{low + number * step:,.0f}", "mut sm num", "middle"))
    for number, row in enumerate(rows):
        y = 14 + pitch * number + (pitch / 2 if left else pitch - 12)
        style = "b" if row.own else ""
        parts.append(
            text(left, y + 4.5, row.player.text, style, "end")
            if left
            else text(2, y - 13, row.player.text, style, "start")
        )
        parts.append(_row(row, y, across, wide))
    return drawing(name, key, wide, 40 + pitch * len(rows), title, description, Markup("").join(parts))


def _row(row: RatedView, y: float, across: Callable[[float], float], wide: int) -> Markup:
    parts = []
    if row.low is not None and row.high is not None:
        parts.append(
            Markup('<path class="ci" d="M{0:.1f} {2:.1f}H{1:.1f}"/>').format(across(row.low), across(row.high), y)
        )
    if row.published is not None:
        parts.append(Markup('<circle class="pub" cx="{0:.1f}" cy="{1:.1f}" r="6.5"/>').format(across(row.published), y))
    if row.rating is not None:
        parts.append(Markup('<circle class="est" cx="{0:.1f}" cy="{1:.1f}" r="4"/>').format(across(row.rating), y))
        parts.append(text(wide - 2, y + 4.5, f"{row.rating:,.0f}", "num sm", "end"))
    label = f"{row.player.text}: {row.shown}" + (f" ({row.interval})" if row.interval else "")
    return Markup("<g><title>{0}</title>{1}</g>").format(label, Markup("").join(parts))


def rounds(trace: TraceView, title: str, description: str, round_word: str) -> Markup:
    """Ratings after every round, each line named at its end; the entry's own line is the strong one."""
    return Markup("").join(
        _rounds(trace, f"tr-{name}", title, description, wide, name, round_word)
        for wide, name in ((620, "hb-broad"), (350, "hb-narrow"))
    )


_HIGH = 300


def _rounds(trace: TraceView, key: str, title: str, description: str, wide: int, name: str, round_word: str) -> Markup:
    values = [value for _, _, line in trace.lines for value in line]
    low, high, step = scale(min(values), max(values))
    labels = max(text_width(player, bold=own) for player, own, _ in trace.lines)
    start, end = 44, wide - labels - 12
    first, last = trace.rounds[0], trace.rounds[-1]

    def at(number: int, value: float) -> str:
        x = start + (number - first) / max(last - first, 1) * (end - start)
        return f"{x:.1f} {_down(value, low, high):.1f}"

    parts = []
    for number in range(round((high - low) / step) + 1):
        y = _down(low + number * step, low, high)
        parts.append(Markup('<path class="grid" d="M{0} {1:.1f}H{2:.1f}"/>').format(start, y, end))
        parts.append(text(start - 8, y + 4, f"{low + number * step:,.0f}", "mut sm num", "end"))
    for x, number, where in ((start, first, "start"), (end, last, "end")):
        parts.append(text(x, _HIGH + 22, f"{round_word} {number}", "mut sm num", where))
    for place, (player, own, line) in enumerate(trace.lines):
        points = "L".join(at(number, value) for number, value in zip(trace.rounds, line, strict=True))
        style = "ln ln--own" if own else f"ln ln--{place % 4}"
        parts.append(Markup('<path class="{0}" d="M{1}"/>').format(style, points))
        parts.append(text(end + 8, _down(line[-1], low, high) + 4.5, player, "b" if own else "", "start"))
    return drawing(name, key, wide, _HIGH + 32, title, description, Markup("").join(parts))


def _down(value: float, low: float, high: float) -> float:
    return 10 + (high - value) / (high - low) * (_HIGH - 14)
