"""A card as the estimates see it: memory, bandwidth and peaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.estimate.coefficients import COEFFICIENTS, GIB, Coefficients
from catalog.records import Hardware
from catalog.units import Quantity

# What is used where a card does not offer the format: bf16 as fp16, TF32 as plain fp32.
_INSTEAD = {"bf16": "fp16", "tf32": "fp32"}


@dataclass(frozen=True)
class Card:
    """One card."""

    slug: str
    memory: float
    """Bytes as sold: 80 GB is 80e9."""
    bandwidth: float
    """Bytes a second."""
    peaks: Mapping[str, float]
    """Dense FLOP a second with fp32 accumulation, by format: fp16, bf16, tf32, fp32."""

    def peak(self, compute: str) -> float:
        """FLOP a second in a format, or in the one that stands in for it; raises ValueError where there is none."""
        for name in (compute, _INSTEAD.get(compute, compute)):
            if name in self.peaks:
                return self.peaks[name]
        raise ValueError(f"{self.slug} has no peak for {compute} on record")

    def usable(self, c: Coefficients = COEFFICIENTS) -> float:
        """Bytes a program can have. Cards are sold in GB and built in GiB: 24 GB are 24 x 2**30 bytes."""
        return self.memory / 1e9 * GIB * c.usable_share


def card_of(slug: str, hardware: Hardware) -> Card:
    """A hardware record as a card; raises ValueError where its memory is no single number."""
    memory = _number(hardware.memory.accepted.value)
    if memory is None:
        raise ValueError(f"the memory of {slug} is no single number")
    facts = {name: getattr(hardware, name) for name in ("fp16", "bf16", "tf32", "fp32")}
    peaks = {name: number for name, fact in facts.items() if fact and (number := _number(fact.accepted.value))}
    bandwidth = _number(hardware.bandwidth.accepted.value) if hardware.bandwidth else None
    return Card(slug, memory, bandwidth or 0.0, peaks)


def _number(value: Quantity | None) -> float | None:
    return float(value.number) if value is not None and value.number is not None else None
