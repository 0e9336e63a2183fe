"""The page of what was measured: published figures of time and memory, the physical limit, and what came out here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from catalog.claims.inputs import amount
from catalog.claims.ledger import ledger
from catalog.claims.lines import figures as printed
from catalog.probe_results import ProbeClaim, ProbeResult
from catalog.recipes import MetricClaim, Recipe
from catalog.register import Catalog
from catalog.sealing import file_name_of
from catalog.training_results import MetricCompared, TrainingResult
from generator.figures import scaled_bytes
from generator.language import Language
from generator.recipe_words import value_of
from generator.views.citing import Citations
from generator.views.metrics import claimed_text, trimmed
from generator.views.result_links import probe_anchor, training_path
from generator.views.shown import Part, Shower
from generator.views.training import step_text
from generator.words import known, word

HARDWARE = ("hours", "peak-memory", "tokens-per-second")


@dataclass(frozen=True)
class Figure:
    """One figure with what must be known to read it, and the record it stands in."""

    text: str
    note: str
    href: str | None = None


@dataclass(frozen=True)
class ClaimRow:
    """One published figure and everything that speaks to it; empty where nothing was measured."""

    entry: Part
    name: str
    published: str
    card: Part | None
    limit: Figure | None
    faithful: tuple[Figure, ...] = ()
    fast: tuple[Figure, ...] = ()
    memory: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class ProbeRow:
    """One probe."""

    anchor: str
    entry: Part
    shape: str
    method: str
    mode: str
    settings: tuple[str, ...]
    device: Figure
    fits: bool
    fit_note: str
    step: str
    rate: str
    mfu: Figure | None
    memory: tuple[tuple[str, str], ...]
    largest: tuple[str, ...]
    record: str


@dataclass(frozen=True)
class MeasuredPage:
    """Everything `measured.html` shows."""

    claims: tuple[ClaimRow, ...]
    probes: tuple[ProbeRow, ...]
    demonstration: Part | None


def measured_page(catalog: Catalog, language: Language, home: str) -> MeasuredPage:
    """Claims in order of their entries, then every probe."""
    claims: list[ClaimRow] = []
    probes: list[ProbeRow] = []
    for slug in sorted(catalog.entries):
        file = catalog.recipes.get(slug)
        found = [one.record for one in catalog.results.get(slug, ())]
        mine = [one for one in found if isinstance(one, ProbeResult)]
        trainings = [one for one in found if isinstance(one, TrainingResult)]
        if file or mine:
            show = Shower(catalog, Citations(catalog, file or catalog.by_key["models", slug], language, home))
            recipe = file.record if file and isinstance(file.record, Recipe) else None
            claims += _claims(show, slug, recipe, mine, trainings)
        probes += [_probe(catalog, one, language, home) for one in mine]
    demo = next(iter(catalog.demonstrations), None)
    link = Part(word("demo_link", language), f"{home}models/{demo}/") if demo else None
    return MeasuredPage(tuple(claims), tuple(probes), link)


def _claims(
    show: Shower, slug: str, recipe: Recipe | None, probes: list[ProbeResult], trainings: list[TrainingResult]
) -> Iterator[ClaimRow]:
    """Those of the recipe, then those of the record that a probe speaks to."""
    entry = show.reference(slug)
    asked = {k: c for k, c in recipe.claims.items() if isinstance(c, MetricClaim)} if recipe else {}
    for name, claim in asked.items():
        if claim.metric in HARDWARE:
            yield _with_figures(show, _asked(show, entry, slug, recipe, claim), name, probes, trainings)
    told = dict.fromkeys(claim.id for probe in probes for claim in probe.claims if claim.id not in asked)
    for name in told:
        first = next(claim for probe in probes for claim in probe.claims if claim.id == name)
        published = claimed_text(first.metric, first.published, show.language)
        row = ClaimRow(entry, _path_name(name, first, show.language), published, None, None)
        yield _with_figures(show, row, name, probes, trainings)


def _path_name(path: str, claim: ProbeClaim, language: Language) -> str:
    leaf = path.rsplit(".", 1)[-1]
    return f"{word(f'metric.{claim.metric}', language)} ({word(leaf, language) if known(leaf) else leaf})"


def _asked(show: Shower, entry: Part, entry_slug: str, recipe: Recipe | None, claim: MetricClaim) -> ClaimRow:
    language = show.language
    title = show.text(recipe.training[claim.training].title) if recipe else None
    metric = word(f"metric.{claim.metric}", language)
    name = f"{title}{'，' if language == 'zh' else ', '}{metric}" if title else metric
    card = show.reference(claim.hardware) if claim.hardware else None
    if card and claim.count > 1:
        card = Part(f"{claim.count} × {card.text}", card.href)
    limit = None
    hardware = show.catalog.hardware.get(claim.hardware or "")
    if claim.metric == "peak-memory" and hardware:
        limit = Figure(show.claim("memory", hardware.memory.accepted).text, word("limit_card", language))
    if claim.metric == "hours":
        limit = _shortest(show, entry_slug, claim)
    published = word(f"direction.{claim.direction}", language) + claimed_text(claim.metric, claim.published, language)
    return ClaimRow(entry, name, published, card, limit)


def _shortest(show: Shower, slug: str, claim: MetricClaim) -> Figure | None:
    """The hours that the claim's own cards would take at their peak, from the ledger; None where it cannot tell."""
    for row in ledger(show.catalog):
        share = row.judged.share
        if row.entry != slug or row.name != "duration" or share is None:
            continue
        hours = amount(row.value)
        if hours is not None and hours.low == hours.high == float(claim.published):
            unit = "小时" if show.language == "zh" else "h"
            return Figure(f"{printed(hours * share)} {unit}", word("limit_note", show.language))
    return None


