"""Measured figures as they are read on a page; all digits stand in the record."""

from __future__ import annotations

from generator.language import Language


def claimed_text(metric: str, value: float | None, language: Language) -> str:
    """A figure of a claim with the unit of its metric."""
    if value is None:
        return ""
    if metric == "hours":
        return f"{trimmed(value)} {'小时' if language == 'zh' else 'h'}"
    if metric == "peak-memory":
        return f"{trimmed(value)} GB"
    if metric == "tokens-per-second":
        return f"{trimmed(value)} token/s"
    if metric.startswith("exact-match"):
        return f"{100 * value:.1f}%"
    return trimmed(value)


def trimmed(value: float) -> str:
    """Four digits that mean something, no more."""
    if value and abs(value) < 0.01:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:.4g}"


def difference_text(metric: str, value: float | None, language: Language) -> str:
    """A difference with its sign; shares differ by percentage points."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    sign = "+" if value > 0 else "−"
    text = claimed_text(metric, abs(value), language)
    if metric.startswith("exact-match"):
        text = text.replace("%", " 个百分点" if language == "zh" else " points")
    return f"{sign}{text}"


def seconds_text(seconds: float, language: Language) -> str:
    """`52.5 s`, `3.1 min`, `3.1 h`."""
    zh = language == "zh"
    for size, en, name in ((3600.0, "h", "小时"), (60.0, "min", "分钟")):
        if seconds >= size:
            return f"{seconds / size:,.1f} {name if zh else en}"
    return f"{trimmed(seconds)} {'秒' if zh else 's'}"
