"""Every number of the model that is not arithmetic: each with its unit, where it comes from, and how sure it is.

The site computes in the reader's browser from this very table (`as_json`); a test compares the two on random inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from catalog.estimate.ranges import Range

GIB = 2**30


@dataclass(frozen=True)
class Coefficients:
    """What is assumed. Ranges are taken as they stand; nothing is tuned to a measurement yet."""

    nf4_bits: float = 4 + 8 / 64 + 32 / (64 * 256)
    """Bits a weight in NF4 with double quantisation: 4, an 8-bit scale for 64 weights, an fp32 one for 256 scales.
    Dettmers et al. 2023, arXiv 2305.14314, section 3."""
    int8_bits: float = 8.0
    """Bits a weight in LLM.int8(); the scale of each row, under 0.01 bit, is left out."""
    adam_32bit_bytes: float = 8.0
    """Two fp32 states a trained parameter."""
    adam_8bit_bytes: float = 2 + 2 * 4 / 256
    """Two 8-bit states and an fp32 scale for each 256 of them. Dettmers et al. 2021, arXiv 2110.02861, section 2.1."""
    master_bytes: float = 4.0
    """The fp32 copy of weights that are trained in 16 bits."""
    hidden_units: Range = Range(5.0, 7.0)
    """Values kept for the backward pass, in widths of the model, a token and layer, keys and values apart: both
    normalised inputs, both residuals, queries and the attention's output; up to 7 where norms keep an fp32 copy."""
    gated_units: Range = Range(4.0, 4.0)
    """The same in widths of the feed-forward layer where it is gated (SwiGLU): gate, its activation, up, product."""
    plain_units: Range = Range(2.0, 3.0)
    """The same where it is not gated (GELU)."""
    eager_bytes: Range = Range(4.0, 8.0)
    """Bytes a head and pair of positions, beyond one copy of the scores, where attention writes its matrix out."""
    logits_bytes: Range = Range(8.0, 14.0)
    """Bytes a token and word of the vocabulary: 16-bit logits, their fp32 copy and its gradient; up to two copies
    more. The fp32 copy alone is 4."""
    chunk_tokens: float = 1024.0
    """Tokens whose logits exist at a time where the loss is computed in pieces."""
    dequantised_matrices: Range = Range(1.0, 2.0)
    """How many of the largest matrices exist unpacked at a time."""
    gathered_layers: Range = Range(1.0, 2.0)
    """How many layers a card holds whole while the rest is spread over the cards (ZeRO 3, FSDP)."""
    context_bytes: Range = Range(0.5 * GIB, 1.2 * GIB)
    """CUDA context, libraries' work space and what the allocator cannot use."""
    usable_share: float = 0.985
    """Of the memory a card is sold with (80 GB means 80 GiB), what a program can have; driver and firmware keep 1 to 2
    per cent. Error correction on cards without HBM keeps more, where it is switched on."""
    headroom: float = 0.05
    """Share of the usable memory that has to stay free even at the high end for something to be said to fit: what was
    free a moment ago is in pieces."""
    utilisation: Range = Range(0.15, 0.60)
    """Share of the dense tensor peak that training reaches: what this register calls consistent."""
    dequantise_share: Range = Range(0.60, 0.90)
    """Share of the memory bandwidth at which 4-bit weights are unpacked."""
    attention_backward: float = 2.5
    """FLOP of the backward pass of fused attention in forward passes: it computes the scores anew.
    Dao 2023, arXiv 2307.08691, section 4.1."""


COEFFICIENTS = Coefficients()


def as_json(coefficients: Coefficients = COEFFICIENTS) -> dict[str, Any]:
    """Name -> number, or `[low, high]`."""
    found: dict[str, Any] = {}
    for field in fields(coefficients):
        value = getattr(coefficients, field.name)
        found[field.name] = [value.low, value.high] if isinstance(value, Range) else value
    return found
