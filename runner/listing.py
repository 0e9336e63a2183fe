"""`runner list`: what can be reproduced, how far it goes here, and what was found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.recipes import digest
from catalog.resolving import modes, resolved_training, training
from catalog.results import Result
from catalog.store import find_root
from catalog.training_results import TrainingResult
from runner.entries import Prepared, prepare, slugs

Json = dict[str, Any]


def rows(root: Path | None = None) -> list[Json]:
    """One item an entry with a recipe; `error` where the recipe cannot be read."""
    root = root or find_root()
    return [_row(slug, root) for slug in slugs(root)]


def _row(slug: str, root: Path) -> Json:
    try:
        return _told(prepare(slug, root))
    except UserError as error:
        nothing: Json = {"recipe": None, "stages": [], "claims": 0, "trainings": [], "results": []}
        return {"slug": slug, **nothing, "error": error.what}


def _told(entry: Prepared) -> Json:
    return {
        "slug": entry.slug,
        "recipe": entry.resolved.get("published"),
        "stages": ["judge", "rate", "report"] if entry.evaluation else [],
        "claims": len(entry.resolved.get("claims", ())),
        "trainings": [_training(entry, name) for name in entry.recipe.training],
        "results": [
            _result(entry, file.record, file.path)
            for file in entry.results
            if isinstance(file.record, Result | TrainingResult)
        ],
        "error": None,
    }


def _training(entry: Prepared, name: str) -> Json:
    """What is trained, on what, and whether whoever wants it gets everything it starts from."""
    of = training(entry.recipe, name)
    base = of.base.hub.repo if of.base.hub else "made by the run"
    parts = [of.base.hub, of.tokenizer.hub, *(item.hub or item.web for item in of.data)]
    access = max((part.access for part in parts if part), key=_HARDER.index, default="open")
    return {
        "name": name,
        "title": of.title.en if of.title else None,
        "method": of.method,
        "base": base,
        "access": access,
        "modes": list(modes(entry.recipe, name)),
        "planning_only": of.planning_only is not None,
    }


_ACCESS = {"open": "", "gated": "gated", "gone": "an input is gone", "never-released": "an input was never released"}
_HARDER = ("open", "gated", "gone", "never-released")


def _result(entry: Prepared, result: Result | TrainingResult, path: str) -> Json:
    claims = (*result.claims, *(result.measured.claims if isinstance(result, TrainingResult) else ()))
    verdicts = Counter(claim.verdict or "not computed" for claim in claims)
    return {
        "path": path,
        "mode": result.mode,
        "digest": result.digest,
        "current": result.recipe_sha256 == _recipe_now(entry, result),
        "verdicts": dict(sorted(verdicts.items())),
    }


def _recipe_now(entry: Prepared, result: Result | TrainingResult) -> str | None:
    """Hash of the recipe as it is now; None where it no longer has what the result was made by."""
    if isinstance(result, Result):
        return entry.recipe_sha256
    try:
        return digest(resolved_training(entry.record, entry.recipe, result.recipe, result.mode))
    except UserError:
        return None


def as_text(found: list[Json]) -> str:
    """A line an entry, and one below it for each result."""
    lines = []
    for row in found:
        if row["error"]:
            lines.append(f"{row['slug']:<24} {row['error']}")
            continue
        slug = row["slug"]
        if row["recipe"]:
            stages = ", ".join(row["stages"])
            lines.append(f"{slug:<24} {row['recipe']:<24} {row['claims']} figures; stages: {stages}")
        for number, one in enumerate(row["trainings"]):
            named = slug if number == 0 else f"{slug}/{one['name']}"
            limits = ["to be planned only" if one["planning_only"] else "", _ACCESS[one["access"]]]
            notes = "".join(f"; {note}" for note in limits if note)
            lines.append(f"{named:<24} {one['method'] + ' of ' + one['base']:<48} {', '.join(one['modes'])}{notes}")
        for one in row["results"]:
            told = ", ".join(f"{count} {verdict}" for verdict, count in one["verdicts"].items())
            lines.append(
                f"  {one['digest'][:12]} {one['mode']}: {told}{'' if one['current'] else ' (of an older recipe)'}"
            )
    return "".join(f"{line}\n" for line in lines) or "no entry has a recipe\n"
