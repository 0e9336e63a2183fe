"""Battles between models: who met whom on what, and who won, as arrays; read from a file, every row checked.

A row has `model_a`, `model_b` and either `winner` (model_a, model_b, tie, invalid; model_a_strong and model_b_strong
count as plain wins) or `score_a` and `score_b`; and, where the file has them, `question_id`, `category`, `round`,
`judge`, `annotator` and `weight`. An invalid row is a battle whose verdict could not be read: neither tie nor loss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from runner.cells import Cells
from runner.columns import Block, open_table, wrong

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int32]

WINNERS: Mapping[str, float] = {
    "model_a": 1.0,
    "model_b": 0.0,
    "tie": 0.5,
    "tie (bothbad)": 0.5,
    "invalid": np.nan,
    "model_a_strong": 1.0,
    "model_b_strong": 0.0,
}
"""Score of the first model by the word of the verdict; NaN where it could not be read."""
_STRONG = frozenset({"model_a_strong", "model_b_strong"})
_LABELS = {"question_id": "question", "category": "category", "judge": "judge", "annotator": "annotator"}
_COLUMNS = ("model_a", "model_b", "winner", "score_a", "score_b", *_LABELS, "round", "weight")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_UNREAD = -1.0  # both scores are -1 where FastChat's judge could not be read


class Notice(NamedTuple):
    """Something the reader of a result should know."""

    code: str
    message: str


@dataclass(frozen=True, eq=False)
class Labels:
    """A column of names: row i has `names[codes[i]]`, or none where the code is -1."""

    names: tuple[str, ...]
    codes: Ints

    def take(self, rows: npt.NDArray[Any]) -> Labels:
        """These rows; the names stay."""
        return Labels(self.names, self.codes[rows])


@dataclass(frozen=True, eq=False)
class Battles:
    """`n` battles in the order of the file; models are numbered by first appearance."""

    models: tuple[str, ...]
    a: Ints
    """Index of the model that was shown first. [n]"""
    b: Ints
    score: Floats
    """1 where the first model won, 0 where the second did, 0.5 for a tie, NaN where the verdict is invalid. [n]"""
    weight: Floats
    """0 or more, 1 where the file has no weights. [n]"""
    question: Labels | None = None
    category: Labels | None = None
    round: npt.NDArray[np.int64] | None = None
    judge: Labels | None = None
    annotator: Labels | None = None
    score_a: Floats | None = None
    """The judge's score of the first model; NaN where it is invalid. [n]"""
    score_b: Floats | None = None
    notices: tuple[Notice, ...] = ()

    def __len__(self) -> int:
        return len(self.a)

    def take(self, rows: npt.NDArray[Any]) -> Battles:
        """These rows (a mask or indices), with all models, whether or not they still fight."""
        taken: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                taken[field.name] = value[rows]
            elif isinstance(value, Labels):
                taken[field.name] = value.take(rows)
        return replace(self, **taken)


def read(path: Path) -> Battles:
    """The battles of a CSV, JSON lines or Parquet file. Raises UserError (exit code 2) with the row."""
    table = open_table(path, _COLUMNS)
    scored = _shape(path, table.names)
    columns = _Columns(path, scored)
    for block in table.blocks:
        columns.add(block)
    if not columns.rows:
        raise wrong(path, "there is no battle in the file", why="it has a header and nothing below")
    unknown = [name for name in table.names if name not in _COLUMNS]
    battles = columns.battles()
    if unknown:
        named = ", ".join(f"`{_short(name)}`" for name in unknown[:8]) + (" and more" if len(unknown) > 8 else "")
        notice = Notice("unknown-columns", f"columns that were not read: {named}")
        return replace(battles, notices=(notice, *battles.notices))
    return battles


def _shape(path: Path, names: Sequence[str]) -> bool:
    """Whether the scores decide; raises where columns are missing."""
    missing = [name for name in ("model_a", "model_b") if name not in names]
    scores = [name for name in ("score_a", "score_b") if name in names]
    if "winner" not in names and len(scores) < 2:
        missing.append("winner" if not scores else f"score_{'b' if scores == ['score_a'] else 'a'}")
    if missing:
        listed = ", ".join(f"`{_short(name)}`" for name in names[:12])
        raise wrong(
            path,
            f"columns are missing: {', '.join(f'`{name}`' for name in missing)}",
            1,
            why=f"the file has {listed}",
            hint="a battle has model_a, model_b and either winner or score_a and score_b",
        )
    return "winner" not in names


