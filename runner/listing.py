"""`runner list`: what can be reproduced, how far it goes here, and what was found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.results import Result
from catalog.store import find_root
from runner.entries import Prepared, prepare, slugs

Json = dict[str, Any]


def rows(root: Path | None = None) -> list[Json]:
    """One item an entry with a recipe; `error` where the recipe cannot be read."""
    root = root or find_root()
    return [_row(slug, root) for slug in slugs(root)]


def _row(slug: str, root: Path) -> Json:
    try:
        entry = prepare(slug, root)
    except UserError as error:
        return {"slug": slug, "recipe": None, "stages": [], "claims": 0, "results": [], "error": error.what}
    return {
        "slug": slug,
        "recipe": entry.resolved.get("published"),
        "stages": ["judge", "rate", "report"] if entry.evaluation else [],
        "claims": len(entry.resolved.get("claims", ())),
        "results": [
            _result(entry, file.record, file.path) for file in entry.results if isinstance(file.record, Result)
        ],
        "error": None,
    }


def _result(entry: Prepared, result: Result, path: str) -> Json:
    verdicts = Counter(claim.verdict or "not computed" for claim in result.claims)
    return {
        "path": path,
        "mode": result.mode,
        "digest": result.digest,
        "current": result.recipe_sha256 == entry.recipe_sha256,
        "verdicts": dict(sorted(verdicts.items())),
    }


def as_text(found: list[Json]) -> str:
    """A line an entry, and one below it for each result."""
    lines = []
    for row in found:
        if row["error"]:
            lines.append(f"{row['slug']:<24} {row['error']}")
            continue
        lines.append(
            f"{row['slug']:<24} {row['recipe']:<24} {row['claims']} figures; stages: {', '.join(row['stages'])}"
        )
        for one in row["results"]:
            told = ", ".join(f"{count} {verdict}" for verdict, count in one["verdicts"].items())
            lines.append(
                f"  {one['digest'][:12]} {one['mode']}: {told}{'' if one['current'] else ' (of an older recipe)'}"
            )
    return "".join(f"{line}\n" for line in lines) or "no entry has a recipe\n"
