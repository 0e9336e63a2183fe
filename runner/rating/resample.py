"""What a bootstrap draws: questions (or another cluster) where battles have them, else single battles.

Battles on one question are judged alike; drawing them one by one makes intervals too narrow (by half on QLoRA's).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from catalog.errors import UserError
from runner.battles import Battles, Floats, Labels
from runner.rating import kernels, streams
from runner.rating.different import unique
from runner.rating.settings import Settings

Result = TypeVar("Result")

_CELLS = 2**22  # draws that are held together


@dataclass(frozen=True, eq=False)
class Clusters:
    """`of_battle[i]` is the cluster of battle i; `name` is the column, None for single battles."""

    name: str | None
    count: int
    of_battle: npt.NDArray[np.int64]

    @property
    def block(self) -> int:
        """Replicates to compute together; results do not depend on it."""
        return max(1, min(64, _CELLS // self.count))

    def multiplicities(self, seed: int, first: int, count: int) -> npt.NDArray[np.int64]:
        """How often each cluster was drawn in replicates first, first + 1, ... [count, clusters]"""
        states = streams.states(seed, streams.DRAW, first, count)
        drawn = streams.draws(states, self.count, self.count)
        rows = np.arange(count)[:, None] * self.count
        return np.bincount((drawn + rows).ravel(), minlength=count * self.count).reshape(count, self.count)


def clusters(battles: Battles, settings: Settings) -> Clusters:
    """By --cluster, else by question where there are any. A battle without a label is a cluster of its own."""
    wanted = settings.cluster
    if wanted is None:
        wanted = "question_id" if battles.question is not None else "none"
    if wanted == "none":
        return Clusters(None, len(battles), np.arange(len(battles)))
    labels: Labels | None = getattr(battles, "question" if wanted == "question_id" else wanted)
    if labels is None:
        raise UserError(f"--cluster needs a column `{wanted}`, which the file lacks", exit_code=2)
    codes = labels.codes.astype(np.int64)
    alone = codes < 0
    codes[alone] = len(labels.names) + np.arange(int(alone.sum()))
    _, codes = np.unique(codes, return_inverse=True)
    return Clusters(wanted, int(codes.max()) + 1, codes)


class Sums:
    """Sums over battles by target (a model, a pair), of all of them or of the clusters that were drawn.

    values [kinds of value, battles]; what is asked of battles of one cluster with one target is summed up once.
    """

    def __init__(self, cluster: npt.NDArray[Any], target: npt.NDArray[Any], values: Floats, targets: int) -> None:
        code, place = unique(cluster.astype(np.int64) * targets + target)
        self._targets = targets
        self._cluster, self._target = code // targets, code % targets
        self._values = [np.bincount(place, row, len(code)).astype(float) for row in values]

    def whole(self) -> Floats:
        """[kinds of value, targets]"""
        return np.array([np.bincount(self._target, row, self._targets) for row in self._values])

    def drawn(self, times: npt.NDArray[np.int64]) -> Floats:
        """Every cluster as often as times [replicates, clusters] says. [kinds of value, targets, replicates]"""
        often = np.ascontiguousarray(times.T, float)
        return np.array(
            [kernels.sum_up(row, self._cluster, self._target, often, self._targets) for row in self._values]
        )


def blocks(total: int, size: int) -> Iterator[tuple[int, int]]:
    """(first, count) of every block."""
    return ((first, min(size, total - first)) for first in range(0, total, size))


def in_threads(
    work: Callable[[int, int], Result], total: int, size: int, threads: int, progress: Callable[[float], None]
) -> Sequence[Result]:
    """`work(first, count)` of every block, results in order; numpy and the compiled lanes leave the others running."""
    spans = list(blocks(total, size))
    done: list[Result] = []
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for result in pool.map(lambda span: work(*span), spans):
            done.append(result)
            progress(len(done) / len(spans))
    return done
