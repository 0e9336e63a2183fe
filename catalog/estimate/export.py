"""Everything the site needs to estimate in the reader's browser what Python estimates here: `api/v1/estimate.json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from catalog.estimate.cards import Card, card_of
from catalog.estimate.coefficients import as_json
from catalog.estimate.shapes import Shape, shape_source, shapes
from catalog.estimate.training import BYTES, METHODS, TARGETS, Training
from catalog.register import Catalog

Json = dict[str, Any]


def estimate_json(catalog: Catalog) -> Json:
    """Coefficients, shapes and cards; sizes in bytes, rates a second, ranges as `[low, high]`."""
    return {
        "coefficients": as_json(),
        "bytes": BYTES,
        "methods": list(METHODS),
        "targets": list(TARGETS),
        "shapes": {name: shape_json(shape) for name, shape in shapes().items()},
        "cards": {card.slug: card_json(card) for card in known_cards(catalog)},
    }


def known_cards(catalog: Catalog) -> tuple[Card, ...]:
    """The cards of the register whose memory, bandwidth and peaks are numbers, smallest memory first."""
    found = []
    for slug, record in catalog.hardware.items():
        try:
            card = card_of(slug, record)
            card.peak("bf16")
        except ValueError:
            continue
        if card.bandwidth:
            found.append(card)
    return tuple(sorted(found, key=lambda card: (card.memory, card.peak("bf16"), card.slug)))


def shape_json(shape: Shape) -> Json:
    """The shape with what follows from it."""
    derived = ("kv_width", "mlp_matrices", "linear", "head", "unquantised", "matmul")
    return {**asdict(shape), **{name: getattr(shape, name) for name in derived}, "source": shape_source(shape.id)}


def card_json(card: Card) -> Json:
    """The card with the bytes a program can have."""
    return {"memory": card.memory, "usable": card.usable(), "bandwidth": card.bandwidth, "peaks": dict(card.peaks)}


def training_json(training: Training) -> Json:
    """The settings with what stands for the ones left open."""
    return {**asdict(training), "lora_targets": list(training.lora_targets), "weights": training.stored}
