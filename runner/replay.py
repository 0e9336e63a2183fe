"""A published tournament rated again from its recorded verdicts: the stages judge, rate and report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.results import SCHEMA
from catalog.sealing import write
from runner import provenance
from runner.compare import compared
from runner.entries import Prepared, check_inputs
from runner.pipeline import Stage, write_atomically

Json = dict[str, Any]
STAGES = ("judge", "rate", "report")


def folder(entry: Prepared, runs: Path) -> Path:
    """Where the run of an entry's tournament is kept."""
    return runs / entry.slug / f"{entry.resolved['published']}-rate"


def stages(entry: Prepared, wanted: Sequence[str], command: str) -> list[Stage]:
    """Each stage with everything that decides its outcome; the code counts, so that a repaired engine runs again."""
    inputs, code = check_inputs(entry), provenance.tree()
    rated = {"recipe": entry.resolved, "inputs": inputs, "code": code, "platform": provenance.platform_key(1)}
    made = provenance.made(command)
    reported = {"recipe": entry.resolved, "inputs": inputs, "made": made}
    every = [
        Stage("judge", {"inputs": inputs}, lambda out, work: _judge(entry, out)),
        Stage("rate", rated, lambda out, work: _rate(entry, out)),
        Stage("report", reported, lambda out, work: _report(entry, inputs, made, out), after=("rate",)),
    ]
    return [stage for stage in every if stage.name in wanted]


def _judge(entry: Prepared, out: Path) -> None:
    """The `recorded` judge: the verdicts on record, byte for byte."""
    table = entry.judgments[entry.resolved["inputs"][0]["file"]]
    write_atomically(out / "verdicts.csv", table.raw)


def _rate(entry: Prepared, out: Path) -> None:
    from runner.progress import bar
    from runner.tournament import rating

    found = rating(entry.folder, entry.resolved, bar())
    write_atomically(out / "rating.json", (json.dumps(found, allow_nan=False) + "\n").encode())


def _report(entry: Prepared, inputs: list[Json], made: Json, out: Path) -> None:
    try:
        rating = json.loads((out.parent / "rate" / "rating.json").read_bytes())
    except OSError:
        raise UserError("there is nothing to report", why="the stage `rate` has not run here", exit_code=2) from None
    write_atomically(out / "result.yaml", write(content_of(entry, inputs, rating, made)))


def content_of(entry: Prepared, inputs: list[Json], rating: Json, made: Json) -> Json:
    """A result, except its digest and seal."""
    return {
        "schema": SCHEMA,
        "entry": entry.slug,
        "recipe": entry.resolved["published"],
        "mode": "rate",
        "recipe_sha256": entry.recipe_sha256,
        "resolved": entry.resolved,
        "inputs": inputs,
        "claims": compared(entry.resolved, rating),
        "rating": rating,
        "made": made,
    }


def metrics(content: Json) -> Json:
    """Largest and root mean square difference of each compared run, its ratings, and the printed states."""
    found: Json = {"states": content["rating"]["states"], "runs": {}}
    for run_ in content["rating"]["runs"]:
        differences = [
            claim["difference"]
            for claim in content["claims"]
            if claim["run"] == run_["id"] and claim["compares"] == "ratings" and claim["difference"] is not None
        ]
        count = len(differences)
        found["runs"][run_["id"]] = {
            "battles": run_["battles"],
            "ratings": {row["model"]: row["rating"] for row in run_["ratings"]},
            "largest_difference": max(map(abs, differences)) if count else None,
            "rms_difference": (sum(d * d for d in differences) / count) ** 0.5 if count else None,
        }
    return found
