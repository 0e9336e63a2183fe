"""The inner loops: compiled where `lanes.c` was, else in Python, with the same bits either way."""

from __future__ import annotations

from runner.rating import lanes, native
from runner.rating.play import play_exactly

if native.LIBRARY is not None:
    WIDTH = 64
    play, shuffle, solve, sum_up = native.play, native.shuffle, native.solve, native.sum_up
    play_exactly = native.play_exactly
else:
    WIDTH = 2048
    play, shuffle, solve, sum_up = lanes.play, lanes.shuffle, lanes.solve, lanes.sum_up

"""WIDTH: lanes that run together at best."""

__all__ = ["WIDTH", "play", "play_exactly", "shuffle", "solve", "sum_up"]
