"""Recorded verdicts beside an entry: `models/<slug>/judgments/*.csv`, ids and figures only.

This reads them as closely as a record: what is malformed has a line and a column. What the figures mean is the rating
engine's; the register only holds them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.reader import Place, Problem

MAX_BYTES = 20_000_000
WINNERS = frozenset(("model_a", "model_b", "tie", "invalid", "model_a_strong", "model_b_strong"))
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_NAME = re.compile(r"[^\x00-\x1f\x7f=+\-@\"',;<>][^\x00-\x1f\x7f\"',;<>]{0,119}")
_COLUMNS = frozenset(
    (
        "round",
        "question_id",
        "category",
        "judge",
        "annotator",
        "weight",
        "model",
        "rating",
        "model_a",
        "model_b",
        "winner",
        "score_a",
        "score_b",
    )
)
_NUMBERS = frozenset(("round", "weight", "rating", "score_a", "score_b"))


@dataclass(frozen=True)
class JudgmentTable:
    """A recorded table as its bytes stand in the repository."""

    entry: str
    file: str
    """Below the entry's folder: `judgments/x.csv`."""
    raw: bytes
    sha256: str
    columns: tuple[str, ...]
    rows: int


def read(entry: str, file: str, raw: bytes) -> tuple[JudgmentTable, list[Problem]]:
    """The table and what is wrong with it, each problem with its place."""
    problems: list[Problem] = []
    columns: tuple[str, ...] = ()
    rows = 0
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        at = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        text = ""
        problems.append(Problem(at, "HB261", "this is not UTF-8", "save the file as UTF-8"))
    else:
        columns, rows = _check(text, problems)
    return JudgmentTable(entry, file, raw, hashlib.sha256(raw).hexdigest(), columns, rows), problems


def _check(text: str, problems: list[Problem]) -> tuple[tuple[str, ...], int]:
    if text.startswith("\ufeff") or "\r" in text:
        line = text[: text.find("\r")].count("\n") + 1 if "\r" in text else 1
        what = "a byte order mark or CR line ends change the hash from machine to machine"
        problems.append(Problem(Place(line, 1), "HB261", what, "save it as UTF-8 without BOM, lines ending with LF"))
        return (), 0
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        columns = tuple(next(reader, ()))
        problems += _wrong_columns(columns)
        rows = 0
        if not problems:
            for row in reader:
                rows += 1
                problems += _wrong_cells(columns, row, reader.line_num)
                if len(problems) > 20:
                    break
    except csv.Error as error:
        problems.append(Problem(Place(reader.line_num, 1), "HB261", f"not CSV: {error}", ""))
        return (), 0
    if not rows and not problems:
        problems.append(Problem(Place(1, 1), "HB261", "the table has no rows", ""))
    return columns, rows


def _wrong_columns(columns: tuple[str, ...]) -> Iterator[Problem]:
    named = set(columns)
    verdicts = {"model_a", "model_b"} <= named and ("winner" in named or {"score_a", "score_b"} <= named)
    states = {"round", "model", "rating"} <= named
    if not (verdicts or states):
        what = "the first line must name model_a, model_b and winner (or score_a, score_b), or round, model, rating"
        yield Problem(Place(1, 1), "HB261", what, "")
    for number, name in enumerate(columns):
        if name not in _COLUMNS or name in columns[:number]:
            at = Place(1, len(",".join(columns[:number])) + (2 if number else 1))
            hint = "ids and figures only: the texts of questions and answers are not ours to hand on"
            yield Problem(
                at, "HB262", f"the column `{name[:60]}` {'stands twice' if name in _COLUMNS else 'is not known'}", hint
            )


def _wrong_cells(columns: tuple[str, ...], row: list[str], line: int) -> Iterator[Problem]:
    if len(row) != len(columns):
        yield Problem(Place(line, 1), "HB263", f"{len(row)} cells, the first line has {len(columns)}", "")
        return
    column = 1
    for name, cell in zip(columns, row, strict=True):
        if what := _wrong(name, cell):
            yield Problem(Place(line, column), "HB263", f"`{name}` is `{cell[:60]}`: {what}", "")
        column += len(cell) + 1


def _wrong(name: str, cell: str) -> str:
    if name in _NUMBERS:
        return "" if _NUMBER.fullmatch(cell) else "not a number"
    if name == "winner":
        return "" if cell in WINNERS else f"not one of {', '.join(sorted(WINNERS))}"
    return "" if is_name(cell) else NOT_A_NAME


NOT_A_NAME = "a name has at most 120 characters, no markup and no sign that a spreadsheet would run"


def is_name(cell: str) -> bool:
    """Whether a cell may stand for a question, a model or a judge."""
    return _NAME.fullmatch(cell) is not None
