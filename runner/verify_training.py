"""Checks of a training's result: its tables, what follows from them, and, where asked, the whole run again."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.recipes import digest, plain
from catalog.resolving import resolved_training
from catalog.sealing import TABLES, table_name
from catalog.store import find_root
from catalog.training import Answers
from runner.checked import Check, difference
from runner.entries import prepare
from runner.training_report import metrics_of

Json = dict[str, Any]
NOISE = 1e-9
SAME_PLATFORM = ("torch", "cpu", "threads", "device")
"""What has to be the same for the same bytes to come out."""


def checks(content: Json, path: Path) -> Iterator[Check]:
    """Everything that follows from the record and its tables."""
    tables: dict[str, bytes] = {}
    yield from _tables(content, path, tables)
    yield _current(content, path)
    if "steps" in tables:
        yield _steps(content, tables["steps"])
    if "answers" in tables and content["answered"]:
        yield from _answers(content, tables)
    if "verdicts" in tables and content["tournament"]:
        yield _rating(content, path.with_name(table_name(path.name, "verdicts")))


def _tables(content: Json, path: Path, found: dict[str, bytes]) -> Iterator[Check]:
    for table, part in TABLES.items():
        if not content.get(part):
            continue
        name = content[part][table]["file"]
        try:
            raw = path.with_name(name).read_bytes()
        except OSError:
            yield Check(f"table {table}", False, f"`{name}` does not lie beside it")
            continue
        same = hashlib.sha256(raw).hexdigest() == content[part][table]["sha256"]
        if same:
            found[table] = raw
        yield Check(f"table {table}", same, "has the SHA-256 given" if same else f"`{name}` was changed")


def _current(content: Json, path: Path) -> Check:
    try:
        entry = prepare(content["entry"], find_root(path.resolve().parent))
        now = resolved_training(entry.record, entry.recipe, content["recipe"], content["mode"])
    except UserError as error:
        return Check("current", None, f"{error.what}{f': {error.why}' if error.why else ''}")
    same = digest(now) == content["recipe_sha256"]
    # An older recipe takes nothing from the result: it holds all it was made from.
    told = "is the recipe as it stands" if same else "the recipe has changed since; not a fault"
    return Check("current", True if same else None, told)


def _steps(content: Json, raw: bytes) -> Check:
    losses = [float(row["loss"]) for row in _rows(raw)]
    trained = content["trained"]
    same = bool(losses) and (losses[0], losses[-1]) == (trained["first_loss"], trained["last_loss"])
    return Check("steps", same, f"{len(losses):,} losses" if same else "first and last loss are not those of the table")


def _answers(content: Json, tables: dict[str, bytes]) -> Iterator[Check]:
    exact: dict[str, dict[str, int]] = {}
    for row in _rows(tables["answers"]):
        exact.setdefault(row["model"], {})[row["question_id"]] = int(row["exact"])
    found = metrics_of({model: sum(said.values()) / len(said) for model, said in exact.items()})
    same = found == content["answered"]["metrics"]
    yield Check("metrics", same, "follow from the answers" if same else "do not follow from the answers")
    if "verdicts" not in tables:
        return
    verdicts = _rows(tables["verdicts"])
    wrong = sum(row["winner"] != _winner(exact, row) for row in verdicts)
    whole = len(verdicts) == len(list(combinations(exact, 2))) * len(next(iter(exact.values())))
    holds = whole and not wrong
    told = f"{wrong} do not follow from the answers" if wrong else "some are missing"
    yield Check("judged", holds, "follow from the answers" if holds else told)


def _winner(exact: dict[str, dict[str, int]], row: dict[str, str]) -> str:
    a, b = (exact.get(row[side], {}).get(row["question_id"], 0) for side in ("model_a", "model_b"))
    return "tie" if a == b else "model_a" if a > b else "model_b"


def _rating(content: Json, verdicts: Path) -> Check:
    from runner.judge.held_out import rated

    answers = Answers.model_validate(content["resolved"]["settings"]["answers"])
    again = plain(rated(verdicts, answers, content["seed"], lambda share: None))
    worst, where = difference(content["tournament"]["rating"], again)
    if worst <= NOISE:
        bits = "to the last bit" if worst == 0 else f"within {worst:.1g} of its size"
        return Check("recomputed", True, f"every rating comes out again {bits}")
    return Check("recomputed", False, f"`{where}` comes out otherwise")


def same_finding(content: Json, other: Json) -> Check:
    """Two results of the same training against each other.

    On the same platform the digest has to be the same; on another the same data and settings, and every claim of
    quality with the same verdict.
    """
    one, two = (_key(result) for result in (content, other))
    if one == two:
        same = content["digest"] == other["digest"]
        told = "the same platform: " + ("the same digest" if same else f"another digest, {other['digest'][:12]}")
        return Check("again", same, told)
    differ = [name for name in SAME_PLATFORM if one[name] != two[name]]
    told = f"another platform ({', '.join(differ)}): "
    if content["recipe_sha256"] != other["recipe_sha256"] or _data(content) != _data(other):
        return Check("again", False, told + "other settings or other data")
    verdicts = [{claim["id"]: claim["verdict"] for claim in result["claims"]} for result in (content, other)]
    same = verdicts[0] == verdicts[1]
    return Check("again", same, told + ("the same data and verdicts" if same else "a claim got another verdict"))


def _key(content: Json) -> Json:
    return {name: content["made"]["platform"][name] for name in SAME_PLATFORM}


def _data(content: Json) -> list[tuple[str, str]]:
    """Inputs that no platform changes; a base that the run trained itself is not among them."""
    return [
        (one["role"], one["sha256"])
        for one in content["inputs"]
        if one["role"] != "base" or one["revision"] is not None
    ]


def rerun(content: Json, runs: Path) -> Check:
    """The whole training once more, as its record says it was asked for."""
    from runner.reproduce import Asked, reproduce

    partial = content["partial"]
    asked = Asked(
        slug=f"{content['entry']}/{content['recipe']}", mode=content["mode"], seed=content["seed"],
        steps=partial["steps"] if partial else None, runs=runs, attaching=False,
    )  # fmt: skip
    outcome = reproduce(asked)
    if outcome.content is None:
        needs = "; ".join(one for stage in outcome.stages for one in stage.needs)
        why = next((stage.error.what for stage in outcome.stages if stage.error), needs)
        return Check("again", None, f"could not be run here: {why}")
    return same_finding(content, outcome.content)


def _rows(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
