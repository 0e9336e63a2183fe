"""Elo as FastChat's elo_analysis states it: E = 1 / (1 + base^((other - own) / scale)), own += k (score - E).

One pass is exact to the last bit: plain floats in FastChat's order of operations. Battle weights scale k.
Averages over orderings use the lanes of `runner.rating.lanes`, which agree to about 1e-9.
Source: lm-sys/FastChat 0e6d3e4, fastchat/serve/monitor/elo_analysis.py, `compute_elo`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from runner.battles import Battles, Floats, Notice
from runner.rating import kernels, streams
from runner.rating.different import different
from runner.rating.estimate import Estimate, Job
from runner.rating.intervals import means
from runner.rating.lanes import Items, Kinds
from runner.rating.resample import in_threads
from runner.rating.result import Trace

_ITEMS_BYTES = 2**25  # of one block of lanes, so that it stays near the processor


def initial(battles: Battles, start: Mapping[str, float], init: float) -> Floats:
    """Rating of every model before the first battle. [models]"""
    return np.array([start.get(name, init) for name in battles.models], float)


def replay(
    battles: Battles, start: Mapping[str, float], k: float = 32.0, scale: float = 400.0, base: float = 10.0
) -> Floats:
    """Ratings of all models after every battle in the recorded order, exact to the last bit. [battles, models]

    Models that `start` does not name begin at 1000; an invalid battle changes nothing.
    """
    ratings = initial(battles, start, 1000.0)
    trace = np.empty((len(battles), len(ratings)))
    kernels.play_exactly(battles, ratings, k, scale, base, trace)
    return trace


def estimate(job: Job) -> Estimate:
    """Ratings in the recorded order, in one random order, or averaged over many; replicates where asked for."""
    settings, battles = job.settings, job.battles
    begin = initial(battles, settings.start, settings.init)
    over_orders = None
    trace = None
    if settings.orderings:
        over_orders = replicates(job, begin, settings.orderings, resampled=False)
        ratings = means(over_orders)
    elif settings.played == "random":
        ratings = replicates(job, begin, 1, resampled=False)[0]
    else:
        ratings = begin.copy()
        kept = np.empty((len(battles), len(begin))) if settings.trace else None
        kernels.play_exactly(battles, ratings, settings.k, settings.scale, settings.base, kept)
        if kept is not None:
            numbers = range(1, len(battles) + 1) if battles.round is None else battles.round.tolist()
            trace = Trace(tuple(numbers), battles.models, kept)
    drawn = replicates(job, begin, settings.bootstrap, resampled=True) if settings.bootstrap else over_orders
    return Estimate(ratings, drawn, tuple(_notices(job)), trace)


def _notices(job: Job) -> list[Notice]:
    strangers = sorted(set(job.settings.start) - set(job.battles.models))
    if not strangers:
        return []
    named = ", ".join(f"`{name}`" for name in strangers[:8]) + (" and more" if len(strangers) > 8 else "")
    return [Notice("start-without-battles", f"ratings to start from of models without a battle were not used: {named}")]


def replicates(job: Job, begin: Floats, count: int, *, resampled: bool) -> Floats:
    """Final ratings of `count` random orders, or of as many resamples of the clusters. [count, models]"""
    settings = job.settings
    table, of_battle = kinds(job.battles, settings.k)
    per_lane = len(of_battle) * 4
    size = max(8, min(kernels.WIDTH, _ITEMS_BYTES // per_lane // 8 * 8))
    rate = math.log(settings.base) / settings.scale

    def block(first: int, lanes: int) -> Floats:
        items, lengths = _items(job, of_battle, len(table.a) - 1, first, lanes, resampled)
        if settings.played == "random":
            purpose = streams.SHUFFLE + 2 * resampled
            kernels.shuffle(items, lengths, streams.states(settings.seed, purpose, first, lanes))
        ratings = np.repeat(begin[:, None], lanes, axis=1)
        kernels.play(items, table, rate, ratings)
        return ratings.T

    return np.vstack(in_threads(block, count, size, job.threads, job.progress))


def _items(
    job: Job, of_battle: Items, nothing: int, first: int, lanes: int, resampled: bool
) -> tuple[Items, npt.NDArray[np.int32]]:
    """Kinds of battle in the recorded order, one replicate a lane, shorter ones filled up; and their lengths."""
    if not resampled:
        items = np.repeat(of_battle[:, None], lanes, axis=1)
        return items, np.full(lanes, len(of_battle), np.int32)
    times = job.clusters.multiplicities(job.settings.seed, first, lanes)
    drawn = [np.repeat(of_battle, times[lane][job.clusters.of_battle]) for lane in range(lanes)]
    lengths = np.array([len(items) for items in drawn], np.int32)
    items = np.full((int(lengths.max()), lanes), nothing, np.uint32)
    for lane, column in enumerate(drawn):
        items[: len(column), lane] = column
    return items, lengths


def kinds(battles: Battles, k: float) -> tuple[Kinds, Items]:
    """The different battles, one more that changes nothing, and the kind of every battle. Items [battles]"""
    columns, of_battle = different(battles.a, battles.b, battles.score, battles.weight)
    a, b, score, weight = (np.append(column, 0.0) for column in columns)
    return Kinds(a.astype(np.int32), b.astype(np.int32), score, k * weight), of_battle.astype(np.uint32)
