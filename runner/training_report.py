"""The result of a training from what its stages wrote: the record and the tables beside it."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.recipes import metric_claims
from catalog.results import SCHEMA
from catalog.sealing import digest_of, file_name, write
from runner import provenance
from runner.here import threads
from runner.learning.order import steps_of
from runner.machine import card_slug
from runner.metrics import compare, measured_figures
from runner.pipeline import write_atomically

if TYPE_CHECKING:
    from runner.fine_tune import Job

Json = dict[str, Any]


def write_report(job: Job, run: Path, out: Path) -> None:
    """Writes `<recipe>-<mode>-<digest12>.yaml` and its tables into `out`; `run` holds what the stages wrote."""
    tables = {"steps": run / "train" / "steps.csv"}
    if job.training.answers:
        tables |= {"answers": run / "judge" / "answers.csv", "verdicts": run / "judge" / "verdicts.csv"}
    raw = {name: path.read_bytes() for name, path in tables.items()}
    content = content_of(job, run, raw)
    name = file_name(job.name, job.mode, digest_of(content))
    for table, bytes_ in raw.items():
        write_atomically(out / f"{name.removesuffix('.yaml')}.{table}.csv", bytes_)
    write_atomically(out / name, write(content))


def content_of(job: Job, run: Path, tables: dict[str, bytes]) -> Json:
    """A result, except its digest, the names of its tables and its seal."""
    from runner.fine_tune import all_deviations, recipe_sha256

    trained, measured = _read(run / "train" / "trained.json"), _read(run / "train" / "measured.json")
    steps, planned = _rows(tables["steps"]), steps_of(job.training.batching, _lines(run / "prepare" / "examples.jsonl"))
    partial = {"steps": steps, "of": planned} if steps < planned else None
    claims = metric_claims(job.entry.recipe, job.name)
    figures = measured_figures(measured, steps, partial["of"] if partial else steps)
    card, count = card_slug(measured["device"]), measured["devices"]
    answered, tournament, quality = None, None, {}
    if "answers" in tables:
        exact = _read(run / "judge" / "exact.json")
        quality = metrics_of(exact)
        questions = len({row["question_id"] for row in csv.DictReader(tables["answers"].decode().splitlines())})
        answered = {"answers": _beside(tables["answers"]), "questions": questions, "metrics": quality}
        tournament = {"verdicts": _beside(tables["verdicts"]), "rating": _read(run / "rate" / "rating.json")}
    return {
        "schema": SCHEMA,
        "kind": "training",
        "entry": job.entry.slug,
        "recipe": job.name,
        "mode": job.mode,
        "recipe_sha256": recipe_sha256(job),
        "resolved": job.resolved,
        "partial": partial,
        "seed": job.seed,
        "inputs": _read(run / "prepare" / "inputs.json"),
        "deviations": [*all_deviations(job, run / "prepare"), *_read(run / "train" / "deviations.json")],
        "trained": {"steps": _beside(tables["steps"]), **trained},
        "answered": answered,
        "tournament": tournament,
        "claims": list(compare(claims, quality, card, count, partial is not None)),
        "measured": {**measured, "claims": list(compare(claims, figures, card, count, partial is not None))},
        "made": provenance.made(job.command, threads=threads(), device=_device(measured), training=True),
    }


def metrics_of(exact: dict[str, float]) -> dict[str, float]:
    """Shares of exact matches by the names that claims use; `tuned` is the last checkpoint."""
    last = list(exact)[-1]
    found = {f"exact-match-{model}": share for model, share in exact.items()}
    return {**found, "exact-match-tuned": exact[last]}


def _device(measured: Json) -> str:
    return "cpu" if measured["peak_allocated"] is None else "cuda"


def _beside(table: bytes) -> Json:
    return {"sha256": hashlib.sha256(table).hexdigest(), "rows": _rows(table)}


def _rows(table: bytes) -> int:
    return sum(1 for _ in csv.reader(table.decode().splitlines(keepends=True))) - 1


def _lines(path: Path) -> int:
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
