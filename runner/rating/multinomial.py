"""How often each kind of battle is drawn when as many battles are drawn as there are: exact, and quick for millions.

Independent Poisson counts whose means are a little below the expected ones almost never exceed the total; the draws
that are lacking are made one by one. Given its sum a vector of Poisson counts is multinomial, so the result is too.
The tables are made by additions, multiplications and divisions alone: every machine draws the same.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from runner.battles import Floats
from runner.rating import streams
from runner.rating.streams import Words

_BELOW = 5.0  # standard deviations that the sum of the means lies below the total: exceeded 3 times in 10 million
_NOTHING = 1e-20  # of the most likely count


class Multinomial:
    """`of_battle` is the kind of every battle; each battle is as likely in each draw."""

    def __init__(self, of_battle: npt.NDArray[np.intp]) -> None:
        self._of_battle = of_battle
        self._total = len(of_battle)
        counts = np.bincount(of_battle)
        self._kinds = len(counts)
        scale = max(0.0, 1.0 - _BELOW / math.sqrt(self._total))
        sizes, self._table = np.unique(counts, return_inverse=True)
        tables = [_poisson(size * scale) for size in sizes.tolist()]
        ends = np.cumsum([len(shares) for _, shares in tables])
        begins = np.array([first for first, _ in tables])
        # One ascending array for all tables: the n-th lies between n and n + 1.
        self._shares = np.concatenate([shares + number for number, (_, shares) in enumerate(tables)])
        self._offset = (begins - (ends - [len(shares) for _, shares in tables]))[self._table]
        # Looking up in ascending order is several times quicker.
        self._order = np.argsort(self._table, kind="stable")

    def draw(self, state: np.uint64) -> npt.NDArray[np.int64]:
        """Times each kind is drawn; they sum up to the number of battles. [kinds]"""
        while True:
            times = self._counts(streams.words(state, self._kinds))
            lacking = self._total - int(times.sum())
            if lacking >= 0:
                more = streams.draws(np.array([~state], np.uint64), lacking, self._total)[0]
                np.add.at(times, self._of_battle[more], 1)
                return times
            state = streams.mix(np.array([state], np.uint64))[0]

    def _counts(self, words: Words) -> npt.NDArray[np.int64]:
        uniform: Floats = (words >> np.uint64(11)).astype(float) * 2.0**-53
        wanted = (uniform + self._table)[self._order]
        place = np.empty(self._kinds, np.int64)
        place[self._order] = np.searchsorted(self._shares, wanted, side="right")
        place += self._offset
        return place


def _poisson(mean: float) -> tuple[int, Floats]:
    """The first count of a Poisson distribution that has any share to speak of, and the shares summed up from it."""
    mode = int(mean)
    down = [1.0]
    while down[-1] > _NOTHING and len(down) <= mode:
        down.append(down[-1] * (mode - len(down) + 1) / mean)
    up = [1.0]
    while up[-1] > _NOTHING and mean > 0:
        up.append(up[-1] * mean / (mode + len(up)))
    shares = np.cumsum([*reversed(down), *up[1:]])
    shares /= shares[-1]
    return mode - len(down) + 1, shares
