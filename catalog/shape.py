"""What the types say of a place in a record's text: which fields may stand there, and what lies below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from catalog.facts import Fact


def models_at(annotation: Any, keys: Iterable[str]) -> list[type[BaseModel]]:
    """The types that a mapping with these keys may be here; a fact without `claims` is its one claim."""
    found: list[type[BaseModel]] = []
    for one in _alternatives(annotation):
        if get_origin(one) in (tuple, list):
            # Where many may stand in a list, one may stand alone.
            found += models_at(get_args(one)[0], keys)
        elif isinstance(one, type) and issubclass(one, BaseModel):
            if issubclass(one, Fact) and "claims" not in keys:
                found += models_at(one.model_fields["claims"].annotation, keys)
            else:
                found.append(one)
    return found


def below(annotation: Any, step: str | int, keys: Iterable[str] = ()) -> Any:
    """The annotation of what stands under a key of a mapping with `keys`, or at an index; None where nothing may."""
    if isinstance(step, str):
        for model in models_at(annotation, keys):
            for name, info in model.model_fields.items():
                if step == (info.alias or name):
                    return info.annotation
    for one in _alternatives(annotation):
        if isinstance(step, str) and get_origin(one) is dict:
            return get_args(one)[1]
        if isinstance(step, int) and get_origin(one) in (tuple, list):
            return get_args(one)[0]
    return None


def words_at(annotation: Any) -> list[str]:
    """The closed list of words that may stand here; empty where it is not closed."""
    return [word for one in _alternatives(annotation) if get_origin(one) is Literal for word in get_args(one)]


def keys_at(annotation: Any) -> list[str]:
    """The closed list of words that may be keys of the mapping here; empty where it is not closed."""
    return [word for one in _alternatives(annotation) if get_origin(one) is dict for word in words_at(get_args(one)[0])]


def field_names(model: type[BaseModel]) -> list[str]:
    """The keys of a type as a file writes them, in the order of the type."""
    return [info.alias or name for name, info in model.model_fields.items()]


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _alternatives(one)
    else:
        yield annotation
