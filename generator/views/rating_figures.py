"""Ratings, differences and settings as they are read on a page; all digits stand in the download."""

from __future__ import annotations


def rating_text(value: float | None, digits: int = 2) -> str:
    """A rating as it is read; all digits stand in the download."""
    return "" if value is None else f"{value:,.{digits}f}"


def plain_number(value: float | None) -> str:
    """A number with the digits it has."""
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}".rstrip("0")


def signed(value: float | None) -> str:
    """A difference with its sign and enough digits to tell it from none."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    text = f"{abs(value):.2f}" if abs(value) >= 0.1 else f"{abs(value):.2g}"
    return f"{'+' if value > 0 else '−'}{text}"
