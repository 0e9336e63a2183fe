"""The published template of a recipe, found by its hash among the files a user brings. They are read, never executed.

Where: a folder `templates/` in or beside the user's data, or the data's own folder. What: a text file with exactly the
text, a JSON file that holds it as a string, or the published Python file that holds it as a literal (an f-string counts
as it is written). The hash is that of the text in UTF-8, places and braces as they stand.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from catalog.errors import UserError
from runner.inputs.templates import Piece, Template, pieces

_MAX_BYTES = 1_000_000
_MAX_FILES = 200
_F_STRING = re.compile(r"""[rR]?[fF][rR]?(?P<quotes>'''|\"\"\"|'|")(?P<body>.*)(?P=quotes)""", re.DOTALL)


def find(wanted: Mapping[str, str], data: Path | None, more: Path | None = None) -> dict[str, str]:
    """Texts by the recipe's name for them, from the user's data and a folder `more`; those not there are left out.

    UserError (exit code 2) for a file `templates/<name>.txt` whose hash is not the recipe's.
    """
    by_hash = {sha256: name for name, sha256 in wanted.items()}
    found: dict[str, str] = {}
    for path in _candidates(data, more) if wanted else ():
        for text in _texts(path):
            name = by_hash.get(_hash(text.encode("utf-8", "replace")))
            if name is not None:
                found[name] = text
        if path.suffix == ".txt" and path.parent.name == "templates" and path.stem in set(wanted) - set(found):
            raise UserError(
                f"`templates/{path.name}` is not the published text",
                why=f"its SHA-256 is {_hash(path.read_bytes())}, the recipe says {wanted[path.stem]}",
                hint="the text has to be exact, blanks and line ends too; or put the published source file there",
                exit_code=2,
            )
    return found


def template(name: str, texts: Mapping[str, str]) -> Template | None:
    """A template of published texts, told apart by their places; None where they hold no prompt.

    A text with {output} is prompt and answer in one; one with {input} is for rows whose input is not empty.
    """
    parts: dict[str, tuple[Piece, ...]] = {}
    # Whole texts last: where a publication has both, the whole one is what was trained on.
    for text in sorted(texts.values(), key=lambda one: ("output" in one, one)):
        try:
            cut = pieces(text)
        except ValueError:
            continue  # a text for another use, with places of its own
        said = {name for place, name in cut if place}
        if not said:
            continue
        at = cut.index((True, "output")) if "output" in said else len(cut)
        parts["prompt-input" if "input" in said else "prompt"] = cut[:at]
        parts["answer"] = cut[at:] or parts.get("answer", ())
    if "prompt" not in parts:
        return None
    parts["answer"] = parts["answer"] or ((True, "output"),)
    whole = "\0".join(texts[key] for key in sorted(texts)).encode()
    return Template(name, parts, hashlib.sha256(whole).hexdigest(), len(whole), published=True)


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _candidates(data: Path | None, more: Path | None) -> list[Path]:
    folders = [more] if more else []
    if data is not None:
        folder = data if data.is_dir() else data.parent
        folders += [folder / "templates", folder.parent / "templates", folder]
    found: list[Path] = []
    for one in folders:
        if one.is_dir():
            files = sorted(path for path in one.iterdir() if path.suffix in (".txt", ".json", ".py"))
            found += [path for path in files if path.is_file() and path.stat().st_size <= _MAX_BYTES]
    return found[:_MAX_FILES]


def _texts(path: Path) -> Iterator[str]:
    """Every text that the file may mean; nothing where it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    try:
        if path.suffix == ".json":
            yield from _strings(json.loads(text))
        elif path.suffix == ".py":
            yield from _literals(text)
        else:
            yield text
            # Editors end the last line.
            yield text.removesuffix("\n").removesuffix("\r")
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return


def _strings(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _literals(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            match = _F_STRING.fullmatch(ast.get_source_segment(source, node) or "")
            if match:
                yield match["body"]
