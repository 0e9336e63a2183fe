"""Arithmetic as a reader sees it: one line a step, in both languages, figures with three digits."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.estimate.ranges import Range, as_range


@dataclass(frozen=True)
class Line:
    """One step."""

    en: str
    zh: str


def figure(value: float) -> str:
    """`312`, `51,800`, `6.74e9`: three digits, with an exponent from a million up."""
    if value == 0:
        return "0"
    if abs(value) >= 1e6 or abs(value) < 1e-3:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def figures(value: Range | float) -> str:
    """`140–512`; one figure where both ends read the same."""
    ends = as_range(value)
    low, high = figure(ends.low), figure(ends.high)
    return low if low == high else f"{low}–{high}"


def percent(share: Range) -> str:
    """`3.3–12%`."""
    return f"{figures(share * 100.0)}%"


def gigabytes(amount: Range | float) -> str:
    """`8.4–9.5 GB`, decimal."""
    return f"{figures(as_range(amount) / 1e9)} GB"
