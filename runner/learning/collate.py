"""From a row to tensors: padded on the right, or packed behind one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from catalog.training import Batching
from runner.learning.loss import IGNORED
from runner.learning.steps import Row
from runner.learning.tokens import Tokenised


def collator(batching: Batching, pad: int) -> Any:
    """The function that the Trainer's data loader calls with its one row."""

    def collate(rows: Sequence[Row]) -> dict[str, Any]:
        [row] = rows
        return pack(row) if batching.packing == "packed" else padded(row, pad)

    return collate


def padded(row: Row, pad: int) -> dict[str, Any]:
    """`input_ids`, `targets`, `weights`, each [examples, longest]. No mask: nothing sees what is to its right."""
    longest = max(len(example.ids) for example in row.examples)
    fill = [longest - len(example.ids) for example in row.examples]
    return {
        "input_ids": torch.tensor(
            [[*example.ids, *[pad] * gap] for example, gap in zip(row.examples, fill, strict=True)]
        ),
        "targets": torch.tensor(
            [[*shifted(example), *[IGNORED] * gap] for example, gap in zip(row.examples, fill, strict=True)]
        ),
        "weights": torch.tensor([[weight] * longest for weight in row.weights], dtype=torch.float32),
    }


def pack(row: Row) -> dict[str, Any]:
    """`input_ids`, `position_ids`, `targets`, `weights`, each [1, tokens], and the `lengths` of the examples."""
    lengths = tuple(len(example.ids) for example in row.examples)
    return {
        "input_ids": torch.tensor([[token for example in row.examples for token in example.ids]]),
        "position_ids": torch.tensor([[place for length in lengths for place in range(length)]]),
        "targets": torch.tensor([[target for example in row.examples for target in shifted(example)]]),
        "weights": torch.tensor(
            [[weight for weight, length in zip(row.weights, lengths, strict=True) for _ in range(length)]],
            dtype=torch.float32,
        ),
        "lengths": lengths,
    }


def shifted(example: Tokenised) -> list[int]:
    """The target of each position: the token after it, where that one is learnt. The last position has none."""
    following = example.ids[1:]
    targets = [token if place >= example.learnt_from else IGNORED for place, token in enumerate(following, start=1)]
    return [*targets, IGNORED]
