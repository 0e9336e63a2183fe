"""Questions to the register as SQL, and what they answer: run on the same database that `catalog export` writes.

catalog export --format sqlite --output herdbook.db
sqlite3 -header -column herdbook.db < catalog/queries/openness-by-month.sql
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.export import export, to_json
from catalog.interchange import database
from catalog.register import Catalog, once

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Answer:
    """One question, word for word as it was run, and its rows."""

    name: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def path(self) -> str:
        """The file of the question, from the root of the repository."""
        return f"catalog/queries/{self.name}.sql"

    @property
    def records(self) -> list[dict[str, Any]]:
        """The rows with their columns by name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Answers:
    """Every question with its answer, and the export they were put to."""

    sha256: str
    """Of `catalog export --format json`: two registers that share it give the same rows."""
    of: dict[str, Answer]


@once
def answers(catalog: Catalog) -> Answers:
    """Writes the database, and puts every question in this folder to it."""
    data = export(catalog)
    with closing(database.filled(data)) as connection:
        found = {path.stem: ask(connection, path) for path in sorted(FOLDER.glob("*.sql"))}
    return Answers(hashlib.sha256(to_json(data).encode()).hexdigest(), found)


def ask(connection: sqlite3.Connection, path: Path) -> Answer:
    """The answer to one question; each is a single SELECT."""
    sql = path.read_text("utf-8")
    cursor = connection.execute(sql)
    columns = tuple(one[0] for one in cursor.description)
    return Answer(path.stem, sql, columns, tuple(cursor.fetchall()))
