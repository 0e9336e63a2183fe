"""One thing that must hold of a result, and how far two plain trees are apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """One thing that must hold. `holds` is None where it could not be tried, because something before it failed."""

    name: str
    holds: bool | None
    detail: str


def difference(one: Any, other: Any, path: str = "rating") -> tuple[float, str]:
    """Largest relative difference of two plain trees and where it is; infinite where anything but a number differs."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return max((difference(one[key], other[key], f"{path}.{key}") for key in one), default=(0.0, path))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return max((difference(a, b, f"{path}.{n}") for n, (a, b) in pairs), default=(0.0, path))
    if one == other and type(one) is type(other):
        return 0.0, path
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) / max(abs(one), abs(other)), path
    return float("inf"), path
