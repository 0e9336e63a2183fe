"""How far the estimates lie from what was measured, for every probe on record.

A probe builds a model's true shape with random weights, so it measures what the estimates are about and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from catalog.claims.inputs import cards
from catalog.estimate import (
    Data,
    Memory,
    Range,
    Shape,
    Training,
    training_memory,
    training_seconds,
)
from catalog.estimate.ranges import total
from catalog.estimate.training import TARGETS, Compute, Method, Target
from catalog.hardware_counts import HardwareCount
from catalog.probe_results import Architecture, ProbeResult
from catalog.register import Catalog

_METHODS: dict[str, Method] = {"qlora": "qlora", "lora8": "lora-8bit"}
_COMPUTE: dict[str, Compute] = {"float32": "fp32", "tf32": "tf32", "bfloat16": "bf16", "float16": "fp16"}
_PLAIN = ("gpt-neox", "gptj", "bloom", "glm")
_TIED = ("bloom", "glm")


@dataclass(frozen=True)
class Error:
    """One estimate beside its measurement; bytes or seconds."""

    source: str
    """Path of the result below the catalog's root."""
    shape: str
    method: str
    what: Literal["memory", "step"]
    measured: float
    estimated: Range

    @property
    def relative(self) -> float:
        """(middle of the estimate - measured) / measured."""
        return (self.estimated.middle - self.measured) / self.measured

    @property
    def inside(self) -> bool:
        """Whether the measurement lies in the estimated range."""
        return self.estimated.low <= self.measured <= self.estimated.high


def errors(catalog: Catalog) -> tuple[Error, ...]:
    """Memory and time of a step for each probe of training that fitted, in the order of the files."""
    return tuple(
        error
        for files in catalog.results.values()
        for file in files
        for error in _of(catalog, file.relative, file.record)
    )


def _of(catalog: Catalog, path: str, probe: object) -> Iterator[Error]:
    if not isinstance(probe, ProbeResult) or probe.step is None or probe.step.median <= 0:
        return
    training = training_of_probe(probe)
    if training is None:
        return
    shape = shape_of_probe(probe.architecture)
    if probe.peak.allocated:
        held = float(probe.peak.allocated + (probe.peak.managed or 0))
        yield Error(path, probe.shape, probe.method, "memory", held, _by_tensors(training_memory(shape, training)))
    slug = next((s for s, card in catalog.hardware.items() if card.name.en in probe.device.name), None)
    known = cards(catalog, HardwareCount(slug, 1, slug)) if slug else ()
    if known:
        data = Data(probe.settings.batch, probe.settings.sequence)
        yield Error(
            path,
            probe.shape,
            probe.method,
            "step",
            probe.step.median,
            training_seconds(shape, training, data, known[0]),
        )


def _by_tensors(memory: Memory) -> Range:
    """What a framework counts: all but the context."""
    return total(amount for part, amount in memory.parts.items() if part != "context")


def shape_of_probe(built: Architecture) -> Shape:
    """The shape a probe built."""
    return Shape(
        "probe", "probe", built.layers, built.hidden, built.intermediate, built.heads, built.kv_heads or built.heads,
        built.vocabulary, built.parameters, gated=built.family not in _PLAIN, tied=built.family in _TIED,
    )  # fmt: skip


def training_of_probe(probe: ProbeResult) -> Training | None:
    """How a probe trained; None where it did what the estimates do not know: full training in an unnamed format, other
    targets, generating."""
    method, settings = _METHODS.get(probe.method), probe.settings
    if method is None or settings.lora is None or settings.optimiser is None:
        return None
    known: dict[str, Target] = {f"{target}_proj": target for target in TARGETS}
    if not set(settings.lora.targets) <= set(known):
        return None
    return Training(
        method,
        sequence=settings.sequence,
        micro_batch=settings.micro_batch,
        packed=settings.packed,
        compute=_COMPUTE[settings.dtype],
        lora_rank=settings.lora.r,
        lora_targets=tuple(known[name] for name in settings.lora.targets),
        adapter="fp32",
        optimiser_bits=8 if "8bit" in settings.optimiser else 32,
        paged="paged" in settings.optimiser,
        checkpointing=settings.checkpointing,
    )


def halves(found: Iterable[Error]) -> tuple[tuple[Error, ...], tuple[Error, ...]]:
    """To tune on and to check with: by turns in the order of shape, method and file, so nobody picks."""
    ordered = sorted(found, key=lambda e: (e.what, e.shape, e.method, e.source))
    return tuple(ordered[::2]), tuple(ordered[1::2])
