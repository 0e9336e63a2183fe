"""The rules, at their edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.claims.verdicts import VERDICTS, is_slow, of_memory, of_tied, of_utilisation
from catalog.estimate import Range


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.001, 1.2, "contradicted"),
        (1.0, 1.2, "implausible"),
        (0.751, 0.9, "implausible"),
        (0.75, 0.9, "plausible"),
        (0.001, 0.0099, "implausible"),
        (0.001, 0.01, "plausible"),
        (0.01, 0.2001, "under-determined"),
        (0.01, 0.2, "plausible"),
        (0.15, 0.60, "consistent"),
        (0.149, 0.60, "plausible"),
        (0.15, 0.601, "plausible"),
        (0.0, 0.5, "under-determined"),
        (0.04, 0.8, "plausible"),
        (1.5, 90.0, "contradicted"),
    ],
)
def test_of_a_share_of_the_peak(low: float, high: float, verdict: str) -> None:
    assert of_utilisation(Range(low, high)) == verdict


def test_slow_is_below_15_per_cent_throughout() -> None:
    assert is_slow(Range(0.03, 0.149))
    assert not is_slow(Range(0.03, 0.15))


@pytest.mark.parametrize(
    ("claimed", "derived", "verdict"),
    [
        (Range.exact(10), Range.exact(4.9), "contradicted"),
        (Range.exact(10), Range.exact(5), "plausible"),
        (Range.exact(10), Range.exact(20.1), "contradicted"),
        (Range.exact(10), Range.exact(11), "consistent"),
        (Range.exact(10), Range.exact(11.1), "plausible"),
        (Range(5, 10), Range(10, 30), "consistent"),
        (Range.exact(10), Range(1, 21), "under-determined"),
        (Range.exact(0), Range.exact(1), "under-determined"),
    ],
)
def test_of_two_figures_that_are_tied(claimed: Range, derived: Range, verdict: str) -> None:
    assert of_tied(claimed, derived) == verdict


@pytest.mark.parametrize(
    ("claimed", "derived", "verdict"),
    [
        (Range.exact(4.9), Range(10, 12), "contradicted"),
        (Range.exact(8.9), Range(10, 12), "implausible"),
        (Range.exact(9), Range(10, 12), "consistent"),
        (Range.exact(13.2), Range(10, 12), "consistent"),
        (Range.exact(13.3), Range(10, 12), "plausible"),
        (Range.exact(80), Range(10, 12), "plausible"),
        (Range.exact(10), Range(1, 21), "under-determined"),
    ],
)
def test_of_memory(claimed: Range, derived: Range, verdict: str) -> None:
    assert of_memory(claimed, derived) == verdict


ENDS = st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(sorted).map(lambda ends: Range(*ends))


@given(ENDS, ENDS)
def test_every_range_has_one_verdict(one: Range, other: Range) -> None:
    assert of_utilisation(one) in VERDICTS
    assert of_tied(one, other) in VERDICTS


@given(st.floats(0.0001, 10), st.floats(1, 5))
def test_more_work_in_the_same_time_is_never_less_contradicted(share: float, more: float) -> None:
    order = ("consistent", "plausible", "implausible", "contradicted")
    if share < 0.15:
        return
    before, after = of_utilisation(Range.exact(share)), of_utilisation(Range.exact(share * more))
    assert order.index(after) >= order.index(before)
