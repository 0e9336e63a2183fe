"""pydantic's errors as findings: the line and column, plain words, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from catalog.findings import Finding
from catalog.reader import place_of
from catalog.spelling import did_you_mean

_PLAIN = {
    "string_type": "this must be text (put it in quotes)",
    "dict_type": "this must be a mapping (`key: value` lines)",
    "model_type": "this must be a mapping (`key: value` lines)",
    "model_attributes_type": "this must be a mapping (`key: value` lines)",
    "tuple_type": "this must be a list (`- item` lines)",
    "int_type": "this must be a whole number",
    "none_required": "this must be empty",
}


def findings(path: str, tree: Any, error: ValidationError, model: type[BaseModel]) -> Iterator[Finding]:
    """One finding an error, at the deepest place of the text that the error's location names."""
    for detail in error.errors(include_url=False):
        loc, around = _walk(model, tuple(detail["loc"]))
        kind = detail["type"]
        if kind == "extra_forbidden":
            key = str(loc[-1])
            known = _fields(around)
            at = place_of(tree, loc, key=True)
            hint = _COMMA if " " in key else did_you_mean(key, known) or _list(known)
            yield Finding(path, at, "HB110", f"unknown key `{key}`", hint)
        elif kind == "missing":
            yield Finding(path, place_of(tree, loc[:-1]), "HB111", f"`{loc[-1]}` is missing{_inside(loc[:-1])}")
        else:
            # pydantic ends the location of a wrong key with `[key]`; its value may stand lines below.
            at = place_of(tree, loc, key=loc[-1:] == ("[key]",))
            yield Finding(path, at, _code(kind), *words(detail))


_COMMA = "a comma inside {...} ends a value: put the text in quotes"


def _list(known: list[str]) -> str:
    return f"known here: {', '.join(known[:14])}{', ...' if len(known) > 14 else ''}" if known else ""


def _inside(loc: tuple[int | str, ...]) -> str:
    names = [str(part) for part in loc if part != "claims"]
    return f" in `{'.'.join(names)}`" if names else ""


def _code(kind: str) -> str:
    return (
        "HB113" if kind in ("value_error", "literal_error", "string_pattern_mismatch", "assertion_error") else "HB112"
    )


def words(detail: ErrorDetails) -> tuple[str, str]:
    """Message and hint of one error of pydantic."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace("'", "`")
        near = did_you_mean(str(detail.get("input", ""))[:80], re.findall(r"`([^`]*)`", expected))
        return f"not a word of this list: {expected}", near
    if kind in _PLAIN:
        return _PLAIN[kind], ""
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind == "string_pattern_mismatch":
        message = f"does not have the form {context.get('pattern', '')}"
    return message[:400], ""


Loc = tuple[int | str, ...]


def _walk(model: type[BaseModel], loc: Loc) -> tuple[Loc, Any]:
    """`loc` without the tags of unions, which stand in no text, and the annotation its last part is looked up in."""
    here: Any = model
    around: Any = model
    kept: list[int | str] = []
    for part in loc:
        if (meant := _tagged(here, part)) is not None:
            here = meant
            continue
        kept.append(part)
        around, here = here, None if here is None else _step(here, part)
    return tuple(kept), around


def _tagged(annotation: Any, part: int | str) -> Any:
    """The member of a union that has this tag; None where there is none."""
    args = get_args(annotation)
    if any(isinstance(item, Tag) and item.tag == part for item in args[1:]):
        return args[0]
    return next((found for item in args if (found := _tagged(item, part)) is not None), None)


def _fields(annotation: Any) -> list[str]:
    """Keys that a model of the annotation allows; empty where they cannot be told."""
    return sorted({info.alias or name for item in _models(annotation) for name, info in item.model_fields.items()})


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for inner in get_args(annotation):
        yield from _models(inner)


def _step(annotation: Any, part: int | str) -> Any:
    for model in _models(annotation):
        for name, info in model.model_fields.items():
            if part in (name, info.alias):
                return info.annotation
        if isinstance(part, int):
            return annotation
    args = get_args(annotation)
    if isinstance(part, int) or args:
        return annotation if not args else args[-1] if isinstance(part, str) and len(args) == 2 else args
    return None
