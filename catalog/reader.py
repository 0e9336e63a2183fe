"""YAML text to plain data that remembers where each piece stood.

A record comes from a stranger's pull request, so this reads far less than YAML allows: one document, no anchors,
aliases or tags, bounded size, depth and length, and never an object. Scalars follow the YAML 1.2 core schema, so
`no` and `on` are text; because other tools read them as booleans, they must be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_SCALAR = 8_000
MAX_NODES = 100_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_BOOL = {"yes", "no", "on", "off"}

# Characters that would desynchronise line numbers (NEL, LS, PS), hide text or turn its direction.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


class Place(NamedTuple):
    """Line and column, both from 1; the column counts characters."""

    line: int
    column: int


START = Place(1, 1)


class Integer(int):
    """An integer that keeps how it was written."""

    text: str


class Real(float):
    """A real number that keeps how it was written."""

    text: str


class Map(dict[str, Any]):
    """A mapping with the place of each key and value."""

    __slots__ = ("at", "keys_at", "values_at")

    def __init__(self, at: Place) -> None:
        super().__init__()
        self.at = at
        self.keys_at: dict[str, Place] = {}
        self.values_at: dict[str, Place] = {}


class Seq(list[Any]):
    """A list with the place of each item."""

    __slots__ = ("at", "items_at")

    def __init__(self, at: Place) -> None:
        super().__init__()
        self.at = at
        self.items_at: list[Place] = []


@dataclass(frozen=True)
class Problem:
    """Why the text, or a part of it, could not be read."""

    at: Place
    code: str
    message: str
    hint: str = ""


class Unreadable(Exception):
    """Reading stopped here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read(raw: bytes) -> tuple[Any, list[Problem]]:
    """The data of one YAML document and what is wrong with the text; data is None where it cannot be read."""
    problems: list[Problem] = []
    if len(raw) > MAX_BYTES:
        return None, [too_large(len(raw))]
    try:
        text = _decode(raw, problems)
        tree = _build(text, problems) if text.strip() else None
        if tree is None:
            raise Unreadable(Problem(START, "HB106", "the file is empty", "see catalog/README.md for a worked example"))
        return tree, problems
    except Unreadable as stop:
        return None, [*problems, stop.problem]


def too_large(size: int) -> Problem:
    """The problem with a file of `size` bytes."""
    what = f"the file has {size:,} bytes; a record has at most {MAX_BYTES:,}"
    return Problem(START, "HB101", what, "split it, or move tables to a CSV")


def place_of(tree: Any, path: Sequence[str | int], *, key: bool = False) -> Place:
    """Where `path` stands in the tree; parts of the path that the text does not have are passed over.

    With `key`, the place of the last key itself instead of its value.
    """
    here = tree.at if isinstance(tree, Map | Seq) else START
    for part in path:
        if isinstance(tree, Map) and isinstance(part, str) and part in tree:
            here = tree.keys_at[part] if key else tree.values_at[part]
            tree = tree[part]
        elif isinstance(tree, Seq) and isinstance(part, int) and 0 <= part < len(tree):
            here, tree = tree.items_at[part], tree[part]
    return here


