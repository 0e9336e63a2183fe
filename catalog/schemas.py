"""JSON Schemas of the records, for editors and other validators; made from the types."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from catalog import facts, records
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
    "sources": "source", "demonstrations": "model", "recipes": "recipe", "results": "result",
}  # fmt: skip
"""Kind of record -> name of its schema."""


def names() -> list[str]:
    """Kinds that have a schema."""
    return list(_MODELS)


def text(name: str) -> str:
    """The schema of one kind as JSON text."""
    made = TypeAdapter(_MODELS[name]).json_schema(by_alias=True, mode="validation")
    named = _with_short_names(made)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_tidy(named), "title": f"Herdbook {name}"}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


_MAPS = ("properties", "$defs", "patternProperties")


def _tidy(schema: Any) -> Any:
    """Without titles made from names and defaults that say nothing; a mapping's keys bound to their pattern."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key in _MAPS:
            kept[key] = {name: _tidy(inner) for name, inner in value.items()}
        elif key != "title" and not (key == "default" and value in (None, {}, [])):
            kept[key] = value if key in ("enum", "const", "examples", "required") else _tidy(value)
    if "patternProperties" in kept:
        # pydantic lets keys of another form pass, whatever their value.
        [(pattern, inner)] = kept.pop("patternProperties").items()
        kept["propertyNames"] = {**kept.get("propertyNames", {}), "pattern": pattern}
        kept["additionalProperties"] = inner
    return kept


def _with_short_names(schema: dict[str, Any]) -> dict[str, Any]:
    """`Parameters` and `ParametersClaim` for pydantic's names of generic types, which hold their whole make."""
    short: dict[str, str] = {}
    definitions: dict[str, Any] = schema.get("$defs", {})
    for long, definition in definitions.items():
        if "else" in definition and "$ref" in definition["else"]:
            claim = definition["else"]["$ref"].removeprefix("#/$defs/")
            name = _dimension(definitions[claim]) or _aliases().get(long)
            if name:
                short[long] = name
                if claim != "LevelClaim":
                    short[claim] = f"{name}Claim"
    for long in short:
        # What every fact is, an editor would show in place of what this one is.
        definitions[long].pop("description", None)
    text = json.dumps(schema, ensure_ascii=False)
    for long, name in short.items():
        text = text.replace(f'"{long}"', f'"{name}"').replace(f'"#/$defs/{long}"', f'"#/$defs/{name}"')
    named: dict[str, Any] = json.loads(text)
    return named


def _dimension(claim: dict[str, Any]) -> str:
    """`GpuHours` for a claim whose value is a figure of gpu-hours."""
    found = re.search(r'"\$comment": "([a-z-]+)"', json.dumps(claim.get("properties", {}).get("value", {})))
    return "".join(part.title() for part in found[1].split("-")) if found else ""


@cache
def _aliases() -> dict[str, str]:
    """pydantic's name of a kind of fact, as it stands among the definitions -> its name in the types."""
    found: dict[str, str] = {}
    for module in (facts, records):
        for name, kind in vars(module).items():
            if name.isidentifier() and isinstance(kind, type) and issubclass(kind, facts.Fact):
                found.setdefault(re.sub(r"[^a-zA-Z0-9\-_.]", "_", kind.__name__).replace(".", "__"), name.rstrip("_"))
    return found


def write(folder: Path) -> list[Path]:
    """Write every schema; returns the paths."""
    folder.mkdir(exist_ok=True)
    paths = []
    for name in names():
        path = folder / f"{name}.json"
        path.write_text(text(name), encoding="utf-8")
        paths.append(path)
    return paths
