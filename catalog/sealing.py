"""A result as a file: its name, its digest, and the YAML whose last line seals all above it.

The digest of a tournament and of a probe is of all but `made`. That of a training leaves out what need not come out
again: `measured`, the prose of `deviations`, where inputs came from, and the names of the tables beside it, which hold
the digest themselves.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from catalog.recipes import digest, plain

Json = dict[str, Any]


def file_name(recipe: str, mode: str, digest_: str) -> str:
    """`<recipe>-<mode>-<first twelve digits of the digest>.yaml`."""
    return f"{recipe}-{mode}-{digest_[:12]}.yaml"


def file_name_of(content: Json) -> str:
    """The name of a result's file; a probe's tells the shape and the method in place of the recipe."""
    probe = content.get("kind") == "probe"
    recipe = f"probe-{content['shape']}-{content['method']}" if probe else content["recipe"]
    return file_name(recipe, content["mode"], content["digest"])


TABLES = {"steps": "trained", "answers": "answered", "verdicts": "tournament"}
"""Table beside a training result -> the part of the result that names it, under the key of the table's name."""


def table_name(result_file: str, table: str) -> str:
    """`x-faithful-0123456789ab.yaml` and `steps` -> `x-faithful-0123456789ab.steps.csv`."""
    return f"{result_file.removesuffix('.yaml')}.{table}.csv"


OUTSIDE_DIGEST = frozenset(("digest", "made", "seal"))
_OUTSIDE_TRAINING = OUTSIDE_DIGEST | {"measured", "deviations"}
_OF_INPUTS = ("role", "sha256", "bytes")


def digest_of(content: Json) -> str:
    """The digest of a result's content, whatever its `digest` says."""
    if content.get("kind") == "training":
        return digest(_repeated(content))
    return digest({key: value for key, value in content.items() if key not in OUTSIDE_DIGEST})


def _repeated(content: Json) -> Json:
    """What of a training must come out again; odd shapes stay as they are, for the types to refuse."""
    counted = {key: value for key, value in content.items() if key not in _OUTSIDE_TRAINING}
    if isinstance(inputs := counted.get("inputs"), list):
        counted["inputs"] = [_only(one, _OF_INPUTS) for one in inputs]
    for table, part in TABLES.items():
        if isinstance(named := counted.get(part), dict) and isinstance(named.get(table), dict):
            counted[part] = {**named, table: _only(named[table], ("sha256", "rows"))}
    return counted


def _only(value: Any, keys: tuple[str, ...]) -> Any:
    return {key: value.get(key) for key in keys} if isinstance(value, dict) else value


_FRONT = ("schema", "kind", "entry", "recipe", "shape", "method", "mode")
_LAST = ("measured", "made")


def write(content: Json) -> bytes:
    """The file: canonical YAML, with digest, names of tables and seal put in. The same content gives the same bytes."""
    content = {key: value for key, value in plain(content).items() if key not in ("digest", "seal")}
    front = {key: content.pop(key) for key in _FRONT if key in content}
    last = {key: content.pop(key) for key in _LAST if key in content}
    whole = {**front, "digest": digest_of({**front, **content}), **content, **last}
    _name_tables(whole)
    body = f"{HEADER}{''.join(_mapping(whole, 0))}"
    return f"{body}seal: {_quoted(hashlib.sha256(body.encode()).hexdigest())}\n".encode()


def _name_tables(whole: Json) -> None:
    if whole.get("kind") != "training":
        return
    for table, part in TABLES.items():
        if whole.get(part):
            beside = whole[part][table]
            whole[part][table] = {"file": table_name(file_name_of(whole), table), **_only(beside, ("sha256", "rows"))}


HEADER = (
    "# yaml-language-server: $schema=../../../schema/result.json\n"
    "# Written by the runner and never edited: `runner verify FILE` recomputes it.\n"
)


def sealed(raw: bytes) -> bool:
    """Whether the last line is the SHA-256 of all above it."""
    match = re.fullmatch(rb'(.*\n)seal: "([0-9a-f]{64})"\n', raw, re.DOTALL)
    return bool(match) and hashlib.sha256(match[1]).hexdigest().encode() == match[2] if match else False


_WIDE = 240
"""A mapping that fits stands on one line."""
_LINE = 120


def _mapping(value: Json, indent: int) -> list[str]:
    lines: list[str] = []
    for key, item in value.items():
        lines += _item(f"{_key(key)}:", item, indent)
    return lines


def _item(lead: str, value: Any, indent: int) -> list[str]:
    """`lead` and the value: on one line where it fits, else below it."""
    space = " " * indent
    flow = _flow(value)
    if not isinstance(value, dict | list) or len(space) + len(lead) + len(flow) < _WIDE or not value:
        return [f"{space}{lead} {flow}\n"]
    if isinstance(value, dict):
        return [f"{space}{lead}\n", *_mapping(value, indent + 2)]
    if not any(isinstance(one, dict | list) for one in value):
        return _wrapped(lead, value, indent)
    lines = [f"{space}{lead}\n"]
    for one in value:
        lines += _item("-", one, indent + 2) if not _is_long_map(one, indent + 2) else _dashed(one, indent + 2)
    return lines


def _wrapped(lead: str, value: list[Any], indent: int) -> list[str]:
    """A list of single values over as many lines as it takes."""
    lines, line = [f"{' ' * indent}{lead} [\n"], " " * (indent + 2)
    for number, one in enumerate(value, 1):
        piece = _quoted(one) + ("," if number < len(value) else "")
        if len(line) + len(piece) >= _LINE and line.strip():
            lines.append(f"{line.rstrip()}\n")
            line = " " * (indent + 2)
        line += f"{piece} "
    return [*lines, f"{line.rstrip()}\n", f"{' ' * indent}]\n"]


def _is_long_map(value: Any, indent: int) -> bool:
    return isinstance(value, dict) and indent + 2 + len(_flow(value)) >= _WIDE


def _dashed(value: Json, indent: int) -> list[str]:
    """A mapping as an item of a list: its first key stands behind the dash."""
    lines = _mapping(value, indent + 2)
    return [f"{' ' * indent}- {lines[0][indent + 2 :]}", *lines[1:]]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _quoted(value)


def _quoted(value: Any) -> str:
    """JSON, which YAML reads alike; text is always quoted."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _key(text: str) -> str:
    plain_word = re.fullmatch(r"[a-z][a-z0-9_\-]*", text) and text not in ("yes", "no", "on", "off", "y", "n", "null")
    return text if plain_word and text not in ("true", "false") else _quoted(text)
