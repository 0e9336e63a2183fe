"""A training of a recipe in the terms of the estimator: shape, way of training, data; with what had to be assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalog import estimate
from catalog.claims.assumptions import assumptions
from catalog.claims.inputs import accepted
from catalog.estimate import COEFFICIENTS, Coefficients, Range
from catalog.records import Dataset
from catalog.training import Data, Shape, Training

LOSS_CHUNK = 2048
"""As in `runner.learning.loss`, which needs torch."""
_COMPUTE = {"float32": "fp32", "tf32": "tf32", "bfloat16": "bf16", "float16": "fp16"}
_TARGETS: dict[str, estimate.Target] = {
    "q_proj": "q", "k_proj": "k", "v_proj": "v", "o_proj": "o", "gate_proj": "gate", "up_proj": "up",
    "down_proj": "down",
}  # fmt: skip


@dataclass(frozen=True)
class Estimable:
    """What the estimator takes."""

    shape: estimate.Shape
    training: estimate.Training
    coefficients: Coefficients
    examples: Range | None
    """Seen in training, repeats counted; None where nobody says how many rows there are."""
    mean_tokens: Range
    """Of an example, after cutting."""
    assumed: tuple[str, ...]

    def at(self, mean_tokens: float) -> estimate.Training:
        """The way of training where examples have this mean length: packed rows are as long as what they hold."""
        if not self.training.packed:
            return self.training
        return replace(
            self.training, sequence=max(1, round(self.training.sequence * mean_tokens / self.mean_tokens.high))
        )


def estimable(training: Training, datasets: Mapping[str, Dataset]) -> Estimable | None:
    """None where the shape of the base is not on record, or cannot be."""
    shape = _shape(training)
    if shape is None:
        return None
    mean, why = _mean_tokens(training)
    assumed = [why]
    examples, said = _examples(training, datasets)
    assumed += said
    batching, lora = training.batching, training.lora
    packed = batching.packing == "packed"
    # Packed, a step is one row that holds all its examples; its length is their sum.
    step = batching.micro_batch * batching.accumulation
    rows, sequence = (1, round(step * mean.high)) if packed else (batching.micro_batch, batching.length)
    if packed:
        assumed.append(f"the {step} examples of a step lie in one row of {step * mean.low:,.0f} to {sequence:,} tokens")
    unknown = [name for name in (lora.targets if lora else ()) if name not in _TARGETS]
    if unknown:
        assumed.append(f"LoRA targets of unknown size are left out: {', '.join(unknown)}")
    method: estimate.training.Method = "full" if lora is None else "lora"
    if training.quantisation:
        method = "lora-8bit" if training.quantisation.form == "int8" else "qlora"
    optimiser = training.optimisation.optimiser
    way = estimate.Training(
        method,
        sequence=sequence,
        micro_batch=rows,
        packed=packed,
        weights=None if training.quantisation else _stored(training),
        compute=_compute(training),
        lora_rank=lora.r if lora else 1,
        lora_targets=tuple(_TARGETS[name] for name in (lora.targets if lora else ()) if name in _TARGETS) or ("q",),
        adapter="fp32" if lora else None,
        optimiser_bits=8 if "8bit" in optimiser else 32,
        paged=optimiser.startswith("paged"),
        checkpointing=training.execution.checkpointing,
        chunked_loss=True,
    )
    return Estimable(shape, way, _coefficients(training), examples, mean, tuple(assumed))


def _shape(training: Training) -> estimate.Shape | None:
    told: Shape | None = training.base.made.shape if training.base.made else training.base.shape
    if told is None:
        return estimate.shape_of(training.base.entry) if training.base.entry else None
    name = training.base.entry or "the base"
    try:
        found = estimate.llama(
            name, told.layers, told.hidden, told.intermediate, told.heads, told.vocabulary, told.kv_heads
        )
    except ValueError:  # no such model can be; whoever builds it says why
        return None
    return replace(found, tied=True, parameters=found.parameters - found.head) if told.tied else found


def _compute(training: Training) -> estimate.training.Compute:
    said = training.quantisation.compute if training.quantisation else training.execution.precision
    return _COMPUTE[said]  # type: ignore[return-value]


def _stored(training: Training) -> estimate.training.Weights:
    return _COMPUTE[training.execution.weights.replace("tf32", "float32")]  # type: ignore[return-value]


def _coefficients(training: Training) -> Coefficients:
    """Without double quantisation each 64 weights have a 32-bit scale; the runner's loss has chunks of its own size."""
    single = training.quantisation and training.quantisation.form != "int8" and not training.quantisation.double
    bits = 4 + 32 / 64 if single else COEFFICIENTS.nf4_bits
    return replace(COEFFICIENTS, nf4_bits=bits, chunk_tokens=float(LOSS_CHUNK))


