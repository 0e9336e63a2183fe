"""The exported register in five formats, and back from the three that lose nothing.

`write(read(file), format)` gives the same bytes as the export that `file` came from, for json, jsonl and sqlite.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from catalog.errors import UserError
from catalog.export import KINDS, Json, to_json
from catalog.interchange import database, lines, table

LARGEST = 256_000_000
"""Bytes of an export that is read; the register itself takes about two million."""


def write(data: Json, format: str) -> bytes:
    """The whole export in one format; UserError where a package is missing."""
    if format == "jsonl":
        return lines.write(data)
    if format == "sqlite":
        return database.write(data)
    if format == "csv":
        return table.csv(data)
    if format == "parquet":
        return table.parquet(data)
    return to_json(data).encode()


def metadata(name: str) -> bytes:
    """Titles, units and descriptions for `datasette <name>.db --metadata FILE`."""
    return (json.dumps(database.metadata(name), ensure_ascii=False, indent=1) + "\n").encode()


def read(path: Path) -> Json:
    """What an export holds, in any of the three lossless formats; UserError with the place of the first fault."""
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path} is too large", why=f"more than {LARGEST:,} bytes", exit_code=2)
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}", why=error.strerror or str(error), exit_code=2) from None
    if raw.startswith(database.MAGIC):
        return _checked(database.read(path), path)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise _not_an_export(path, "it is neither text nor an SQLite database") from None
    if text.startswith('{"table"'):
        return _checked(lines.read(text, path), path)
    return _checked(parse(text, str(path)), path)


def parse(text: str, where: str) -> Any:
    """JSON without NaN, whatever its depth."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise UserError("this is not JSON", where=f"{where}:{error.lineno}:{error.colno}", why=error.msg) from None
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UserError("this is not JSON that can be read", where=where, why=why) from None


def _checked(data: Any, path: Path) -> Json:
    """Every kind is there, in order, and every record carries the id it stands under."""
    if not isinstance(data, dict) or list(data) != list(KINDS):
        raise _not_an_export(path, f"it must hold exactly {', '.join(KINDS)}, in this order")
    for kind, records in data.items():
        if not isinstance(records, dict):
            raise _not_an_export(path, f"`{kind}` is not a mapping of ids to records")
        for name, record in records.items():
            if not isinstance(record, dict) or record.get("id") != name:
                raise _not_an_export(path, f"`{kind}.{name}` is not a record with that `id`")
    return data


def _not_an_export(path: Path, why: str) -> UserError:
    return UserError(f"{path} is not an export of the register", why=why, hint="`catalog export` writes one")