def _decode(raw: bytes, problems: list[Problem]) -> str:
    if raw.startswith(b"\xef\xbb\xbf"):
        problems.append(
            Problem(START, "HB102", "the file starts with a byte order mark", "save it as UTF-8 without BOM")
        )
        raw = raw[3:]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        at = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Unreadable(Problem(at, "HB102", "this is not UTF-8", "save the file as UTF-8")) from None
    if "\r" in text:
        first = text.index("\r")
        at = Place(text.count("\n", 0, first) + 1, first - text.rfind("\n", 0, first))
        problems.append(Problem(at, "HB102", "lines end with CR; records use LF", "set your editor to LF line ends"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _FORBIDDEN.search(text):
        first = found.start()
        at = Place(text.count("\n", 0, first) + 1, first - text.rfind("\n", 0, first))
        what = f"the invisible or control character U+{ord(found.group()):04X} is not allowed"
        raise Unreadable(Problem(at, "HB102", what, "delete it"))
    return text


def _scalar(event: Any, problems: list[Problem]) -> Any:
    text: str = event.value
    at = Place(event.start_mark.line + 1, event.start_mark.column + 1)
    if len(text) > MAX_SCALAR:
        problems.append(
            Problem(at, "HB101", f"this text has {len(text):,} characters, at most {MAX_SCALAR:,} are read")
        )
        return text[:80]
    if not event.implicit[0]:
        if event.style == '"' and (found := _FORBIDDEN.search(text)):
            what = f"the invisible or control character U+{ord(found.group()):04X} is not allowed"
            problems.append(Problem(at, "HB102", what, "delete the escape"))
            return _FORBIDDEN.sub("", text)
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    first = text[0]
    if first in "0123456789+-.":
        if _INT.fullmatch(text) and len(text) < 40:
            whole = Integer(text, 0) if text[:2] in ("0o", "0x") else Integer(text)
            whole.text = text
            return whole
        if _FLOAT.fullmatch(text):
            real = Real(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
            real.text = text
            return real
    elif len(text) < 4 and text.lower() in _OLD_BOOL:
        hint = f'quote it: "{text}"'
        problems.append(Problem(at, "HB105", f"`{text}` is a boolean to many YAML readers", hint))
    return text


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.problem_mark and error.context_mark and not text[_offset(text, error.problem_mark) :].strip():
            mark = error.context_mark  # at the end of the text, what was left open is the place to mend
        at = _inside(text, Place(mark.line + 1, mark.column + 1)) if mark else START
        what = error.problem or "this is not YAML"
        hint = "indent with spaces, not tabs" if "\t" in what or _tab_at(text, at) else "check indentation and quotes"
        context = f" ({error.context})" if error.context else ""
        raise Unreadable(Problem(at, "HB103", f"not valid YAML: {what}{context}", hint)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(Problem(START, "HB103", f"not valid YAML: {str(error).splitlines()[0]}")) from None


def _inside(text: str, at: Place) -> Place:
    """The parser places what is missing at the end behind the last line, where no editor can jump to."""
    lines = text.rstrip("\n").split("\n")
    return at if at.line <= len(lines) else Place(len(lines), len(lines[-1]) + 1)


def _offset(text: str, mark: Any) -> int:
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: mark.line]) + int(mark.column)


def _tab_at(text: str, at: Place) -> bool:
    lines = text.split("\n")
    return at.line <= len(lines) and "\t" in lines[at.line - 1]


def _build(text: str, problems: list[Problem]) -> Any:
    """One pass over the parser's events with a stack of our own: no recursion, so depth cannot hurt."""
    stack: list[tuple[Map | Seq, list[str | None]]] = []
    root: Any = None
    seen = nodes = 0
    for event in _events(text):
        kind = type(event)
        if kind in (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent):
            continue
        at = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        if kind is yaml.DocumentStartEvent:
            seen += 1
            if seen > 1:
                raise Unreadable(Problem(at, "HB104", "a second document starts here; a file is one record"))
            continue
        nodes += 1
        if nodes > MAX_NODES:
            raise Unreadable(Problem(at, "HB101", f"more than {MAX_NODES:,} values in one file"))
        if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            stack.pop()
            continue
        if kind is yaml.AliasEvent:
            raise Unreadable(Problem(at, "HB104", f"the alias `*{event.anchor}` is not allowed", "write the value out"))
        if event.anchor is not None:
            raise Unreadable(
                Problem(at, "HB104", f"the anchor `&{event.anchor}` is not allowed", "write the value out")
            )
        if event.tag is not None and not str(event.tag) == "!":
            raise Unreadable(Problem(at, "HB104", f"the tag `{event.tag[:60]}` is not allowed", "write plain values"))
        value: Any
        if kind is yaml.ScalarEvent:
            value = _scalar(event, problems)
        else:
            if len(stack) >= MAX_DEPTH:
                raise Unreadable(Problem(at, "HB101", f"nested deeper than {MAX_DEPTH} levels"))
            value = Map(at) if kind is yaml.MappingStartEvent else Seq(at)
        if not stack:
            root = value
        else:
            _attach(stack[-1], value, event, at, problems)
        if isinstance(value, Map | Seq):
            stack.append((value, [None]))
    return root


def _attach(
    top: tuple[Map | Seq, list[str | None]], value: Any, event: Any, at: Place, problems: list[Problem]
) -> None:
    parent, pending = top
    if isinstance(parent, Seq):
        parent.append(value)
        parent.items_at.append(at)
        return
    key = pending[0]
    if key is None:
        if not isinstance(event, yaml.ScalarEvent):
            raise Unreadable(
                Problem(at, "HB103", "a key must be a plain word", "quote the value if it starts with [ or {")
            )
        name: str = event.value
        if name in parent.keys_at:
            first = parent.keys_at[name]
            what = f"the key `{name}` stands twice (first in line {first.line})"
            problems.append(Problem(at, "HB107", what, "merge the two, or delete one"))
            name = f"{name}\x00{len(parent.keys_at)}"
        parent.keys_at[name] = at
        pending[0] = name
        return
    pending[0] = None
    if "\x00" not in key:
        parent[key] = value
        parent.values_at[key] = at
