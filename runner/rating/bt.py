"""Bradley-Terry: P(a beats b) = 1 / (1 + base^((b - a) / scale)), by maximum likelihood, a tie being half a win each.

An order term adds the same points to whichever model is shown first. Where the battles allow no finite maximum (a
model won all, or groups never met) every model is given one more battle, a tie against a player of mean strength.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.errors import UserError
from runner.battles import Battles, Floats, Notice
from runner.rating import kernels, streams
from runner.rating.different import different, unique
from runner.rating.estimate import Estimate, Job
from runner.rating.lanes import Pairs
from runner.rating.multinomial import Multinomial
from runner.rating.resample import Sums, in_threads

_BLOCK = 64
_ENDLESS = 25.0  # logits: odds of 10^10 to 1
MAX_MODELS = 1000
"""The equations grow with the square of the models, their solution with the cube."""


@dataclass(frozen=True)
class Fit:
    """Ratings of each replicate, the points of being shown first, and which replicates needed the added ties."""

    ratings: Floats
    """[replicates, models]"""
    order_term: Floats | None
    """[replicates]"""
    propped: npt.NDArray[np.bool_]
    """[replicates]"""


@dataclass(frozen=True)
class Cells:
    """Battles summed up: `pairs` that met and the weight that either side of each won. [pairs]"""

    pairs: Pairs
    wins: Floats
    losses: Floats
    of_battle: npt.NDArray[np.intp]
    """Number of the pair of each battle. [battles]"""
    flipped: npt.NDArray[np.bool_]
    """Whether the battle's first model is the second of the pair. [battles]"""


