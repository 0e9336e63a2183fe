"""What a run cost: time over all attempts, and memory at its peak. No part of what must repeat."""

from __future__ import annotations

import json
import platform
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from catalog.errors import UserError
from catalog.training import Optimiser
from runner.pipeline import write_atomically

Json = dict[str, Any]
WARMUP = 5
"""Steps left out of the step times, at most half of all."""
_NOTE_EVERY = 5.0  # seconds


class Attempts:
    """Seconds and peaks of each attempt, kept in a file, so that a killed attempt counts too."""

    def __init__(self, file: Path) -> None:
        self._file, self._began, self._noted = file, 0.0, 0.0
        try:
            self._all: list[Json] = list(json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            self._all = []

    def begin(self) -> None:
        """A new attempt trains from now on."""
        self._began = time.monotonic()
        self._all.append({"seconds": 0.0, "allocated": None, "reserved": None, "resident": None})
        self._write()

    def note(self, paged: int = 0, *, now: bool = False) -> None:
        """Writes down how far this attempt has come, at most every few seconds."""
        seconds = time.monotonic() - self._began
        if now or seconds - self._noted > _NOTE_EVERY:
            self._noted = seconds
            self._all[-1] = {"seconds": seconds, **peaks(paged)}
            self._write()

    def _write(self) -> None:
        write_atomically(self._file, json.dumps(self._all).encode())

    def measured(self, rows: Sequence[Json], devices: int) -> Json:
        """The fields of `Measured` except its claims. `rows` are the logged steps."""
        return {
            "seconds": sum(one["seconds"] for one in self._all),
            **paces(rows),
            "peak_allocated": _most(one["allocated"] for one in self._all),
            "peak_reserved": _most(one["reserved"] for one in self._all),
            "peak_resident": _most(one["resident"] for one in self._all),
            "device": device_name(),
            "devices": devices,
            "resumes": max(0, len(self._all) - 1),
        }


def paces(rows: Sequence[Json]) -> Json:
    """Seconds a step and tokens a second, the first steps left out of both."""
    warmup = min(WARMUP, len(rows) // 2)
    kept = rows[warmup:]
    seconds = [row["seconds"] for row in kept]
    cuts = statistics.quantiles(seconds, n=10, method="inclusive") if len(seconds) > 1 else seconds * 9
    return {
        "step": {
            "warmup": warmup,
            "median": statistics.median(seconds),
            "p10": cuts[0],
            "p90": cuts[8],
            "mean": statistics.fmean(seconds),
        },
        "tokens_per_second": sum(row["tokens"] for row in kept) / max(sum(seconds), 1e-9),
    }


def peaks(paged: int) -> Json:
    """Bytes at most so far; None for a card where there is none."""
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if not torch.cuda.is_available():
        return {"allocated": None, "reserved": None, "resident": resident}
    return {**held(torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved(), paged), "resident": resident}


def held(allocated: int, reserved: int, paged: int) -> Json:
    """What the card has to hold for all of it to be resident. Paged states are managed memory, of which torch's own
    counts know nothing, and neither does a limit that torch was given."""
    return {"allocated": allocated + paged, "reserved": reserved + paged}


def must_fit(trainable: int, optimiser: Optimiser, free: int) -> None:
    """Raises UserError where a paged optimiser would ask for more managed memory than the card has free: the driver
    then moves pages to and fro without end, and nothing says so. Two states a parameter, of 4 bytes or of 1."""
    needed = 2 * trainable * (4 if optimiser.endswith("32bit") else 1)
    if optimiser.startswith("paged") and needed > free:
        raise UserError(
            "out of memory before the first step",
            why=f"the optimiser's states take {needed / 2**30:.2f} GiB, and the card has {free / 2**30:.2f} GiB free",
            hint="take `paged_adamw_8bit`, a smaller `lora.r`, or a larger card",
        )


def paged_bytes(optimizer: Any) -> int:
    """Bytes of the optimiser's states that lie in managed memory."""
    inner = getattr(optimizer, "optimizer", optimizer)
    states = (value for state in inner.state.values() for value in state.values())
    return sum(one.nbytes for one in states if isinstance(one, torch.Tensor) and getattr(one, "is_paged", False))


def device_name() -> str:
    """Name of the card or the kind of processor."""
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _most(figures: Any) -> int | None:
    return max((one for one in figures if one is not None), default=None)
