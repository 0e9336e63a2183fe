"""What an estimate needs to know of a run, from the record or assumed with a range: each with a line that says so."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.claims.assumptions import Assumed, assumptions
from catalog.claims.lines import Line, figure, figures
from catalog.claims.places import Place
from catalog.estimate import Card, Range, Shape, card_of, flop_per_parameter, shape_of, shapes
from catalog.estimate.training import Compute
from catalog.facts import Claim, Fact
from catalog.hardware_counts import HardwareCount
from catalog.register import Catalog
from catalog.units import Quantity


@dataclass(frozen=True)
class Given:
    """An input and how it came about."""

    amount: Range
    line: Line


@dataclass(frozen=True)
class Lack:
    """An input that is missing and has no range to be defended."""

    line: Line


Input = Given | Lack


def amount(value: Quantity | None) -> Range | None:
    """The number or range that was said. A bound is taken from half of it to all of it, or from all of it to twice."""
    if value is None:
        return None
    if value.low is None or value.high is None:
        return assumptions().several_hours.range if value.dimension == "duration" else None
    low, high = float(value.low), float(value.high)
    if low < 0:
        return None
    if value.qualifier in ("at most", "less than"):
        return Range(low / assumptions().bound, high)
    if value.qualifier in ("at least", "more than"):
        return Range(low, high * assumptions().bound)
    return Range(low, high)


def accepted(fact: Fact[Claim[Quantity]] | None) -> Range | None:
    """The accepted amount of a fact."""
    return amount(fact.accepted.value) if fact else None


def shape_and_size(catalog: Catalog, place: Place) -> tuple[Shape | None, Input]:
    """The shape where it is on record, and the number of parameters: of the variant, or over all variants."""
    record = catalog.entries[place.entry]
    names = [place.variant] if place.variant else list(record.variants)
    found = [of_model(catalog, name) for name in names]
    known = [(shape, size) for shape, size in found if size is not None]
    if not known:
        return _named_by_stage(place)
    sizes = Range(min(size.low for _, size in known), max(size.high for _, size in known))
    only = known[0][0] if len(known) == 1 else None
    name = f" ({only.name})" if only else ""
    return only, Given(sizes, Line(f"{figures(sizes)} parameters{name}", f"{figures(sizes)} 参数{name}"))


def of_model(catalog: Catalog, name: str, seen: frozenset[str] = frozenset()) -> tuple[Shape | None, Range | None]:
    """Shape and parameters of a variant or an outside model, its own or those of the base it was tuned from."""
    if shape := shape_of(name):
        return shape, Range.exact(shape.parameters)
    if name in catalog.variants and name not in seen:
        variant = catalog.variants[name][1]
        if variant.base and variant.base.accepted.value:
            shape, size = of_model(catalog, variant.base.accepted.value, seen | {name})
            if size is not None:
                return shape, size
        return None, accepted(variant.parameters)
    if name in catalog.outside:
        other = catalog.outside[name]
        if other.base and other.base.accepted.value and name not in seen:
            shape, size = of_model(catalog, other.base.accepted.value, seen | {name})
            if size is not None:
                return shape, size
        return None, accepted(other.parameters) or _from_name(name)
    return None, None


def _from_name(name: str) -> Range | None:
    """`opt-13b`: thirteen billion, where the id itself says so."""
    match = re.search(r"(?:^|-)(\d+(?:\.\d+)?)b(?:-|$)", name)
    return Range.exact(float(match[1]) * 1e9) if match else None


def _named_by_stage(place: Place) -> tuple[Shape | None, Input]:
    if size := _from_name(place.stage):
        near = min(shapes().values(), key=lambda shape: abs(shape.parameters - size.low))
        if abs(near.parameters - size.low) < 0.03 * size.low:
            line = Line(f"{figures(size)} parameters, taken as {near.name}", f"{figures(size)} 参数，按 {near.name} 计")
            return near, Given(size, line)
    return None, Lack(Line("the number of parameters", "参数量"))


def work_factor(place: Place) -> Given:
    """FLOP a token and parameter, without what is computed a second time to save memory (so is MFU defined)."""
    method = place.value("method")
    if method == "rlhf":
        made = assumptions().rlhf
        return Given(
            Range.exact(made.flop), Line(f"{made.flop} FLOP ({made.why.en})", f"{made.flop} FLOP（{made.why.zh}）")
        )
    if share := re.match(r"(\d{1,3}(?:\.\d{1,6})?)%", place.setting("trainable")):
        k = Range.exact(4.0 + 2.0 * float(share[1]) / 100)
        return Given(
            k,
            Line(
                f"{figures(k)} FLOP ({share[0]} of the weights are trained)",
                f"{figures(k)} FLOP（训练 {share[0]} 的权重）",
            ),
        )
    if method in ("lora", "qlora", "lora-8bit", "p-tuning"):
        k = Range.exact(flop_per_parameter(frozen=True))
        return Given(k, Line("4 FLOP (frozen base)", "4 FLOP（基座冻结）"))
    full = flop_per_parameter(frozen=False)
    if method is None:
        k = Range(flop_per_parameter(frozen=True), full)
        return Given(k, Line("4–6 FLOP (method unknown)", "4–6 FLOP（方法未知）"))
    return Given(Range.exact(full), Line("6 FLOP", "6 FLOP"))


def tokens(catalog: Catalog, place: Place, read: str = "", claim: Claim[Quantity] | None = None) -> Input:
    """Tokens trained on. `claim` of the fact `read` (tokens, words, steps or examples) is taken at its word."""
    told = {read: amount(claim.value)} if claim else {}
    order = [read] if claim else ["tokens", "words", "steps", "examples"]
    for name in order:
        said = told.get(name) or accepted(place.fact(name))
        if name == "examples" and said is None:
            said = _examples(catalog, place)
        if said is None:
            continue
        if name == "tokens":
            return Given(said, Line(f"{figures(said)} tokens", f"{figures(said)} token"))
        if name == "words":
            return _times(said, ("words", "词"), assumptions().tokens_per_word, "")
        found = _by_steps(catalog, place, said) if name == "steps" else _by_examples(catalog, place, said)
        if isinstance(found, Given):
            return found
    return Lack(Line("the amount of data", "数据量"))


def _times(said: Range, noun: tuple[str, str], by: Assumed, before: str) -> Given:
    product = said * by.range
    each, whole = figures(by.range), figures(product)
    en = f"{figures(said)} {noun[0]}{before} × {each} tokens (assumed: {by.why.en}) = {whole} tokens"
    zh = f"{figures(said)} {noun[1]}{before} × {each} token（假定：{by.why.zh}）= {whole} token"
    return Given(product, Line(en, zh))


def _by_steps(catalog: Catalog, place: Place, steps: Range) -> Input:
    if whole := accepted(place.fact("batch_tokens")):
        product = steps * whole
        line = f"{figures(steps)} × {figures(whole)} = {figures(product)}"
        return Given(product, Line(f"steps × tokens a step: {line}", f"步数 × 每步 token：{line}"))
    batch = accepted(place.fact("batch"))
    if batch is None:
        return Lack(Line("the batch size", "批大小"))
    each = per_example(place)
    return (
        _times(steps, ("steps", "步"), each, f" × {figures(batch)}")
        if batch == Range.exact(1)
        else _scaled(steps, batch, each, ("steps × examples a step", "步数 × 每步样本"))
    )


def _by_examples(catalog: Catalog, place: Place, examples: Range) -> Input:
    rounds = accepted(place.fact("epochs"))
    each = per_example(place)
    if rounds is None and place.value("method") in ("pre-training", "continued-pre-training"):
        rounds = Range.exact(1)
    if rounds is None:
        guess = assumptions().epochs
        named = (f"examples × epochs (assumed: {guess.why.en})", f"样本 × 轮数（假定：{guess.why.zh}）")
        return _scaled(examples, guess.range, each, named)
    return _scaled(examples, rounds, each, ("examples × epochs", "样本 × 轮数"))


def _scaled(one: Range, other: Range, each: Assumed, named: tuple[str, str]) -> Given:
    product = one * other * each.range
    sums = f"{figures(one)} × {figures(other)} × {figures(each.range)}"
    en = f"{named[0]} × tokens (assumed: {each.why.en}): {sums} = {figures(product)} tokens"
    zh = f"{named[1]} × token（假定：{each.why.zh}）：{sums} = {figures(product)} token"
    return Given(product, Line(en, zh))


def _datasets(place: Place) -> list[str]:
    for run in (place.run, *place.others):
        if used := [use.dataset for use in run.data if use.rejected is None]:
            return used
    return []


def per_example(place: Place | None, longest: float | None = None) -> Assumed:
    """Mean tokens of an example, no longer than the run's rows, or than `longest`."""
    used = _datasets(place) if place else []
    listed = assumptions().tokens_per_example.get(used[0]) if len(used) == 1 else None
    each = listed or assumptions().any_example
    if longest is None and place is not None and (rows := accepted(place.fact("sequence"))):
        longest = rows.high
    if longest is None or each.counts_cut or longest >= each.high:
        return each
    return each.model_copy(update={"low": min(each.low, longest), "high": longest})


