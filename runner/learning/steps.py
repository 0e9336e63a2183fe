"""The rows of each step, and how much each learnt token of it weighs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from torch.utils.data import Dataset

from catalog.training import Batching
from runner.learning.tokens import Tokenised


@dataclass(frozen=True)
class Row:
    """What one forward pass sees."""

    examples: tuple[Tokenised, ...]
    weights: tuple[float, ...]
    """Of each learnt token, one number an example."""


@dataclass(frozen=True)
class Figures:
    """Counts of one step over all processes."""

    tokens: int
    targets: int
    padding: int
    cut: int


class Steps(Dataset[Row]):
    """All rows of a run, step after step. A row is a micro-batch; packed, a process's share of the step is one row.

    Packing never changes what a token weighs. The Trainer hands rows to the processes in turn, so the rows of a step
    are those of all processes.
    """

    def __init__(
        self, order: Sequence[Sequence[int]], tokenise: Callable[[int], Tokenised], batching: Batching, processes: int
    ) -> None:
        self._order, self._tokenise, self._batching, self._processes = order, tokenise, batching, processes
        self.rows_per_step = processes if batching.packing == "packed" else batching.accumulation
        self._step = lru_cache(maxsize=2)(self._rows)

    def __len__(self) -> int:
        return len(self._order) * self.rows_per_step

    def __getitem__(self, index: int) -> Row:
        step, row = divmod(index, self.rows_per_step)
        return self._step(step)[row]

    def figures(self, step: int) -> Figures:
        """Counts of the step with this number, from 0."""
        rows = self._step(step)
        examples = [example for row in rows for example in row.examples]
        tokens = sum(len(example.ids) for example in examples)
        filled = tokens
        if self._batching.packing == "none":
            filled = sum(len(row.examples) * max(len(example.ids) for example in row.examples) for row in rows)
        return Figures(
            tokens,
            sum(example.targets for example in examples),
            filled - tokens,
            sum(example.cut for example in examples),
        )

    def _rows(self, step: int) -> list[Row]:
        examples = [self._tokenise(index) for index in self._order[step]]
        size = self._batching.micro_batch
        micro_batches = [examples[start : start + size] for start in range(0, len(examples), size)]
        rows = [
            Row(tuple(one), tuple([weight] * len(one)))
            for one, weight in zip(micro_batches, weights(micro_batches, self._batching), strict=True)
        ]
        if self._batching.packing == "none":
            return rows
        return [_joined(rows[process :: self._processes]) for process in range(self._processes)]


def weights(micro_batches: Sequence[Sequence[Tokenised]], batching: Batching) -> list[float]:
    """What a learnt token of each micro-batch weighs; over a step the weights add up to 1.

    `per-example`: the mean of each micro-batch counts alike, 1 / (micro-batches * its learnt tokens).
    `per-token`: every learnt token of the step counts alike. A micro-batch without any counts for nothing.
    """
    targets = [sum(example.targets for example in one) for one in micro_batches]
    if batching.loss_weighting == "per-token":
        return [1 / max(1, sum(targets))] * len(targets)
    return [1 / (len(targets) * max(1, count)) for count in targets]


def _joined(rows: Sequence[Row]) -> Row:
    return Row(
        tuple(example for row in rows for example in row.examples),
        tuple(weight for row in rows for weight in row.weights),
    )
