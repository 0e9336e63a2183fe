"""Loss and learning rate over the steps of a training: two drawings below one another, for a desk and for a phone."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from generator.axes import drawing, scale
from generator.charts import text

_HIGH, _LOW = 220, 90
"""Heights of the two drawings."""
_POINTS = 300
"""Points of a line; of more steps each piece keeps its lowest and its highest."""

Line = Sequence[tuple[int, float]]
"""(step, figure), steps rising."""


def curves(loss: Line, rate: Line, words: tuple[str, str, str], title: str, description: str) -> Markup:
    """`words`: of the loss, the learning rate and a step."""
    return Markup("").join(
        _curves(loss, rate, words, f"loss-{name}", title, description, wide, name)
        for wide, name in ((620, "hb-broad"), (350, "hb-narrow"))
    )


def _curves(
    loss: Line, rate: Line, words: tuple[str, str, str], key: str, title: str, description: str, wide: int, name: str
) -> Markup:
    top = 24
    below = top + _HIGH + 34
    body = _panel(loss, words[0], "ln ln--own", top, _HIGH, wide) + _panel(rate, words[1], "ln", below, _LOW, wide)
    start, end = _sides(wide)
    bottom = below + _LOW + 20
    for x, step, where in ((start, loss[0][0], "start"), (end, loss[-1][0], "end")):
        body += text(x, bottom, f"{words[2]} {step:,}", "mut sm", where)
    return drawing(name, key, wide, bottom + 8, title, description, body)


def _sides(wide: int) -> tuple[float, float]:
    return 62.0, wide - 8.0


def _panel(line: Line, label: str, style: str, top: float, high: float, wide: int) -> Markup:
    values = [value for _, value in line]
    low, upper, step = scale(min(0.0, *values), max(values), max(max(map(abs, values)) / 2, 1e-12))
    start, end = _sides(wide)
    first, last = line[0][0], line[-1][0]
    parts = [text(start - 54, top - 10, label, "b sm", "start")]
    for number in range(round((upper - low) / step) + 1):
        value = low + number * step
        y = top + (upper - value) / (upper - low) * high
        parts.append(Markup('<path class="grid" d="M{0} {1:.1f}H{2:.1f}"/>').format(start, y, end))
        parts.append(text(start - 8, y + 4, f"{value:.3g}", "mut sm num", "end"))

    def at(step_: int, value: float) -> str:
        x = start + (step_ - first) / max(last - first, 1) * (end - start)
        return f"{x:.1f} {top + (upper - value) / (upper - low) * high:.1f}"

    points = "L".join(at(number, value) for number, value in thinned(line))
    return Markup("").join([*parts, Markup('<path class="{0}" d="M{1}"/>').format(style, points)])


def thinned(line: Line, most: int = _POINTS) -> list[tuple[int, float]]:
    """At most `most` points that keep both ends and every piece's extremes: a spike stays in sight."""
    if len(line) <= most:
        return list(line)
    pieces = most // 2 - 1
    kept = {line[0], line[-1]}
    for number in range(pieces):
        piece = line[len(line) * number // pieces : len(line) * (number + 1) // pieces]
        kept |= {min(piece, key=lambda point: point[1]), max(piece, key=lambda point: point[1])}
    return sorted(kept)
