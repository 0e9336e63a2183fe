"""Claims of GPU memory in training: what has to be held."""

from __future__ import annotations

import re

from catalog.claims.account import Account, Judged
from catalog.claims.inputs import accepted, amount, arithmetic_format, shape_and_size
from catalog.claims.lines import Line, figures, gigabytes
from catalog.claims.places import Place
from catalog.claims.verdicts import of_memory
from catalog.estimate import Memory, Range, Shape, Training, quantised_bytes, training_memory
from catalog.estimate.training import QUERY_VALUE, TARGETS, Method, Target
from catalog.facts import Claim
from catalog.register import Catalog
from catalog.units import Quantity

GIB_FOR_GB = 2**30 / 1e9
# Bytes a parameter of weights, gradients and Adam states, where a claim counts these alone.
_STATE = {"naive": Range.exact(16.0), "full-16bit": Range(12.0, 16.0)}
PRECISIONS = {"fp32": "fp32", "fp16": "fp16", "int8": "int8", "int4": "int4", "nf4": "nf4", "q4-0": "int4"}
_METHODS: dict[str, Method] = {"nf4": "qlora", "int8": "lora-8bit"}
_NAMES = {
    "weights": ("weights", "权重"), "adapter": ("adapter", "适配器"), "gradients": ("gradients", "梯度"),
    "master": ("fp32 copy", "fp32 副本"), "optimiser": ("optimiser", "优化器"), "activations": ("activations", "激活"),
    "cache": ("keys and values", "KV 缓存"), "logits": ("logits", "logits"), "unpacked": ("unpacked", "解压"),
    "context": ("context", "上下文与库"),
}  # fmt: skip
SHAPE_MISSING = Line("the model's layers and widths", "模型的层数与宽度")


def precision_missing(setting: str) -> Line:
    """For a key that names no precision."""
    return Line(f"the precision behind `{setting}`", f"`{setting}` 所指的精度")


def claimed_bytes(claim: Claim[Quantity]) -> Range | None:
    """Bytes as said. Cards and tools count in GiB and write GB, so either is believed."""
    said = amount(claim.value)
    return Range(said.low, said.high * GIB_FOR_GB) if said is not None else None


def judge_training_memory(catalog: Catalog, place: Place, setting: str, claim: Claim[Quantity]) -> Judged:
    """`setting` is the key the figure stands under: nf4, int8, naive, ..."""
    account = Account()
    shape, size = shape_and_size(catalog, place)
    parameters = account.take(size)
    if setting in _STATE:
        if parameters is None:
            return Judged("under-determined", account.all())
        derived = parameters * _STATE[setting]
        sums = f"{figures(parameters)} × {figures(_STATE[setting])}"
        account.say(
            f"Weights, gradients and Adam states: {sums} bytes = {gigabytes(derived)}",
            f"权重、梯度与 Adam 状态：{sums} 字节 = {gigabytes(derived)}",
        )
        return against(account, claim, derived)
    if shape is None or setting not in PRECISIONS:
        account.lacking.append(SHAPE_MISSING if shape is None else precision_missing(setting))
        return Judged("under-determined", account.all())
    low, high = ways(place, PRECISIONS[setting])
    memory = as_reported(between(_held(shape, low, PRECISIONS[setting]), _held(shape, high, PRECISIONS[setting])))
    rows = f"{low.micro_batch} × {low.sequence}"
    account.say(f"{shape.name}, {setting}, {rows} tokens at a time", f"{shape.name}，{setting}，每次 {rows} 个 token")
    say_parts(account, memory)
    return against(account, claim, memory.total)


def ways(place: Place, precision: str) -> tuple[Training, Training]:
    """The leanest and the most wasteful way to train that the record leaves open."""
    method = _METHODS.get(precision, "lora")
    sequence, rank = accepted(place.fact("sequence")), accepted(place.fact("lora_rank"))
    rows = re.match(r"[1-9]\d{0,5}", place.setting("micro-batch", "per-card-batch"))
    some = _targets(str(place.value("lora_targets") or ""))
    compute = arithmetic_format(place)

    def way(unknown: tuple[int, tuple[Target, ...]], *, checkpointing: bool, flash: bool) -> Training:
        return Training(
            method,
            compute=compute,
            sequence=int(sequence.high) if sequence else 512,
            micro_batch=int(rows.group()) if rows else 1,
            lora_rank=max(1, int(rank.high)) if rank else unknown[0],
            lora_targets=some if rank else unknown[1],
            checkpointing=checkpointing,
            flash_attention=flash,
        )

    # PEFT's preparation of a quantised base switches checkpointing on; QLoRA's own adapters are large.
    prepared = method in ("qlora", "lora-8bit")
    small, large = (8, QUERY_VALUE), (64, TARGETS)
    return (
        way(small, checkpointing=True, flash=True),
        way(large if method == "qlora" else small, checkpointing=prepared, flash=False),
    )


def _targets(said: str) -> tuple[Target, ...]:
    """`q_proj, v_proj` as targets; every matrix where no projection is named."""
    named = {f"{target}_proj": target for target in TARGETS}
    return tuple(named[name] for name in re.findall(r"[a-z]+_proj", said) if name in named) or TARGETS


def training_of(place: Place) -> Training | None:
    """The leanest way to repeat a run: as `ways`, and full training spread over its cards; None for another method."""
    method = place.value("method")
    precision = {"qlora": "nf4", "lora-8bit": "int8", "lora": "fp16"}.get(str(method))
    if precision:
        return ways(place, precision)[0]
    if method != "full":
        return None
    lean = ways(place, "fp16")[0]
    return Training(
        "full", sequence=lean.sequence, micro_batch=lean.micro_batch, compute=lean.compute, sharding="zero3"
    )


def _held(shape: Shape, training: Training, precision: str) -> Memory:
    """With the weights in 4-bit integers too, which training itself does not know."""
    memory = training_memory(shape, training)
    if precision == "int4":
        return Memory({**memory.parts, "weights": Range.exact(quantised_bytes(shape, precision))})
    return memory


def between(low: Memory, high: Memory) -> Memory:
    """From the low ends of one to the high ends of another."""
    return Memory({part: Range(low.parts[part].low, high.parts[part].high) for part in low.parts})


def as_reported(memory: Memory) -> Memory:
    """Figures of a framework leave out the context that figures of the driver hold: both are printed as the memory."""
    return Memory({**memory.parts, "context": Range(0.0, memory.parts["context"].high)})


def say_parts(account: Account, memory: Memory) -> None:
    """The parts that are there, and their sum."""
    shown = [(part, amount) for part, amount in memory.parts.items() if amount.high]
    en = " + ".join(f"{_NAMES[part][0]} {gigabytes(amount)}" for part, amount in shown)
    zh = " + ".join(f"{_NAMES[part][1]} {gigabytes(amount)}" for part, amount in shown)
    account.say(f"{en} = {gigabytes(memory.total)}", f"{zh} = {gigabytes(memory.total)}")


def against(account: Account, claim: Claim[Quantity], derived: Range) -> Judged:
    """The claim beside what has to be held."""
    said = claimed_bytes(claim)
    if said is None:
        account.lacking.append(Line("a number in the claim", "说法中的数字"))
        return Judged("under-determined", account.all(), derived, "bytes")
    account.say(
        f"Claimed {gigabytes(said)} (GB or GiB), derived {gigabytes(derived)}",
        f"所述 {gigabytes(said)}（GB 或 GiB），推算 {gigabytes(derived)}",
    )
    return Judged(of_memory(said, derived), account.all(), derived, "bytes")
