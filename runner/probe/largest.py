"""The largest micro-batch that fits, with and without checkpointing: doubled until it does not, then halved between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
MOST = 128
"""Examples of a micro-batch that are tried at most; on a processor nothing ever refuses."""


def largest(fits: Callable[[int], bool], most: int = MOST) -> int:
    """The largest number of 1 to `most` that `fits`, which no larger one does once one did not; 0 where 1 does not."""
    low, high = 0, 1
    while high <= most and fits(high):
        low, high = high, high * 2
    high = min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def search(model: Any, fits: Callable[[int], bool], most: int = MOST) -> list[Json]:
    """As `largest` of a probe's record. `fits` makes one forward and backward pass with so many examples."""
    found = []
    for checkpointing in (True, False):
        if checkpointing:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        else:
            model.gradient_checkpointing_disable()
        found.append({"checkpointing": checkpointing, "micro_batch": largest(fits, most)})
    return found
