"""What a set of sheets is: who sees which comparison where; the key that says so, and the CSV a page saves."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from catalog.errors import UserError
from runner.judge.base import Pair, Winner

KEY = "key.json"
COLUMNS = ("sheet", "annotator", "item", "choice")
CHOICES: Mapping[str, Winner | None] = {"1": "model_a", "2": "model_b", "tie": "tie", "unsure": None}
_MAX_CSV = 4_000_000
_KEY_HINT = "name the key.json that was written with the pages: --key FILE"


@dataclass(frozen=True)
class Item:
    """One comparison as an annotator sees it; its number is its place in the sheet, from 1."""

    question_id: str
    category: str
    model_a: str
    model_b: str
    order: Literal[1, 2]

    def pair(self) -> Pair:
        """The pair, without its texts."""
        return Pair(self.question_id, self.category, "", self.model_a, "", self.model_b, "", order=self.order)


@dataclass(frozen=True)
class Key:
    """Which answer is whose, on every sheet."""

    seed: int
    answers_sha256: str
    sheets: Mapping[str, tuple[Item, ...]]

    def sheet(self, annotator: str) -> str:
        """Names the content of a sheet, so that a CSV is not read with another key."""
        items = [asdict(item) for item in self.sheets[annotator]]
        text = json.dumps([self.seed, self.answers_sha256, annotator, items])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> bytes:
        """The file `key.json`."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()


def read_key(path: Path) -> Key:
    """The key of a set of sheets; UserError (exit 2) where it cannot be read."""
    try:
        value = json.loads(path.read_bytes().decode())
        sheets = {label: tuple(Item(**item) for item in items) for label, items in value["sheets"].items()}
        return Key(value["seed"], value["answers_sha256"], sheets)
    except OSError as error:
        why = error.strerror or str(error)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        why = "it is not a key as `runner judge human pages` writes it"
    raise UserError(f"cannot read the key `{path}`", why=why, hint=_KEY_HINT, exit_code=2)


def read_sheet(path: Path, key: Key) -> tuple[str, dict[int, str]]:
    """The annotator and, by item, the choices of one saved CSV; UserError (exit 2) names the row of a fault."""
    rows = _rows(path)
    if not rows or tuple(rows[0]) != COLUMNS:
        raise _wrong(path, 1, "the header is not that of a saved sheet", hint="import the CSV that the page saved")
    if len(rows) == 1:
        raise _wrong(path, 1, "the sheet holds no verdict")
    annotator = rows[1][1] if len(rows[1]) == len(COLUMNS) else ""
    if annotator not in key.sheets:
        raise _wrong(path, 2, "the key knows no such annotator", hint=_KEY_HINT)
    said: dict[int, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if fault := _fault(row, annotator, key, said):
            raise _wrong(path, number, fault, hint=_KEY_HINT if "key" in fault else "")
        said[int(row[2])] = row[3]
    return annotator, said


def _fault(row: list[str], annotator: str, key: Key, said: Mapping[int, str]) -> str:
    if len(row) != len(COLUMNS):
        return f"{len(row)} cells instead of {len(COLUMNS)}"
    sheet, label, item, choice = row
    last = len(key.sheets[annotator])
    if label != annotator:
        return "another annotator than in the rows above"
    if sheet != key.sheet(annotator):
        return "from a page of another key"
    if not re.fullmatch(r"[1-9][0-9]{0,5}", item) or int(item) > last:
        return f"no such item; the sheet has 1 to {last}"
    if choice not in CHOICES:
        return f"the choice is none of {', '.join(CHOICES)}"
    return f"a second verdict on item {item}" if int(item) in said else ""


def _rows(path: Path) -> list[list[str]]:
    try:
        if not path.is_file() or path.stat().st_size > _MAX_CSV:
            raise UserError(f"`{path}` is no saved sheet", hint="import the CSV that the page saved", exit_code=2)
        return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    except OSError as error:
        raise UserError(f"cannot read `{path}`", why=error.strerror or str(error), exit_code=2) from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"`{path}` is no CSV", why=str(error), exit_code=2) from None


def _wrong(path: Path, row: int, what: str, hint: str = "") -> UserError:
    return UserError(what, where=f"{path}, row {row}", hint=hint, exit_code=2)
