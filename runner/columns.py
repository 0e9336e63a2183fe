"""A file of battles to columns of text, block by block: CSV, JSON lines or Parquet, each row checked for its shape."""

from __future__ import annotations

import csv
import io
import itertools
import json
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from runner import cells
from runner.cells import Cells

MAX_BYTES = 2 * 2**30
"""Larger files are refused: their battles would not fit the memory of a laptop."""
_BLOCK = 2**22
_ROWS = 2**16
_LONGEST = 2**20  # one row; a file without line ends must not be taken in whole


@dataclass(frozen=True)
class Block:
    """Some rows, the first of them row `first` of the file. The header of a CSV is row 1."""

    first: int
    columns: dict[str, Cells]


@dataclass(frozen=True)
class Table:
    """The names in the file's order, and its rows as they are read."""

    names: tuple[str, ...]
    blocks: Iterator[Block]


def wrong(path: Path, what: str, row: int | None = None, *, why: str = "", hint: str = "") -> UserError:
    """Bad input: exit code 2, with the row where there is one."""
    return UserError(what, where=f"{path}, row {row}" if row else str(path), why=why, hint=hint, exit_code=2)


def open_table(path: Path, wanted: Collection[str]) -> Table:
    """The file by its ending: .jsonl or .ndjson, .parquet, else CSV; blocks hold the wanted columns that it has.

    Raises UserError (exit code 2) with the row, for the header here and for what follows as the blocks are read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise wrong(path, f"`{path}` cannot be read", why=error.strerror or "") from None
    if not stat.S_ISREG(status.st_mode):
        raise wrong(path, f"`{path}` is not a regular file")
    if status.st_size > MAX_BYTES:
        raise wrong(
            path,
            f"`{path}` is too large",
            why=f"{status.st_size / 2**30:.1f} GiB; at most {MAX_BYTES / 2**30:.0f} GiB are read",
            hint="rate a sample, leave out columns that are not needed, or merge equal battles with a `weight` column",
        )
    ending = path.suffix.lower()
    if ending == ".parquet":
        return _parquet(path, wanted)
    return _jsonl(path, wanted) if ending in (".jsonl", ".ndjson") else _csv(path, wanted)


def _chunks(path: Path) -> Iterator[bytes]:
    """The file in blocks that end with a line end, the last one too."""
    rest = b""
    try:
        with open(path, "rb") as file:
            while read := file.read(_BLOCK):
                end = read.rfind(b"\n") + 1
                if end:
                    yield rest + read[:end]
                    rest = read[end:]
                else:
                    rest += read
                    if len(rest) > _LONGEST + _BLOCK:
                        raise wrong(path, "a line is too long", why=f"more than {_LONGEST:,} bytes without a line end")
    except OSError as error:
        raise wrong(path, f"`{path}` cannot be read", why=error.strerror or "") from None
    if rest:
        yield rest + b"\n"


def _text(path: Path, raw: bytes, row: int) -> str:
    """UTF-8 of a block whose first line is `row`."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = row + raw.count(b"\n", 0, error.start)
        why = f"byte 0x{raw[error.start]:02x}: {error.reason}"
        raise wrong(path, "the file is not UTF-8", line, why=why, hint="save it as UTF-8") from None


# ------------------------------------------------------------------------------------------------ CSV


def _csv(path: Path, wanted: Collection[str]) -> Table:
    chunks = _chunks(path)
    first = next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
    head, _, rest = first.partition(b"\n")
    names = tuple(name.strip() for name in next(_records(path, iter([_text(path, head, 1)]), 1), []))
    if not any(names):
        raise wrong(path, "the file is empty", why="its first row has to name the columns")
    for name in names:
        if name and names.count(name) > 1:
            raise wrong(path, f"the column `{name}` stands twice", 1)
    picks = {name: at for at, name in enumerate(names) if name in wanted}
    return Table(names, _csv_blocks(path, rest, chunks, len(names), picks))


def _csv_blocks(
    path: Path, rest: bytes, chunks: Iterator[bytes], width: int, picks: Mapping[str, int]
) -> Iterator[Block]:
    """Plain blocks at the speed of `split`; from the first that is not plain on, Python's CSV reader."""
    row = 2
    raw: bytes | None = rest or next(chunks, None)
    while raw is not None:
        plain = raw.replace(b"\r\n", b"\n") if b"\r" in raw else raw
        _text(path, plain, row)  # raises where it is not UTF-8
        columns = cells.plain(plain, width, picks)
        if columns is None:
            yield from _quoted(path, _lines(path, raw, chunks, row), row, width, picks)
            return
        yield Block(row, columns)
        row += plain.count(b"\n")
        raw = next(chunks, None)