def _with_figures(
    show: Shower, row: ClaimRow, name: str, probes: list[ProbeResult], trainings: list[TrainingResult]
) -> ClaimRow:
    """The row with what every record says to the claim `name`."""
    figures: dict[str, list[Figure]] = {"faithful": [], "fast": []}
    memory: list[Figure] = []
    limit = row.limit
    for result in trainings:
        for one in (c for c in result.measured.claims if c.id == name and c.reproduced is not None):
            href = f"{show.home}{training_path(result)}"
            figures[result.mode].append(_of_training(result, one, href, show.language))
            if result.measured.peak_allocated is not None:
                memory.append(Figure(scaled_bytes(result.measured.peak_allocated), result.measured.device, href))
    for probe in probes:
        for claim in (c for c in probe.claims if c.id == name):
            href = f"#{probe_anchor(probe)}"
            figures[probe.mode].append(_of_probe(probe, claim, href, show.language))
            memory += [Figure(shown, told, href) for told, shown in _peak(probe, show.language)[:1]]
            limit = limit or _limit(probe, claim, show.language)
    return replace(
        row,
        limit=limit,
        faithful=tuple(figures["faithful"]),
        fast=tuple(figures["fast"]),
        memory=tuple(memory),
    )


def _of_training(result: TrainingResult, one: MetricCompared, href: str, language: Language) -> Figure:
    return Figure(claimed_text(one.metric, one.reproduced, language), result.measured.device, href)


def _of_probe(probe: ProbeResult, claim: ProbeClaim, href: str, language: Language) -> Figure:
    device = _device(probe, language).note or probe.device.name
    if not probe.fits:
        return Figure(word("does_not_fit", language), device, href)
    text = claimed_text(claim.metric, claim.reproduced, language)
    if claim.scaled:
        told = word("arithmetic_of_step", language).format(steps=f"{claim.scaled:,}")
        return Figure(f"≈ {text}", told, href)
    return Figure(text, device, href)