class _Wrong(Exception):
    """A cell that is wrong, and why; on its way to the place that knows the row."""


class _Codes(dict[str, int]):
    """Cell to number; a new cell is checked, and numbered with those that differ by spaces around them only."""

    def __init__(self, texts: dict[str, int], fault: Callable[[str], str | None]) -> None:
        self._texts, self._fault = texts, fault

    def __missing__(self, cell: str) -> int:
        text = cell.strip(" ")
        if fault := self._fault(text):
            raise _Wrong(cell, fault)
        self[cell] = code = self._texts.setdefault(text, len(self._texts))
        return code


class _Coder:
    """Texts to numbers by first appearance, each new text checked once; spaces around it do not count."""

    def __init__(self, fault: Callable[[str], str | None]) -> None:
        self.texts: dict[str, int] = {}
        self._codes = _Codes(self.texts, fault)

    def add(self, cells: Cells) -> Ints:
        """Codes of the cells; raises _Wrong at the first that is wrong."""
        codes = [self._codes[text] for text in cells.texts]
        return np.array(codes, np.int32)[cells.codes]

    @property
    def trimmed(self) -> bool:
        """Whether spaces were taken away."""
        return any(cell not in self.texts for cell in self._codes)


def _name_fault(text: str) -> str | None:
    """Why `text` cannot name a model: a spreadsheet would run it, or nobody could see it."""
    if not text:
        return "the name is empty"
    if text[0] in "=+-@\t\r\n":
        return "a spreadsheet would take this name for a formula"
    if not text.isprintable():
        return "the name has a character that cannot be seen"
    return "the name is longer than 200 characters" if len(text) > 200 else None


def _label_fault(text: str) -> str | None:
    """A judge, an annotator or a category may be missing."""
    return _name_fault(text) if text else None


def _question_fault(text: str) -> str | None:
    return "the text is longer than 1,000 characters" if len(text) > 1000 else None


def _winner_fault(text: str) -> str | None:
    return None if text in WINNERS else f"not one of {', '.join(word for word in WINNERS if ' ' not in word)}"


def _score_fault(text: str) -> str | None:
    """An empty score, or -1, is one that could not be read."""
    if not text:
        return None
    return _number_fault(text) or ("a score is 0 or more" if float(text) < 0 and float(text) != _UNREAD else None)


def _weight_fault(text: str) -> str | None:
    return _number_fault(text) or ("a weight is 0 or more" if float(text) < 0 else None)


def _number_fault(text: str) -> str | None:
    if not _NUMBER.fullmatch(text):
        return "not a number"
    return None if np.isfinite(float(text)) else "too large a number"


def _round_fault(text: str) -> str | None:
    return None if re.fullmatch(r"\d{1,15}", text, re.ASCII) else "a round is a whole number"


_FAULTS: Mapping[str, Callable[[str], str | None]] = {
    "winner": _winner_fault,
    "score": _score_fault,
    "weight": _weight_fault,
    "round": _round_fault,
    "model": _name_fault,
    "question_id": _question_fault,
}


def _short(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else "�" for letter in text[:60])
    return shown + ("…" if len(text) > 60 else "")


