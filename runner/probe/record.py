"""A probe's record: what was asked and measured, the claims beside it, and with what it was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog import estimate
from catalog.estimate import Card, card_of
from catalog.records import Hardware
from catalog.results import SCHEMA
from catalog.sealing import digest_of, write
from catalog.store import find_root, read_record
from runner import estimating, provenance
from runner.machine import card_slug
from runner.metrics import UNITS
from runner.probe.ask import GENERATED, Ask

Json = dict[str, Any]


def record(ask: Ask, found: Json, architecture: Json, *, command: str, threads: int) -> bytes:
    """The file of a probe, sealed; `found` as `measure` gives it."""
    content = content_of(ask, found, architecture)
    device = "cuda" if found["peak"]["resident"] is None else "cpu"
    content["made"] = provenance.made(command, threads=threads, device=device, training=True)
    content["digest"] = digest_of(content)
    return write(content)


def content_of(ask: Ask, found: Json, architecture: Json) -> Json:
    """All but `made`, digest and seal."""
    training, inference = ask.training, ask.method == "inference"
    batching = training.batching
    count = batching.micro_batch * batching.accumulation
    packed = batching.packing == "packed"
    settings = {
        "sequence": ask.sequence + (GENERATED if inference else 0),
        "batch": 1 if inference else count,
        "micro_batch": 1 if inference else count if packed else batching.micro_batch,
        "generated": GENERATED if inference else None,
        "checkpointing": training.execution.checkpointing and not inference,
        "packed": packed and not inference,
        "dtype": training.execution.precision,
        "quantisation": training.quantisation.model_dump(mode="json") if training.quantisation else None,
        "optimiser": None if inference else training.optimisation.optimiser,
        "lora": training.lora.model_dump(mode="json") if training.lora and not inference else None,
        "trainable": found["trainable"],
        "kernels": found["kernels"],
    }
    return {
        "schema": SCHEMA,
        "kind": "probe",
        "entry": ask.entry,
        "shape": ask.shape.id,
        "method": ask.method,
        "mode": ask.mode,
        "weights": "random",
        "architecture": architecture,
        "settings": settings,
        "device": found["device"],
        "fits": found["fits"],
        "refused": found["refused"],
        "peak": found["peak"],
        "step": found["step"],
        "tokens_per_second": found["tokens_per_second"],
        "mfu": utilisation(ask, found),
        "largest": found.get("largest", []),
        "claims": list(compared(ask, found)),
    }


FORMULA = (
    "2N forward, 2N for the gradients of inputs, 2N of a recomputed forward pass where checkpoints are used, "
    "2N for the gradients of weights that are learnt; 6P of a LoRA, 8P with checkpoints; causal attention"
)


def utilisation(ask: Ask, found: Json) -> Json | None:
    """MFU of a training step; None for inference and for a card that the register has no peak of."""
    card = _card(found["device"]["name"])
    if ask.method == "inference" or card is None or found["tokens_per_second"] is None:
        return None
    known = estimating.estimable(ask.training, {})
    if known is None:
        return None
    compute = known.training.compute
    flop = estimate.flop_per_token(ask.shape, known.training, ask.sequence / 2)
    peak = card.peak(compute)
    return {
        "value": found["tokens_per_second"] * flop / peak,
        "flop_per_token": flop,
        "formula": FORMULA,
        "peak": peak,
        "peak_of": f"{card.slug} {compute}",
    }


def _card(name: str) -> Card | None:
    slug, root = card_slug(name), find_root()
    if slug is None:
        return None
    file, _ = read_record("hardware", slug, root / "hardware" / f"{slug}.yaml", root)
    return card_of(slug, file.record) if file and isinstance(file.record, Hardware) else None


def compared(ask: Ask, found: Json) -> Iterator[Json]:
    """Each claim the probe speaks to, with the figure it measured; hours are the step's time, times the steps."""
    for claim in ask.claims:
        figure = _figure(claim, found)
        if claim["metric"] == "peak-memory" and not found["fits"]:
            figure = None
        difference = None if figure is None or claim["published"] is None else figure - claim["published"]
        yield {
            "id": claim["id"],
            "metric": claim["metric"],
            "published": claim["published"],
            "reproduced": figure,
            "difference": difference,
            "tolerance": claim["tolerance"],
            "unit": UNITS[claim["metric"]],
            "scaled": claim["steps"] if claim["metric"] == "hours" else None,
            "verdict": _verdict(claim, found, difference),
        }


def _figure(claim: Json, found: Json) -> float | None:
    if claim["metric"] == "hours":
        step = found["step"]
        return None if step is None else float(step["median"]) * claim["steps"] / 3600
    if claim["metric"] == "tokens-per-second":
        return found["tokens_per_second"]  # type: ignore[no-any-return]
    peak = found["peak"]["allocated"]
    return None if peak is None else (peak + (found["peak"]["managed"] or 0)) / 1e9


def _verdict(claim: Json, found: Json, difference: float | None) -> str | None:
    """Random weights settle whether it fits; a time on another card than the claim's settles nothing."""
    if claim["metric"] != "peak-memory":
        return None
    if not found["fits"]:
        return "contradicted"
    if difference is None or claim["tolerance"] is None:
        return None
    good = (
        difference <= claim["tolerance"] if claim["direction"] == "at-most" else abs(difference) <= claim["tolerance"]
    )
    return "reproduced" if good else "contradicted"
