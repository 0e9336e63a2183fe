"""The tables beside a training result: its steps, its answers and the verdicts on them.

They are read as closely as a record, for they come from a stranger's machine and are handed on to other people's
spreadsheets; `cell` writes free text so that it passes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from catalog import judgments
from catalog.reader import Place, Problem

MAX_BYTES = 5_000_000
MAX_CELL = 8_000
NAMES = re.compile(r"(?P<stem>[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?)\.(?P<table>steps|answers|verdicts)\.csv")
STEPS = ("step", "loss", "learning_rate", "grad_norm", "tokens", "targets", "padding")
ANSWERS = ("question_id", "model", "answer", "exact")
_WHOLE = frozenset(("step", "tokens", "targets", "padding"))
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?")
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class ResultTable:
    """A table as its bytes stand beside the result."""

    file: str
    """Name of the file."""
    raw: bytes
    sha256: str
    columns: tuple[str, ...]
    rows: int

    @cached_property
    def table(self) -> str:
        """`steps`, `answers` or `verdicts`."""
        return self.file.rsplit(".", 2)[-2]

    def read(self) -> list[dict[str, str]]:
        """The rows; only for a table without problems."""
        return list(csv.DictReader(io.StringIO(self.raw.decode())))


def cell(text: str) -> str:
    """Free text as a cell: what cannot be printed is escaped, and no spreadsheet takes it for a formula.

    Longer than 8,000 characters it is cut, with an ellipsis.
    """
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    shown = shown if len(shown) <= MAX_CELL - 1 else shown[: MAX_CELL - 2] + "…"
    return f"'{shown}" if shown.startswith(_RUN_BY_SPREADSHEETS) else shown


def read(file: str, raw: bytes) -> tuple[ResultTable, list[Problem]]:
    """The table and what is wrong with it, each problem with its place. `file` tells which of the three it is."""
    name = NAMES.fullmatch(file)
    if name is None:
        raise ValueError(f"`{file}` is no name of a table")
    if name["table"] == "verdicts":
        table, problems = judgments.read("", file, raw)
        if not problems and not {"question_id", "model_a", "model_b", "winner"} <= set(table.columns):
            what = "the first line must name question_id, model_a, model_b and winner"
            problems.append(Problem(Place(1, 1), "HB261", what, ""))
        return ResultTable(file, raw, table.sha256, table.columns, table.rows), problems
    problems = []
    wanted = STEPS if name["table"] == "steps" else ANSWERS
    rows = _check(raw, wanted, problems)
    return ResultTable(file, raw, hashlib.sha256(raw).hexdigest(), wanted, rows), problems


def _check(raw: bytes, wanted: tuple[str, ...], problems: list[Problem]) -> int:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(Problem(Place(line, 1), "HB261", "this is not UTF-8", ""))
        return 0
    if text.startswith("\ufeff") or "\r" in text:
        problems.append(Problem(Place(1, 1), "HB261", "a byte order mark or CR line ends", "lines end with LF"))
        return 0
    reader, rows, step = csv.reader(io.StringIO(text), strict=True), 0, 0
    try:
        if tuple(next(reader, ())) != wanted:
            problems.append(Problem(Place(1, 1), "HB262", f"the first line must be `{','.join(wanted)}`", ""))
            return 0
        for row in reader:
            rows += 1
            problems += _wrong_row(wanted, row, reader.line_num)
            if wanted is STEPS and not problems:
                problems += _wrong_order(step, int(row[0]), reader.line_num)
                step = int(row[0])
            if len(problems) > 20:
                break
    except csv.Error as error:
        problems.append(Problem(Place(reader.line_num, 1), "HB261", f"not CSV: {error}", ""))
        return 0
    if not rows and not problems:
        problems.append(Problem(Place(1, 1), "HB261", "the table has no rows", ""))
    return rows


def _wrong_order(before: int, step: int, line: int) -> Iterator[Problem]:
    if step != before + 1:
        yield Problem(Place(line, 1), "HB263", f"step {step} comes after step {before}", "one row a step, from 1")


def _wrong_row(wanted: tuple[str, ...], row: list[str], line: int) -> Iterator[Problem]:
    if len(row) != len(wanted):
        yield Problem(Place(line, 1), "HB263", f"{len(row)} cells, the first line has {len(wanted)}", "")
        return
    column = 1
    for name, value in zip(wanted, row, strict=True):
        if what := _wrong(name, value):
            yield Problem(Place(line, column), "HB263", f"`{name}` is `{value[:60]}`: {what}", "")
        column += len(value) + 1


def _wrong(name: str, value: str) -> str:
    """What is wrong with a cell; empty where nothing is."""
    if name in STEPS:
        if not _NUMBER.fullmatch(value) or len(value) > 40 or not math.isfinite(float(value)):
            return "not a number"
        return "not a whole number" if name in _WHOLE and not (value.isdigit() and len(value) <= 18) else ""
    if name == "exact":
        return "" if value in ("0", "1") else "neither 0 nor 1"
    if name in ("question_id", "model"):
        return "" if judgments.is_name(value) else judgments.NOT_A_NAME
    if len(value) > MAX_CELL:
        return f"longer than {MAX_CELL:,} characters"
    if not value.isprintable():
        return "it holds what cannot be printed; escape it"
    return "a spreadsheet would run it; put an apostrophe before it" if value.startswith(_RUN_BY_SPREADSHEETS) else ""