def _examples(catalog: Catalog, place: Place) -> Range | None:
    """The data sets' examples, as used or as they are, where all of them are known."""
    for run in (place.run, *place.others):
        uses = [use for use in run.data if use.rejected is None]
        counts = [accepted(use.examples) or _of_dataset(catalog, use.dataset) for use in uses]
        known = [count for count in counts if count is not None]
        if uses and len(known) == len(counts):
            return Range(sum(c.low for c in known), sum(c.high for c in known))
    return None


def _of_dataset(catalog: Catalog, name: str) -> Range | None:
    record = catalog.datasets.get(name)
    return accepted(record.examples) if record else None


def arithmetic_format(place: Place | None) -> Compute:
    """The format the arithmetic was done in, from the run's settings; 16 bits where nothing is said."""
    text = place.setting("compute-dtype", "precision") if place else ""
    if any(word in text for word in ("bf16", "bfloat16", "fp16", "16-bit", "int8", "8-bit")):
        return "bf16" if "bf" in text else "fp16"
    if "tf32" in text:
        return "tf32"
    return "fp32" if "float32" in text or "fp32" in text else "fp16"


def cards(catalog: Catalog, hardware: HardwareCount) -> tuple[Card, ...]:
    """The card named, or every card of the family named; empty where the register knows neither."""
    named: Iterable[str] = (
        [hardware.card] if hardware.card in catalog.hardware else catalog.families.get(hardware.card, [])
    )
    found = []
    for slug in named:
        with contextlib.suppress(ValueError):  # a card whose memory is no single number says nothing here
            found.append(card_of(slug, catalog.hardware[slug]))
    return tuple(found)


def peak_of(catalog: Catalog, form: str, hardware: HardwareCount) -> Input:
    """FLOP a second of one card in a format of arithmetic; the cards of a family share it."""
    try:
        peaks = [card.peak(form) for card in cards(catalog, hardware)]
    except ValueError:
        peaks = []
    if not peaks:
        return Lack(Line(f"the peak of {hardware.card}", f"{hardware.card} 的峰值"))
    peak = Range(min(peaks), max(peaks))
    shown = f"{figures(peak / 1e12)} TFLOP/s ({hardware.card}, {form})"
    return Given(peak, Line(shown, shown))


def hours_line(hours: Range) -> str:
    """`3 h`."""
    return f"{figure(hours.low)} h" if hours.low == hours.high else f"{figures(hours)} h"
