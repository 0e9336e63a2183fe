"""The CSV of verdicts, as `runner rate` takes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from runner.judge.base import Form, Pair, Ruling

NAME = "verdicts.csv"


def columns(form: Form) -> tuple[str, ...]:
    """The header: winners or scores in the middle."""
    middle = ("winner",) if form == "winner" else ("score_a", "score_b")
    return ("question_id", "category", "model_a", "model_b", *middle, "judge", "annotator", "order")


def to_csv(ruled: Iterable[tuple[Pair, Ruling]], judge: str, form: Form) -> bytes:
    """One row a verdict. What could not be read is `invalid`; among scores, two empty cells."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns(form))
    for pair, ruling in ruled:
        said: tuple[object, ...] = (ruling.winner or "invalid",)
        if form == "scores":
            said = ruling.scores or ("", "")
        names = (pair.question_id, pair.category, pair.model_a, pair.model_b)
        writer.writerow((*names, *said, ruling.judge or judge, ruling.annotator, pair.order))
    return text.getvalue().encode()
