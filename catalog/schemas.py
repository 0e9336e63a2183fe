"""JSON Schemas of the records, for editors and other validators; made from the types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from catalog.recipes import Recipe
from catalog.records import Dataset, Document, Framework, Hardware, Model, Term
from catalog.result_kinds import AnyResult

_MODELS: dict[str, Any] = {
    "model": Model,
    "dataset": Dataset,
    "framework": Framework,
    "hardware": Hardware,
    "term": Term,
    "source": Document,
    "recipe": Recipe,
    "result": AnyResult,
}

SCHEMA_OF = {
    "models": "model", "datasets": "dataset", "frameworks": "framework", "hardware": "hardware", "terms": "term",
    "sources": "source", "recipes": "recipe", "results": "result",
}  # fmt: skip
"""Kind of record -> name of its schema."""


def names() -> list[str]:
    """Kinds that have a schema."""
    return list(_MODELS)


def text(name: str) -> str:
    """The schema of one kind as JSON text."""
    schema = TypeAdapter(_MODELS[name]).json_schema(by_alias=True, mode="validation")
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": f"Herdbook {name}"}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def write(folder: Path) -> list[Path]:
    """Write every schema; returns the paths."""
    folder.mkdir(exist_ok=True)
    paths = []
    for name in names():
        path = folder / f"{name}.json"
        path.write_text(text(name), encoding="utf-8")
        paths.append(path)
    return paths
