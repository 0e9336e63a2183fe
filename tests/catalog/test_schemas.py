"""The published JSON Schemas are those of the types, are sound, and take every real record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog import schemas
from catalog.reader import read
from catalog.register import Catalog
from catalog.store import find_root

FOLDER = find_root(Path(__file__)) / "schema"
KIND = {"models": "model", "demonstrations": "model",
        "datasets": "dataset", "frameworks": "framework", "hardware": "hardware", "terms": "term",
        "sources": "source", "recipes": "recipe", "results": "result"}  # fmt: skip
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "number": (int, float), "integer": int, "boolean": bool, "object": dict, "array": list,
    "null": type(None),
}  # fmt: skip
NOTES = {"$schema", "$defs", "title", "description", "default", "examples", "format"}


@pytest.mark.parametrize("name", schemas.names())
def test_published_schema_is_that_of_the_types(name: str) -> None:
    published = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert published == schemas.text(name), "run `catalog schema --write`"


def test_there_is_no_schema_of_a_kind_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(schemas.names())


def test_schemas_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    paths = schemas.write(tmp_path / "schema")
    assert [path.name for path in paths] == [f"{name}.json" for name in schemas.names()]
    assert all(path.read_text(encoding="utf-8") == schemas.text(path.stem) for path in paths)


def load(name: str) -> Any:
    return json.loads(schemas.text(name))


def below(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema in it."""
    yield schema
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(key), dict):
            yield from below(schema[key])
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for inner in schema.get(key, ()):
            yield from below(inner)
    for key in ("properties", "$defs", "patternProperties"):
        for inner in schema.get(key, {}).values():
            yield from below(inner)


KEYWORDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("properties", "propertyNames", "patternProperties", "items"), dict),
    **dict.fromkeys(("required", "anyOf", "oneOf", "allOf", "enum"), list),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties"), int),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (int, float)),
    **dict.fromkeys(("pattern", "$ref"), str),
    "type": (str, list),
    "additionalProperties": (bool, dict),
    "const": (str, int),
}


@pytest.mark.parametrize("name", schemas.names())
def test_schema_is_a_sound_json_schema(name: str) -> None:
    schema = load(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in below(schema):
        assert set(part) <= NOTES | set(KEYWORDS), part.keys()
        for keyword, kind in KEYWORDS.items():
            assert isinstance(part.get(keyword, None), (kind, type(None))), (keyword, part)
        for kind_name in [part["type"]] if isinstance(part.get("type"), str) else part.get("type", []):
            assert kind_name in TYPES
        if "pattern" in part:
            re.compile(part["pattern"])
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in schema["$defs"]
        assert set(part.get("required", ())) <= set(part.get("properties", {}))


def fits(schema: dict[str, Any], data: Any, root: dict[str, Any]) -> bool:
    """Whether the data meet the schema, for the keywords that the schemas of the register use."""
    if "$ref" in schema and not fits(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], data, root):
        return False
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type")
    if kinds and not any(isinstance(data, TYPES[k]) and not (isinstance(data, bool) and k != "boolean") for k in kinds):
        return False
    if "enum" in schema and data not in schema["enum"]:
        return False
    if "const" in schema and data != schema["const"]:
        return False
    if "anyOf" in schema and not any(fits(one, data, root) for one in schema["anyOf"]):
        return False
    if "oneOf" in schema and sum(fits(one, data, root) for one in schema["oneOf"]) != 1:
        return False
    if isinstance(data, str):
        return bool(re.search(schema.get("pattern", ""), data)) and len(data) <= schema.get("maxLength", len(data))
    if isinstance(data, list):
        enough = schema.get("minItems", 0) <= len(data) <= schema.get("maxItems", len(data))
        return enough and all(fits(schema.get("items", {}), item, root) for item in data)
    if isinstance(data, dict):
        if not set(schema.get("required", ())) <= set(data) or len(data) < schema.get("minProperties", 0):
            return False
        for key, item in data.items():
            inner = of_key(schema, key)
            if inner is False or (isinstance(inner, dict) and not fits(inner, item, root)):
                return False
            if "propertyNames" in schema and not fits(schema["propertyNames"], key, root):
                return False
    return True


def of_key(schema: dict[str, Any], key: str) -> Any:
    """What the schema asks of the value under this key: a schema, or whether it may be there at all."""
    if key in schema.get("properties", {}):
        return schema["properties"][key]
    for pattern, inner in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return inner
    return schema.get("additionalProperties", True)


def test_every_real_record_meets_the_schema_of_its_kind(register: Catalog) -> None:
    ready = {kind: load(name) for kind, name in KIND.items()}
    files = (*register.files, *register.attached)
    wrong = [file.path for file in files if not fits(ready[file.kind], file.tree, ready[file.kind])]
    assert wrong == []


BASE = "name: X\npublisher: {value: p, from: r}\nsummary: {en: A., zh: 文。}\nreleased: {value: 2023, from: r}\n"


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        (BASE, True),
        (BASE.replace("name: X", "name: {en: X}"), False),
        (BASE.replace("released", "relased"), False),
        (BASE.replace("publisher: {value: p, from: r}\n", ""), False),
        (BASE + "openness: {paper: {level: open, as_of: 2023, from: r}}\n", True),
        (BASE + "openness: {paper: {level: yes, as_of: 2023, from: r}}\n", False),
        (BASE + "openness: {papers: {level: open, as_of: 2023, from: r}}\n", False),
        (BASE + "parameters: {claims: [{value: 7B, from: r}]}\n", True),
        (BASE + "parameters: {claims: []}\n", False),
        (BASE + "parameters: [7B]\n", False),
        (BASE + "sources: {r: {url: x, as_of: 2023, accessed: 2023}}\n", True),
        (BASE + "sources: {r: {url: x, as_of: 2023, read: 2023}}\n", False),
        (BASE + "links: {code: {value: x, from: r}, weights: [{value: x, from: r}]}\n", True),
        (BASE + "links: {code: x}\n", False),
    ],
)
def test_schema_tells_right_from_wrong(text: str, meets: bool) -> None:
    schema = load("model")
    assert fits(schema, read(text.encode())[0], schema) is meets


def test_descriptions_of_the_types_reach_the_editor() -> None:
    assert load("model")["$defs"]["Variant"]["properties"]["form"]["description"] == "How the weights are handed out."
