"""GPU memory of running a model: weights, the cache of keys and values, and the context."""

from __future__ import annotations

from catalog.estimate.coefficients import COEFFICIENTS, Coefficients
from catalog.estimate.memory import Memory
from catalog.estimate.ranges import Range, as_range
from catalog.estimate.shapes import Shape

BITS: dict[str, float] = {"fp32": 32.0, "fp16": 16.0, "bf16": 16.0, "int8": 8.0, "int4": 4.0}


def weight_bytes(parameters: float, precision: str, c: Coefficients = COEFFICIENTS) -> float:
    """Bytes of all weights in one format: fp32, fp16, bf16, int8, int4, nf4; raises KeyError for another."""
    return parameters * (c.nf4_bits if precision == "nf4" else BITS[precision]) / 8


def quantised_bytes(shape: Shape, precision: str, c: Coefficients = COEFFICIENTS) -> float:
    """The same where embeddings and norms stay in 16 bits, as quantised formats leave them."""
    if precision not in ("int8", "int4", "nf4"):
        return weight_bytes(shape.parameters, precision, c)
    return weight_bytes(shape.linear, precision, c) + shape.unquantised * 2.0


def kv_cache_bytes(shape: Shape, tokens: float, precision: str = "fp16") -> float:
    """Bytes of the keys and values of `tokens` positions: two of each layer's key width."""
    return 2.0 * shape.layers * shape.kv_width * tokens * BITS[precision] / 8


def inference_memory(
    shape: Shape, precision: str, tokens: Range | float = 0.0, c: Coefficients = COEFFICIENTS
) -> Memory:
    """Bytes to run a model with a context of `tokens`; what is computed in passing is counted with the context."""
    context = as_range(tokens)
    cache = Range(kv_cache_bytes(shape, context.low), kv_cache_bytes(shape, context.high))
    weights = Range.exact(quantised_bytes(shape, precision, c))
    return Memory({"weights": weights, "cache": cache, "context": c.context_bytes})
