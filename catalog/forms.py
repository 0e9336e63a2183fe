"""What the JSON Schemas say of the forms that the types check by code: patterns and rules, written for both to share.

`patternErrorMessage` is what YAML language servers show in place of a pattern; other validators pass over it.
Patterns keep to what Python and ECMAScript have in common. What no pattern can say (bounds of a figure in words, days
of the calendar, parts that must fit each other) raises `Impossible` in the types and is beyond the schemas.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

SLUG = r"[a-z0-9]+(?:[.\-][a-z0-9]+)*"
SLUG_SCHEMA: Schema = {
    "type": "string", "maxLength": 80, "pattern": f"^{SLUG}$",
    "patternErrorMessage": "An id: lower-case letters, digits, single dots and hyphens.",
}  # fmt: skip

_NO_MARKUP = (
    r"(?![\s\S]*(?:<\s*[A-Za-z/!?]|&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z]{2,8});|\]\(\s*[A-Za-z]+\s*:(?!\/\/)"
    r"|[jJ][aA][vV][aA][sS][cC][rR][iI][pP][tT]\s*:))"
)

HTTPS = r"^[hH][tT][tT][pP][sS]:\/\/[^\/?#@:\[\]\s]+\.[^\/?#@:\[\]\s]*(?::[0-9]*)?(?:[\/?#][^\s<>\x22'`{}|\\^]*)?$"
"""An address whose host has a dot: no user, no brackets, nothing that must be percent-encoded."""
URL_SCHEMA: Schema = {
    "type": "string", "format": "uri", "maxLength": 600, "pattern": HTTPS,
    "patternErrorMessage": "An https address, without user and with everything percent-encoded.",
    "examples": ["https://github.com/tatsu-lab/stanford_alpaca"],
}  # fmt: skip


def prose_schema(longest: int, **more: Any) -> Schema:
    """Text without markup, of at most so many characters, not blank."""
    form = {"maxLength": longest, "pattern": rf"^{_NO_MARKUP}[\s\S]*\S"}
    return {"type": "string", **form, "patternErrorMessage": "Plain words without markup; links go to `links`.", **more}


_TEXT = prose_schema(4000)
NAME_SCHEMA: Schema = {
    "anyOf": [
        _TEXT,
        {
            "type": "object",
            "required": ["en", "zh"],
            "additionalProperties": False,
            "properties": {
                "en": {**_TEXT, "description": "English."},
                "zh": {**_TEXT, "description": "Chinese."},
            },
        },
    ]
}
WORD_SCHEMA: Schema = {"anyOf": [prose_schema(400), {"type": "number"}]}

_DAY = r"(?:199[0-9]|20[0-9][0-9]|2100)(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
DAY_SCHEMA: Schema = {
    "anyOf": [
        {
            "type": "string",
            "pattern": rf"^\s*{_DAY}(?:\s+to\s+{_DAY})?\s*$",
            "patternErrorMessage": "A date: YYYY-MM-DD, YYYY-MM or YYYY, or two of them with `to` between.",
            "examples": ["2023-03-13", "2023-03", "2023-03-20 to 2023-03-26"],
        },
        {"type": "integer", "minimum": 1990, "maximum": 2100, "examples": [2023]},
    ]
}

_ONE_EVIDENCE: Schema = {
    "type": "string",
    "maxLength": 200,
    "pattern": rf"^{_NO_MARKUP}{SLUG}(?:#\S[^\n\r]*)?$",
    "patternErrorMessage": "Evidence: `source` or `source#locator`, as in readme#L28.",
    "examples": ["readme#L28", "paper#table 3"],
}
EVIDENCE_SCHEMA: Schema = {
    "anyOf": [_ONE_EVIDENCE, {"type": "array", "items": _ONE_EVIDENCE, "minItems": 1, "maxItems": 12}]
}

HARDWARE_SCHEMA: Schema = {
    "type": "string",
    "maxLength": 80,
    "pattern": rf"^\s*(?:at least|at most|about)?\s*(?:[0-9]{{1,6}}\s*[x×*]\s*)*{SLUG}\s*$",
    "patternErrorMessage": "Hardware: count and slug of the card, as in 8 x a100-80gb.",
    "examples": ["8 x a100-80gb", "2 x 8 x a100", "at least 1 x rtx-3090"],
}

_GIVEN: Schema = {"not": {"type": "null"}}


def given(*names: str) -> Schema:
    """These keys are there and not null."""
    return {"required": list(names), "properties": dict.fromkeys(names, _GIVEN)}


def _one_of(field: str, *words: str) -> Schema:
    return {"required": [field], "properties": {field: {"enum": list(words)}}}


CLAIM_RULES: Schema = {
    "allOf": [
        {
            "if": {"properties": {"value": {"type": "null"}}},
            "then": _one_of("status", "not-disclosed", "not-applicable", "unknown"),
        },
        {"if": given("value"), "then": {"properties": {"status": {"const": "stated"}}}},
        {"if": {"properties": {"status": {"enum": ["stated", "not-disclosed"]}}}, "then": given("from")},
    ]
}
LEVEL_RULES: Schema = {"if": _one_of("level", "open", "partial", "gated", "closed"), "then": given("from", "as_of")}
SOURCE_RULES: Schema = {"if": _one_of("kind", "document"), "then": given("title", "sha256"), "else": given("url")}
ONE_ACCEPTED: Schema = {
    "if": {"minItems": 2},
    "then": {"contains": given("accepted"), "minContains": 1, "maxContains": 1},
}
