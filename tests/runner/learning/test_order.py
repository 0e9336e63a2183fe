from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.training import Batching
from runner.learning.order import order, steps_of
from tests.runner import tiny


def batching(kind: str = "shuffled", **changes: object) -> Batching:
    return tiny.training(
        batching__order=kind, **{f"batching__{name}": value for name, value in changes.items()}
    ).batching


@given(
    st.sampled_from(["shuffled", "grouped-by-length", "as-given"]),
    st.lists(st.integers(1, 500), min_size=1, max_size=60),
    st.integers(0, 30),
    st.integers(0, 2**31 - 1),
)
def test_each_epoch_sees_each_example_once(kind: str, lengths: list[int], steps: int, seed: int) -> None:
    found = order(batching(kind), lengths, steps, seed)
    assert [len(step) for step in found] == [4] * steps
    seen = list(chain.from_iterable(found))
    for start in range(0, len(seen), len(lengths)):
        counts = Counter(seen[start : start + len(lengths)])
        assert max(counts.values()) == 1
    assert order(batching(kind), lengths, steps, seed) == found
    assert order(batching(kind), lengths, steps + 3, seed)[:steps] == found  # a partial run is the beginning of a whole


def test_another_seed_is_another_order() -> None:
    assert order(batching(), [1] * 40, 10, 1) != order(batching(), [1] * 40, 10, 2)
    first, second = (order(batching(), [1] * 40, 20, 1)[part : part + 10] for part in (0, 10))
    assert first != second  # each epoch is shuffled anew


def test_grouping_puts_like_lengths_together_and_the_longest_first() -> None:
    lengths = [(index * 7919) % 1000 for index in range(400)]
    steps = order(batching("grouped-by-length"), lengths, 100, 0)
    assert lengths[steps[0][0]] == max(lengths)
    spread = [max(lengths[i] for i in step) - min(lengths[i] for i in step) for step in steps]
    shuffled = order(batching(), lengths, 100, 0)
    assert sum(spread) < 0.2 * sum(max(lengths[i] for i in step) - min(lengths[i] for i in step) for step in shuffled)


@pytest.mark.parametrize(
    ("examples", "micro", "accumulation", "epochs", "steps"),
    [
        (52_002, 4, 32, 3, 1218),  # Stanford Alpaca: 406 whole steps of an epoch, three times
        (10, 1, 16, 1, 1),
        (10, 1, 16, 2.5, 3),
        (160, 1, 16, 1, 10),
        (161, 1, 16, 0.5, 5),
    ],
)
def test_epochs_count_whole_steps(examples: int, micro: int, accumulation: int, epochs: float, steps: int) -> None:
    asked = batching(steps=None, epochs=epochs, micro_batch=micro, accumulation=accumulation)
    assert steps_of(asked, examples) == steps


def test_steps_are_taken_as_they_are() -> None:
    assert steps_of(batching(steps=10_000), 3) == 10_000
