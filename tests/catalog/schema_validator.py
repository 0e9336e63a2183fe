"""The published schemas under the validator that check-jsonschema brings, with its reader of YAML and its patterns."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from check_jsonschema.parsers.yaml import construct_yaml_implementation, impl2loader
from check_jsonschema.regex_variants import RegexImplementation, RegexVariantName

from catalog.store import find_root

FOLDER = find_root(Path(__file__)) / "schema"


def load(name: str) -> Any:
    """The schema of a kind, as it lies in catalog/schema/."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def validator(name: str) -> Any:
    """For the schema of a kind."""
    patterns = RegexImplementation(RegexVariantName.default)
    kind = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": patterns.pattern_keyword})
    return kind(load(name))


@cache
def _loader() -> Any:
    return impl2loader(construct_yaml_implementation(), construct_yaml_implementation(pure=True))


def as_others_read(text: str) -> Any:
    """The data as check-jsonschema reads them."""
    return _loader()(io.BytesIO(text.encode()))


def fits(name: str, data: Any) -> bool:
    """Whether the data meet the schema of a kind."""
    return bool(validator(name).is_valid(data))
