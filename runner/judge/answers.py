"""Answers to be judged: JSON Lines in, questions with their answers out, and the pairs to compare."""

from __future__ import annotations

import codecs
import hashlib
import itertools
import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from catalog.errors import UserError
from runner.judge.base import Pair

MAX_FILE = 256_000_000
MAX_ROW = 4_000_000
MAX_TEXT = 1_000_000
MAX_NAME = 200
MAX_PAIRS = 1_000_000

_REQUIRED = ("question_id", "question", "model", "answer")
_KNOWN = frozenset((*_REQUIRED, "category", "reference"))
# Spreadsheets run a cell that starts so as a formula, and these words become cells.
_FORMULA = tuple("=+-@")
_ROW_HINT = 'one row is {"question_id": ..., "question": ..., "model": ..., "answer": ...}'


@dataclass(frozen=True)
class Question:
    """A question and, by model in the order of the file, the answers."""

    id: str
    category: str
    text: str
    reference: str | None
    answers: Mapping[str, str]


@dataclass(frozen=True)
class Answers:
    """A file of answers; questions and models in the order in which it names them first."""

    questions: tuple[Question, ...]
    models: tuple[str, ...]
    sha256: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Row:
    line: int
    question_id: str
    category: str
    question: str
    model: str
    answer: str
    reference: str | None


def read(path: Path) -> Answers:
    """Read and check a file of answers; UserError (exit 2) names the row of the first fault."""
    digest = hashlib.sha256()
    unknown: set[str] = set()
    rows: dict[tuple[str, str], _Row] = {}
    first: dict[str, _Row] = {}
    for line, raw in _lines(path):
        digest.update(raw)
        if not raw.strip():
            continue
        row = _row(path, line, raw, unknown)
        leader = first.setdefault(row.question_id, row)
        _same_question(path, leader, row)
        other = rows.setdefault((row.question_id, row.model), row)
        if other is not row:
            why = f"row {other.line} has one too"
            raise _wrong(path, line, f"a second answer of `{row.model}` to question `{row.question_id}`", why)
    if not rows:
        raise UserError("there are no answers", where=str(path), hint=_ROW_HINT, exit_code=2)
    return _collect(rows, first, digest.hexdigest(), (_ignored(unknown),) if unknown else ())


def _ignored(unknown: Collection[str]) -> str:
    shown = [f"`{ascii(name)[1:-1][:40]}`" for name in sorted(unknown)[:8]]
    return f"ignored in the answers: {', '.join(shown)}{' and more' if len(unknown) > 8 else ''}"


