"""`runner reproduce`: runs what a recipe asks for as far as it can here, compares, and attaches the result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.files import show
from catalog.results import SCHEMA
from catalog.sealing import write
from catalog.store import find_root
from runner import attach, provenance
from runner.compare import all_held, compared
from runner.entries import Prepared, check_inputs, prepare
from runner.pipeline import STAGES, Done, Stage, run, write_atomically

Json = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    slug: str
    mode: str
    stages: tuple[Done, ...]
    run: Path
    placed: attach.Placed | None
    content: Json | None
    """The result; None where none was made."""

    @property
    def exit_code(self) -> int:
        """1 failure, 4 a claim was not reproduced, 3 a stage could not run here, 0 all held; in this precedence."""
        if any(stage.status == "failed" for stage in self.stages):
            return 1
        if self.content is not None and not all_held(self.content["claims"]):
            return 4
        return 3 if any(stage.status == "unavailable" for stage in self.stages) else 0

    @property
    def status(self) -> str:
        """The exit code as a word."""
        return {0: "reproduced", 1: "failed", 3: "incomplete", 4: "not-reproduced"}[self.exit_code]

    def to_json(self) -> Json:
        """The contract of `--json`; numbers are not rounded, what was not computed is null."""
        keys = ("id", "published", "reproduced", "difference", "tolerance", "verdict")
        claims = self.content["claims"] if self.content else []
        return {
            "slug": self.slug,
            "mode": self.mode,
            "status": self.status,
            "stages": [stage.to_json() for stage in self.stages],
            "run": show(self.run),
            "result": show(self.placed.path) if self.placed else None,
            "digest": self.content["digest"] if self.content else None,
            "claims": [{key: claim[key] for key in keys} for claim in claims],
            "metrics": metrics(self.content) if self.content else {},
        }


def reproduce(slug: str, only: Sequence[str], runs: Path, *, attaching: bool = True) -> Outcome:
    """Run the stages that were asked for; `only` empty means all. The result lies in the run's folder in any case."""
    root = find_root()
    entry = prepare(slug, root)
    inputs = check_inputs(entry)
    wanted = [name for name in STAGES if not only or name in only or (name == "report" and "rate" in only)]
    command = f"runner reproduce {slug}{''.join(f' --only {name}' for name in only)}"
    folder = runs / slug / f"{entry.evaluation.published}-rate"
    stages = run(folder, [_stage(name, entry, inputs, folder, command) for name in wanted])
    content, placed = None, None
    if any(stage.name == "report" and stage.status in ("done", "unchanged") for stage in stages):
        result, content, raw = attach.load(folder / "report" / "result.yaml")
        placed = attach.attach(result, raw, root) if attaching else None
    return Outcome(slug, "rate", tuple(stages), folder, placed, content)


_NEEDS = {
    "prepare": "a `training` part in the recipe, which says what data and weights to fetch; this recipe has none yet",
    "train": "a `training` part in the recipe; this recipe has none yet",
    "generate": "the weights of the models and the questions of the benchmark, which the recipe does not name yet",
}


def _stage(name: str, entry: Prepared, inputs: list[Json], folder: Path, command: str) -> Stage:
    """Each stage with everything that decides its outcome; the code counts, so that a repaired engine runs again."""
    code = provenance.tree()
    if name == "judge":
        return Stage(name, {"inputs": inputs}, lambda out: _judge(entry, out))
    if name == "rate":
        asked = {"recipe": entry.resolved, "inputs": inputs, "code": code, "platform": provenance.platform_key(1)}
        return Stage(name, asked, lambda out: _rate(entry, out))
    if name == "report":
        rated = folder / "rate" / "rating.json"
        made = provenance.made(command)
        asked = {"recipe": entry.resolved, "inputs": inputs, "made": made}
        return Stage(name, asked, lambda out: _report(entry, inputs, made, rated, out))
    return Stage(name, {}, None, _NEEDS[name])


def _judge(entry: Prepared, out: Path) -> None:
    """The `recorded` judge: the verdicts on record, byte for byte."""
    table = entry.judgments[entry.evaluation.judgments.file]
    write_atomically(out / "verdicts.csv", table.raw)


def _rate(entry: Prepared, out: Path) -> None:
    from runner.progress import bar
    from runner.tournament import rating

    found = rating(entry.folder, entry.resolved, bar())
    write_atomically(out / "rating.json", (json.dumps(found, allow_nan=False) + "\n").encode())


def _report(entry: Prepared, inputs: list[Json], made: Json, rated: Path, out: Path) -> None:
    try:
        rating = json.loads(rated.read_bytes())
    except OSError:
        raise UserError("there is nothing to report", why="the stage `rate` has not run here", exit_code=2) from None
    write_atomically(out / "result.yaml", write(content_of(entry, inputs, rating, made)))


def content_of(entry: Prepared, inputs: list[Json], rating: Json, made: Json) -> Json:
    """A result, except its digest and seal."""
    return {
        "schema": SCHEMA,
        "entry": entry.slug,
        "recipe": entry.evaluation.published,
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
