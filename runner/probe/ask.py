"""What a probe is asked: a shape, a way of training or answering, and the memory it is kept to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from catalog import estimate
from catalog.errors import UserError
from catalog.recipes import digest
from catalog.resolving import settings_of
from catalog.spelling import did_you_mean
from catalog.training import (
    Base,
    Batching,
    Data,
    Execution,
    Lora,
    Optimisation,
    Quantisation,
    Seeds,
    Tokenizer,
    Training,
)

Json = dict[str, Any]
Method = Literal["qlora", "lora8", "full", "inference"]
GENERATED = 64
"""Tokens written after the prompt in a probe of inference."""
STEPS, WARMUP = 6, 2
"""Steps that are made, and how many of them are not timed."""
EVERY_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_FUSED = {
    "gpt-neox": ("query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"),
    "bloom": ("query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"),
    "gptj": ("q_proj", "k_proj", "v_proj", "out_proj", "fc_in", "fc_out"),
}


@dataclass(frozen=True)
class Ask:
    """One probe."""

    entry: str
    """Under which its record belongs."""
    shape: estimate.Shape
    method: Method
    mode: Literal["faithful", "fast"]
    training: Training
    """How a step is made; of inference the precision alone counts."""
    sequence: int
    cap: int | None
    """Bytes of the card it stands for; None for all of this one."""
    claims: tuple[Json, ...] = field(default=())
    """id, metric, published, direction, tolerance, steps."""
    steps: int = STEPS
    largest: bool = False
    """Search for the largest micro-batch too."""

    @property
    def key(self) -> str:
        """Names what is asked; the same ask is not measured twice in one suite."""
        asked = {
            "entry": self.entry, "shape": self.shape.id, "method": self.method, "mode": self.mode, "cap": self.cap,
            "sequence": self.sequence, "training": settings_of(self.training), "steps": self.steps,
            "claims": [one["id"] for one in self.claims], "largest": self.largest,
        }  # fmt: skip
        return digest(asked)[:16]

    @property
    def title(self) -> str:
        """One line for people."""
        cap = f" in {self.cap / 2**30:g} GiB" if self.cap else ""
        return f"{self.entry}: {self.shape.name} {self.method}, {self.mode}, {self.sequence} tokens{cap}"


def family_of(shape: estimate.Shape) -> str:
    """The architecture that is built for a shape. A GLM is built as a GPT-NeoX of its shape: the same matrices."""
    for start, family in (("gpt-j", "gptj"), ("bloom", "bloom"), ("llama", "llama")):
        if shape.id.startswith(start):
            return family
    return "llama" if shape.gated else "gpt-neox"


def shape_named(name: str) -> estimate.Shape:
    """A shape by its name. UserError (exit code 2) for one that is not on record."""
    if found := estimate.shape_of(name):
        return found
    known = list(estimate.shapes())
    hint = did_you_mean(name, known) or f"shapes are: {', '.join(known)}"
    raise UserError(f"no shape is called `{name[:80]}`", hint=hint, exit_code=2)


def training_of_method(shape: estimate.Shape, method: Method, mode: str, sequence: int, batch: int) -> Training:
    """The published way of a method: sixteen rows of one example, checkpointing, paged Adam; or, `fast`, the examples
    of a step in one row without padding and products in bfloat16."""
    fast, family = mode == "fast", family_of(shape)
    quantisation = {
        "qlora": Quantisation(form="nf4", double=True, compute="bfloat16" if fast else "float32"),
        "lora8": Quantisation(form="int8", compute="float16", threshold=6.0),
    }.get(method)
    lora = Lora(targets=_FUSED.get(family, EVERY_LINEAR), r=64 if method == "qlora" else 8, alpha=16.0)
    precision: Any = "bfloat16" if fast or method == "full" else "tf32" if method == "qlora" else "float16"
    packed = fast and family == "llama" and method != "inference"
    return Training(
        base=_base(shape),
        tokenizer=Tokenizer(made=512, bos=True, eos=True, pad="unk"),
        data=(Data(made="demo-corpus", columns={"text": "text"}, template="text"),),
        method="full" if method in ("full", "inference") else "qlora" if method == "qlora" else "lora",
        quantisation=quantisation,
        lora=lora if method in ("qlora", "lora8") else None,
        optimisation=Optimisation(
            optimiser="paged_adamw_32bit" if method == "qlora" else "adamw_torch", learning_rate=1e-4,
            schedule="constant", clip=0.3,
        ),
        batching=Batching(
            micro_batch=1, accumulation=batch, steps=STEPS, length=sequence, loss_on="everything",
            loss_weighting="per-example", order="as-given", packing="packed" if packed else "none",
        ),
        execution=Execution(
            precision=precision, weights="float32" if precision == "tf32" else precision, checkpointing=True,
            save_every=STEPS,
        ),
        seeds=Seeds(adapter=0, order=0),
    )  # fmt: skip


def _base(shape: estimate.Shape) -> Base:
    from catalog.training import MadeBase
    from catalog.training import Shape as MadeShape

    made = MadeShape(
        layers=shape.layers, hidden=shape.hidden, intermediate=shape.intermediate, heads=shape.heads,
        kv_heads=shape.kv_heads, vocabulary=shape.vocabulary, tied=shape.tied,
    )  # fmt: skip
    return Base(made=MadeBase(shape=made, seed=0))
