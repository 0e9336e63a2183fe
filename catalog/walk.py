"""Every fact and every piece of text of a record, with its path, found from the types alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from catalog.facts import Evidence, Fact, Text

Path = tuple[str | int, ...]


def facts(record: BaseModel) -> Iterator[tuple[Path, Fact[Any]]]:
    """(path, fact) for every fact, in the order of the types."""
    for path, node in nodes(record):
        if isinstance(node, Fact):
            yield path, node


def texts(record: BaseModel) -> Iterator[tuple[Path, Text]]:
    """(path, text) for every bilingual text."""
    for path, node in nodes(record):
        if isinstance(node, Text):
            yield path, node


def cited(record: BaseModel) -> Iterator[tuple[Path, Evidence]]:
    """(path of the citing object, evidence) for every citation."""
    for path, node in nodes(record):
        for field in ("from_", "evidence", "settings_from"):
            if field in type(node).model_fields:
                for number, item in enumerate(getattr(node, field) or ()):
                    yield (*path, "from" if field == "from_" else field, number), item


def nodes(record: BaseModel, path: Path = ()) -> Iterator[tuple[Path, BaseModel]]:
    """(path, object) for the record and everything typed inside it."""
    yield path, record
    for name, info in type(record).model_fields.items():
        value = getattr(record, name)
        if value is None or isinstance(value, str):
            continue
        yield from _inside(value, (*path, info.alias or name))


def _inside(value: Any, path: Path) -> Iterator[tuple[Path, BaseModel]]:
    if isinstance(value, BaseModel):
        yield from nodes(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _inside(item, (*path, key))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _inside(item, (*path, number))
