"""A quantity that is known between two ends: what an assumption gives is never one number."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """`low` to `high`, both included and in the same unit; equal where the figure is exact.

    Raises ValueError for ends that are not finite, negative, or the wrong way round.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError(f"a range needs two finite ends, not {self.low} and {self.high}")
        if self.low < 0 or self.low > self.high:
            raise ValueError(f"{self.low} to {self.high} is no range of amounts")

    @classmethod
    def exact(cls, value: float) -> Range:
        """A figure with no doubt in it."""
        return cls(float(value), float(value))

    @property
    def middle(self) -> float:
        """Halfway between the ends: the one number to give where only one may be given."""
        return (self.low + self.high) / 2

    def __add__(self, other: Range | float) -> Range:
        other = as_range(other)
        return Range(self.low + other.low, self.high + other.high)

    __radd__ = __add__

    def __mul__(self, other: Range | float) -> Range:
        other = as_range(other)
        return Range(self.low * other.low, self.high * other.high)

    __rmul__ = __mul__

    def __truediv__(self, other: Range | float) -> Range:
        """Raises ZeroDivisionError where the divisor may be 0."""
        other = as_range(other)
        return Range(self.low / other.high, self.high / other.low)


def as_range(value: Range | float) -> Range:
    """A number as a range without doubt; a range as it is."""
    return value if isinstance(value, Range) else Range.exact(value)


def total(ranges: Iterable[Range]) -> Range:
    """Sum of the ends; an empty sum is 0."""
    return sum(ranges, Range.exact(0))


NOTHING = Range.exact(0)
