"""YAML text to plain data that remembers where each piece stood.

A record comes from a stranger's pull request, so this reads far less than YAML allows: one document, no anchors,
aliases or tags, bounded size, depth and length, and never an object. Scalars follow the YAML 1.2 core schema, so
`no` and `on` are text; because other tools read them as booleans, they must be quoted, and so must `0x1F` and `.inf`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import yaml

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_SCALAR = 8_000
MAX_NODES = 100_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_OLD_BOOL = {"yes", "no", "on", "off"}
# Numbers to some readers of YAML, text or other numbers to the rest, and no numbers of JSON.
_ODD_NUMBER = re.compile(r"[-+]?(?:0[xob][0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?|\.(?:inf|nan))", re.I)

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


Path = tuple[str | int, ...]


class Source:
    """The text of a document. Most records are never pointed at, so places are found only when one is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    @cached_property
    def places(self) -> dict[Path, tuple[Place, Place]]:
        """Path -> place of the last key and of the value; an item of a list has no key, so both are its own."""
        return _find_places(self._text.decode())


class Map(dict[str, Any]):
    """A mapping; the outermost one, and what `part` gives out, knows its text and where in it it stands."""

    __slots__ = ("above", "source")

    source: Source
    above: Path


class Seq(list[Any]):
    """A list, with source and path as a mapping has them."""

    __slots__ = ("above", "source")

    source: Source
    above: Path


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
        if isinstance(tree, Map | Seq):
            tree.source, tree.above = Source(text), ()
        return tree, problems
    except Unreadable as stop:
        return None, [*problems, stop.problem]


def too_large(size: int, limit: int = MAX_BYTES) -> Problem:
    """The problem with a file of `size` bytes."""
    what = f"the file has {size:,} bytes; a record has at most {limit:,}"
    return Problem(START, "HB101", what, "split it, or move tables to a CSV")


def place_of(tree: Any, path: Sequence[str | int], *, key: bool = False) -> Place:
    """Where `path` stands in the tree; parts of the path that the text does not have are passed over.

    With `key`, the place of the last key itself instead of its value.
    """
    if not isinstance(tree, Map | Seq):
        return START
    at_key, at_value = tree.source.places[(*tree.above, *_present(tree, path))]
    return at_key if key else at_value


def part(tree: Map, key: str) -> Any:
    """The value of a key, as a tree that can tell places by itself."""
    value = tree[key]
    if isinstance(value, Map | Seq):
        value.source, value.above = tree.source, (*tree.above, key)
    return value


def _present(tree: Any, path: Sequence[str | int]) -> Path:
    kept: list[str | int] = []
    for step in path:
        if isinstance(tree, Map) and step in tree:
            tree = tree[str(step)]
        elif isinstance(tree, Seq) and isinstance(step, int) and 0 <= step < len(tree):
            tree = tree[step]
        else:
            continue
        kept.append(step)
    return tuple(kept)


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
    if len(text) > MAX_SCALAR:
        problems.append(
            Problem(_at(event), "HB101", f"this text has {len(text):,} characters, at most {MAX_SCALAR:,} are read")
        )
        return text[:80]
    if not event.implicit[0]:
        if event.style == '"' and (found := _FORBIDDEN.search(text)):
            what = f"the invisible or control character U+{ord(found.group()):04X} is not allowed"
            problems.append(Problem(_at(event), "HB102", what, "delete the escape"))
            return _FORBIDDEN.sub("", text)
        return text
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first in "0123456789+-.":
        if _ODD_NUMBER.fullmatch(text):
            what = f"`{text[:40]}` is not the same number to all YAML readers"
            problems.append(Problem(_at(event), "HB105", what, "write it in plain digits, or quote it"))
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
        problems.append(Problem(_at(event), "HB105", f"`{text}` is a boolean to many YAML readers", hint))
    return text


