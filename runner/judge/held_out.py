"""Answers to held-out prompts against the held-out answers, and against each other."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.result_tables import cell
from catalog.training import Answers
from runner.inputs.examples import Example
from runner.judge.base import Pair, Ruling
from runner.judge.reference import ReferenceJudge, exact

Json = dict[str, Any]
RESAMPLES = 1000
"""Of the questions, for the intervals."""


def judged(questions: Sequence[Example], answers: str) -> tuple[str, str, dict[str, float]]:
    """(verdicts as CSV, answers as CSV with a column `exact`, share of exact matches by model).

    `answers`: CSV with question_id, model, answer; every model answers every question. Every two models meet once on
    each question; who is shown first alternates, so that no model always is.
    """
    given: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(answers, newline="")):
        given.setdefault(row["model"], {})[row["question_id"]] = row["answer"]
    wanted = {question.id: question.answer for question in questions}
    for model, said in given.items():
        if said.keys() != wanted.keys():
            raise UserError(f"`{model}` did not answer every question", hint="remove the run's folder `generate`")
    judge = ReferenceJudge("exact")
    ruled = [(pair, _winner(judge.compare(pair))) for pair in _pairs(questions, given)]
    right = {model: {id: exact(said[id], wanted[id]) or 0.0 for id in wanted} for model, said in given.items()}
    shares = {model: sum(scores.values()) / len(scores) for model, scores in right.items()}
    return _verdicts(ruled), _with_exact(given, right), shares


def _verdicts(ruled: Sequence[tuple[Pair, Ruling]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("question_id", "model_a", "model_b", "winner"))
    writer.writerows((pair.question_id, pair.model_a, pair.model_b, ruling.winner) for pair, ruling in ruled)
    return text.getvalue()


def _winner(ruling: Ruling | None) -> Ruling:
    """The answer that equals the reference wins over one that does not; else it is a tie."""
    a, b = (ruling.scores if ruling else None) or (0.0, 0.0)
    return Ruling(winner="tie" if a == b else "model_a" if a > b else "model_b")


def _pairs(questions: Sequence[Example], given: dict[str, dict[str, str]]) -> list[Pair]:
    pairs = []
    for number, question in enumerate(questions):
        for at, (one, other) in enumerate(combinations(given, 2)):
            first, second = (one, other) if (number + at) % 2 == 0 else (other, one)
            pairs.append(
                Pair(question.id, "", question.prompt, first, given[first][question.id], second,
                     given[second][question.id], question.answer)
            )  # fmt: skip
    return pairs


def _with_exact(given: dict[str, dict[str, str]], right: dict[str, dict[str, float]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("question_id", "model", "answer", "exact"))
    for model, said in given.items():
        writer.writerows((id, model, cell(answer), int(right[model][id])) for id, answer in said.items())
    return text.getvalue()


def rated(verdicts: Path, answers: Answers, seed: int, progress: Callable[[float], None]) -> Json:
    """The `rating` part of a result: Elo over random orders of the battles, and Bradley-Terry with intervals."""
    from runner.battles import read
    from runner.tournament import pairs, run_result

    battles, seed = read(verdicts), answers.seed + seed
    asked: dict[str, Json] = {
        "elo": {"k": float(answers.k), "order": "random", "orderings": answers.orderings, "seed": seed},
        "bradley-terry": {"method": "bt", "bootstrap": RESAMPLES, "cluster": "question_id", "seed": seed},
    }
    runs = []
    for number, (name, settings) in enumerate(asked.items()):
        run = {"id": name, "basis": "ours", "settings": settings, "from_start": False, "categories": False}
        runs.append(run_result(battles, run, None, partial(_told, progress, number, len(asked))))
    return {"runs": runs, "pairs": pairs(battles), "states": None}


def _told(progress: Callable[[float], None], number: int, of: int, share: float) -> None:
    progress((number + share) / of)
