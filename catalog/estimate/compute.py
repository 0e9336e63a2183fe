"""Arithmetic of training, the time it takes and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.estimate.cards import Card
from catalog.estimate.coefficients import COEFFICIENTS, Coefficients
from catalog.estimate.ranges import Range, as_range
from catalog.estimate.shapes import Shape
from catalog.estimate.training import BYTES, Training, adapter_parameters

Term = Literal["forward", "input-gradients", "weight-gradients", "recompute", "adapter", "attention"]
SECONDS = 3600.0


@dataclass(frozen=True)
class Data:
    """What is trained on: examples of a mean length, and how often each is seen."""

    examples: float
    mean_tokens: float
    epochs: float = 1.0

    def __post_init__(self) -> None:
        if min(self.examples, self.mean_tokens, self.epochs) < 0:
            raise ValueError("amounts of data are not negative")

    @property
    def tokens(self) -> float:
        """Tokens seen in training, without padding."""
        return self.examples * self.mean_tokens * self.epochs


def flop_by_term(shape: Shape, training: Training, attended: float | None = None) -> dict[Term, float]:
    """FLOP a token. N are the weights of the matrices, P those of the LoRA.

    Forward 2N, gradients of the inputs 2N, of the weights 2N (absent where they are frozen), and with checkpointing
    another forward pass of the layers; a LoRA 6P (8P); attention 2 x length x width a layer forward, causal. `attended`
    is the mean length of what one token may look at; without it, the length of a row. Kaplan et al. 2020 (arXiv
    2001.08361) for 2N and 6N.
    """
    c = COEFFICIENTS
    lora = adapter_parameters(shape, training)
    again = 1.0 if training.checkpointing else 0.0
    length = training.sequence if attended is None else attended
    attention = 2.0 * length * shape.hidden * shape.layers
    return {
        "forward": 2.0 * shape.matmul,
        "input-gradients": 2.0 * shape.matmul,
        "weight-gradients": 0.0 if training.adapters else 2.0 * shape.matmul,
        "recompute": 2.0 * shape.linear * again,
        "adapter": (6.0 + 2.0 * again) * lora,
        "attention": (1.0 + c.attention_backward + again) * attention,
    }


def flop_per_token(shape: Shape, training: Training, attended: float | None = None) -> float:
    """FLOP that the cards execute for one token; see `flop_by_term`."""
    return sum(flop_by_term(shape, training, attended).values())


def flop_per_parameter(*, frozen: bool, recompute: bool = False) -> float:
    """FLOP a token and parameter where only the size is known: 6 in full, 4 over a frozen base, 2 more to recompute."""
    return (4.0 if frozen else 6.0) + (2.0 if recompute else 0.0)


def processed_tokens(training: Training, data: Data) -> Range:
    """Positions that are computed, padding too.

    Packed rows and single rows have no padding. Padded rows of several examples lie between what they hold and the
    full length of every row; how much of it is padding depends on how the rows were grouped.
    """
    if training.packed or training.micro_batch == 1:
        return Range.exact(data.tokens)
    full = max(data.tokens, data.examples * data.epochs * training.sequence)
    return Range(data.tokens, full)


def _attended(training: Training, data: Data) -> float:
    return min(data.mean_tokens, float(training.sequence))


def training_seconds(shape: Shape, training: Training, data: Data, card: Card, c: Coefficients = COEFFICIENTS) -> Range:
    """Seconds from the first step to the last: the arithmetic at the assumed utilisation, and the unpacking of 4-bit
    weights, which is bound by memory and is done once a pass over the layers whatever the batch holds.

    Loading, evaluation, saving and waiting between cards are left out. Raises ValueError where the card has no peak
    for this arithmetic, or no bandwidth for 4-bit weights.
    """
    flop = processed_tokens(training, data) * flop_per_token(shape, training, _attended(training, data))
    busy = flop / (training.busy * card.peak(training.compute) * c.utilisation)
    if training.stored != "nf4":
        return busy
    if not card.bandwidth:
        raise ValueError(f"{card.slug} has no memory bandwidth on record")
    rows = data.tokens / training.sequence if training.packed else data.examples * data.epochs
    moved = shape.linear * (c.nf4_bits / 8 + BYTES[training.compute]) * (3.0 if training.checkpointing else 2.0)
    passes = rows / training.micro_batch / training.busy
    return busy + Range.exact(passes * moved) / (card.bandwidth * c.dequantise_share)


def training_hours(shape: Shape, training: Training, data: Data, card: Card, c: Coefficients = COEFFICIENTS) -> Range:
    """`training_seconds` in hours."""
    return training_seconds(shape, training, data, card, c) / SECONDS


def cost(hours: Range, cards: int, price: Range | float) -> Range:
    """USD: hours x cards x the price of one card for an hour."""
    return hours * float(cards) * price


def utilisation(flop: Range | float, card_hours: Range | float, peak: float) -> Range:
    """Share of the peak that so much arithmetic in so many card-hours implies (MFU; 1 is the peak).

    Raises ZeroDivisionError where no time was taken.
    """
    return as_range(flop) / (as_range(card_hours) * (SECONDS * peak))


def hours_at(flop: Range | float, cards: float, peak: float, c: Coefficients = COEFFICIENTS) -> Range:
    """Hours that so much arithmetic takes on so many cards at the assumed utilisation."""
    return as_range(flop) / (cards * peak * SECONDS * c.utilisation)
