"""Which examples each step sees: decided before the first step from the seed alone, so that a resume can replay it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, count, islice

import numpy as np

from catalog.training import Batching


def steps_of(batching: Batching, examples: int) -> int:
    """Steps that the recipe asks for. Epochs count as the Trainer of 2023 counted them: whole steps of an epoch, times
    epochs, rounded up."""
    if batching.steps is not None:
        return batching.steps
    micro_batches = math.ceil(examples / batching.micro_batch)
    return math.ceil((batching.epochs or 1) * max(1, micro_batches // batching.accumulation))


def order(batching: Batching, lengths: Sequence[int], steps: int, seed: int) -> list[list[int]]:
    """Indices of the examples of each step. [steps][micro_batch * accumulation]

    An epoch sees each example once; a step that reaches the end of one goes on with the next. `lengths` are needed for
    `grouped-by-length` only; their unit does not matter. Raises ValueError without examples.
    """
    if not lengths:
        raise ValueError("no examples")
    batch = batching.micro_batch * batching.accumulation
    stream = chain.from_iterable(_epochs(batching, lengths, batch, seed))
    return [list(islice(stream, batch)) for _ in range(steps)]


def _epochs(batching: Batching, lengths: Sequence[int], batch: int, seed: int) -> Iterator[list[int]]:
    for epoch in count():
        if batching.order == "as-given":
            yield list(range(len(lengths)))
            continue
        shuffled = np.random.default_rng([seed, epoch]).permutation(len(lengths))
        yield shuffled.tolist() if batching.order == "shuffled" else _grouped(shuffled, np.asarray(lengths), batch)


def _grouped(shuffled: np.ndarray[tuple[int], np.dtype[np.int64]], lengths: np.ndarray, batch: int) -> list[int]:
    """Examples of like length beside each other: windows of up to 50 batches of the shuffled examples, each sorted from
    long to short, and the longest of all in front, so that want of memory shows at once. As the Trainer groups."""
    window = max(1, min(len(shuffled) // (batch * 4), 50)) * batch
    windows = [shuffled[start : start + window] for start in range(0, len(shuffled), window)]
    windows = [one[np.argsort(-lengths[one], kind="stable")] for one in windows]
    longest = int(np.argmax([lengths[one[0]] for one in windows]))
    windows[0][0], windows[longest][0] = int(windows[longest][0]), int(windows[0][0])
    return [int(index) for index in chain.from_iterable(windows)]
