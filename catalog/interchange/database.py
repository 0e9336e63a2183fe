"""An SQLite file: a table a kind with the whole record beside flat columns, every claim as a row, what lies below an
entry (variants, runs, openness, licences) and descriptions.

datasette herdbook.db --metadata meta.json
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.export import KINDS, Json
from catalog.interchange import parts
from catalog.interchange.descriptions import CLAIMS, DATABASE, FLAT, PARTS, TABLES, column

MAGIC = b"SQLite format 3\0"
_COMMON = ("id", "name", "name_zh", "summary", "summary_zh")
_CLAIM = tuple(CLAIMS)


def write(data: Json) -> bytes:
    """The bytes of the file; the same data gives the same bytes on one version of SQLite."""
    with closing(filled(data)) as connection:
        return connection.serialize()


def filled(data: Json) -> sqlite3.Connection:
    """The database in memory, to be closed by the caller; questions put to it are put to the file."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("PRAGMA page_size = 4096")
        for kind in KINDS:
            names = (*_COMMON, *FLAT[kind], "path", "record")
            _create(connection, kind, names, "PRIMARY KEY (id)")
            _fill(connection, kind, names, (_row(kind, record) for record in data[kind].values()))
        _create(connection, "claims", _CLAIM)
        _fill(connection, "claims", _CLAIM, _claims(data))
        connection.execute("CREATE INDEX claims_of ON claims (kind, id)")
        connection.execute("CREATE INDEX claims_by_field ON claims (field)")
        for table in PARTS:
            _create(connection, table, _names(table))
            _fill(connection, table, _names(table), parts.rows(table, data))
            connection.execute(f"CREATE INDEX {table}_of ON {table} (kind, id)")
        names = ("table_name", "column_name", "en", "zh")
        _create(connection, "descriptions", names, "PRIMARY KEY (table_name, column_name)")
        _fill(connection, "descriptions", names, _descriptions())
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def read(path: Path) -> Json:
    """The records again, in the order they were written."""
    from catalog.interchange import parse

    data: Json = {}
    try:
        connection = sqlite3.connect(f"file:{path.resolve().as_posix().replace('?', '%3f')}?mode=ro", uri=True)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            for kind in KINDS:
                found = connection.execute(f"SELECT id, record FROM {kind} ORDER BY rowid")
                data[kind] = {name: parse(record, f"{path}, table {kind}, id {name}") for name, record in found}
        finally:
            connection.close()
    except (sqlite3.Error, TypeError) as error:
        raise UserError(f"{path} is not an export of the register", why=str(error)) from None
    return data


def metadata(name: str) -> Json:
    """What Datasette shows beside the tables."""
    tables = {
        table: {
            "description": TABLES[table][0],
            "columns": {key: column(table, key)[0] for key in _names(table)},
            **({"facets": ["commercial_use", "weights", "method"]} if table == "models" else {}),
        }
        for table in TABLES
    }
    return {
        "title": "Herdbook",
        "description": DATABASE,
        "license": "CC BY 4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "databases": {name: {"tables": tables}},
    }


def _names(table: str) -> tuple[str, ...]:
    if table == "claims":
        return _CLAIM
    if table in PARTS:
        return tuple(PARTS[table])
    if table == "descriptions":
        return ("table_name", "column_name", "en", "zh")
    return (*_COMMON, *FLAT[table], "path", "record")


def _create(connection: sqlite3.Connection, table: str, names: Iterable[str], key: str = "") -> None:
    columns = ", ".join([*(f'"{name}"' for name in names), *([key] if key else [])])
    connection.execute(f"CREATE TABLE {table} ({columns})")


def _fill(connection: sqlite3.Connection, table: str, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", rows)


def _row(kind: str, record: Json) -> tuple[Any, ...]:
    glance = record.get("at_a_glance", {})
    name = record.get("name") or record.get("title") or {}
    summary = record.get("summary") or {}
    flat = (glance.get(key, _cell(record.get(key))) for key in FLAT[kind])
    whole = json.dumps(record, ensure_ascii=False, allow_nan=False)
    both = (name.get("en"), name.get("zh"), summary.get("en"), summary.get("zh"))
    return (record["id"], *both, *flat, record.get("path"), whole)


def _cell(value: Any) -> Any:
    """A fact as its number in base units, else as it was said; plain words as they are; nothing else."""
    if isinstance(value, list):
        return "; ".join(str(shown) for item in value if (shown := _cell(item)) is not None) or None
    if isinstance(value, dict):
        number = _number(value.get("value"))
        return value.get("said") if number is None else number
    return value if isinstance(value, str | int | float) else None


def _claims(data: Json) -> Iterator[tuple[Any, ...]]:
    for kind, records in data.items():
        for name, record in records.items():
            for path, fact in _facts(record, ()):
                field = next((part for part in reversed(path) if not part.isdigit()), "")
                for claim in fact["claims"]:
                    yield (kind, name, ".".join(path), field, *_claim(claim))


def _facts(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    if isinstance(node, dict):
        if isinstance(node.get("claims"), list) and "status" in node:
            yield path, node
            return
        if path not in (("at_a_glance",), ("derived",)):
            for key, item in node.items():
                yield from _facts(item, (*path, key))
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from _facts(item, (*path, str(number)))


def _claim(claim: Json) -> tuple[Any, ...]:
    value = claim.get("value")
    numbers = [_number(one) for one in (value, claim.get("low", value), claim.get("high", value))]
    said = claim.get("said")
    shown = said if said is None or isinstance(said, str) else str(said)
    places = ((one["id"], one.get("locator")) for one in claim["sources"])
    evidence = "; ".join(f"{name}#{place}" if place else name for name, place in places)
    texts = ((claim.get(part) or {}).get(language) for part in ("reason", "note") for language in ("en", "zh"))
    facts = (claim["status"], shown, *numbers, claim.get("unit"), claim.get("qualifier"), claim.get("as_of"))
    return (int(bool(claim.get("accepted"))), *facts, evidence, *texts)


def _number(value: Any) -> int | float | None:
    """SQLite's integers have 64 bits; FLOP counts outgrow them and are kept as its doubles."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) >= 2**63 else value


def _descriptions() -> Iterator[tuple[str, str, str, str]]:
    for table, (en, zh) in TABLES.items():
        yield table, "", en, zh
        for name in _names(table):
            yield table, name, *column(table, name)
