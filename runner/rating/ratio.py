"""Relative score: the sum of a model's scores over the sum of the reference's, in the battles the two fought.

As in Vicuna's and LLMZoo's tables; both orders are summed together. Vicuna's own mean of the two orders' ratios is
given beside it (`by_order`). The reference is the anchor, and its value the figure it gets: `--anchor chatgpt=100`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from catalog.errors import UserError
from runner.battles import Battles, Floats, Notice
from runner.rating.estimate import Estimate, Job
from runner.rating.resample import Sums, in_threads
from runner.rating.winrate import stand_in


def estimate(job: Job) -> Estimate:
    """Ratio of every model times the anchor's value; NaN for one that never met the reference."""
    reference, value = _reference(job)
    sums = _sums(job, reference, *_scores(job.battles))
    ratios = _ratios(sums.whole(), reference, value)
    strangers = [name for name, ratio in zip(job.battles.models, ratios, strict=True) if np.isnan(ratio)]
    notices: tuple[Notice, ...] = ()
    if strangers:
        named = ", ".join(f"`{name}`" for name in strangers[:8]) + (" and more" if len(strangers) > 8 else "")
        notices = (Notice("no-reference", f"no score against the reference, so no ratio: {named}"),)
    if not job.settings.bootstrap:
        return Estimate(ratios, None, notices)

    def block(first: int, count: int) -> Floats:
        times = job.clusters.multiplicities(job.settings.seed, first, count)
        drawn = sums.drawn(times)
        return np.array([_ratios(drawn[:, :, at], reference, value) for at in range(count)])

    drawn = np.vstack(in_threads(block, job.settings.bootstrap, job.clusters.block, job.threads, job.progress))
    made = stand_in(ratios, drawn)
    return Estimate(made.ratings, made.replicates, (*notices, *made.notices))


def _reference(job: Job) -> tuple[int, float]:
    battles, anchor = job.battles, job.settings.anchor
    known = ", ".join(battles.models[:12])
    if anchor is None:
        hint = f"--anchor MODEL=100, MODEL being one of {known}"
        raise UserError("--method ratio needs a reference", hint=hint, exit_code=2)
    if anchor[0] not in battles.models:
        raise UserError(f"--anchor names `{anchor[0]}`, which has no battle", hint=f"models: {known}", exit_code=2)
    return battles.models.index(anchor[0]), anchor[1]


def _scores(battles: Battles) -> tuple[Floats, Floats]:
    if battles.score_a is None or battles.score_b is None:
        why = "the file has verdicts only"
        raise UserError("--method ratio needs the columns score_a and score_b", why=why, exit_code=2)
    return battles.score_a, battles.score_b


def _sums(job: Job, reference: int, score_a: Floats, score_b: Floats) -> Sums:
    """Per cluster and opponent of the reference: the opponent's scores and the reference's."""
    battles = job.battles
    first = battles.b == reference  # the opponent was shown first
    met = (first | (battles.a == reference)) & ~np.isnan(score_a) & ~np.isnan(score_b)
    opponent = np.where(first, battles.a, battles.b)[met]
    own = (battles.weight * np.where(first, score_a, score_b))[met]
    others = (battles.weight * np.where(first, score_b, score_a))[met]
    return Sums(job.clusters.of_battle[met], opponent, np.stack([own, others]), len(battles.models))


def _ratios(sums: Floats, reference: int, value: float) -> Floats:
    own, reference_scores = sums
    ratios: Floats = np.divide(own, reference_scores, out=np.full(len(own), np.nan), where=reference_scores > 0)
    ratios *= value
    ratios[reference] = value
    return ratios


def by_order(battles: Battles, anchor: tuple[str, float]) -> list[Mapping[str, Any]]:
    """Per model: its ratio where it was shown first, where second, and the mean of the two; null where not shown so."""
    if battles.score_a is None or battles.score_b is None or anchor[0] not in battles.models:
        return []
    reference = battles.models.index(anchor[0])
    rows: list[Mapping[str, Any]] = []
    for at, name in enumerate(battles.models):
        first = _ratio(battles, at, reference, battles.score_a, battles.score_b, anchor[1])
        second = _ratio(battles, reference, at, battles.score_b, battles.score_a, anchor[1])
        mean = None if first is None or second is None else (first + second) / 2
        if at != reference:
            rows.append({"model": name, "first": first, "second": second, "mean": mean})
    return rows


def _ratio(battles: Battles, a: int, b: int, own: Floats, reference: Floats, value: float) -> float | None:
    met = (battles.a == a) & (battles.b == b) & ~np.isnan(own) & ~np.isnan(reference)
    below = float((battles.weight * reference)[met].sum())
    return float((battles.weight * own)[met].sum()) / below * value if below > 0 else None
