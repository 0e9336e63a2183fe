"""Measurements beside claims: what a result record found about time, memory or cost, in one shape.

Results that measure training do not exist yet. Whoever writes their type turns each into `Measured` and hands them to
`ledger`; nothing else in the ledger has to know how a result looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from catalog.estimate.ranges import Range
from catalog.register import Catalog

What = Literal["duration", "gpu_hours", "memory", "cost", "throughput"]
UNITS: dict[What, str] = {
    "duration": "hours", "gpu_hours": "GPU-hours", "memory": "bytes", "cost": "USD", "throughput": "tokens/s",
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """One figure somebody measured. Raises ValueError for a unit that is not the one of `what`."""

    entry: str
    what: What
    value: float
    unit: str
    """That of `UNITS`: hours, bytes, ..."""
    source: str
    """Path of the result below the catalog's root."""
    run: str = ""
    """Path of the run in the record, as `variants.alpaca-7b.training.sft`; empty: any run of the entry."""
    setting: str = ""
    """Of memory: the precision or setting it was measured with, as the record spells it (`nf4`, `int8`)."""
    tolerance: float = 0.10
    """How far the claim may lie from it, as a share; set before the run."""

    def __post_init__(self) -> None:
        if self.unit != UNITS[self.what]:
            raise ValueError(f"{self.what} is measured in {UNITS[self.what]}, not in {self.unit}")

    def holds(self, claimed: Range) -> bool:
        """Whether some of the claim lies within the tolerance."""
        return claimed.low <= self.value * (1 + self.tolerance) and claimed.high >= self.value * (1 - self.tolerance)


Reader = Callable[[Catalog], Iterable[Measured]]
READERS: tuple[Reader, ...] = ()
"""One function a kind of result record. There is none yet that measures time, memory or cost."""


def measurements(catalog: Catalog, readers: Iterable[Reader] = READERS) -> tuple[Measured, ...]:
    """Every measurement that the catalog's results hold."""
    return tuple(one for read in readers for one in read(catalog))


def beside(measured: Iterable[Measured], entry: str, run: str, what: str, setting: str = "") -> Measured | None:
    """The measurement that stands beside a claim: of the same entry, run, quantity and setting; the last one wins."""
    found = None
    for one in measured:
        if one.entry == entry and one.what == what and one.run in ("", run) and one.setting in ("", setting):
            found = one
    return found


@dataclass(frozen=True)
class Error:
    """How far the estimate lay from one measurement."""

    measured: Measured
    estimated: Range

    @property
    def relative(self) -> float:
        """(middle of the estimate - measured) / measured."""
        return (self.estimated.middle - self.measured.value) / self.measured.value

    @property
    def inside(self) -> bool:
        """Whether the measurement lies in the estimated range."""
        return self.estimated.low <= self.measured.value <= self.estimated.high


def halves(measured: Iterable[Measured]) -> tuple[tuple[Measured, ...], tuple[Measured, ...]]:
    """To tune on and to check with: by turns in the order of entry, run and quantity, so nobody picks."""
    ordered = sorted(measured, key=lambda m: (m.entry, m.run, m.what, m.setting, m.source))
    return tuple(ordered[::2]), tuple(ordered[1::2])
