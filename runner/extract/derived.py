"""What a published file holds: the battles, and the ratings it prints after each, where it does."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.errors import UserError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\- ]{0,119}")


@dataclass(frozen=True)
class Table:
    """Rows of text as they stand in a recorded CSV."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_csv(self) -> str:
        """UTF-8, LF, no quotes where none are needed."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return out.getvalue()


@dataclass(frozen=True)
class Derived:
    """Both tables of one published file."""

    battles: Table
    states: Table | None = None


def unreadable(where: str, why: str) -> UserError:
    """The published file is not of the form the recipe says."""
    return UserError("the published file cannot be read", where=where, why=why, exit_code=2)


def name(text: object, names: Mapping[str, str], where: str) -> str:
    """A name as the recorded table has it; raises for one that is no plain name."""
    if not isinstance(text, str) or not _NAME.fullmatch(names.get(text, text)):
        raise unreadable(where, f"`{str(text)[:60]}` is no plain name")
    return names.get(text, text)


def number(value: object, where: str) -> str:
    """A figure with all its digits, whole numbers without a point."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        raise unreadable(where, f"`{str(value)[:60]}` is no figure")
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