def _collect(
    rows: Mapping[tuple[str, str], _Row], first: Mapping[str, _Row], sha256: str, warnings: tuple[str, ...]
) -> Answers:
    models = tuple(dict.fromkeys(model for _, model in rows))
    given: dict[str, dict[str, str]] = {question: {} for question in first}
    for (question, model), row in rows.items():
        given[question][model] = row.answer
    questions = tuple(
        Question(row.question_id, row.category, row.question, row.reference, given[row.question_id])
        for row in first.values()
    )
    return Answers(questions, models, sha256, warnings)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with their number from 1; a byte order mark is passed over."""
    if not path.is_file():
        raise UserError(f"there is no file `{path}`", hint="name a JSON Lines file of answers", exit_code=2)
    try:
        if path.stat().st_size > MAX_FILE:
            raise UserError(f"`{path}` is larger than {MAX_FILE / 1e6:g} MB", hint="split it", exit_code=2)
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_ROW + 1):
                number += 1
                if len(raw) > MAX_ROW:
                    raise _wrong(path, number, f"longer than {MAX_ROW:,} bytes")
                yield number, raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
    except OSError as error:
        raise UserError(f"cannot read `{path}`", why=error.strerror or str(error), exit_code=2) from None


def _wrong(path: Path, line: int, what: str, why: str = "", hint: str = "") -> UserError:
    return UserError(what, where=f"{path}, row {line}", why=why, hint=hint, exit_code=2)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key stands there twice")
    return values


def _row(path: Path, line: int, raw: bytes, unknown: set[str]) -> _Row:
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise _wrong(path, line, "not UTF-8", f"byte {error.start + 1} of the row") from None
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _wrong(path, line, "not JSON", why, _ROW_HINT) from None
    if not isinstance(value, dict):
        raise _wrong(path, line, "not a JSON object", hint=_ROW_HINT)
    if missing := [name for name in _REQUIRED if value.get(name) is None]:
        raise _wrong(path, line, f"`{missing[0]}` is missing", hint=_ROW_HINT)
    unknown |= value.keys() - _KNOWN
    number = value["question_id"]
    if isinstance(number, int) and not isinstance(number, bool):
        value["question_id"] = str(number)
    return _Row(
        line,
        _name(path, line, "question_id", value["question_id"]),
        _name(path, line, "category", value["category"]) if value.get("category") else "",
        _text(path, line, "question", value["question"]),
        _name(path, line, "model", value["model"]),
        _text(path, line, "answer", value["answer"]),
        None if value.get("reference") is None else _text(path, line, "reference", value["reference"]),
    )


def _text(path: Path, line: int, field: str, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(path, line, f"`{field}` is not text")
    if len(value) > MAX_TEXT:
        raise _wrong(path, line, f"`{field}` is longer than {MAX_TEXT:,} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        why = "a lone surrogate, which UTF-8 cannot write"
        raise _wrong(path, line, f"`{field}` holds half a character", why) from None
    return value


def _name(path: Path, line: int, field: str, value: object) -> str:
    text = _text(path, line, field, value)
    if fault := name_fault(text):
        raise _wrong(path, line, f"`{field}` {fault}")
    return text


def name_fault(text: str) -> str:
    """Why `text` cannot be an id, category or model; empty where it can. These words become cells of a CSV."""
    if not text.strip() or text != text.strip():
        return "is empty or has spaces around it"
    if len(text) > MAX_NAME:
        return f"is longer than {MAX_NAME} characters"
    if not text.isprintable():
        return "holds a character that cannot be seen"
    if text.startswith(_FORMULA):
        return f"starts with `{text[0]}`, which a spreadsheet would run as a formula"
    return ""


def _same_question(path: Path, leader: _Row, row: _Row) -> None:
    for field in ("question", "category", "reference"):
        if getattr(leader, field) != getattr(row, field):
            what = f"question `{row.question_id}` has another `{field}` here than in row {leader.line}"
            raise _wrong(path, row.line, what, hint="the rows of one question differ in model and answer only")


def plan(answers: Answers, *, both_orders: bool, seed: int = 0) -> tuple[Pair, ...]:
    """Every pair of answers to the same question, in the order of the file.

    Without `both_orders` each pair is shown once, and a coin fixed by `seed`, question and models says which way, so
    that no model stands first more often than chance allows.
    """
    count = sum(math.comb(len(question.answers), 2) for question in answers.questions) * (2 if both_orders else 1)
    if count > MAX_PAIRS:
        hint = "judge fewer models or questions at a time"
        raise UserError(f"{count:,} comparisons, more than {MAX_PAIRS:,}", hint=hint, exit_code=2)
    if not count:
        why = "no question was answered by two models"
        raise UserError("there is nothing to compare", why=why, exit_code=2)
    orders: tuple[Literal[1, 2], ...] = (1, 2)
    rank = {model: at for at, model in enumerate(answers.models)}
    pairs: list[Pair] = []
    for question in answers.questions:
        for a, b in itertools.combinations(sorted(question.answers, key=rank.__getitem__), 2):
            shown = orders if both_orders else (orders[coin(seed, question.id, a, b)],)
            pairs += [_pair(question, a, b, order) for order in shown]
    return tuple(pairs)


def _pair(question: Question, a: str, b: str, order: Literal[1, 2]) -> Pair:
    first, second = (a, b) if order == 1 else (b, a)
    given = question.answers
    return Pair(
        question.id, question.category, question.text, first, given[first], second, given[second],
        question.reference, order,
    )  # fmt: skip


def coin(*words: object) -> int:
    """0 or 1, the same for the same words on every machine."""
    return hashlib.sha256("\0".join(map(str, words)).encode()).digest()[0] & 1
