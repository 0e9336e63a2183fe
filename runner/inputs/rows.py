"""Rows of a data file: a JSON array, JSON lines or Parquet, row by row and bounded, with the columns a recipe names."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from catalog.errors import UserError
from catalog.training import Data
from runner.inputs.data_files import data_files

Row = Mapping[str, Any]

MAX_ROW = 16 * 1024 * 1024
"""Characters of one row."""
MAX_ROWS = 20_000_000
_CHUNK = 1024 * 1024


class Unreadable(Exception):
    """What is wrong, and where in the file."""


def read_rows(path: Path, data: Data) -> list[dict[str, Any]]:
    """All rows of a file or folder, each with no more than the columns named. Order: by file name, then as in the file.

    UserError (exit code 2): no rows, a column that is missing, or what cannot be read, with file and row.
    """
    found: list[dict[str, Any]] = []
    for file in data_files(path, data):
        before = len(found)
        try:
            for row in _reader(file):
                if len(found) >= MAX_ROWS:
                    raise Unreadable(f"it has more than {MAX_ROWS:,} rows")
                found.append(_only(row, data.columns.values(), len(found) - before + 1))
        except Unreadable as error:
            raise UserError(f"`{file.name}` cannot be read", why=str(error), exit_code=2) from None
        except OSError as error:
            raise UserError(f"`{file.name}` cannot be read", why=error.strerror or "", exit_code=2) from None
    if not found:
        raise UserError(f"`{path.name}` holds no rows", hint="the file may be cut; take it anew", exit_code=2)
    return found


def _only(row: object, columns: Iterable[str], number: int) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise Unreadable(f"row {number} is {_kind(row)}; a row has named columns")
    return {name: row[name] for name in columns if name in row}


def _reader(file: Path) -> Iterator[object]:
    if file.suffix == ".parquet":
        return _parquet(file)
    return _json(file)


def _json(file: Path) -> Iterator[object]:
    """By its first character, whatever the file is called: `[` begins an array, `{` JSON lines."""
    with open(file, "rb") as raw:
        first = _first_character(raw)
        raw.seek(0)
        if first == "[":
            yield from _array(raw)
        elif first in ("{", ""):
            yield from _lines(raw)
        else:
            raise Unreadable(f"it begins with `{first}`; JSON data begins with `[` or `{{`")


def _first_character(raw: BinaryIO) -> str:
    head = raw.read(4096).removeprefix(codecs.BOM_UTF8).lstrip()
    return head[:1].decode("utf-8", "replace")


def _lines(raw: BinaryIO) -> Iterator[object]:
    number = 0
    while line := raw.readline(MAX_ROW + 1):
        number += 1
        if len(line) > MAX_ROW:
            raise Unreadable(f"line {number} has more than {MAX_ROW:,} bytes")
        if not (text := _decoded(line, number).strip()):
            continue
        try:
            yield json.loads(text)
        except json.JSONDecodeError as error:
            raise Unreadable(f"line {number}, column {error.colno}: {error.msg}") from None
        except RecursionError:
            raise Unreadable(f"line {number} is nested too deep") from None
        except ValueError as error:  # an integer of thousands of digits
            raise Unreadable(f"line {number}: {error}") from None


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"line {number}, byte {error.start + 1} is no UTF-8") from None


class _Text:
    """A window on a UTF-8 file: what was used is forgotten, more is read when it is asked for."""

    def __init__(self, raw: BinaryIO) -> None:
        self.raw, self.decoder = raw, codecs.getincrementaldecoder("utf-8-sig")()
        self.held, self.at, self.ended = "", 0, False

    def more(self) -> bool:
        """Read on; False at the end."""
        if self.ended:
            return False
        # As much as is held, so that a long row is not scanned again for each small piece.
        raw = self.raw.read(max(_CHUNK, len(self.held) - self.at))
        try:
            text = self.decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            raise Unreadable(f"near byte {self.raw.tell() - len(raw) + error.start + 1:,}: no UTF-8") from None
        self.held, self.at, self.ended = self.held[self.at :] + text, 0, not raw
        return True

    def next(self) -> str:
        """The next character that is no blank, not used up; empty at the end."""
        while True:
            while self.at < len(self.held) and self.held[self.at] in " \t\r\n":
                self.at += 1
            if self.at < len(self.held) or not self.more():
                return self.held[self.at : self.at + 1]


def _array(raw: BinaryIO) -> Iterator[object]:
    text, decoder = _Text(raw), json.JSONDecoder()
    text.next()
    text.at += 1
    if text.next() == "]":
        text.at += 1
        return _ended(text)
    number = 0
    while True:
        number += 1
        yield _value(text, decoder, number)
        mark = text.next()
        text.at += 1
        if mark == "]":
            return _ended(text)
        if mark != ",":
            cut = "the file ends" if not mark else f"`{mark}` stands"
            raise Unreadable(f"after row {number} {cut} where `,` or `]` should be")


def _ended(text: _Text) -> None:
    if text.next():
        raise Unreadable("something follows the end of the array")


def _value(text: _Text, decoder: json.JSONDecoder, number: int) -> object:
    begin = text.next()
    if begin != "{":
        # Numbers and words could be cut at the edge of the window and read as something else.
        raise Unreadable(f"row {number} begins with `{begin}`; a row has named columns" if begin else "the file is cut")
    while True:
        try:
            value, text.at = decoder.raw_decode(text.held, text.at)
            return value
        except json.JSONDecodeError as error:
            if len(text.held) - text.at > MAX_ROW:
                raise Unreadable(f"row {number} is broken or has more than {MAX_ROW:,} characters") from None
            if not text.more():
                torn = error.pos >= len(text.held) - 1 or error.msg.startswith("Unterminated")
                raise Unreadable(f"{'the file is cut' if torn else error.msg} in row {number}") from None
        except RecursionError:
            raise Unreadable(f"row {number} is nested too deep") from None
        except ValueError as error:
            raise Unreadable(f"row {number}: {error}") from None


def _parquet(file: Path) -> Iterator[object]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UserError(
            f"`{file.name}` is Parquet, and pyarrow is not installed",
            hint="pip install pyarrow",
            exit_code=3,
        ) from None
    try:
        with pyarrow.parquet.ParquetFile(file) as table:
            for batch in table.iter_batches(batch_size=1000):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, UnicodeDecodeError) as error:
        raise Unreadable(str(error).partition("\n")[0]) from None


def _kind(value: object) -> str:
    names = {str: "a text", int: "a number", float: "a number", bool: "yes or no", list: "a list", type(None): "null"}
    return names.get(type(value), "an object")