def cells(battles: Battles, order_term: bool) -> Cells:
    """The pairs in order of their numbers; with an order term (a, b) and (b, a) are two pairs."""
    models = len(battles.models)
    if models > MAX_MODELS:
        why = f"there are {models:,}; Bradley-Terry is fitted for at most {MAX_MODELS:,}"
        raise UserError("too many models", why=why, hint="use --method elo or winrate", exit_code=2)
    flipped = np.zeros(len(battles), np.bool_) if order_term else battles.a > battles.b
    first, second = np.where(flipped, battles.b, battles.a), np.where(flipped, battles.a, battles.b)
    code, of_battle = unique(first.astype(np.int64) * models + second)
    pairs = Pairs(models, (code // models).astype(np.int32), (code % models).astype(np.int32), order_term)
    score = np.where(flipped, 1.0 - battles.score, battles.score)
    wins = _sums(of_battle, battles.weight * score, len(code))
    losses = _sums(of_battle, battles.weight * (1.0 - score), len(code))
    return Cells(pairs, wins, losses, of_battle, flipped)


def _sums(place: npt.NDArray[np.intp], values: Floats, count: int) -> Floats:
    return np.bincount(place, values, count).astype(float)


def fit(
    pairs: Pairs, wins: Floats, losses: Floats, init: float, scale: float, base: float, start: Floats | None = None
) -> Fit:
    """Ratings with mean `init` from wins and losses [pairs, replicates]; `start` [models] is a guess in points."""
    count = wins.shape[1]
    points = scale / math.log(base)
    propped = ~strongly_connected(pairs, wins, losses)
    logits = np.zeros((pairs.models + pairs.order_term, count))
    plain = np.flatnonzero(~propped)
    if plain.size:
        begin = np.zeros((len(logits), plain.size))
        if start is not None:
            begin[: pairs.models] = ((start - start[-1]) / points)[:, None]
        logits[:, plain], found = kernels.solve(pairs, wins[:, plain], losses[:, plain], begin)
        if pairs.order_term:
            # It may have no maximum although all models are connected; it then grows until nothing changes any more.
            found &= np.abs(logits[-1, plain]) < _ENDLESS
        propped[plain[~found]] = True
    rest = np.flatnonzero(propped)
    if rest.size:
        logits[:, rest] = _propped(pairs, wins[:, rest], losses[:, rest])
    ratings = logits[: pairs.models] * points
    ratings += init - ratings.sum(axis=0) / pairs.models
    term = logits[-1] * points if pairs.order_term else None
    return Fit(np.ascontiguousarray(ratings.T), term, propped)


def _propped(pairs: Pairs, wins: Floats, losses: Floats) -> Floats:
    """With one player more, the last, whom everybody tied with once; an order term has its tie too."""
    models, count = pairs.models, wins.shape[1]
    more = np.arange(models + pairs.order_term, dtype=np.int32)  # the player against itself: the order term alone
    half = np.full((len(more), count), 0.5)
    i, j = np.append(pairs.i, more), np.append(pairs.j, np.full_like(more, models))
    if pairs.order_term:
        # A tie in each order, so that the models' own ties say nothing of the order.
        i, j = np.append(i, j[len(pairs.j) :]), np.append(j, more)
        half = np.full((2 * len(more), count), 0.25)
    propped = Pairs(models + 1, i, j, pairs.order_term)
    begin = np.zeros((models + 1 + pairs.order_term, count))
    theta, found = kernels.solve(propped, np.vstack([wins, half]), np.vstack([losses, half]), begin)
    if not found.all():
        raise UserError("the Bradley-Terry fit did not converge", why=f"in {int((~found).sum())} of {count} fits")
    return np.delete(theta, models, axis=0)


def strongly_connected(pairs: Pairs, wins: Floats, losses: Floats) -> npt.NDArray[np.bool_]:
    """Per replicate: whether a chain of wins or ties leads from every model to every other (Ford 1957).

    Only then is there a finite maximum of the likelihood.
    """
    count = wins.shape[1]
    beats = np.zeros((count, pairs.models, pairs.models), np.float32)
    beats[:, pairs.i, pairs.j] += wins.T > 0
    beats[:, pairs.j, pairs.i] += losses.T > 0
    return _reaches_all(beats) & _reaches_all(beats.transpose(0, 2, 1))


def _reaches_all(edges: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    reached = np.zeros((len(edges), 1, edges.shape[1]), np.float32)
    reached[:, 0, 0] = 1
    before = -1
    while (now := int(np.count_nonzero(reached))) != before:
        before = now
        reached = np.minimum(reached + reached @ edges, 1)
    return np.asarray((reached > 0).all(axis=(1, 2)))


def estimate(job: Job) -> Estimate:
    """Ratings with mean `init`, and of every bootstrap resample where asked for."""
    settings = job.settings
    found = cells(job.battles, settings.order_term)
    point = fit(found.pairs, found.wins[:, None], found.losses[:, None], settings.init, settings.scale, settings.base)
    notices = []
    if point.propped[0]:
        message = (
            "these battles allow no finite Bradley-Terry ratings; "
            "one tie against a player of mean strength was added to every model"
        )
        notices.append(Notice("no-finite-ratings", message))
    if not settings.bootstrap:
        term = None if point.order_term is None else float(point.order_term[0])
        return Estimate(point.ratings[0], None, tuple(notices), order_term=term)
    guess = None if point.propped[0] else point.ratings[0]

    draw = _by_kind(job, found) if job.clusters.name is None else _by_cluster(job, found)

    def block(first: int, count: int) -> Fit:
        wins, losses = draw(first, count)
        return fit(found.pairs, wins, losses, settings.init, settings.scale, settings.base, guess)

    size = _BLOCK if job.clusters.name is None else job.clusters.block
    fits = in_threads(block, settings.bootstrap, size, job.threads, job.progress)
    propped = int(sum(part.propped.sum() for part in fits))
    if propped and not point.propped[0]:
        message = (
            f"in {propped:,} of {settings.bootstrap:,} resamples no finite ratings exist; "
            "one tie against a player of mean strength was added to every model there"
        )
        notices.append(Notice("propped-resamples", message))
    term = None if point.order_term is None else float(point.order_term[0])
    terms = None if term is None else np.concatenate([part.order_term for part in fits if part.order_term is not None])
    drawn = np.vstack([part.ratings for part in fits])
    return Estimate(point.ratings[0], drawn, tuple(notices), order_term=term, order_terms=terms)


def _scores(job: Job, found: Cells) -> Floats:
    """Score of the first model of each battle's pair. [battles]"""
    return np.where(found.flipped, 1.0 - job.battles.score, job.battles.score)


def _by_cluster(job: Job, found: Cells) -> Callable[[int, int], tuple[Floats, Floats]]:
    """Draws wins and losses of every pair in resamples first, first + 1, ... [pairs, count] by whole clusters."""
    score = _scores(job, found)
    values = job.battles.weight * np.stack([score, 1.0 - score])
    sums = Sums(job.clusters.of_battle, found.of_battle, values, len(found.wins))

    def draw(first: int, count: int) -> tuple[Floats, Floats]:
        wins, losses = sums.drawn(job.clusters.multiplicities(job.settings.seed, first, count))
        return wins, losses

    return draw


def _by_kind(job: Job, found: Cells) -> Callable[[int, int], tuple[Floats, Floats]]:
    """The same for single battles, of which many are alike: how many of each kind are drawn is multinomial."""
    (pair, score, weight), of_battle = different(found.of_battle, _scores(job, found), job.battles.weight)
    kinds = Multinomial(of_battle)
    won, lost = weight * score, weight * (1.0 - score)
    starts = np.flatnonzero(np.r_[True, pair[1:] != pair[:-1]])  # kinds are in the order of their pairs

    def draw(first: int, count: int) -> tuple[Floats, Floats]:
        drawn = np.empty((2, count, len(found.wins)))
        for at, state in enumerate(streams.states(job.settings.seed, streams.DRAW, first, count)):
            times = kinds.draw(state)
            drawn[0, at] = np.add.reduceat(times * won, starts)
            drawn[1, at] = np.add.reduceat(times * lost, starts)
        return np.ascontiguousarray(drawn[0].T), np.ascontiguousarray(drawn[1].T)

    return draw
