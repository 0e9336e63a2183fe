"""Measurements beside claims: what a result record found about time, memory or speed, in one shape.

A reader turns one kind of result into `Measured`; nothing else in the ledger has to know how a result looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from catalog.claims.verdicts import Verdict
from catalog.estimate.ranges import Range
from catalog.probe_results import ProbeClaim, ProbeResult
from catalog.register import Catalog
from catalog.training_results import MetricCompared, TrainingResult

What = Literal["duration", "memory", "throughput"]
UNITS: dict[What, str] = {"duration": "hours", "memory": "bytes", "throughput": "tokens/s"}
_METRICS: dict[str, tuple[What, float]] = {
    "hours": ("duration", 1.0), "peak-memory": ("memory", 1e9), "tokens-per-second": ("throughput", 1.0),
}  # fmt: skip
"""Metric of a result -> what it is here, and its unit in ours: hours, GB of 1e9 bytes, tokens a second."""


@dataclass(frozen=True)
class Measured:
    """One figure somebody measured. Raises ValueError for a unit that is not the one of `what`."""

    entry: str
    what: What
    value: float
    unit: str
    """That of `UNITS`."""
    source: str
    """Path of the result below the catalog's root."""
    fact: str = ""
    """Path of the fact it was compared with; empty where the result gives the published figure alone."""
    published: float | None = None
    """The figure it was compared with, in `unit`."""
    tolerance: float | None = None
    """Largest difference from it, in `unit`; set before the run."""
    verdict: Verdict | None = None
    """As the result found it; None where the result comes to none."""

    def __post_init__(self) -> None:
        if self.unit != UNITS[self.what]:
            raise ValueError(f"{self.what} is measured in {UNITS[self.what]}, not in {self.unit}")

    def is_of(self, entry: str, fact: str, what: str, claimed: Range) -> bool:
        """Whether it was compared with this claim: by the path of the fact, else by the published figure."""
        if self.entry != entry or self.what != what:
            return False
        if self.fact:
            return self.fact == fact
        return self.published is not None and any(
            abs(end - self.published) <= 1e-9 * self.published for end in (claimed.low, claimed.high)
        )


Reader = Callable[[Catalog], Iterable[Measured]]


def _results(catalog: Catalog) -> Iterator[tuple[str, object]]:
    for files in catalog.results.values():
        for file in files:
            yield file.relative, file.record


def of_trainings(catalog: Catalog) -> Iterator[Measured]:
    """Claims of time and memory a training was compared with. Hours of a part of a run are arithmetic: left out."""
    for path, result in _results(catalog):
        if isinstance(result, TrainingResult):
            for claim in result.measured.claims:
                if claim.metric != "hours" or result.partial is None:
                    yield from _one(result.entry, path, claim, "")


def of_probes(catalog: Catalog) -> Iterator[Measured]:
    """Claims that a probe was compared with. Hours scaled up from one step are arithmetic: left out."""
    for path, result in _results(catalog):
        if isinstance(result, ProbeResult):
            for claim in result.claims:
                if claim.scaled is None:
                    yield from _one(result.entry, path, claim, claim.id if "." in claim.id else "")


def _one(entry: str, path: str, claim: MetricCompared | ProbeClaim, fact: str) -> Iterator[Measured]:
    if claim.metric not in _METRICS or claim.reproduced is None:
        return
    what, size = _METRICS[claim.metric]
    published, tolerance = (None if figure is None else figure * size for figure in (claim.published, claim.tolerance))
    value = claim.reproduced * size
    yield Measured(entry, what, value, UNITS[what], path, fact, published, tolerance, claim.verdict)


READERS: tuple[Reader, ...] = (of_trainings, of_probes)


def measurements(catalog: Catalog, readers: Iterable[Reader] = READERS) -> tuple[Measured, ...]:
    """Every measurement that the catalog's results hold."""
    return tuple(one for read in readers for one in read(catalog))


def beside(measured: Iterable[Measured], entry: str, fact: str, what: str, claimed: Range) -> Measured | None:
    """The measurement that stands beside a claim; of several the last, in the order of their files."""
    found = [one for one in measured if one.is_of(entry, fact, what, claimed)]
    return found[-1] if found else None
