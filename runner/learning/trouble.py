"""What the machine refuses, said so that it can be mended: memory, disk space."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import UserError
from catalog.training import Training

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory", "alloc_cpu")
_WRITING = (
    "no space left",
    "file write failed",
    "unexpected pos",
    "enforce fail at inline_container",
    "quota exceeded",
)
"""How torch and safetensors word what the operating system told them."""


@contextmanager
def told(doing: str, training: Training, folder: Path) -> Iterator[None]:
    """Turns refusals of memory and disk within it into one UserError; everything else passes."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        refused = refusal(error, doing, training, folder)
        if refused is None:
            raise
        raise refused from None


def refusal(error: Exception, doing: str, training: Training, folder: Path) -> UserError | None:
    """The clear error for a refusal; None for any other exception."""
    text = str(error).lower()
    if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__ or any(one in text for one in _MEMORY):
        return UserError(
            f"out of memory while {doing}",
            why=(str(error).strip() or "the system gave no more").splitlines()[0][:300],
            hint=f"{_smaller(training)}; then run it again: it goes on from the last checkpoint",
        )
    if (isinstance(error, OSError) and error.errno in _FULL) or any(one in text for one in _WRITING):
        return UserError(
            f"no space left while {doing}",
            where=str(folder),
            why=(getattr(error, "strerror", None) or str(error)).splitlines()[0][:300],
            hint="free some space, then run it again: it goes on from the last checkpoint",
        )
    return None


def _smaller(training: Training) -> str:
    """What in the recipe takes memory, the cheapest change first."""
    batching = training.batching
    changes = ["close what else uses this memory"]
    if batching.packing == "packed":
        changes.append("set `batching.packing: none`, or take `--mode faithful` if that is what packs")
    elif batching.micro_batch > 1:
        changes.append("halve `batching.micro_batch` and double `batching.accumulation`")
    if not training.execution.checkpointing:
        changes.append("set `execution.checkpointing: true`")
    if training.quantisation is None and training.lora is not None:
        changes.append("quantise the base")
    changes.append("take a larger card")
    return ", or ".join(changes)
