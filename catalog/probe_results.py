"""What a probe measured: memory and speed of a model's true shape with random weights.

`models/<slug>/results/probe-<shape>-<method>-<mode>-<digest12>.yaml`. Memory and speed do not depend on the values of
the weights, and nothing else can be said without them: no field of this record can hold a figure of quality.

A measurement never comes out twice to the last bit, so `digest` covers what was asked and what was measured: a second
probe of the same settings is a second record. It names the file and keeps one record from being attached twice.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.facts import Listed, Prose, Short, Slug, Strict
from catalog.recipes import Finite, Sha256
from catalog.results import Count, Made, Verdict
from catalog.training import Float, Lora, Optimiser, Positive, Quantisation
from catalog.training_results import StepTime

Bytes = Count
ClaimId = Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9_]+(?:[.\-][a-z0-9_]+)*$")]


class Architecture(Strict):
    """The shape that was built."""

    family: Literal["llama", "gpt-neox", "gptj", "bloom", "glm"]
    layers: Annotated[int, Field(ge=1)]
    hidden: Annotated[int, Field(ge=1)]
    intermediate: Annotated[int, Field(ge=1)]
    heads: Annotated[int, Field(ge=1)]
    kv_heads: Annotated[int, Field(ge=1)] | None = None
    """None: as many as heads."""
    vocabulary: Annotated[int, Field(ge=1)]
    parameters: Annotated[int, Field(ge=1)]
    """Of the base, without what is learnt beside it."""


class ProbeSettings(Strict):
    """How a step was made."""

    sequence: Annotated[int, Field(ge=1)]
    """Tokens of one example; for inference of the prompt and what was generated."""
    batch: Annotated[int, Field(ge=1)]
    """Examples of one optimiser step, or sequences generated at once."""
    micro_batch: Annotated[int, Field(ge=1)]
    """Examples of one forward pass."""
    generated: Annotated[int, Field(ge=1)] | None = None
    """Inference only: tokens written after the prompt."""
    checkpointing: bool
    packed: bool
    """The examples of a micro-batch behind one another without padding; none of them sees another."""
    dtype: Float
    """Of activations and products."""
    quantisation: Quantisation | None
    """None: the base stays in `dtype`."""
    optimiser: Optimiser | None
    """None for inference."""
    lora: Lora | None
    trainable: Count
    kernels: Annotated[tuple[Short, ...], Listed] = ()
    """Fused kernels that took part, with their package and version."""


class Device(Strict):
    """The card, and how much of it the process was allowed."""

    name: Short
    memory: Annotated[int, Field(ge=1)]
    """Bytes of the card or, on a CPU, of main memory."""
    cap: Annotated[int, Field(ge=1)] | None
    """Bytes the process was kept to, so that a large card answers for a small one: memory emulated, speed not."""


class Peak(Strict):
    """Memory in bytes; None where the framework cannot tell."""

    allocated: Bytes | None
    """Held by tensors at most."""
    reserved: Bytes | None
    """Held by the allocator at most."""
    managed: Bytes | None
    """Paged optimiser states, which the allocator does not see."""
    resident: Bytes | None
    """Of the process in main memory at most."""


class Refused(Strict):
    """The allocation that failed where it does not fit."""

    stage: Literal["loading", "forward", "backward", "optimiser", "generating"]
    wanted: Bytes | None
    """Bytes asked for, where the framework says them."""
    available: Bytes | None


class Utilisation(Strict):
    """Model FLOP utilisation, with what it was worked out from."""

    value: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """tokens per second x FLOP per token / peak."""
    flop_per_token: Positive
    formula: Prose
    """How `flop_per_token` was counted."""
    peak: Positive
    """FLOP per second of the card in the precision the products were made in."""
    peak_of: Short
    """Which peak that is and where it stands: `h200-141gb bf16`."""


class Largest(Strict):
    """The largest micro-batch that was found to fit at these settings."""

    checkpointing: bool
    micro_batch: Count
    """0: not even one example."""


class ProbeClaim(Strict):
    """A published figure of memory or time beside what was measured."""

    id: ClaimId
    """Of a claim of the entry's recipe, or path of a fact of its record, as `inference.memory.fp16`."""
    metric: Literal["hours", "peak-memory", "tokens-per-second"]
    published: Finite | None
    reproduced: Finite | None
    difference: Finite | None
    tolerance: Annotated[Finite, Field(ge=0)] | None
    unit: Literal["h", "GB", "tokens/s"]
    scaled: Annotated[int, Field(ge=1)] | None = None
    """`hours` only: the measured step times so many steps. Arithmetic, and shown as arithmetic, not as measured."""
    verdict: Verdict | None


class ProbeResult(Strict):
    """One probe: what was asked, what was measured, and with what it was made."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    kind: Literal["probe"]
    entry: Slug
    shape: Slug
    """As `llama-33b`."""
    method: Literal["qlora", "lora8", "full", "inference"]
    mode: Literal["faithful", "fast"]
    digest: Sha256
    """Of all but `made`: what was asked and what was measured."""
    weights: Literal["random"]
    architecture: Architecture
    settings: ProbeSettings
    device: Device
    fits: bool
    refused: Refused | None
    peak: Peak
    step: StepTime | None
    """Seconds; of one optimiser step, or of one token generated."""
    tokens_per_second: Positive | None
    mfu: Utilisation | None
    largest: Annotated[tuple[Largest, ...], Listed] = ()
    claims: Annotated[tuple[ProbeClaim, ...], Listed] = ()
    made: Made
    seal: Sha256

    @model_validator(mode="after")
    def _what_fits_was_measured(self) -> ProbeResult:
        if self.fits == (self.refused is not None):
            raise ValueError("`refused` belongs to what does not fit, and `fits: true` has none")
        if self.fits != (self.step is not None) or self.fits != (self.tokens_per_second is not None):
            raise ValueError("`step` and `tokens_per_second` belong to what fits, and to nothing else")
        if (self.method == "inference") != (self.settings.generated is not None):
            raise ValueError("`settings.generated` belongs to `method: inference`, and to nothing else")
        if (self.method == "inference") != (self.settings.optimiser is None):
            raise ValueError("`settings.optimiser` belongs to training, and inference has none")
        if self.mfu is not None:
            if self.tokens_per_second is None:
                raise ValueError("`mfu` without `tokens_per_second`")
            worked = self.tokens_per_second * self.mfu.flop_per_token / self.mfu.peak
            if not math.isclose(worked, self.mfu.value, rel_tol=1e-6):
                raise ValueError(f"`mfu.value` is not tokens_per_second x flop_per_token / peak, which is {worked:.6g}")
        return self
