"""Single facts out of a stranger's text: the front matter of a card or a JSON file, each with the line it stands in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.new.gathered import Page
from catalog.reader import Map, Seq, place_of, read

_UNWANTED = re.compile(r"\s+|[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff"
                       r"\U000e0000-\U000e0fff]+")  # fmt: skip
MAX_VALUE, MAX_ITEMS = 160, 40
Step = str | int


def clean(text: str, limit: int = MAX_VALUE) -> str:
    """One line of at most `limit` characters, without what is invisible or turns the direction of writing."""
    line = " ".join(_UNWANTED.sub(" ", text.encode("utf-8", "replace").decode()).split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


@dataclass(frozen=True)
class Value:
    """A value and where it stands."""

    text: str
    source: str
    """Id of the source in the record."""
    line: int | None = None

    @property
    def evidence(self) -> str:
        return f"{self.source}#L{self.line}" if self.line else self.source


@dataclass(frozen=True)
class Told:
    """What a text says, by path."""

    source: str
    tree: Any = None
    offset: int = 0
    """Lines before the first of the tree."""
    located: bool = True
    unreadable: str = ""

    def one(self, *path: Step) -> Value | None:
        """The scalar at a path; None where there is none, or where it is longer than any value should be."""
        value = self._at(path)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        text = str(getattr(value, "text", value))
        if not clean(text) or len(text) > MAX_VALUE:
            return None
        return Value(clean(text), self.source, self.line(*path))

    def many(self, *path: Step) -> list[Value]:
        """The scalars at a path that holds one or a list."""
        value = self._at(path)
        if not isinstance(value, list | tuple):
            one = self.one(*path)
            return [one] if one else []
        found = (self.one(*path, number) for number in range(min(len(value), MAX_ITEMS)))
        return [one for one in found if one]

    def rows(self, *path: Step) -> int:
        """How many items the list at a path has, of those that are looked at."""
        value = self._at(path)
        return min(len(value), MAX_ITEMS) if isinstance(value, list | tuple) else 0

    def has(self, *path: Step) -> bool:
        """Whether anything but null stands there."""
        return self._at(path) is not None

    def line(self, *path: Step) -> int | None:
        """The line of the file, from 1."""
        if not self.located or not isinstance(self.tree, Map | Seq):
            return None
        return place_of(self.tree, path).line + self.offset

    def _at(self, path: tuple[Step, ...]) -> Any:
        here = self.tree
        for step in path:
            if (isinstance(here, Mapping) and step in here) or (
                isinstance(here, list | tuple) and isinstance(step, int) and step < len(here)
            ):
                here = here[step]  # type: ignore[index]
            else:
                return None
        return here


def of_card(page: Page | None, data: Mapping[str, object] | None) -> Told:
    """The front matter of a card; where its text could not be had, the data that the hub tells."""
    if page is None:
        return Told("card", dict(data or {}), located=False)
    text = page.text.removeprefix("\ufeff")
    match = re.match(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match:
        return Told("card", {})
    return _read("card", match[1], 1)


def of_json(page: Page | None, source: str) -> Told:
    """A JSON file, which is also YAML; tabs of its indentation are spaces to us."""
    return _read(source, page.text.replace("\t", " "), 0) if page else Told(source, {})


def _read(source: str, text: str, offset: int) -> Told:
    tree, problems = read(text.encode("utf-8", "replace"))
    if not isinstance(tree, Map):
        why = f"line {problems[-1].at.line + offset}: {problems[-1].message}" if problems else "not a mapping"
        return Told(source, {}, unreadable=clean(why))
    return Told(source, tree, offset)
