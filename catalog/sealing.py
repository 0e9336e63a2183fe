"""A result as a file: its name, its digest, and the YAML whose last line seals all above it."""

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


OUTSIDE_DIGEST = frozenset(("digest", "made", "seal"))


def digest_of(content: Json) -> str:
    """The digest of a result's content, whatever its `digest` says."""
    return digest({key: value for key, value in content.items() if key not in OUTSIDE_DIGEST})


def write(content: Json) -> bytes:
    """The file: canonical YAML, digest and seal put in. The same content gives the same bytes."""
    content = {key: value for key, value in plain(content).items() if key not in ("digest", "seal")}
    front = {key: content.pop(key) for key in ("schema", "entry", "recipe", "mode")}
    made = content.pop("made")
    whole = {**front, "digest": digest_of({**front, **content}), **content, "made": made}
    body = f"{HEADER}{''.join(_mapping(whole, 0))}"
    return f"{body}seal: {_quoted(hashlib.sha256(body.encode()).hexdigest())}\n".encode()


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
