"""What a training came to against what was published: a verdict for each figure, by the recipe's tolerance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.recipes import MetricClaim

Json = dict[str, Any]
UNITS = {
    "hours": "h", "peak-memory": "GB", "tokens-per-second": "tokens/s",
    "exact-match-base": "share", "exact-match-tuned": "share",
}  # fmt: skip
OF_THE_MACHINE = frozenset({"hours", "peak-memory", "tokens-per-second"})
"""These come out otherwise on another card, so a claim of them is compared on the card it speaks of alone."""


def measured_figures(measured: Json, steps: int, of: int) -> dict[str, float | None]:
    """The figures of time and memory, by the names that claims use.

    `hours` of a partial run are those of its steps times the share that it was: what a whole run of steps like these
    would take. `peak-memory` in GB of 10^9 bytes.
    """
    peak = measured["peak_allocated"]
    return {
        "hours": measured["seconds"] / 3600 * of / steps if steps else None,
        "peak-memory": None if peak is None else peak / 1e9,
        "tokens-per-second": measured["tokens_per_second"],
    }


def compare(
    claims: Mapping[str, MetricClaim], figures: Mapping[str, float | None], card: str | None, count: int, partial: bool
) -> Iterator[Json]:
    """One item a claim whose metric is among `figures`. `card`: slug of the card it ran on, None for none known."""
    for name, claim in claims.items():
        if claim.metric in figures:
            why = _not_comparable(claim, card, count, partial)
            yield _compared(name, claim, None if why else figures[claim.metric], why)


def _not_comparable(claim: MetricClaim, card: str | None, count: int, partial: bool) -> Json | None:
    if claim.hardware and (claim.hardware != card or claim.count != count):
        wanted = f"{claim.count} x {claim.hardware}" if claim.count > 1 else claim.hardware
        return {
            "en": f"The claim speaks of {wanted}; this run was made on other hardware.",
            "zh": f"该说法针对 {wanted}，本次运行使用的是其他硬件。",
        }
    if partial and claim.metric not in OF_THE_MACHINE:
        return {
            "en": "A run of fewer steps says nothing about quality.",
            "zh": "步数不足的运行无法说明质量。",
        }
    return None


def _compared(name: str, claim: MetricClaim, figure: float | None, why: Json | None) -> Json:
    difference = None if figure is None else figure - claim.published
    return {
        "id": name,
        "metric": claim.metric,
        "published": float(claim.published),
        "reproduced": figure,
        "difference": difference,
        "tolerance": float(claim.tolerance),
        "unit": UNITS[claim.metric],
        "verdict": None if difference is None else "reproduced" if holds(claim, difference) else "contradicted",
        "why": why or (NOT_MEASURED if figure is None else None),
    }


NOT_MEASURED = {"en": "Not measured in this run.", "zh": "本次运行未测得此项。"}


def holds(claim: MetricClaim, difference: float) -> bool:
    """Whether a difference (reproduced - published) is near enough, or on the good side."""
    if claim.direction == "at-least":
        return difference >= -claim.tolerance
    if claim.direction == "at-most":
        return difference <= claim.tolerance
    return abs(difference) <= claim.tolerance
