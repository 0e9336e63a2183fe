"""Derives recorded tables again from the file that was published, and compares them row by row.

Nobody has to trust a transcription: fetch the file that the recipe names (commit and SHA-256 stand there), then
`runner extract SLUG --from FILE`. One reader a form of file; adding one is a file here and a line in `READERS`.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.judgments import JudgmentTable
from catalog.recipes import Evaluation, Origin
from runner.extract import notebook, reviews
from runner.extract.derived import Derived, Table

Json = dict[str, Any]
READERS: dict[str, Callable[[Path, Origin], Derived]] = {"elo-notebook": notebook.read, "review-folder": reviews.read}
SHOWN = 20
"""At most so many differences of a table are named."""


@dataclass(frozen=True)
class Difference:
    """One cell that is not as published; row 1 is the first below the names of the columns."""

    row: int
    column: str
    recorded: str | None
    derived: str | None


@dataclass(frozen=True)
class Compared:
    """A recorded table against the one derived now."""

    file: str
    recorded_rows: int
    derived_rows: int
    equal: bool
    differences: tuple[Difference, ...]


def published_file(given: Path, origin: Origin) -> Path:
    """The file or folder at `given`, or below it where `given` is a checkout of the whole repository."""
    inside = given / origin.path
    found = inside if given.is_dir() and inside.exists() else given
    if not found.exists():
        raise UserError(f"there is no `{given}`", hint=f"fetch `{origin.path}` from the repository", exit_code=2)
    if found.is_dir() != (origin.form == "review-folder"):
        wanted = "a folder" if origin.form == "review-folder" else "a file"
        raise UserError(f"`{given}` is not {wanted}", why=f"the recipe names `{origin.path}`", exit_code=2)
    return found


def derive(path: Path, origin: Origin) -> Derived:
    """The tables that the published file holds. Raises UserError (exit code 2) with the place that cannot be read."""
    return READERS[origin.form](path, origin)


def sha256(path: Path) -> str:
    """Of a file; of a folder, of the lines `<sha256>  <name>` of its files in order of name."""
    if path.is_file():
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    names = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
    return hashlib.sha256("".join(f"{sha256(one)}  {one.name}\n" for one in names).encode()).hexdigest()


def tables(evaluation: Evaluation, derived: Derived) -> list[tuple[str, Table]]:
    """(recorded file, table derived now) for each recorded file of the evaluation."""
    found = [(evaluation.judgments.file, derived.battles)]
    if evaluation.states:
        if derived.states is None:
            raise UserError(f"files of the form `{evaluation.origin.form}` print no ratings", exit_code=2)
        found.append((evaluation.states.file, derived.states))
    return found


def compare(recorded: JudgmentTable, derived: Table) -> Compared:
    """Row by row and cell by cell, in order."""
    rows = list(csv.reader(io.StringIO(recorded.raw.decode("utf-8"))))
    names, rows = (rows[0], rows[1:]) if rows else ([], [])
    differences: list[Difference] = []
    if names != list(derived.columns):
        differences.append(Difference(0, "", ",".join(names), ",".join(derived.columns)))
    for number in range(max(len(rows), len(derived.rows))):
        left = rows[number] if number < len(rows) else None
        right = derived.rows[number] if number < len(derived.rows) else None
        if left is None or right is None or list(left) != list(right):
            differences += _cells(number + 1, derived.columns, left, right)
    return Compared(recorded.file, len(rows), len(derived.rows), not differences, tuple(differences[:SHOWN]))


def _cells(
    row: int, columns: Sequence[str], left: Sequence[str] | None, right: Sequence[str] | None
) -> list[Difference]:
    if left is None or right is None or len(left) != len(right):
        return [Difference(row, "", ",".join(left) if left else None, ",".join(right) if right else None)]
    return [Difference(row, c, a, b) for c, a, b in zip(columns, left, right, strict=True) if a != b]
