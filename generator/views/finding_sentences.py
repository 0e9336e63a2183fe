"""The sentence that says a finding in words. Every figure comes from the rows of its query; none is typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
TURN = "2023-07"
"""First month of the second of the two stretches compared: the year in halves, whatever the figures are."""
LEAST = 10
"""Models below which a method is not named as the one that discloses most or least."""


def openness(rows: Sequence[Row], zh: bool) -> str:
    """Of the months up to June and from July on; `rows` have a month."""
    early, late = ([row for row in rows if (row["month"] < TURN) is first] for first in (True, False))
    n, a = _shares(early, zh)
    m, b = _shares(late, zh)
    if zh:
        return (
            f"登记在册、2023 年 6 月及以前发布的 {n} 个模型中，权重开放的有 {a[0]}，训练代码开放的有 {a[1]}，"
            f"数据开放的有 {a[2]}，三者皆开放的有 {a[3]}；"
            f"7 月及以后发布的 {m} 个中，依次为 {b[0]}、{b[1]}、{b[2]}和 {b[3]}。"
        )
    return (
        f"Of the {n} models registered here that were released up to June 2023, weights are open for {a[0]}, training "
        f"code for {a[1]}, data for {a[2]} and all three for {a[3]}; of the {m} released from July on, for {b[0]}, "
        f"{b[1]}, {b[2]} and {b[3]}."
    )


def _shares(rows: Sequence[Row], zh: bool) -> tuple[int, list[str]]:
    n = sum(row["models"] for row in rows)
    sums = (sum(row[name] for row in rows) for name in ("weights", "training_code", "data", "all_three"))
    return n, [share(found, n, zh) for found in sums]


def disclosure(rows: Sequence[Row], method: Callable[[str], str], zh: bool) -> str:
    """Of all models, then of the methods that disclose most and least; `method` gives a method's name."""
    whole: Row = next((row for row in rows if row["method"] == "all"), Counter())
    n = whole["models"]
    one = whole["hardware_only"] + whole["time_only"]
    a, b, c, d = (share(found, n, zh) for found in (whole["both"], one, whole["not_disclosed"], whole["unknown"]))
    if zh:
        text = (
            f"登记在册的 {n} 个模型中，硬件与训练时长俱有说明的为 {a}，仅有其一的为 {b}；{c}在已读的来源中两者皆无，"
            f"另有 {d}尚未查证或不明确。"
        )
    else:
        text = (
            f"Of the {n} models registered here, sources state both hardware and training time for {a} and one of the "
            f"two for {b}; for {c} the sources that were read state neither, and for {d} nobody has looked or it is "
            "unclear."
        )
    return text + _extremes(rows, method, zh)


def _extremes(rows: Sequence[Row], method: Callable[[str], str], zh: bool) -> str:
    large = [row for row in rows if row["method"] not in ("all", "unknown") and row["models"] >= LEAST]
    ranked = sorted(large, key=lambda row: -row["both"] / row["models"])
    if len(ranked) < 2:
        return ""
    (most, high), (least, low) = ((method(row["method"]), _of(row, zh)) for row in (ranked[0], ranked[-1]))
    if zh:
        return f"在不少于 {LEAST} 个模型的方法中，俱有说明的比例以 {most} 最高（{high}），{least}最低（{low}）。"
    return (
        f" Among methods of at least {LEAST} models, both are stated most often for {most} ({high}) and least often "
        f"for {least} ({low})."
    )


def _of(row: Row, zh: bool) -> str:
    part, whole = row["both"], row["models"]
    return f"{whole} 个中 {part} 个，{percent(part, whole)}" if zh else f"{part} of {whole}, {percent(part, whole)}"


def licences(rows: Sequence[Row], entries: int, licence: Callable[[str], str], zh: bool) -> str:
    """Of weights whose own licence allows commercial use; `entries` is how many models the forbidden ones belong to."""
    n = sum(row["weights"] for row in rows)
    base, data = (sum(row[f"forbidden_by_{way}"] for row in rows) for way in ("base", "data"))
    if zh:
        text = (
            f"登记在册、自身许可允许商用（自由或附条件）的 {n} 组已发布权重中，{share(base + data, n, zh, '组')}的上游"
            f"有许可禁止商用，分属 {entries} 个模型：{base} 组出自基座，{data} 组仅出自训练数据。"
        )
    else:
        text = (
            f"Of the {n} released sets of weights registered here whose own licence allows commercial use, freely or "
            f"with conditions, {share(base + data, n, zh)} stand below a licence that forbids it: {base} through a "
            f"base, {data} through training data alone. They belong to {entries} models."
        )
    if not base + data:
        return text
    first, found = rows[0], against(rows[0])
    name, whole = licence(first["licence"]), first["weights"]
    if zh:
        return f"{text}其中以 {name} 为最多：该许可下的 {whole} 组中有 {found} 组。"
    return f"{text} Foremost among their own licences is {name}: {found} of the {whole} sets under it."


def teaser(rows: Sequence[Row], zh: bool) -> str:
    """One figure of the second finding, for the home page."""
    whole: Row = next((row for row in rows if row["method"] == "all"), Counter())
    n, both = whole["models"], whole["both"]
    if zh:
        return f"登记在册的 {n} 个模型中，用了什么硬件、训练了多久都有说明的有 {both} 个。"
    return f"Of the {n} models registered here, {both} say both on what hardware they were trained and for how long."


def against(row: Row) -> int:
    """Sets of weights under one licence that something above forbids."""
    return int(row["forbidden_by_base"] + row["forbidden_by_data"])


def percent(part: int, whole: int) -> str:
    """`25%`, whole; what is below half a percent is `<1%`, and nothing is said of an empty whole."""
    if not whole:
        return ""
    return "<1%" if 0 < part * 200 < whole else f"{100 * part / whole:.0f}%"


def share(part: int, whole: int, zh: bool, counter: str = "个") -> str:
    """`20 (25%)`, `20 个（25%）`."""
    shown = percent(part, whole)
    if zh:
        return f"{part} {counter}" + (f"（{shown}）" if shown else "")
    return f"{part} ({shown})" if shown else str(part)
