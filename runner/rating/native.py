"""`lanes.c` where it was compiled when the package was installed; None where there was no compiler."""

from __future__ import annotations

from ctypes import c_double, c_int32, c_int64
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from catalog.errors import UserError
from runner.battles import Battles, Floats, Ints
from runner.compiled import load, pointer
from runner.rating.lanes import CLOSE, MAX_STEPS, Items, Kinds, Longs, Pairs
from runner.rating.streams import Words

LIBRARY = load(Path(__file__).parent, "_lanes", 2)


def _call(name: str, *arguments: Any) -> int:
    """Call a function of the library, arrays by their address; other threads run meanwhile."""
    function = getattr(LIBRARY, name)
    function.restype = c_int32
    passed = [pointer(value) if isinstance(value, np.ndarray) else value for value in arguments]
    return int(function(*passed))


def shuffle(items: Items, lengths: Ints, state: Words) -> None:
    """As `lanes.shuffle`."""
    _call("herd_shuffle", c_int64(items.shape[1]), items, lengths, state)


def play(items: Items, kinds: Kinds, rate: float, ratings: Floats) -> None:
    """As `lanes.play`."""
    steps, lanes = items.shape
    sizes = (c_int64(steps), c_int64(lanes))
    _call("herd_play", *sizes, items, kinds.a, kinds.b, kinds.score, kinds.gain, c_double(rate), ratings)


def sum_up(value: Floats, cluster: Longs, target: Longs, times: Floats, targets: int) -> Floats:
    """As `lanes.sum_up`."""
    sums = np.zeros((targets, times.shape[1]))
    _call("herd_sum", c_int64(len(value)), c_int64(times.shape[1]), cluster, target, value, times, sums)
    return sums


def play_exactly(
    battles: Battles, ratings: Floats, k: float, scale: float, base: float, trace: Floats | None = None
) -> None:
    """As `play.play_exactly`."""
    sizes = (c_int64(len(battles)), c_int64(len(ratings)))
    columns = [np.ascontiguousarray(column) for column in (battles.a, battles.b, battles.score, battles.weight)]
    _call("herd_play_exactly", *sizes, *columns, c_double(k), c_double(scale), c_double(base), ratings, trace)


def solve(pairs: Pairs, wins: Floats, losses: Floats, start: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """As `lanes.solve`."""
    theta = np.ascontiguousarray(start).copy()
    found = np.empty(wins.shape[1], np.uint8)
    sizes = (c_int64(pairs.models), c_int32(pairs.order_term), c_int64(len(pairs.i)), c_int64(wins.shape[1]))
    arrays = [np.ascontiguousarray(array) for array in (pairs.i, pairs.j, wins, losses)]
    if _call("herd_solve", *sizes, *arrays, theta, found, c_int32(MAX_STEPS), c_double(CLOSE)):
        raise UserError("there is not enough memory", why=f"for the Bradley-Terry fit of {pairs.models:,} models")
    return theta, found.astype(np.bool_)
