"""The inner loops: compiled where `lanes.c` was, else in numpy, with the same bits either way."""

from __future__ import annotations

from runner.rating import lanes
from runner.rating.play import play_exactly

WIDTH = 1024
"""Lanes that run together at best."""

play, shuffle, solve = lanes.play, lanes.shuffle, lanes.solve

__all__ = ["WIDTH", "play", "play_exactly", "shuffle", "solve"]
