"""The pictures of a rating: intervals, win fractions, battle counts, and ratings by round where they were traced."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runner.rating import svg
from runner.rating.result import Rating, Trace

_MAX_MODELS = 60  # more do not fit a picture; the highest are drawn
_MAX_POINTS = 600


def pictures(rating: Rating) -> dict[str, str]:
    """File name to SVG text."""
    made = {
        "intervals.svg": intervals(rating),
        "win-fraction.svg": heatmap(rating, "Share won by the row against the column, ties half", _share),
        "battle-count.svg": heatmap(rating, "Battles between row and column", _count),
    }
    if rating.trace is not None:
        made["rating-by-round.svg"] = rounds(rating.trace)
    return made


def intervals(rating: Rating) -> str:
    """A dot a model with its interval; the axis begins where the figures do."""
    rows = [row for row in rating.rows if row.rating is not None][:_MAX_MODELS]
    ends = [value for row in rows for value in (row.rating, *(row.ci or ())) if value is not None]
    ticks = _ticks(min(ends), max(ends))
    left = 24 + max(svg.breadth(row.model) for row in rows)
    across = _scale(ticks[0], ticks[-1], left, 700)
    bottom = 44 + 26 * len(rows)
    parts = []
    for tick in ticks:
        parts.append(svg.line(across(tick), 34, across(tick), bottom, "grid"))
        parts.append(svg.text(across(tick), bottom + 18, f"{tick:g}", "mut sm num", "middle"))
    for at, row in enumerate(rows):
        if row.rating is None:
            continue
        y = 54 + 26 * at
        parts.append(svg.text(left - 14, y + 4, row.model, "", "end"))
        if row.ci is not None:
            parts.append(svg.line(across(row.ci[0]), y, across(row.ci[1]), y, "ci"))
        parts.append(svg.circle(across(row.rating), y, 5, "est"))
        digits = 0 if rating.method in ("elo", "bt") else 3
        parts.append(svg.text(716, y + 4, f"{row.rating:.{digits}f}", "num sm"))
    what = {"elo": "Elo", "bt": "Bradley-Terry", "winrate": "Win rate", "ratio": "Score ratio"}[rating.method]
    spread = f" with {rating.settings['ci']:g}% interval" if any(row.ci for row in rows) else ""
    parts.append(svg.text(left, 20, what + spread, "b"))
    told = "; ".join(f"{row.model} {row.rating:.4g}" for row in rows if row.rating is not None)
    return svg.document(780, bottom + 30, what + spread, told, parts)


def _share(pair: Mapping[str, Any] | None) -> tuple[str, str, float]:
    """Text, class and opacity of a cell."""
    if pair is None or pair["rate"] is None:
        return "", "none", 1.0
    rate = pair["rate"]
    return f"{100 * rate:.0f}", "cool" if rate >= 0.5 else "warm", min(1.0, abs(rate - 0.5) * 2) * 0.55


def _count(pair: Mapping[str, Any] | None) -> tuple[str, str, float]:
    if pair is None:
        return "", "none", 1.0
    return f"{pair['battles']:,}", "cool", 0.05 + 0.08 * min(6.0, math.log10(max(pair["battles"], 1)))


def heatmap(rating: Rating, title: str, cell: Callable[[Mapping[str, Any] | None], tuple[str, str, float]]) -> str:
    """A square of models against models, highest rated first; the figure stands in every cell."""
    names = [row.model for row in rating.rows][:_MAX_MODELS]
    table = _both_ways(rating.pairs)
    size = 40.0 if len(names) <= 20 else 26.0
    left = 24 + max(svg.breadth(f"{name} {at}") for at, name in enumerate(names, 1))
    parts = [svg.text(left, 20, title, "b")]
    for at in range(len(names)):
        parts.append(svg.text(left + (at + 0.5) * size, 46, str(at + 1), "mut sm num", "middle"))
    for down, name in enumerate(names):
        y = 54 + down * size
        parts.append(svg.text(left - 14, y + size / 2 + 4, f"{name}  {down + 1}", "", "end"))
        for over, other in enumerate(names):
            x = left + over * size
            shown, shade, opacity = cell(table.get((name, other)))
            told = f"{name} / {other}: {shown}" if shown else ""
            parts.append(svg.box(x + 1, y + 1, size - 2, size - 2, shade, opacity, told))
            if shown and size > 30:
                parts.append(svg.text(x + size / 2, y + size / 2 + 4, shown, "sm num", "middle"))
    width = max(left + len(names) * size, left + svg.breadth(title)) + 20
    return svg.document(width, 54 + len(names) * size + 16, title, f"{len(names)} models", parts)


def _both_ways(pairs: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    table: dict[tuple[str, str], Mapping[str, Any]] = {}
    for pair in pairs:
        table[pair["model"], pair["opponent"]] = pair
        rate = None if pair["rate"] is None else 1 - pair["rate"]
        table[pair["opponent"], pair["model"]] = {**pair, "rate": rate}
    return table


def rounds(trace: Trace) -> str:
    """A line a model; every n-th round where there are very many, the last one always."""
    count = len(trace.rounds)
    shown = sorted({*range(0, count, max(1, count // _MAX_POINTS)), count - 1})
    order = sorted(range(len(trace.models)), key=lambda at: -trace.ratings[-1][at])[:_MAX_MODELS]
    values = trace.ratings[shown][:, order]
    ticks = _ticks(float(values.min()), float(values.max()))
    right = 640.0
    across = _scale(trace.rounds[0], max(trace.rounds[-1], trace.rounds[0] + 1), 60, right)
    up = _scale(ticks[0], ticks[-1], 360, 40)
    parts = [svg.text(60, 20, "Rating after each round", "b")]
    for tick in ticks:
        parts.append(svg.line(60, up(tick), right, up(tick), "grid"))
        parts.append(svg.text(52, up(tick) + 4, f"{tick:g}", "mut sm num", "end"))
    for tick in _ticks(trace.rounds[0], trace.rounds[-1]):
        if trace.rounds[0] <= tick <= trace.rounds[-1]:
            parts.append(svg.text(across(tick), 380, f"{tick:g}", "mut sm num", "middle"))
    heights = _apart([up(float(values[-1][at])) for at in range(len(order))], 15)
    for at, model in enumerate(order):
        points = [(across(trace.rounds[row]), up(float(values[place][at]))) for place, row in enumerate(shown)]
        dashes = ("", "6 3", "2 3")[at // svg.SERIES % 3]
        line = svg.path(points, f"line s{at % svg.SERIES}", dashes)
        parts += [line, svg.text(right + 8, heights[at] + 4, trace.models[model], "sm")]
    width = right + 24 + max(svg.breadth(name) for name in trace.models)
    told = "; ".join(f"{trace.models[at]} {trace.ratings[-1][at]:.1f}" for at in order)
    return svg.document(width, 396, "Rating after each round", f"In the end: {told}", parts)


def _apart(heights: Sequence[float], least: float) -> list[float]:
    """Heights from the top down, each at least that far below the one before."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + least) if placed else height)
    return placed


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / (high - low) * (end - start)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, three to nine of them, that hold both ends."""
    if high - low <= 1e-9 * max(abs(low), abs(high), 1.0):
        low, high = low - 1, high + 1
    step = 10.0 ** math.floor(math.log10(high - low))
    step = next(step * part for part in (0.2, 0.5, 1.0, 2.0) if (high - low) / (step * part) <= 7)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(at * step, 12) for at in range(first, last + 1)]
