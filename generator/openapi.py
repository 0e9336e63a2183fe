"""The description of the static API (OpenAPI 3.1), made from the files that are served."""

from __future__ import annotations

import json
from typing import Any

from catalog.claims.verdicts import VERDICTS
from catalog.register import Catalog
from generator.openapi_types import component, schemas

VERSION = "1.0.0"


def openapi(catalog: Catalog, kinds: tuple[str, ...], address: str) -> bytes:
    """One path a kind, one for an entry of it, and the CSV."""
    paths: dict[str, Any] = {}
    for kind in kinds:
        entry = {"$ref": f"#/components/schemas/{component(kind)}"}
        schema = {"type": "object", "additionalProperties": entry}
        paths[f"/{kind}.json"] = _get(f"All {kind}, whole entries by slug", "application/json", schema, f"list_{kind}")
        if kind == "outside":
            continue
        slugs = sorted(file.slug for file in catalog.files if file.kind == kind)
        one = _get(f"One of {kind}", "application/json", entry, f"get_{kind}")
        one["parameters"] = [
            {"name": "slug", "in": "path", "required": True, "schema": {"type": "string", "enum": slugs or ["none"]}}
        ]
        paths[f"/{kind}/{{slug}}.json"] = one
    for path in sorted(catalog.judgments):
        paths[f"/{path}"] = _get("Recorded verdicts of a tournament", "text/csv", {"type": "string"}, _name(path))
    for file in sorted(catalog.attached, key=lambda f: f.slug):
        if file.kind == "results":
            slug, _, name = file.slug.partition("/")
            path = f"models/{slug}/results/{name}.yaml"
            paths[f"/{path}"] = _get("A result of the runner", "application/yaml", {"type": "string"}, _name(path))
    for path in sorted(catalog.tables):
        paths[f"/{path}"] = _get("A table of a result", "text/csv", {"type": "string"}, _name(path))
    paths["/models.csv"] = _get("One row a model", "text/csv", {"type": "string"}, "models_csv")
    ledger = {"type": "array", "items": {"$ref": "#/components/schemas/Judged"}}
    paths["/claims.json"] = _get("The claims ledger", "application/json", ledger, "claims")
    estimate = {"type": "object", "required": ["coefficients", "shapes", "cards"]}
    paths["/estimate.json"] = _get("What estimates are made of", "application/json", estimate, "estimate")
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Herdbook",
            "version": VERSION,
            "summary": "The register of the alpaca family of language models as static files",
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": f"{address}api/v1" if address else "."}],
        "paths": paths,
        "components": {
            "schemas": {"Fact": _FACT, "Claim": _CLAIM, "Text": _TEXT, "Judged": _JUDGED, **schemas()},
        },
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _name(path: str) -> str:
    """An operation's name from the path of a file."""
    return "".join(letter if letter.isalnum() else "_" for letter in path)


def _get(summary: str, media: str, schema: dict[str, Any], name: str) -> dict[str, Any]:
    reply = {"description": summary, "content": {media: {"schema": schema}}}
    return {"get": {"operationId": name, "summary": summary, "responses": {"200": reply}}}


_TEXT = {
    "type": "object",
    "required": ["en", "zh"],
    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
}
_CLAIM = {
    "type": "object",
    "description": "One answer: its value in base units beside what was said, its date and evidence.",
    "required": ["status", "as_of", "sources"],
    "properties": {
        "value": {"description": "Number in base units, text, reference, or null where there is no single number"},
        "said": {"type": ["string", "null"], "description": "As the source prints it"},
        "unit": {"type": ["string", "null"]},
        "status": {"enum": ["stated", "not-disclosed", "not-applicable", "unknown"]},
        "as_of": {"type": ["string", "null"]},
        "sources": {"type": "array", "items": {"type": "object", "required": ["id", "locator"]}},
        "accepted": {"type": "boolean"},
        "reason": {"$ref": "#/components/schemas/Text"},
        "note": {"$ref": "#/components/schemas/Text"},
    },
}
_FACT = {
    "description": "The accepted claim, with every claim on record under `claims`.",
    "allOf": [{"$ref": "#/components/schemas/Claim"}],
    "required": ["claims"],
    "properties": {"claims": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Claim"}}},
}
_LINES = {"type": "array", "minItems": 1, "items": {"type": "string"}}
_JUDGED = {
    "type": "object",
    "description": "A published claim of hardware, time, memory or cost, what is derived, what was measured.",
    "required": ["entry", "fact", "claimed", "derived", "measured", "verdict", "arithmetic", "sources"],
    "properties": {
        "entry": {"type": "string"},
        "fact": {"type": "string", "description": "Path of the fact in the entry"},
        "claimed": {"type": "object", "required": ["value", "said", "unit", "accepted"]},
        "derived": {
            "type": ["object", "null"],
            "description": "Low and high in `unit`; `utilisation` is the share of the cards' peak (1 is the peak)",
        },
        "measured": {"type": ["object", "null"]},
        "verdict": {"enum": list(VERDICTS)},
        "arithmetic": {"type": "object", "required": ["en", "zh"], "properties": {"en": _LINES, "zh": _LINES}},
        "sources": {"type": "array", "items": {"type": "object", "required": ["id", "locator"]}},
    },
}
