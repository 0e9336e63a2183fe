"""How a model is trained, as far as memory and arithmetic depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from catalog.estimate.ranges import Range
from catalog.estimate.shapes import Shape

Method = Literal["full", "lora", "lora-8bit", "qlora"]
Weights = Literal["fp32", "bf16", "fp16", "int8", "nf4"]
Compute = Literal["fp32", "tf32", "bf16", "fp16"]
Sharding = Literal["none", "zero1", "zero2", "zero3", "layers"]
Target = Literal["q", "k", "v", "o", "gate", "up", "down"]
METHODS: tuple[Method, ...] = get_args(Method)
COMPUTES: tuple[Compute, ...] = get_args(Compute)
TARGETS: tuple[Target, ...] = get_args(Target)
ATTENTION: tuple[Target, ...] = ("q", "k", "v", "o")
QUERY_VALUE: tuple[Target, ...] = ("q", "v")

BYTES: dict[str, float] = {"fp32": 4.0, "tf32": 4.0, "bf16": 2.0, "fp16": 2.0}
"""Bytes of a value that is computed in this format; TF32 is a rounding of fp32 inside the tensor cores."""
_USUAL: dict[Method, Weights] = {"full": "bf16", "lora": "bf16", "lora-8bit": "int8", "qlora": "nf4"}


@dataclass(frozen=True)
class Training:
    """One way to train. Raises ValueError where it contradicts itself, with all that is wrong in one message."""

    method: Method
    sequence: int = 512
    """Tokens of one row of a batch: the length rows are padded or packed to."""
    micro_batch: int = 1
    """Rows in one forward pass on one card."""
    packed: bool = False
    """Rows hold several examples and no padding."""
    weights: Weights | None = None
    """Format of the base weights; None: the method's usual one (NF4, int8, bf16)."""
    compute: Compute = "bf16"
    """Format of activations, and of the weights a quantised base is unpacked to."""
    lora_rank: int = 64
    lora_targets: tuple[Target, ...] = TARGETS
    adapter: Literal["bf16", "fp32"] | None = None
    """Format of LoRA weights and their gradients; None: not known, from bf16 to fp32."""
    optimiser_bits: Literal[8, 32] = 32
    """Of each of Adam's two states."""
    paged: bool = False
    """The optimiser's states may leave the card when it is full."""
    sharding: Sharding = "none"
    """What is spread over the cards: nothing (each holds all), ZeRO 1 optimiser states, 2 gradients too, 3 weights too
    (FSDP full shard), or whole layers, of which one card at a time computes (`device_map="auto"`)."""
    cards: int = 1
    checkpointing: bool = True
    """Only each layer's input is kept; the rest is computed again in the backward pass."""
    flash_attention: bool = True
    """Attention that never writes its matrix out (flash, sdpa)."""
    chunked_loss: bool = False

    def __post_init__(self) -> None:
        wrong = [
            f"{name} is {value}, at least 1 is needed"
            for name, value in (("sequence", self.sequence), ("micro_batch", self.micro_batch), ("cards", self.cards))
            if value < 1
        ]
        if self.adapters and self.lora_rank < 1:
            wrong.append(f"a LoRA of rank {self.lora_rank}")
        if self.adapters and not self.lora_targets:
            wrong.append("a LoRA without targets")
        if self.method == "full" and self.stored in ("int8", "nf4"):
            wrong.append(f"weights in {self.stored} cannot be trained themselves; use lora-8bit or qlora")
        if (self.method == "qlora") != (self.stored == "nf4") or (self.method == "lora-8bit") != (
            self.stored == "int8"
        ):
            wrong.append(f"{self.method} with weights in {self.stored}")
        if wrong:
            raise ValueError("; ".join(wrong))

    @property
    def adapters(self) -> bool:
        """Whether the base is frozen and only a LoRA is trained."""
        return self.method != "full"

    @property
    def stored(self) -> Weights:
        """Format of the base weights."""
        return self.weights or _USUAL[self.method]

    @property
    def tokens(self) -> int:
        """Positions in one forward pass on one card, padding too."""
        return self.micro_batch * self.sequence

    @property
    def busy(self) -> int:
        """Cards that compute at the same time."""
        return 1 if self.sharding == "layers" else self.cards


def adapter_parameters(shape: Shape, training: Training) -> int:
    """Weights of the LoRA: rank x (inputs + outputs) of each target in each layer; 0 where none is trained.

    Hu et al. 2021, arXiv 2106.09685. Projections are counted one by one; a model that fuses queries, keys and values
    into one matrix has a little fewer. A feed-forward layer without a gate has no `gate`.
    """
    if not training.adapters:
        return 0
    h, f, kv = shape.hidden, shape.intermediate, shape.kv_width
    widths: dict[Target, int] = {"q": 2 * h, "k": h + kv, "v": h + kv, "o": 2 * h, "up": h + f, "down": h + f}
    if shape.gated:
        widths["gate"] = h + f
    return training.lora_rank * shape.layers * sum(widths.get(target, 0) for target in set(training.lora_targets))


def adapter_bytes(training: Training) -> Range:
    """Bytes of one LoRA weight."""
    if training.adapter is None:
        return Range(BYTES["bf16"], BYTES["fp32"])
    return Range.exact(BYTES[training.adapter])
