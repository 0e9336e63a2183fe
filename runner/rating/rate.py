"""One rating from battles and settings: select, estimate, resample, and tell what to beware of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from catalog.errors import UserError
from runner.battles import Battles, Floats
from runner.rating import bias, bt, cautions, elo, intervals, ratio, winrate
from runner.rating.agreement import agreement
from runner.rating.estimate import Estimate, Job
from runner.rating.resample import Clusters, clusters
from runner.rating.result import Rating, Row
from runner.rating.select import select
from runner.rating.settings import Settings

_MAX_FIGURES = 40_000_000  # 320 MB
_METHODS: Mapping[str, Callable[[Job], Estimate]] = {
    "elo": elo.estimate,
    "bt": bt.estimate,
    "winrate": winrate.estimate,
    "ratio": ratio.estimate,
}


def rate(
    battles: Battles, settings: Settings, *, threads: int = 1, progress: Callable[[float], None] = lambda share: None
) -> Rating:
    """Rate the battles; the result is the same for any number of threads. `progress` is told the share done.

    Raises UserError (exit code 2) where settings and battles do not fit.
    """
    selection = select(battles, settings)
    used = selection.used
    _refuse_too_many(used, settings)
    job = Job(used, settings, clusters(used, settings), threads, progress)
    estimate = _METHODS[settings.method](job)
    ratings, replicates = _anchored(estimate, used.models, settings)
    if np.isinf(ratings).any() or (settings.method != "ratio" and np.isnan(ratings).any()):
        raise UserError("the ratings grew beyond all numbers", hint="lower --k or raise --scale", exit_code=2)
    verdicts = selection.asked.take(~np.isnan(selection.asked.score))
    order_bias = bias.order_bias(verdicts, settings, estimate)
    counts = _counts(used)
    notices = (
        *battles.notices,
        *selection.notices,
        *estimate.notices,
        *cautions.cautions(used, counts),
        *bias.cautions(order_bias, verdicts),
    )
    return Rating(
        method=settings.method,
        settings=_settings_json(settings, job.clusters),
        battles=selection.counts,
        rows=_rows(used, counts, ratings, replicates, settings.ci),
        pairs=winrate.pairs(used),
        order_bias=order_bias,
        agreement=agreement(verdicts),
        warnings=notices,
        trace=estimate.trace,
    )


def _refuse_too_many(battles: Battles, settings: Settings) -> None:
    count = max(settings.orderings, settings.bootstrap)
    if count * len(battles.models) > _MAX_FIGURES:
        why = f"{count:,} replicates of {len(battles.models):,} ratings; at most {_MAX_FIGURES:,} figures are kept"
        raise UserError("too many replicates", why=why, hint="lower --orderings or --bootstrap", exit_code=2)


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


def _rows(
    battles: Battles, counts: npt.NDArray[np.int64], ratings: Floats, replicates: Floats | None, ci: float
) -> tuple[Row, ...]:
    """Highest first; a model without a rating last, with nulls."""
    rated = np.flatnonzero(~np.isnan(ratings))
    place = {int(at): place for place, at in enumerate(rated)}
    ratings = ratings[rated]
    replicates = None if replicates is None else replicates[:, rated]
    rank = intervals.ranks(ratings)
    spread: list[tuple[float | None, tuple[float, float] | None, tuple[int, int] | None]]
    if replicates is None:
        spread = [(None, None, None)] * len(ratings)
    else:
        low, high = intervals.percentiles(replicates, ci).tolist()
        rank_ci = intervals.rank_intervals(replicates, ci)
        sd = intervals.deviations(replicates).tolist()
        spread = list(zip(sd, zip(low, high, strict=True), rank_ci, strict=True))
    rows = []
    for at, name in enumerate(battles.models):
        if at in place:
            sd, ci_of, rank_ci_of = spread[place[at]]
            row = Row(
                name, float(ratings[place[at]]), sd, ci_of, int(rank[place[at]]), rank_ci_of, *counts[at].tolist()
            )
        else:
            row = Row(name, None, None, None, None, None, *counts[at].tolist())
        rows.append(row)
    return tuple(sorted(rows, key=lambda row: row.rank or len(rows) + 1))


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
