"""What training and running a model takes: memory by part, arithmetic, time, cost. Pure functions, ranges as answers.

    shape = shapes()["llama-33b"]
    training = Training("qlora", sequence=1024, lora_rank=64, paged=True)
    training_memory(shape, training).total            bytes on the fullest card, low to high
    training_memory(shape, training).parts            the same by part
    fit(training_memory(shape, training), card.usable())   fits, narrowly, paging, unlikely, no
    flop_per_token(shape, training)
    training_hours(shape, training, Data(160_000, 240), card)
    cost(hours, cards, price)

`coefficients.py` holds every number that is assumed; `catalog/claims/` judges published claims with these functions,
the runner plans with them, and the site computes the same in the reader's browser.
"""

from catalog.estimate.cards import Card, card_of
from catalog.estimate.coefficients import COEFFICIENTS, GIB, Coefficients
from catalog.estimate.compute import (
    Data,
    cost,
    flop_by_term,
    flop_per_parameter,
    flop_per_token,
    hours_at,
    processed_tokens,
    training_hours,
    training_seconds,
    utilisation,
)
from catalog.estimate.inference import inference_memory, kv_cache_bytes, quantised_bytes, weight_bytes
from catalog.estimate.memory import Fit, Memory, Part, activations, fit, layer_bytes, training_memory
from catalog.estimate.ranges import Range, as_range
from catalog.estimate.shapes import Shape, llama, shape_of, shape_source, shapes
from catalog.estimate.training import (
    ATTENTION,
    BYTES,
    QUERY_VALUE,
    TARGETS,
    Target,
    Training,
    adapter_parameters,
)

__all__ = [
    "ATTENTION",
    "BYTES",
    "COEFFICIENTS",
    "GIB",
    "QUERY_VALUE",
    "TARGETS",
    "Card",
    "Coefficients",
    "Data",
    "Fit",
    "Memory",
    "Part",
    "Range",
    "Shape",
    "Target",
    "Training",
    "activations",
    "adapter_parameters",
    "as_range",
    "card_of",
    "cost",
    "fit",
    "flop_by_term",
    "flop_per_parameter",
    "flop_per_token",
    "hours_at",
    "inference_memory",
    "kv_cache_bytes",
    "layer_bytes",
    "llama",
    "processed_tokens",
    "quantised_bytes",
    "shape_of",
    "shape_source",
    "shapes",
    "training_hours",
    "training_memory",
    "training_seconds",
    "utilisation",
    "weight_bytes",
]
