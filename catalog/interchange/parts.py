"""Rows of the tables that lie below an entry: its variants, training runs, cells of openness and links of licences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catalog.export import Json

_Row = tuple[Any, ...]
ENTRIES = ("models", "frameworks")
"""Kinds that have parts; a demonstration has none, so that no count takes it for a model."""


def variants(kind: str, name: str, record: Json) -> Iterator[_Row]:
    """One row a set of weights."""
    for variant, one in record.get("variants", {}).items():
        known = (_said(one.get(field)) for field in ("released", "parameters", "base", "form"))
        called = one.get("name") or {}
        yield (kind, name, variant, called.get("en"), called.get("zh"), *known)


def runs(kind: str, name: str, record: Json) -> Iterator[_Row]:
    """One row a training run; no variant where it is told of the entry as a whole."""
    owners = [(None, record), *record.get("variants", {}).items()]
    for variant, owner in owners:
        for stage, run in owner.get("training", {}).items():
            told = [run.get(field) or {} for field in ("hardware", "duration", "gpu_hours")]
            method = _said(run.get("method"))
            figures = (cell for one in told for cell in (one.get("said"), one.get("status")))
            yield (kind, name, variant, stage, run.get("role"), method, *figures)


def openness(kind: str, name: str, record: Json) -> Iterator[_Row]:
    """One row a component."""
    for component, level in record.get("derived", {}).get("openness", {}).items():
        yield (kind, name, component, level)


def licence_links(kind: str, name: str, record: Json) -> Iterator[_Row]:
    """One row a link of the chain above each set of weights, the deciding ones first."""
    for variant, one in record.get("derived", {}).get("licences", {}).items():
        for link in one["chain"]:
            told = (link[key] for key in ("id", "part", "licence", "commercial_use", "distance", "through"))
            yield (kind, name, variant, *told, int(link["commercial_use"] == one["commercial_use"]))


def _said(fact: Json | None) -> str | None:
    said = (fact or {}).get("said")
    return said if isinstance(said, str) else None


PARTS: Mapping[str, Callable[[str, str, Json], Iterator[_Row]]] = {
    "variants": variants,
    "runs": runs,
    "openness": openness,
    "licence_links": licence_links,
}


def rows(table: str, data: Json) -> Iterator[_Row]:
    """All rows of one of these tables, in the order of the register."""
    for kind in ENTRIES:
        for name, record in data[kind].items():
            yield from PARTS[table](kind, name, record)
