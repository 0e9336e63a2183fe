"""Many replicates at once, one lane each: shuffle, Elo, Bradley-Terry.

Every lane does the same additions, multiplications and divisions in the same order however many lanes run beside it,
with an exponential of our own and without BLAS: the last bit does not depend on the processor, on the number of
threads, or on whether `lanes.c` was compiled (`runner.rating.native`). What is here is its twin, and a test holds
them equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runner.battles import Floats, Ints
from runner.rating.streams import Words, mix

_STEP = np.uint64(0x9E3779B97F4A7C15)
_LOG2E = 1 / math.log(2)
_LN2_HIGH = float.fromhex("0x1.62e42fefa0000p-1")
_LN2_LOW = float.fromhex("0x1.cf79abc9e3b3ap-40")
_ROUND = 1.5 * 2**52  # adding it leaves the nearest whole number in the low bits
_TAYLOR = tuple(1 / math.factorial(n) for n in range(13, -1, -1))
_LIMIT = 700.0
MAX_STEPS = 200
CLOSE = 1e-9
"""A Newton step that moves no difference of logits by more is the last one."""
TINY = 1e-300

Items = npt.NDArray[np.uint32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Kinds:
    """The different battles of a set: models, score of the first, and k times the weight. The last one is no battle."""

    a: Ints
    b: Ints
    score: Floats
    gain: Floats


@dataclass(frozen=True)
class Pairs:
    """Who can meet whom: two models each. With an order term the first of a pair is the one shown first."""

    models: int
    i: Ints
    j: Ints
    order_term: bool


def exp(x: Floats) -> Floats:
    """e^x to 2 units in the last place for |x| up to 700, beyond which x is cut."""
    x = np.minimum(np.maximum(x, -_LIMIT), _LIMIT)
    shifted = x * _LOG2E + _ROUND
    n = shifted - _ROUND
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    total = np.full_like(r, _TAYLOR[0])
    for coefficient in _TAYLOR[1:]:
        total *= r
        total += coefficient
    # The low bits of `shifted` are n: put them into the exponent.
    power: Floats = (total.view(np.int64) + (shifted.view(np.int64) << 52)).view(np.float64)
    return power


def shuffle(items: Items, lengths: Ints, state: Words) -> None:
    """Put the first `lengths[l]` items of every lane in random order (Fisher-Yates), in place. items [steps, lanes]"""
    state = state.copy()
    lane = np.arange(items.shape[1])
    for t in range(int(lengths.max(initial=0)) - 1, 0, -1):
        active = t < lengths
        state += np.where(active, _STEP, np.uint64(0))
        pick = ((mix(state) >> np.uint64(32)) * np.uint64(t + 1)) >> np.uint64(32)
        at = np.where(active, pick.astype(np.int64), t)
        drawn = items[at, lane]
        items[at, lane] = items[t]
        items[t] = drawn


def play(items: Items, kinds: Kinds, rate: float, ratings: Floats) -> None:
    """Elo over the items of every lane, in place: items [steps, lanes], ratings [models, lanes].

    An item is the number of a kind of battle. `rate` is ln(base) / scale.
    """
    lane = np.arange(items.shape[1])
    for row in items:
        a, b = kinds.a[row], kinds.b[row]
        own, other = ratings[a, lane], ratings[b, lane]
        expected = 1.0 / (1.0 + exp(rate * (other - own)))
        change = kinds.gain[row] * (kinds.score[row] - expected)
        ratings[a, lane] = own + change
        ratings[b, lane] = ratings[b, lane] - change


def sum_up(value: Floats, cluster: Longs, target: Longs, times: Floats, targets: int) -> Floats:
    """Sums of value * times[cluster] by target, for the clusters as each lane drew them. [targets, lanes]

    value, cluster, target [rows], times [clusters, lanes].
    """
    columns = [np.bincount(target, value * often[cluster], targets) for often in times.T]
    return np.stack(columns, axis=1)


def solve(pairs: Pairs, wins: Floats, losses: Floats, start: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Maximum likelihood of Bradley-Terry in every lane, and whether it was found.

    wins, losses [pairs, lanes]: weight that the first and the second model of a pair won, ties half each.
    start, result [models, lanes], with an order term [models + 1, lanes]: logits, the last model's 0.
    Newton's method, each step shortened to 2 / (2 + d) of itself, d being the most that a difference moves: the
    logistic loss is self-concordant in Bach's sense (2010, arXiv 0910.4627), for which that never overshoots.
    """
    theta = start.copy()
    total = wins + losses
    going = np.ones(theta.shape[1], np.bool_)
    for _ in range(MAX_STEPS):
        # A lane without a maximum runs away until it is no number; it is then not found, which is all that is told.
        with np.errstate(over="ignore", invalid="ignore"):
            step = _newton(pairs, wins, total, theta)
        reach = np.maximum(step.max(axis=0), 0.0) - np.minimum(step.min(axis=0), 0.0)
        theta += np.where(going, 2.0 / (2.0 + reach), 0.0) * step
        going &= ~(reach < CLOSE)
        if not going.any():
            break
    return theta, ~going


def _newton(pairs: Pairs, wins: Floats, total: Floats, theta: Floats) -> Floats:
    """The full step, 0 for the last model. Sums run over the pairs in their order, as in `lanes.c`."""
    gap = theta[pairs.i] - theta[pairs.j]
    if pairs.order_term:
        gap = gap + theta[-1]
    chance = 1.0 / (1.0 + exp(-gap))
    pull = wins - total * chance
    curve = total * (chance * (1.0 - chance))
    size, lanes = theta.shape
    ends = np.stack([pairs.i, pairs.j], axis=1).ravel()
    gradient = np.zeros((size, lanes))
    np.add.at(gradient, ends, np.stack([pull, -pull], axis=1).reshape(-1, lanes))
    hessian = np.zeros((size, size, lanes))
    np.add.at(hessian, (ends, ends), np.repeat(curve, 2, axis=0))
    np.add.at(hessian, (np.maximum(pairs.i, pairs.j), np.minimum(pairs.i, pairs.j)), -curve)
    if pairs.order_term:
        for pull_now, curve_now in zip(pull, curve, strict=True):
            gradient[-1] += pull_now
            hessian[-1, -1] += curve_now
        np.add.at(hessian[-1], ends, np.stack([curve, -curve], axis=1).reshape(-1, lanes))
    free = np.delete(np.arange(size), pairs.models - 1)
    step = np.zeros((size, lanes))
    step[free] = _divide(hessian[np.ix_(free, free)], gradient[free])
    return step


def _divide(matrix: Floats, vector: Floats) -> Floats:
    """matrix^-1 vector by L D L^T, lane by lane; only the lower triangle of the matrix counts."""
    size = len(vector)
    inverse = np.empty_like(vector)
    for k in range(size):
        inverse[k] = 1.0 / np.maximum(matrix[k, k], TINY)
        column = matrix[k + 1 :, k].copy()
        matrix[k + 1 :, k] = column * inverse[k]
        matrix[k + 1 :, k + 1 :] -= matrix[k + 1 :, None, k] * column[None, :]
    for k in range(size):
        vector[k + 1 :] -= matrix[k + 1 :, k] * vector[k]
    vector *= inverse
    for k in range(size - 1, 0, -1):
        vector[:k] -= matrix[k, :k] * vector[k]
    return vector
