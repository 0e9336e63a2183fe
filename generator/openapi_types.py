"""Schemas of exported records, made from the types they are read with, so that a field nobody described cannot be."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from catalog.facts import Day, Fact, Level, Text
from catalog.hardware_counts import HardwareCount
from catalog.licences import Answer, Part
from catalog.records import Dataset, DataUse, Framework, Hardware, Homonym, Model, Outside, Term
from catalog.records import Document as DocumentRecord
from catalog.tables import Column, Row, Table

RECORDS: dict[str, type[BaseModel]] = {
    "models": Model,
    "datasets": Dataset,
    "frameworks": Framework,
    "hardware": Hardware,
    "terms": Term,
    "sources": DocumentRecord,
    "demonstrations": Model,
    "outside": Outside,
}
_CITING = {"from_": "sources", "evidence": "evidence", "settings_from": "settings_from"}
_REFERENCE = {
    "type": "object",
    "description": "An id with what it means and how it is called.",
    "required": ["id", "kind", "name"],
    "properties": {"id": {"type": "string"}, "kind": {"type": ["string", "null"]}},
}
_CITED = {
    "type": "object",
    "description": "A cited place: `url` of the source, or `document` in this API.",
    "required": ["id", "locator"],
    "properties": {
        "id": {"type": "string"},
        "locator": {"type": ["string", "null"]},
        "url": {"type": ["string", "null"]},
        "document": {"type": "string"},
    },
}
_DOWNLOAD = {
    "type": "object",
    "description": "An address of weights or data and what was found there.",
    "required": ["url", "status", "checked"],
    "properties": {
        "url": {"type": "string"},
        "status": {"enum": ["reachable", "moved", "gated", "gone", "refused", "error", "not-checked"]},
        "checked": {"type": ["string", "null"], "description": "Day of the last try"},
    },
}
_ANSWER = {"enum": list(get_args(Answer))}
_DERIVED = {
    "type": "object",
    "description": "What follows from the record: the level of every component, and the licences above each variant.",
    "required": ["openness", "licences"],
    "properties": {
        "openness": {"type": "object", "additionalProperties": {"enum": list(get_args(Level))}},
        "licences": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["commercial_use", "chain"],
                "properties": {
                    "commercial_use": _ANSWER,
                    "chain": {"type": "array", "items": {"$ref": "#/components/schemas/Link"}},
                },
            },
        },
    },
}
_LINK = {
    "type": "object",
    "description": "One licence of a chain, the deciding ones first.",
    "required": ["id", "part", "licence", "commercial_use", "distance", "through"],
    "properties": {
        "id": {"type": "string"},
        "part": {"enum": list(get_args(Part))},
        "licence": {"type": ["string", "null"]},
        "commercial_use": _ANSWER,
        "distance": {"type": "integer", "description": "Steps up the chain; 0 is its own licence"},
        "through": {"enum": ["own", "base", "data"], "description": "own, over bases alone, or over data on the way"},
    },
}


def schemas() -> dict[str, Any]:
    """Component name -> schema: one a kind, and those of everything inside."""
    found: dict[str, Any] = {
        "Reference": _REFERENCE,
        "Cited": _CITED,
        "Download": _DOWNLOAD,
        "Derived": _DERIVED,
        "Link": _LINK,
    }
    for kind, record in RECORDS.items():
        own = _object(record, found)
        required = ["id", *(["path"] if kind != "outside" else [])]
        given = {
            "id": {"type": "string"},
            "path": {"type": "string", "description": "File of the record in the repository"},
            "downloads": {"type": "array", "items": _to("Download")},
            "at_a_glance": {"type": "object", "additionalProperties": {"type": "string"}},
            "derived": _to("Derived"),
        }
        # A data set says its own kind, a card has none: there `kind` is that of the API.
        own["properties"] = {**given, "kind": {"type": "string"}, **own["properties"]}
        own["required"] = [*required, *(name for name in own["required"] if name not in required)]
        found[component(kind)] = own
    return found


def component(kind: str) -> str:
    """`models` -> `EntryModels`."""
    return f"Entry{kind.capitalize()}"


def _to(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(record: type[BaseModel], found: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, info in record.model_fields.items():
        label = _CITING.get(name, info.alias or name)
        one: dict[str, Any] = (
            {"type": "array", "items": _to("Cited")} if name in _CITING else _of(info.annotation, found)
        )
        if info.description and "$ref" not in one:
            one = {**one, "description": info.description}
        properties[label] = one
        if info.is_required() and not (issubclass(record, Table | Row) and name in ("columns", "rows", "cells")):
            required.append(label)
    if issubclass(record, DataUse):
        properties |= {"dataset": _to("Reference"), "accepted": {"type": "boolean"}, "reason": _to("Text")}
    if issubclass(record, Homonym):
        properties["entry"] = _to("Reference")
    if issubclass(record, Column):
        properties["entity"] = _to("Reference")
    if issubclass(record, Row):
        properties |= {"cells": {"type": "object"}, "entity": _to("Reference"), "against": _to("Reference")}
    if issubclass(record, Table):
        properties |= {"players": {"type": "object", "additionalProperties": _to("Reference")}}
    return {"type": "object", "properties": properties, "required": required}


def _of(annotation: Any, found: dict[str, Any]) -> dict[str, Any]:
    """What a value of this type is exported as."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _of(inner[0], found)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, Fact):
            return _to("Fact")
        if issubclass(annotation, Text):
            return _to("Text")
        if annotation.__name__ not in found:
            found[annotation.__name__] = {}  # holds the place: a type may lead back to itself
            found[annotation.__name__] = _object(annotation, found)
        return _to(annotation.__name__)
    if origin in (Union, types.UnionType):
        kinds = [_of(one, found) for one in inner if one is not type(None)]
        return kinds[0] if len(kinds) == 1 else {}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(inner[1], found)}
    if origin is tuple:
        return {"type": "array", "items": _of(inner[0], found)}
    if origin is Literal:
        return {"enum": list(inner)}
    if annotation in (str, Day):
        return {"type": "string"}
    if annotation is int:
        return {"type": "integer"}
    return {"type": "object"} if annotation is HardwareCount else {}
