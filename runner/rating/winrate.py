"""Win rate = (wins + ties / 2) / total, weighted; and between two models the verdict of Ziya's model card.

Source: the card of IDEA-CCNL/Ziya-Writing-LLaMa-13B-v1: above 55% the model is better, below 45% worse, between them
the two are level; with several annotators it gives the average, the highest and the lowest of their rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from runner.battles import Battles, Floats, Notice
from runner.rating import different
from runner.rating.estimate import Estimate, Job
from runner.rating.resample import Sums, in_threads

Verdict = Literal["better", "level", "worse"]

_BETTER, _WORSE = 0.55, 0.45


def verdict(rate: float) -> Verdict:
    """Of one model against another by its win rate."""
    return "better" if rate > _BETTER else "worse" if rate < _WORSE else "level"


def estimate(job: Job) -> Estimate:
    """Win rate of every model, 0 to 1, and of every bootstrap resample where asked for."""
    battles, models = job.battles, len(job.battles.models)
    sides = np.concatenate([battles.a, battles.b])
    share = np.concatenate([battles.score, 1.0 - battles.score])
    weight = np.tile(battles.weight, 2)
    sums = Sums(np.tile(job.clusters.of_battle, 2), sides, np.stack([weight * share, weight]), models)
    rates = _rates(sums.whole())
    if not job.settings.bootstrap:
        return Estimate(rates)

    def block(first: int, count: int) -> Floats:
        times = job.clusters.multiplicities(job.settings.seed, first, count)
        drawn = sums.drawn(times)
        return np.array([_rates(drawn[:, :, at]) for at in range(count)])

    drawn = np.vstack(in_threads(block, job.settings.bootstrap, job.clusters.block, job.threads, job.progress))
    return stand_in(rates, drawn)


def _rates(sums: Floats) -> Floats:
    points, weight = sums
    rates: Floats = np.divide(points, weight, out=np.full(len(points), np.nan), where=weight > 0)
    return rates


def stand_in(ratings: Floats, drawn: Floats) -> Estimate:
    """Where a resample has no battle of a model its own figure stands in, and that is told."""
    lacking = np.isnan(drawn) & ~np.isnan(ratings)
    rows = int(lacking.any(axis=1).sum())
    if not rows:
        return Estimate(ratings, drawn)
    message = f"in {rows:,} of {len(drawn):,} resamples a model had no battle; its figure from all battles stands in"
    return Estimate(ratings, np.where(lacking, ratings, drawn), (Notice("empty-resamples", message),))


def pairs(battles: Battles) -> tuple[Mapping[str, Any], ...]:
    """Every two models that met, as JSON: counts, win rate of the first and its verdict, the same over annotators."""
    models = len(battles.models)
    found, place = different.pairs(battles)
    score = np.where(battles.a > battles.b, 1.0 - battles.score, battles.score)
    total = np.bincount(place)
    wins, ties = (np.bincount(place[mask], minlength=len(found)) for mask in (score > 0.5, score == 0.5))
    points, weight = np.bincount(place, battles.weight * score), np.bincount(place, battles.weight)
    over = _annotators(battles, place, score, len(found))
    rows: list[Mapping[str, Any]] = []
    for at, pair in enumerate(found.tolist()):
        rate = float(points[at] / weight[at]) if weight[at] > 0 else None
        rows.append(
            {
                "model": battles.models[pair // models],
                "opponent": battles.models[pair % models],
                "battles": int(total[at]),
                "wins": int(wins[at]),
                "ties": int(ties[at]),
                "losses": int(total[at] - wins[at] - ties[at]),
                "rate": rate,
                "verdict": None if rate is None else verdict(rate),
                "annotators": over[at],
            }
        )
    return tuple(rows)


def _annotators(
    battles: Battles, place: npt.NDArray[np.intp], score: Floats, count: int
) -> list[Mapping[str, float | int] | None]:
    """Number of annotators of each pair, and the average, highest and lowest of their rates."""
    if battles.annotator is None:
        return [None] * count
    people = len(battles.annotator.names)
    labelled = battles.annotator.codes >= 0
    code = place[labelled] * people + battles.annotator.codes[labelled]
    weight = np.bincount(code, battles.weight[labelled], count * people).reshape(count, people)
    points = np.bincount(code, (battles.weight * score)[labelled], count * people).reshape(count, people)
    rows: list[Mapping[str, float | int] | None] = []
    for at in range(count):
        judged = weight[at] > 0
        rates = (points[at][judged] / weight[at][judged]).tolist()
        rows.append(
            {"count": len(rates), "average": sum(rates) / len(rates), "maximum": max(rates), "minimum": min(rates)}
            if rates
            else None
        )
    return rows
