"""Every fact and every piece of text of a record, with its path, found from the types alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any, get_args

from pydantic import BaseModel

from catalog.facts import Evidence, Fact, Text

Path = tuple[str | int, ...]


class Walk:
    """What a record holds, found in one pass however often it is asked for."""

    def __init__(self, record: BaseModel) -> None:
        self.nodes: tuple[tuple[Path, BaseModel], ...] = tuple(nodes(record))

    @cached_property
    def facts(self) -> tuple[tuple[Path, Fact[Any]], ...]:
        """(path, fact) for every fact, in the order of the types."""
        return tuple((path, node) for path, node in self.nodes if isinstance(node, Fact))

    @cached_property
    def texts(self) -> tuple[tuple[Path, Text], ...]:
        """(path, text) for every bilingual text."""
        return tuple((path, node) for path, node in self.nodes if isinstance(node, Text))

    @cached_property
    def cited(self) -> tuple[tuple[Path, Evidence], ...]:
        """(path, evidence) for every citation."""
        return tuple(
            ((*path, label, number), item)
            for path, node in self.nodes
            for field, label in _citing(type(node))
            for number, item in enumerate(getattr(node, field) or ())
        )


def facts(record: BaseModel) -> Iterator[tuple[Path, Fact[Any]]]:
    """(path, fact) for every fact, in the order of the types."""
    yield from Walk(record).facts


def texts(record: BaseModel) -> Iterator[tuple[Path, Text]]:
    """(path, text) for every bilingual text."""
    yield from Walk(record).texts


def cited(record: BaseModel) -> Iterator[tuple[Path, Evidence]]:
    """(path, evidence) for every citation."""
    yield from Walk(record).cited


def nodes(record: BaseModel, path: Path = ()) -> Iterator[tuple[Path, BaseModel]]:
    """(path, object) for the record and everything typed inside it."""
    yield path, record
    for name, key in _holding(type(record)):
        value = getattr(record, name)
        if value:
            yield from _inside(value, (*path, key))


def _inside(value: Any, path: Path) -> Iterator[tuple[Path, BaseModel]]:
    if isinstance(value, BaseModel):
        yield from nodes(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _inside(item, (*path, key))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _inside(item, (*path, number))


@cache
def fields(kind: type[BaseModel]) -> frozenset[str]:
    """The fields of a type; pydantic's own way to ask costs more than a walk."""
    return frozenset(kind.model_fields)


@cache
def _holding(kind: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """(field, key in the file) of the fields that may hold typed objects."""
    found = kind.model_fields.items()
    return tuple((name, info.alias or name) for name, info in found if _typed(info.annotation))


def _typed(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_typed(inner) for inner in get_args(annotation))


@cache
def _citing(kind: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """(field, key in the file) of the fields that hold evidence."""
    found = (("from_", "from"), ("evidence", "evidence"), ("settings_from", "settings_from"))
    return tuple((field, label) for field, label in found if field in fields(kind))
