"""Counts of a resample have the moments of the multinomial distribution, at few battles and at many."""

import numpy as np
import pytest

from runner.rating import streams
from runner.rating.multinomial import Multinomial, _poisson


@pytest.mark.parametrize("sizes", [[1, 2, 3], [40, 5, 155, 1, 99], [1000, 30, 4000, 1, 1, 200]])
def test_counts_have_the_moments_of_the_multinomial(sizes: list[int]) -> None:
    of_battle = np.repeat(np.arange(len(sizes)), sizes)
    kinds, total, draws = Multinomial(of_battle), sum(sizes), 20_000
    found = np.array([kinds.draw(state) for state in streams.states(1, streams.DRAW, 0, draws)])
    share = np.array(sizes) / total
    assert (found.sum(axis=1) == total).all()
    assert found.min() >= 0
    variance = total * share * (1 - share)
    assert np.abs(found.mean(axis=0) - sizes).max() < 5 * np.sqrt(variance.max() / draws)
    expected = total * (np.diag(share) - np.outer(share, share))
    assert np.abs(np.cov(found.T) - expected).max() < 0.06 * variance.max()


@pytest.mark.parametrize("mean", [0.0, 0.3, 1.0, 7.5, 300.25])
def test_shares_are_those_of_poisson(mean: float) -> None:
    first, shares = _poisson(mean)
    counts = first + np.arange(len(shares))
    single = np.diff(shares, prepend=0.0)
    assert shares[-1] == 1.0
    assert (single * counts).sum() == pytest.approx(mean, abs=1e-9)
    assert (single * counts**2).sum() - mean**2 == pytest.approx(mean, rel=1e-9, abs=1e-9)
    assert single[0] == pytest.approx(np.exp(-mean), rel=1e-9) or first > 0
