"""What a claim comes to, as a page shows it: verdict, arithmetic, what was derived and what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.claims.ledger import Row, by_claim
from catalog.claims.lines import figures
from catalog.estimate import Range
from catalog.register import Catalog
from generator.language import Language
from generator.words import word


@dataclass(frozen=True)
class JudgedView:
    """One verdict."""

    verdict: str
    name: str
    lines: tuple[str, ...]
    """The arithmetic, never empty."""
    derived: str
    """Empty where nothing can be derived."""
    share: str
    """Of the cards' peak; empty where the claim is none of time."""
    measured: str
    """Empty where nothing was measured."""


def judged_claim(catalog: Catalog, claim: Any, language: Language) -> JudgedView | None:
    """Of a claim of hardware, time, memory or cost; None for any other."""
    row = by_claim(catalog).get(id(claim))
    return judged_row(row, language) if row else None


def judged_row(row: Row, language: Language) -> JudgedView:
    """Of a row of the ledger."""
    judged = row.judged
    measured = row.measured
    return JudgedView(
        row.verdict,
        word(f"verdict.{row.verdict}", language),
        tuple(getattr(line, language) for line in judged.lines),
        amount(judged.derived, judged.unit, language) if judged.derived else "",
        f"{figures(judged.share * 100.0)}%" if judged.share else "",
        amount(Range.exact(measured.value), measured.unit, language) if measured else "",
    )


_UNITS: dict[str, tuple[float, str, str]] = {
    "hours": (1.0, "h", "小时"),
    "GPU-hours": (1.0, "GPU-hours", "GPU 小时"),
    "bytes": (1e9, "GB", "GB"),
    "USD": (1.0, "USD", "美元"),
    "FLOP": (1.0, "FLOP", "FLOP"),
    "FLOP/s": (1e12, "TFLOP/s", "TFLOP/s"),
    "tokens/s": (1.0, "tokens/s", "token/s"),
}


def amount(value: Range, unit: str, language: Language) -> str:
    """`8.4–9.5 GB`, `0.16–2.4 小时`."""
    size, en, zh = _UNITS[unit]
    return f"{figures(value / size)} {zh if language == 'zh' else en}"
