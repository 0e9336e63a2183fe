"""One pass of Elo with plain floats, in FastChat's order of operations: exact to the last bit."""

from __future__ import annotations

import math

from runner.battles import Battles, Floats


def play_exactly(
    battles: Battles, ratings: Floats, k: float, scale: float, base: float, trace: Floats | None = None
) -> None:
    """Play the battles in their order on `ratings`, in place; `trace` takes the ratings after each."""
    now: list[float] = ratings.tolist()
    columns = zip(battles.a.tolist(), battles.b.tolist(), battles.score.tolist(), battles.weight.tolist(), strict=True)
    for at, (a, b, score, weight) in enumerate(columns):
        if score == score:  # not invalid
            own, other = now[a], now[b]
            expected_a = 1 / (1 + _power(base, (other - own) / scale))
            expected_b = 1 / (1 + _power(base, (own - other) / scale))
            now[a] = own + k * weight * (score - expected_a)
            now[b] = other + k * weight * (1 - score - expected_b)
        if trace is not None:
            trace[at] = now
    ratings[:] = now


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return float("inf")