class _Columns:
    """What was read so far; `battles()` puts the blocks together."""

    def __init__(self, path: Path, scored: bool) -> None:
        self.rows = 0
        self._path, self._scored = path, scored
        self._coders: dict[str, _Coder] = {}
        self._parts: dict[str, list[Ints]] = {}

    def add(self, block: Block) -> None:
        """Take in the rows of one block; raises at the first that is wrong."""
        for column, cells in block.columns.items():
            kind = column.removesuffix("_a").removesuffix("_b") if column.endswith(("_a", "_b")) else column
            coder = self._coders.setdefault(kind, _Coder(_FAULTS.get(kind, _label_fault)))
            try:
                codes = coder.add(cells)
            except _Wrong as error:
                cell, why = error.args
                row = block.first + int(np.argmax(cells.codes == list(cells.texts).index(cell)))
                raise wrong(self._path, f"{column} `{_short(cell)}`", row, why=why) from None
            self._parts.setdefault(column, []).append(codes)
        a, b = self._parts["model_a"][-1], self._parts["model_b"][-1]
        if (same := np.flatnonzero(a == b)).size:
            cells = block.columns["model_a"]
            name = cells.texts[cells.codes[same[0]]]
            raise wrong(self._path, f"`{_short(name)}` meets itself", block.first + int(same[0]))
        self.rows += len(a)

    def battles(self) -> Battles:
        """All rows, models numbered by first appearance whatever the size of the blocks was."""
        models, a, b = self._models()
        notices = []
        if self._coders["model"].trimmed:
            notices.append(Notice("spaces", "spaces around the names of models were taken away"))
        score_a, score_b = self._numbers("score_a", _score), self._numbers("score_b", _score)
        if self._scored and score_a is not None and score_b is not None:
            score = np.where(score_a > score_b, 1.0, np.where(score_a < score_b, 0.0, 0.5))
            score[np.isnan(score_a) | np.isnan(score_b)] = np.nan
        else:
            score = self._known("winner", WINNERS.__getitem__)
            notices += self._strong()
        weight = self._numbers("weight", float)
        rounds = self._numbers("round", float)
        return Battles(
            models, a, b, score,
            np.ones(self.rows) if weight is None else weight,
            round=None if rounds is None else rounds.astype(np.int64),
            score_a=score_a, score_b=score_b, notices=tuple(notices),
            **{field: self._labels(column) for column, field in _LABELS.items()},
        )  # fmt: skip

    def _models(self) -> tuple[tuple[str, ...], Ints, Ints]:
        names = list(self._coders["model"].texts)
        a, b = np.concatenate(self._parts["model_a"]), np.concatenate(self._parts["model_b"])
        first = np.full(len(names), 2 * self.rows)
        for codes, side in ((a, 0), (b, 1)):
            seen = first.copy()
            # Of repeated indices numpy keeps the last, here the earliest row.
            seen[codes[::-1]] = 2 * np.arange(self.rows)[::-1] + side
            first = np.minimum(first, seen)
        order = np.argsort(first)
        number = np.empty(len(order), np.int32)
        number[order] = np.arange(len(order), dtype=np.int32)
        return tuple(names[at] for at in order), number[a], number[b]

    def _strong(self) -> list[Notice]:
        words = list(self._coders["winner"].texts)
        counts = np.bincount(np.concatenate(self._parts["winner"]), minlength=len(words))
        strong = int(sum(count for word, count in zip(words, counts, strict=True) if word in _STRONG))
        return [Notice("strong", f"{strong:,} strong verdicts count as plain wins")] if strong else []

    def _known(self, column: str, value: Callable[[str], float]) -> Floats:
        kind = column.removesuffix("_a").removesuffix("_b") if column.startswith("score") else column
        values = np.array([value(text) for text in self._coders[kind].texts])
        return values[np.concatenate(self._parts[column])]

    def _numbers(self, column: str, value: Callable[[str], float]) -> Floats | None:
        return self._known(column, value) if column in self._parts else None

    def _labels(self, column: str) -> Labels | None:
        """The column as labels; None where it is missing or empty throughout."""
        if column not in self._parts:
            return None
        names = list(self._coders[column].texts)
        if not any(names):
            return None
        codes = np.arange(len(names), dtype=np.int32)
        if "" in names:
            empty = names.index("")
            codes[empty:] -= 1
            codes[empty] = -1
        return Labels(tuple(name for name in names if name), codes[np.concatenate(self._parts[column])])


def _score(text: str) -> float:
    return np.nan if not text or float(text) == _UNREAD else float(text)


def of(
    rows: Iterable[tuple[str, str, float]], weights: Sequence[float] | None = None, **labels: Sequence[str]
) -> Battles:
    """Battles from rows (first model, second model, score of the first), with columns of text by field name."""
    listed = list(rows)
    numbers: dict[str, int] = {}
    pairs = [[numbers.setdefault(name, len(numbers)) for name in row[:2]] for row in listed]
    a, b = np.array(pairs, np.int32).reshape(-1, 2).T
    columns: dict[str, Any] = {}
    for field, texts in labels.items():
        names = tuple(dict.fromkeys(texts))
        columns[field] = Labels(names, np.array([names.index(text) for text in texts], np.int32))
    weight = np.ones(len(listed)) if weights is None else np.array(weights, float)
    return Battles(tuple(numbers), a.copy(), b.copy(), np.array([row[2] for row in listed], float), weight, **columns)
