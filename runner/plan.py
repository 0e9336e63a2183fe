"""`runner plan`: what a recipe would take, found without a network and without loading anything heavy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from catalog import estimate
from catalog.errors import UserError
from catalog.estimate import Card, Range, card_of
from catalog.recipes import metric_claims, rating_claims
from catalog.records import Dataset, Hardware
from catalog.resolving import modes, training_of
from catalog.spelling import did_you_mean
from catalog.store import find_root, read_record
from catalog.training import HubFiles, Training, WebFile
from runner import estimating
from runner.entries import Prepared, prepare
from runner.here import PARAMETERS_ON_A_CPU, lacking
from runner.machine import card_here

Json = dict[str, Any]


def plan(asked: str, gpu: str | None = None, root: Path | None = None) -> Json:
    """Everything `runner plan --json` prints. UserError (exit code 2) for a name that is not known."""
    root = root or find_root()
    slug, _, name = asked.partition("/")
    entry = prepare(slug, root)
    names = list(entry.recipe.training)
    if name and name not in names:
        hint = did_you_mean(name, names) or f"its trainings: {', '.join(names) or 'none'}"
        raise UserError(f"the recipe of `{slug}` has no training `{name[:80]}`", hint=hint, exit_code=2)
    cards = _cards(root, gpu)
    name = name or (names[0] if names else "")
    told = _of_training(entry, name, cards, root) if name else _without_training()
    return {
        "slug": slug,
        "training": name or None,
        "others": [f"{slug}/{one}" for one in names if one != name],
        **told,
        "stages": list(_stages(entry, name)),
        "claims": list(_claims(entry, name)),
    }


def _without_training() -> Json:
    empty: Json = {"title": None, "method": None, "planning_only": None, "downloads": [], "licences": [], "modes": []}
    return {**empty, "disk": {"download": None, "run": None, "free": shutil.disk_usage(".").free}}


def _of_training(entry: Prepared, name: str, cards: Mapping[str, Card], root: Path) -> Json:
    training = training_of(entry.recipe_file, name)
    found = estimating.estimable(training, _datasets(training, root))
    downloads = list(_downloads(training, found))
    sizes = [one["bytes"] for one in downloads if one["access"] in ("open", "gated")]
    return {
        "title": training.title.en if training.title else None,
        "method": training.method,
        "planning_only": training.planning_only.en if training.planning_only else None,
        "downloads": downloads,
        "licences": list(_licences(downloads, root)),
        "disk": {
            # A part whose size nobody says leaves this a lower bound.
            "download": sum(size for size in sizes if size),
            "unknown": sum(size is None for size in sizes),
            "run": _run_bytes(training, found),
            "free": shutil.disk_usage(".").free,
        },
        "modes": [_mode(entry, name, mode, cards, root) for mode in modes(entry.recipe, name)],
    }


def _run_bytes(training: Training, found: estimating.Estimable | None) -> int | None:
    """Two checkpoints to go on from, and the adapters that answer."""
    if found is None:
        return None
    one = estimating.checkpoint_bytes(found)
    adapters = estimate.adapter_parameters(found.shape, found.training) * 4
    return 2 * one + adapters * (training.answers.checkpoints if training.answers else 1)


# Downloads and licences ----------------------------------------------------------------------------------------------


def _downloads(training: Training, found: estimating.Estimable | None) -> Iterator[Json]:
    base, tokenizer = training.base.hub, training.tokenizer.hub
    if base:
        estimated = found.shape.parameters * 2 if found and base.bytes is None else None
        yield _download("base", base, estimated)
    if tokenizer and (base is None or (tokenizer.repo, tokenizer.revision) != (base.repo, base.revision)):
        yield _download("tokenizer", tokenizer, None)
    for item in training.data:
        if source := item.hub or item.web:
            yield _download("data", source, None)


def _download(role: str, source: HubFiles | WebFile, estimated: int | None) -> Json:
    of_hub = isinstance(source, HubFiles)
    pinned = bool(source.revision) if isinstance(source, HubFiles) else source.sha256 is not None
    return {
        "role": role,
        "name": source.repo if isinstance(source, HubFiles) else source.url,
        "revision": source.revision if isinstance(source, HubFiles) else None,
        "pinned": pinned,
        "from": "hub" if of_hub else "web",
        "bytes": source.bytes or estimated,
        "estimated": source.bytes is None and estimated is not None,
        "access": source.access,
        "licence": source.licence,
        "note": source.note.en if source.note else None,
    }


def _licences(downloads: list[Json], root: Path) -> Iterator[Json]:
    """Each licence once, with what it covers."""
    table = yaml.safe_load((root / "licences.yaml").read_text("utf-8"))
    for licence in dict.fromkeys(one["licence"] for one in downloads if one["licence"]):
        terms = table.get(licence, {})
        name = terms.get("name", licence)
        yield {
            "id": licence,
            "name": name["en"] if isinstance(name, dict) else name,
            "commercial": terms.get("commercial"),
            "url": terms.get("url"),
            "covers": [one["name"] for one in downloads if one["licence"] == licence],
        }


# Memory, arithmetic, hours -------------------------------------------------------------------------------------------


def _mode(entry: Prepared, name: str, mode: Any, cards: Mapping[str, Card], root: Path) -> Json:
    training = training_of(entry.recipe_file, name, mode)
    fast = training.modes.fast if mode == "fast" else None
    told: Json = {
        "mode": mode,
        "differences": [one.en for one in fast.differences] if fast else [],
        "needs": list(lacking(training).train),
    }
    found = estimating.estimable(training, _datasets(training, root))
    if found is None:
        lack = "the shape of the base is not on record, so that nothing can be computed"
        return {**told, "memory": None, "flop": None, "cards": [], "assumptions": [lack]}
    memory = estimating.memory(found)
    return {
        **told,
        "memory": {
            "parts": {part: _ends(size) for part, size in memory.parts.items() if size.high},
            "total": _ends(memory.total),
            "least": _ends(memory.least),
        },
        "flop": {
            "per_token": estimate.flop_per_token(found.shape, found.training, found.mean_tokens.middle),
            "total": _ends(estimating.flop(found)),
        },
        "cards": [] if _small(found) else [_card(found, memory, card) for card in cards.values()],
        "assumptions": [*found.assumed, *_always(found)],
    }


def _card(found: estimating.Estimable, memory: estimate.Memory, card: Card) -> Json:
    return {
        "card": card.slug,
        "here": card.slug == card_here(),
        "usable": card.usable(),
        "fit": estimate.fit(memory, card.usable()),
        "hours": _ends(estimating.hours(found, card)),
    }


def _small(found: estimating.Estimable) -> bool:
    return found.shape.parameters <= PARAMETERS_ON_A_CPU


def _always(found: estimating.Estimable) -> Iterator[str]:
    if _small(found):
        yield "so small a base trains on any machine; its time is not that of its arithmetic, so no hours are given"
        return
    share = found.coefficients.utilisation
    yield f"one card, at {share.low:.0%} to {share.high:.0%} of its dense peak; loading and saving are left out"
    if found.training.paged:
        yield "`least` is what stays on the card once the optimiser's states have left it"


def _ends(of: Range | None) -> Json | None:
    return None if of is None else {"low": of.low, "high": of.high}


def _cards(root: Path, gpu: str | None) -> dict[str, Card]:
    """The card asked for; else the one that is here; else all on record, from the smallest."""
    records = {path.stem: _hardware(path, root) for path in sorted((root / "hardware").glob("*.yaml"))}
    known = {slug: record for slug, record in records.items() if record is not None}
    wanted = _named(gpu, known) if gpu is not None else card_here()
    found = [card_of(slug, known[slug]) for slug in ([wanted] if wanted in known else known)]
    return {card.slug: card for card in sorted(found, key=lambda card: (card.memory, card.slug))}


def _named(gpu: str, known: Mapping[str, Hardware]) -> str:
    plain = gpu.strip().lower()
    for slug, record in known.items():
        name = record.name if isinstance(record.name, str) else record.name.en
        if plain in (slug, name.lower(), *(alias.lower() for alias in record.aliases)):
            return slug
    family = [slug for slug, record in known.items() if record.family == plain]
    if len(family) == 1:
        return family[0]
    hint = f"say which: {', '.join(family)}" if family else did_you_mean(plain, list(known)) or ", ".join(known)
    raise UserError(f"no single card is called `{gpu[:80]}`", where="catalog/hardware/", hint=hint, exit_code=2)


def _hardware(path: Path, root: Path) -> Hardware | None:
    file, _ = read_record("hardware", path.stem, path, root)
    return file.record if file and isinstance(file.record, Hardware) else None


def _datasets(training: Training, root: Path) -> dict[str, Dataset]:
    found: dict[str, Dataset] = {}
    for item in training.data:
        path = root / "datasets" / f"{item.entry}.yaml"
        if item.entry and path.is_file():
            file, _ = read_record("datasets", item.entry, path, root)
            if file and isinstance(file.record, Dataset):
                found[item.entry] = file.record
    return found


# What can run, and what it would check -------------------------------------------------------------------------------


def _stages(entry: Prepared, name: str) -> Iterator[Json]:
    if name:
        training = training_of(entry.recipe_file, name)
        missing = lacking(training)
        asking = ("generate", "judge", "rate") if training.answers else ()
        for stage in ("prepare", "train", *asking, "report"):
            needs = missing.prepare if stage == "prepare" else (*missing.prepare, *missing.train)
            yield _stage("training", stage, tuple(dict.fromkeys(needs)))
    if entry.evaluation:
        for stage in ("judge", "rate", "report"):
            yield _stage("published tournament", stage, ())


def _stage(of: str, name: str, needs: tuple[str, ...]) -> Json:
    return {"of": of, "name": name, "can_run": not needs, "needs": list(needs)}


def _claims(entry: Prepared, name: str) -> Iterator[Json]:
    for claim_id, claim in metric_claims(entry.recipe, name).items():
        yield {
            "id": claim_id, "checks": claim.metric, "published": float(claim.published), "direction": claim.direction,
            "tolerance": float(claim.tolerance), "card": claim.hardware, "count": claim.count,
        }  # fmt: skip
    for claim_id, rating in rating_claims(entry.recipe).items():
        yield {
            "id": claim_id, "checks": rating.compares, "published": None, "direction": "within",
            "tolerance": float(rating.tolerance), "card": None, "count": None,
        }  # fmt: skip