def _at(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


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


_OUTER = frozenset((yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent))
_ENDS = frozenset((yaml.MappingEndEvent, yaml.SequenceEndEvent))


class _Open:
    """A mapping or list whose end has not come yet."""

    __slots__ = ("key", "marks", "node")

    def __init__(self, node: Map | Seq) -> None:
        self.node = node
        self.key: str | None = None
        """The key that waits for its value."""
        self.marks: dict[str, Any] = {}
        """Where each key stands."""


def _build(text: str, problems: list[Problem]) -> Any:
    """One pass over the parser's events with a stack of our own: no recursion, so depth cannot hurt."""
    root: Any = None
    stack: list[_Open] = []
    documents = nodes = 0
    for event in _events(text):
        kind = type(event)
        if kind in _OUTER:
            documents += kind is yaml.DocumentStartEvent
            if documents > 1:
                what = "a second document starts here; a file is one record"
                raise Unreadable(Problem(_at(event), "HB104", what))
            continue
        nodes += 1
        if nodes > MAX_NODES:
            raise Unreadable(Problem(_at(event), "HB101", f"more than {MAX_NODES:,} values in one file"))
        if kind in _ENDS:
            stack.pop()
            continue
        value = _value(event, len(stack), problems)
        if not stack:
            root = value
        else:
            _put(stack[-1], value, event, problems)
        if kind is not yaml.ScalarEvent:
            stack.append(_Open(value))
    return root


def _value(event: Any, depth: int, problems: list[Problem]) -> Any:
    """The scalar, or an empty mapping or list to be filled."""
    if event.anchor is not None or (type(event) is not yaml.AliasEvent and event.tag is not None):
        _refuse(event)
    if type(event) is yaml.ScalarEvent:
        return _scalar(event, problems)
    if depth >= MAX_DEPTH:
        raise Unreadable(Problem(_at(event), "HB101", f"nested deeper than {MAX_DEPTH} levels"))
    return Map() if type(event) is yaml.MappingStartEvent else Seq()


def _refuse(event: Any) -> None:
    """Stops at an alias, an anchor or a tag; the tag `!` alone only says that a scalar is text."""
    if type(event) is yaml.AliasEvent:
        what = f"the alias `*{event.anchor}` is not allowed"
    elif event.anchor is not None:
        what = f"the anchor `&{event.anchor}` is not allowed"
    elif str(event.tag) != "!":
        raise Unreadable(
            Problem(_at(event), "HB104", f"the tag `{event.tag[:60]}` is not allowed", "write plain values")
        )
    else:
        return
    raise Unreadable(Problem(_at(event), "HB104", what, "write the value out"))


def _put(top: _Open, value: Any, event: Any, problems: list[Problem]) -> None:
    """An item, a key, or the value that the last key waited for."""
    if isinstance(top.node, Seq):
        top.node.append(value)
        return
    if top.key is not None:
        top.node.setdefault(top.key, value)
        top.key = None
        return
    if type(event) is not yaml.ScalarEvent:
        hint = "quote the value if it starts with [ or {"
        raise Unreadable(Problem(_at(event), "HB103", "a key must be a plain word", hint))
    name = top.key = sys.intern(event.value)
    if first := top.marks.get(name):
        what = f"the key `{name}` stands twice (first in line {first.line + 1})"
        problems.append(Problem(_at(event), "HB107", what, "merge the two, or delete one"))
    else:
        top.marks[name] = event.start_mark


def _find_places(text: str) -> dict[Path, tuple[Place, Place]]:
    """A second pass, over a text that could be read; where a key stands twice, the first is meant."""
    places: dict[Path, tuple[Place, Place]] = {}
    stack: list[tuple[_Open, Path]] = []
    for event in _events(text):
        kind = type(event)
        if kind in _ENDS:
            stack.pop()
        if kind in _OUTER or kind in _ENDS:
            continue
        at = at_key = _at(event)
        path: Path = ()
        if stack:
            top, above = stack[-1]
            if isinstance(top.node, Map) and top.key is None:
                top.key, top.marks[""] = event.value, at
                continue
            if isinstance(top.node, Map):
                path, at_key, top.key = (*above, str(top.key)), top.marks[""], None
            else:
                path = (*above, len(top.node))
                top.node.append(None)
        places.setdefault(path, (at_key, at))
        if kind is not yaml.ScalarEvent:
            stack.append((_Open(Map() if kind is yaml.MappingStartEvent else Seq()), path))
    return places