def _mean_tokens(training: Training) -> tuple[Range, str]:
    """Over all data sets, cut at the length of the run."""
    known, usual = assumptions().tokens_per_example, assumptions().any_example
    found = [known.get(item.entry or "", usual) for item in training.data]
    length = float(training.batching.length)
    low, high = min(*(one.low for one in found), length), min(max(one.high for one in found), length)
    reasons = "; ".join(dict.fromkeys(one.why.en for one in found))
    said = f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
    return Range(low, high), f"{said} tokens an example, cut at {length:,.0f} ({reasons})"


def _examples(training: Training, datasets: Mapping[str, Dataset]) -> tuple[Range | None, list[str]]:
    batching = training.batching
    step = batching.micro_batch * batching.accumulation
    if batching.steps is not None:
        return Range.exact(batching.steps * step), []
    rows = [_rows(item, datasets) for item in training.data]
    known = [one for one in rows if one is not None]
    if batching.epochs is None or len(known) < len(rows):
        return None, ["hours are left out: nobody says how many rows the data have"]
    held = sum(item.split.held_out for item in training.data if item.split)
    low, high = sum(one.low for one in known), sum(one.high for one in known)
    epochs = float(batching.epochs)
    seen = Range(max(0.0, low - held) * epochs, max(0.0, high - held) * epochs)
    return seen, [f"{low:,.0f} rows as the register has them" if low == high else f"{low:,.0f} to {high:,.0f} rows"]


def _rows(item: Data, datasets: Mapping[str, Dataset]) -> Range | None:
    if item.rows:
        return Range.exact(item.rows)
    record = datasets.get(item.entry or "")
    return accepted(record.examples) if record else None


def hours(of: Estimable, card: estimate.Card) -> Range | None:
    """On one card of this kind, loading and saving left out; None where a figure lacks."""
    if of.examples is None:
        return None
    try:
        ends = [
            estimate.training_hours(of.shape, of.at(mean), estimate.Data(examples, mean), card, of.coefficients)
            for examples, mean in ((of.examples.low, of.mean_tokens.low), (of.examples.high, of.mean_tokens.high))
        ]
    except ValueError:
        return None
    return Range(ends[0].low, ends[1].high)


def flop(of: Estimable) -> Range | None:
    """Of the whole training, padding left out."""
    if of.examples is None:
        return None
    low = estimate.flop_per_token(of.shape, of.training, of.mean_tokens.low) * of.mean_tokens.low * of.examples.low
    high = estimate.flop_per_token(of.shape, of.training, of.mean_tokens.high) * of.mean_tokens.high * of.examples.high
    return Range(low, high)


def memory(of: Estimable) -> estimate.Memory:
    """On one card, by part; packed rows from the shortest to the longest mean."""
    low, high = (
        estimate.training_memory(of.shape, of.at(mean), of.coefficients)
        for mean in (of.mean_tokens.low, of.mean_tokens.high)
    )
    return estimate.Memory(
        {part: Range(low.parts[part].low, size.high) for part, size in high.parts.items()}, high.pageable
    )


def checkpoint_bytes(of: Estimable) -> int:
    """Of one checkpoint: what is learnt in fp32, and Adam's two states."""
    trained = estimate.adapter_parameters(of.shape, of.training) or of.shape.parameters
    states = COEFFICIENTS.adam_8bit_bytes if of.training.optimiser_bits == 8 else COEFFICIENTS.adam_32bit_bytes
    return round(trained * (4 + states))
