"""One rating from battles and settings: select, estimate, resample, and tell what to beware of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from catalog.errors import UserError
from runner.battles import Battles, Floats
from runner.rating import bt, elo, intervals
from runner.rating.estimate import Estimate, Job
from runner.rating.resample import Clusters, clusters
from runner.rating.result import Rating, Row
from runner.rating.select import select
from runner.rating.settings import Settings

_METHODS: Mapping[str, Callable[[Job], Estimate]] = {"elo": elo.estimate, "bt": bt.estimate}


def rate(
    battles: Battles, settings: Settings, *, threads: int = 1, progress: Callable[[float], None] = lambda share: None
) -> Rating:
    """Rate the battles; the result is the same for any number of threads. `progress` is told the share done.

    Raises UserError (exit code 2) where settings and battles do not fit.
    """
    selection = select(battles, settings)
    used = selection.used
    job = Job(used, settings, clusters(used, settings), threads, progress)
    estimate = _METHODS[settings.method](job)
    ratings, replicates = _anchored(estimate, used.models, settings)
    if not np.isfinite(ratings).all():
        raise UserError("the ratings grew beyond all numbers", hint="lower --k or raise --scale", exit_code=2)
    notices = (*battles.notices, *selection.notices, *estimate.notices)
    return Rating(
        method=settings.method,
        settings=_settings_json(settings, job.clusters),
        battles=selection.counts,
        rows=_rows(used, ratings, replicates, settings.ci),
        pairs=(),
        order_bias=None,
        agreement=None,
        warnings=notices,
        trace=estimate.trace,
    )


def _anchored(estimate: Estimate, models: tuple[str, ...], settings: Settings) -> tuple[Floats, Floats | None]:
    """All ratings shifted by one constant. Replicates move by the same, so no width passes from anchor to others."""
    if settings.anchor is None or settings.method == "ratio":
        return estimate.ratings, estimate.replicates
    model, value = settings.anchor
    if model not in models:
        raise UserError(f"--anchor names `{model}`, which has no battle", hint=", ".join(models[:12]), exit_code=2)
    shift = value - estimate.ratings[models.index(model)]
    replicates = None if estimate.replicates is None else estimate.replicates + shift
    return estimate.ratings + shift, replicates


def _rows(battles: Battles, ratings: Floats, replicates: Floats | None, ci: float) -> tuple[Row, ...]:
    rank = intervals.ranks(ratings)
    counts = _counts(battles)
    spread: list[tuple[float | None, tuple[float, float] | None, tuple[int, int] | None]]
    if replicates is None:
        spread = [(None, None, None)] * len(ratings)
    else:
        low, high = intervals.percentiles(replicates, ci).tolist()
        rank_ci = intervals.rank_intervals(replicates, ci)
        sd = intervals.deviations(replicates).tolist()
        spread = list(zip(sd, zip(low, high, strict=True), rank_ci, strict=True))
    rows = [
        Row(name, float(ratings[at]), spread[at][0], spread[at][1], int(rank[at]), spread[at][2], *counts[at].tolist())
        for at, name in enumerate(battles.models)
    ]
    return tuple(sorted(rows, key=lambda row: row.rank or 0))


def _counts(battles: Battles) -> npt.NDArray[np.int64]:
    """battles, wins, ties, losses of every model; weights do not count here. [models, 4]"""
    size = len(battles.models)
    won, tied = battles.score > 0.5, battles.score == 0.5
    lost = ~won & ~tied
    both = np.bincount(battles.a, minlength=size) + np.bincount(battles.b, minlength=size)
    wins = np.bincount(battles.a[won], minlength=size) + np.bincount(battles.b[lost], minlength=size)
    ties = np.bincount(battles.a[tied], minlength=size) + np.bincount(battles.b[tied], minlength=size)
    return np.stack([both, wins, ties, both - wins - ties], axis=1)


def _settings_json(settings: Settings, drawn: Clusters) -> dict[str, Any]:
    """Every setting as it was used, defaults too."""
    return {
        "method": settings.method,
        "k": settings.k,
        "init": settings.init,
        "scale": settings.scale,
        "base": settings.base,
        "start": dict(settings.start) or None,
        "order": settings.played,
        "orderings": settings.orderings,
        "bootstrap": settings.bootstrap,
        "cluster": drawn.name or "none",
        "ci": settings.ci,
        "ties": settings.ties,
        "merge_orders": settings.merge_orders,
        "category": settings.category,
        "seed": settings.seed,
        "anchor": None if settings.anchor is None else {"model": settings.anchor[0], "rating": settings.anchor[1]},
        "order_term": settings.order_term,
        "trace": settings.trace,
    }
