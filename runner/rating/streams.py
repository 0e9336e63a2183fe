"""Random numbers that are the same on every machine, in every version of numpy and for any number of threads.

Each replicate has its own SplitMix64 stream (Steele, Lea, Flood 2014), keyed by seed, purpose and number.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)

SHUFFLE, DRAW = 1, 2
"""Purposes: the order of battles, and the choice of clusters."""


def mix(words: Words) -> Words:
    """SplitMix64's finaliser: every bit of the input reaches every bit of the output."""
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))


def states(seed: int, purpose: int, first: int, count: int) -> Words:
    """Initial states of the streams of replicates `first` to `first + count - 1`. [count]"""
    key = mix(np.array([seed], np.uint64)) ^ np.array([purpose], np.uint64) * _FIRST
    return mix(mix(key) + np.arange(first, first + count, dtype=np.uint64) * _SECOND)


def words(state: np.uint64, count: int) -> Words:
    """The first `count` words of one stream. [count]"""
    return mix(state + np.arange(1, count + 1, dtype=np.uint64) * _STEP)


def draws(states: Words, count: int, bound: int) -> npt.NDArray[np.int64]:
    """`count` whole numbers below `bound` from each stream; `states` stay as they are. [streams, count]

    A number is the high half of a word times `bound`, high half again: no number is favoured by more than
    bound / 2^32.
    """
    steps = np.arange(1, count + 1, dtype=np.uint64) * _STEP
    high = mix(states[:, None] + steps) >> np.uint64(32)
    return ((high * np.uint64(bound)) >> np.uint64(32)).astype(np.int64)
