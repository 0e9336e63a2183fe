"""From replicates to what is told of a model: mean, standard deviation, interval, rank and rank interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from runner.battles import Floats


def means(replicates: Floats) -> Floats:
    """Mean of every column, correctly rounded, so that no order of summation shows. [models]"""
    return np.array([math.fsum(column) / len(replicates) for column in replicates.T.tolist()])


def deviations(replicates: Floats) -> Floats:
    """Standard deviation of every column, with n - 1. [models]"""
    centred = replicates - means(replicates)
    return np.array([math.sqrt(math.fsum(c * c for c in column) / (len(column) - 1)) for column in centred.T.tolist()])


def percentiles(replicates: Floats, ci: float) -> Floats:
    """Lower and upper end of the central `ci` per cent, by linear interpolation. [2, models]"""
    tail = (100.0 - ci) / 200.0
    return np.quantile(replicates, [tail, 1.0 - tail], axis=0)


def ranks(ratings: Floats) -> npt.NDArray[np.int64]:
    """1 + the number of models rated higher; equal ratings share a rank. [models]"""
    ascending = np.sort(ratings)
    return 1 + len(ratings) - np.searchsorted(ascending, ratings, side="right")


def rank_intervals(replicates: Floats, ci: float) -> Sequence[tuple[int, int]]:
    """Range of the rank in the central `ci` per cent of the replicates, rounded outward; equal ratings span theirs."""
    best = np.empty(replicates.shape, np.int32)
    worst = np.empty(replicates.shape, np.int32)
    for at, own in enumerate(replicates.T):
        best[:, at] = 1 + (replicates > own[:, None]).sum(axis=1)
        worst[:, at] = (replicates >= own[:, None]).sum(axis=1)
    tail = (100.0 - ci) / 200.0
    low = np.quantile(best, tail, axis=0, method="lower")
    high = np.quantile(worst, 1.0 - tail, axis=0, method="higher")
    return [(int(lo), int(hi)) for lo, hi in zip(low, high, strict=True)]
