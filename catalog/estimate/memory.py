"""GPU memory of training, by part, on the fullest card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.estimate.coefficients import COEFFICIENTS, Coefficients
from catalog.estimate.ranges import NOTHING, Range, total
from catalog.estimate.shapes import Shape
from catalog.estimate.training import BYTES, Training, adapter_bytes, adapter_parameters

Part = Literal[
    "weights", "adapter", "gradients", "master", "optimiser", "activations", "cache", "logits", "unpacked", "context"
]  # fmt: skip
Fit = Literal["fits", "narrowly", "paging", "unlikely", "no"]


@dataclass(frozen=True)
class Memory:
    """Bytes by part; parts that are not there are 0."""

    parts: dict[Part, Range]
    pageable: Range = NOTHING
    """What of the optimiser's states can leave the card when it is full."""

    @property
    def total(self) -> Range:
        """With everything on the card."""
        return total(self.parts.values())

    @property
    def least(self) -> Range:
        """With everything that may leave it elsewhere."""
        return Range(self.total.low - self.pageable.low, self.total.high - self.pageable.high)


def training_memory(shape: Shape, training: Training, c: Coefficients = COEFFICIENTS) -> Memory:
    """Bytes that one card holds at the fullest moment of a step.

    Rajbhandari et al. 2020 (arXiv 1910.02054) for what sharding spreads, Korthikanti et al. 2022 (arXiv 2205.05198)
    for the kind of account kept of activations, Dettmers et al. 2023 (arXiv 2305.14314) for QLoRA.
    """
    n = training.cards
    every = n if training.sharding in ("zero3", "layers") else 1
    gradient = n if training.sharding in ("zero2", "zero3", "layers") else 1
    state = n if training.sharding != "none" else 1
    lora = adapter_parameters(shape, training)
    trained = lora or shape.parameters
    optimiser = trained * (c.adam_32bit_bytes if training.optimiser_bits == 32 else c.adam_8bit_bytes) / state
    sixteen = training.stored in ("bf16", "fp16")
    parts: dict[Part, Range] = {
        "weights": _weights(shape, training, c) / every + _gathered(shape, training, c),
        "adapter": lora * adapter_bytes(training) / every,
        "gradients": (lora * adapter_bytes(training) if lora else _weights(shape, training, c)) / gradient,
        "master": Range.exact(trained * c.master_bytes / state) if sixteen and not lora else NOTHING,
        "optimiser": Range.exact(optimiser),
        "activations": activations(shape, training, c),
        "logits": _logits(shape, training, c),
        "unpacked": _unpacked(shape, training, c),
        "context": c.context_bytes,
    }
    return Memory(parts, Range.exact(optimiser) if training.paged else NOTHING)


def _weights(shape: Shape, training: Training, c: Coefficients) -> Range:
    """Bytes of the base: matrices in their format, the rest in that of the arithmetic where the matrices are packed."""
    stored = training.stored
    if stored in ("nf4", "int8"):
        bits = c.nf4_bits if stored == "nf4" else c.int8_bits
        return Range.exact(shape.linear * bits / 8 + shape.unquantised * BYTES[training.compute])
    return Range.exact(shape.parameters * BYTES[stored])


def _gathered(shape: Shape, training: Training, c: Coefficients) -> Range:
    """Bytes of the layers that a card has fetched whole where the weights are spread."""
    if training.sharding != "zero3" or training.cards == 1:
        return NOTHING
    return _weights(shape, training, c) * c.gathered_layers / shape.layers


def layer_bytes(shape: Shape, training: Training, c: Coefficients = COEFFICIENTS) -> Range:
    """Bytes that one layer keeps for the backward pass, a token."""
    wide = c.gated_units if shape.gated else c.plain_units
    values = shape.hidden * c.hidden_units + 2 * shape.kv_width + shape.intermediate * wide
    kept = BYTES[training.compute] * values
    if training.flash_attention:
        return kept
    matrix = (BYTES[training.compute] + c.eager_bytes) * float(shape.heads * training.sequence)
    return kept + matrix


def activations(shape: Shape, training: Training, c: Coefficients = COEFFICIENTS) -> Range:
    """Bytes kept between forward and backward pass on one card.

    With checkpointing each layer's input and one layer being computed again, else everything.
    """
    here = shape.layers / (training.cards if training.sharding == "layers" else 1)
    one = layer_bytes(shape, training, c) * training.tokens
    if not training.checkpointing:
        return one * here
    return one + training.tokens * here * shape.hidden * BYTES[training.compute]


def _logits(shape: Shape, training: Training, c: Coefficients) -> Range:
    tokens = min(training.tokens, c.chunk_tokens) if training.chunked_loss else training.tokens
    return c.logits_bytes * float(tokens * shape.vocabulary)


def _unpacked(shape: Shape, training: Training, c: Coefficients) -> Range:
    """Bytes of the matrices that exist in the format of the arithmetic beside their packed form."""
    if training.stored not in ("nf4", "int8"):
        return NOTHING
    return c.dequantised_matrices * float(shape.hidden * shape.intermediate) * BYTES[training.compute]


def fit(memory: Memory, usable: float, c: Coefficients = COEFFICIENTS) -> Fit:
    """Whether it fits into `usable` bytes of one card.

    fits: the high end does, with a twentieth to spare. narrowly: the middle does. paging: the middle does once the
    optimiser's states may leave the card. unlikely: only the low end does. no: not even that.
    """
    if memory.total.high <= usable * (1 - c.headroom):
        return "fits"
    if memory.total.middle <= usable:
        return "narrowly"
    if memory.pageable.high and memory.least.middle <= usable:
        return "paging"
    return "unlikely" if memory.least.low <= usable else "no"