def _limit(probe: ProbeResult, claim: ProbeClaim, language: Language) -> Figure | None:
    """What the card could do at its peak, from the FLOP of the probe; None where that says nothing."""
    if probe.mfu is None or not probe.mfu.value or claim.reproduced is None:
        return None
    note = word("limit_note", language)
    if claim.metric == "tokens-per-second":
        return Figure(claimed_text(claim.metric, claim.reproduced / probe.mfu.value, language), note)
    if claim.metric == "hours":
        return Figure(claimed_text(claim.metric, claim.reproduced * probe.mfu.value, language), note)
    return None


def _device(probe: ProbeResult, language: Language) -> Figure:
    cap = probe.device.cap
    note = word("cap", language).format(size=scaled_bytes(cap)) if cap else ""
    return Figure(f"{probe.device.name}, {scaled_bytes(probe.device.memory)}", note)


def _peak(probe: ProbeResult, language: Language) -> list[tuple[str, str]]:
    found = ((key, getattr(probe.peak, key)) for key in ("allocated", "reserved", "managed", "resident"))
    return [(word(f"memory.{key}", language), scaled_bytes(count)) for key, count in found if count is not None]


def _probe(catalog: Catalog, probe: ProbeResult, language: Language, home: str) -> ProbeRow:
    entry = catalog.reproducible[probe.entry]
    mfu = probe.mfu
    utilisation = None
    if mfu:
        told = word("mfu_of", language).format(
            flop=f"{mfu.flop_per_token:.3g}", formula=mfu.formula, peak=f"{mfu.peak:.3g} FLOP/s", of=mfu.peak_of
        )
        utilisation = Figure(f"{100 * mfu.value:.1f}%", told)
    return ProbeRow(
        probe_anchor(probe),
        Part(str(getattr(entry.name, language)), f"{home}models/{probe.entry}/"),
        probe.shape,
        word(f"method.{probe.method}", language),
        word(f"mode.{probe.mode}", language),
        tuple(_settings(probe, language)),
        _device(probe, language),
        probe.fits,
        _refused(probe, language),
        step_text(probe.step, language) if probe.step else "",
        trimmed(probe.tokens_per_second) if probe.tokens_per_second is not None else "",
        utilisation,
        tuple(_peak(probe, language)),
        tuple(_largest(probe, language)),
        f"models/{probe.entry}/results/{file_name_of(probe.model_dump(by_alias=True))}",
    )


def _settings(probe: ProbeResult, language: Language) -> Iterator[str]:
    zh, asked = language == "zh", probe.settings
    yield f"{word('sequence', language)} {asked.sequence:,}"
    batch = f"{word('batch', language)} {asked.batch:,}"
    yield f"{batch}（每次 {asked.micro_batch:,}）" if zh else f"{batch} ({asked.micro_batch:,} at once)"
    if asked.generated:
        yield f"{'生成' if zh else 'generated'} {asked.generated:,}"
    held = asked.quantisation.form if asked.quantisation else asked.dtype
    yield f"{value_of(held, language)}, {value_of(asked.dtype, language)}"
    if asked.lora:
        yield f"LoRA r {asked.lora.r}"
    if asked.optimiser:
        yield asked.optimiser
    yield from (word(name, language) for name in ("checkpointing", "packed") if getattr(asked, name))
    yield from asked.kernels


def _refused(probe: ProbeResult, language: Language) -> str:
    if probe.refused is None:
        return ""
    told = word(f"stage.{probe.refused.stage}", language)
    if probe.refused.wanted is not None and probe.refused.available is not None:
        wanted, left = scaled_bytes(probe.refused.wanted), scaled_bytes(probe.refused.available)
        told += f"：还需 {wanted}，仅余 {left}" if language == "zh" else f": {wanted} wanted, {left} left"
    return told


def _largest(probe: ProbeResult, language: Language) -> Iterator[str]:
    for one in probe.largest:
        sign = "+" if one.checkpointing else "−"
        yield f"{word('largest_micro_batch', language)} {one.micro_batch:,} ({sign}{word('checkpointing', language)})"