def _lines(path: Path, raw: bytes, chunks: Iterator[bytes], row: int) -> Iterator[str]:
    """Lines of this block and the next ones, line ends kept; unlike `splitlines` only at line feeds."""
    block: bytes | None = raw
    while block is not None:
        yield from io.StringIO(_text(path, block, row), newline="\n")
        row += block.count(b"\n")
        block = next(chunks, None)


def _records(path: Path, lines: Iterator[str], row: int) -> Iterator[list[str]]:
    """Rows as Python's CSV reader sees them; what it refuses is told with the row."""
    reader = csv.reader(lines, strict=True)
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            why = "a quoted cell is never closed" if "unexpected end" in str(error) else str(error)
            raise wrong(path, "this row is not CSV", row, why=why) from None
        if record is None:
            return
        yield record
        row += 1


def _quoted(path: Path, lines: Iterator[str], row: int, width: int, picks: Mapping[str, int]) -> Iterator[Block]:
    rows: list[list[str]] = []
    first = row
    for at, record in enumerate(_records(path, lines, row), row):
        if not record:
            if rows:
                yield _block(first, rows, picks)
            rows, first = [], at + 1
            continue
        if len(record) != width:
            few = "too few" if len(record) < width else "too many"
            why = f"{len(record)} where the header has {width}"
            raise wrong(path, f"this row has {few} cells", at, why=why, hint="quote cells that hold a comma")
        rows.append(record)
        if len(rows) == _ROWS:
            yield _block(first, rows, picks)
            rows, first = [], at + 1
    if rows:
        yield _block(first, rows, picks)


def _block(first: int, rows: Sequence[Sequence[str]], picks: Mapping[str, int]) -> Block:
    columns = list(zip(*rows, strict=True))
    return Block(first, {name: cells.numbered(columns[at]) for name, at in picks.items()})


# ------------------------------------------------------------------------------------------------ JSON lines


def _jsonl(path: Path, wanted: Collection[str]) -> Table:
    rows = _objects(path)
    first = next(rows, None)
    if first is None:
        raise wrong(path, "the file is empty", why="it has no JSON object")
    names = tuple(first[1])
    picks = {name: at for at, name in enumerate(name for name in names if name in wanted)}
    return Table(names, _jsonl_blocks(path, frozenset(names), picks, itertools.chain([first], rows)))


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    row = 0
    for raw in _chunks(path):
        for line in io.StringIO(_text(path, raw, row + 1), newline="\n"):
            row += 1
            plain = line.strip("\ufeff \t\r\n")
            if plain:
                yield row, _object(path, plain, row)


def _object(path: Path, line: str, row: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise wrong(path, "this line is not JSON", row, why=str(error)) from None
    if not isinstance(found, dict):
        raise wrong(path, "this line is not a JSON object", row)
    return found


def _jsonl_blocks(
    path: Path, names: frozenset[str], picks: Mapping[str, int], rows: Iterable[tuple[int, dict[str, Any]]]
) -> Iterator[Block]:
    """Every object must have the names of the first: a forgotten weight must not become an empty one."""
    held: list[list[str]] = []
    start = 1
    for at, found in rows:
        if found.keys() != names:
            odd = min(found.keys() ^ names)
            why = f"`{odd}` is {'missing' if odd in names else 'not in the first line'}"
            raise wrong(path, "this line has other names than the first", at, why=why)
        if held and (at != start + len(held) or len(held) == _ROWS):
            yield _block(start, held, picks)
            held = []
        start = start if held else at
        held.append([_cell(found[name]) for name in picks])
    if held:
        yield _block(start, held, picks)


def _cell(value: Any) -> str:
    """As a CSV would hold it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


# ------------------------------------------------------------------------------------------------ Parquet


def _parquet(path: Path, wanted: Collection[str]) -> Table:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        why = "reading Parquet needs pyarrow, which is not installed"
        raise wrong(path, f"`{path}` cannot be read", why=why, hint="pip install pyarrow, or save as CSV") from None
    try:
        file = pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise wrong(path, "the file is not Parquet", why=str(error)) from None
    if not file.metadata.num_rows:
        raise wrong(path, "the file is empty", why="it has no row")
    names = tuple(file.schema_arrow.names)
    return Table(names, _parquet_blocks(path, file, [name for name in names if name in wanted]))


def _parquet_blocks(path: Path, file: Any, picks: Sequence[str]) -> Iterator[Block]:
    import pyarrow

    row = 1
    try:
        for batch in file.iter_batches(batch_size=_ROWS, columns=picks):
            texts = {name: [_cell(value) for value in batch.column(name).to_pylist()] for name in picks}
            yield Block(row, {name: cells.numbered(column) for name, column in texts.items()})
            row += batch.num_rows
    except (pyarrow.ArrowException, OSError) as error:
        raise wrong(path, "the file is damaged", row, why=str(error)) from None
