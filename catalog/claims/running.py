"""Claims of what running a model takes: GPU memory, and cards."""

from __future__ import annotations

import re

from catalog.claims.account import Account, Judged
from catalog.claims.inputs import cards, of_model
from catalog.claims.lines import Line, figures, gigabytes
from catalog.claims.needs import PRECISIONS, against, as_reported, between, precision_missing, say_parts
from catalog.claims.verdicts import Verdict
from catalog.estimate import COEFFICIENTS, Fit, Memory, Range, Shape, fit, inference_memory, weight_bytes
from catalog.facts import Claim
from catalog.hardware_counts import HardwareCount
from catalog.register import Catalog
from catalog.units import Quantity

LONGEST = 2048.0
_EITHER = {"unquantised": ("fp16", "fp32"), "quantised": ("int4", "int8")}
_OF_FIT: dict[Fit, Verdict] = {
    "fits": "consistent", "narrowly": "plausible", "paging": "plausible", "unlikely": "implausible",
    "no": "contradicted",
}  # fmt: skip
SIZE_MISSING = Line("the number of parameters", "参数量")


def model_of(catalog: Catalog, entry: str, variant: str | None) -> tuple[Shape | None, Range | None]:
    """Shape and parameters of a variant, or of the only size an entry has."""
    names = [variant] if variant else list(catalog.entries[entry].variants)
    found = {size: (shape, size) for shape, size in (of_model(catalog, name) for name in names) if size is not None}
    return next(iter(found.values())) if len(found) == 1 else (None, None)


def formats(setting: str) -> tuple[str, ...] | None:
    """The precisions a key may mean; None where it names none."""
    if setting in _EITHER:
        return _EITHER[setting]
    named = next((PRECISIONS[name] for name in PRECISIONS if setting == name or setting.startswith(f"{name}-")), None)
    return (named,) if named else None


def inference_of(shape: Shape | None, size: Range, setting: str) -> Memory | None:
    """What running takes in the precision and at the length that the key names; None where it names no precision."""
    known = formats(setting)
    if known is None:
        return None
    length = re.search(r"(\d+)-tokens", setting)
    tokens = Range.exact(float(length[1])) if length else Range(0.0, LONGEST)
    both = [inference_memory(shape, one, tokens) if shape else _by_size(size, one) for one in known]
    low, high = min(both, key=lambda m: m.total.low), max(both, key=lambda m: m.total.high)
    whole = min(weight_bytes(size.low, one) for one in known)
    found = between(low, high).parts
    # Some quantise the embeddings too, so no byte is certain beyond the bits of every weight.
    return as_reported(Memory({**found, "weights": Range(min(whole, found["weights"].low), found["weights"].high)}))


def _by_size(size: Range, precision: str) -> Memory:
    """Where only the number of parameters is known; keys and values of so many tokens are under a tenth of it."""
    weights = Range(weight_bytes(size.low, precision), weight_bytes(size.high, precision))
    return Memory({"weights": weights, "cache": Range(0.0, size.high * 0.2), "context": COEFFICIENTS.context_bytes})


def judge_inference_memory(
    catalog: Catalog, entry: str, variant: str | None, setting: str, claim: Claim[Quantity]
) -> Judged:
    """`setting` is the key the figure stands under: fp16, int8, fp16-2048-tokens, ..."""
    account = Account()
    shape, size = model_of(catalog, entry, variant)
    memory = inference_of(shape, size, setting) if size is not None else None
    if memory is None:
        account.lacking.append(SIZE_MISSING if size is None else precision_missing(setting))
        return Judged("under-determined", account.all())
    name = shape.name if shape else f"{figures(size or 0.0)}"
    account.say(
        f"{name}, {setting}, up to {figures(LONGEST)} tokens", f"{name}，{setting}，至多 {figures(LONGEST)} 个 token"
    )
    say_parts(account, memory)
    return against(account, claim, memory.total)


def judge_inference_cards(
    catalog: Catalog, entry: str, variant: str | None, settings: list[str], hardware: HardwareCount
) -> Judged:
    """Whether the model fits these cards in the smallest precision that the entry names for running it."""
    account = Account()
    shape, size = model_of(catalog, entry, variant)
    known = cards(catalog, hardware)
    found = [m for s in settings if size is not None and (m := inference_of(shape, size, s)) is not None]
    if not found or not known or hardware.count is None:
        account.lacking += [
            *([] if size is not None else [SIZE_MISSING]),
            *([] if found else [Line("the precision", "精度")]),
            *([] if known else [Line(f"the memory of {hardware.card}", f"{hardware.card} 的显存")]),
        ]
        return Judged("under-determined", account.all() or (Line("Missing: the number of cards", "缺：显卡数量"),))
    least = min(found, key=lambda memory: memory.total.middle)
    usable = hardware.count * max(card.usable() for card in known)
    say_parts(account, least)
    account.say(f"{hardware.said}: {gigabytes(usable)} usable", f"{hardware.said}：可用 {gigabytes(usable)}")
    return Judged(_OF_FIT[fit(least, usable)], account.all(), least.total, "bytes")
