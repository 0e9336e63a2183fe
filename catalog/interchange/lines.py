"""JSON Lines: one record a line, `table` first: {"table": "models", "id": "alpaca", ...}."""

from __future__ import annotations

import json
from pathlib import Path

from catalog.errors import UserError
from catalog.export import KINDS, Json


def write(data: Json) -> bytes:
    """A line for each record, kind after kind."""
    rows = ({"table": kind, **record} for kind, records in data.items() for record in records.values())
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows).encode()


def read(text: str, path: Path) -> Json:
    """The records under their kinds again; UserError with the line of the first that does not fit."""
    from catalog.interchange import parse

    data: Json = {kind: {} for kind in KINDS}
    for number, line in enumerate(text.split("\n"), 1):
        if not line:
            continue
        where = f"{path}:{number}"
        row = parse(line, where)
        kind = row.pop("table", None) if isinstance(row, dict) else None
        name = row.get("id") if isinstance(row, dict) else None
        if kind not in data or not isinstance(name, str):
            why = f"each line has `table` (one of {', '.join(KINDS)}) and `id`"
            raise UserError("this line is not a record of the register", where=where, why=why)
        if name in data[kind]:
            raise UserError(f"`{name}` stands twice among the {kind}", where=where)
        data[kind][name] = row
    return data
