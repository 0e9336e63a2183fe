"""What a check is: a code, a name, one rule, no I/O, no clock, no other check's result."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from catalog.findings import Finding, Severity
from catalog.reader import Place, place_of
from catalog.register import Catalog, File
from catalog.walk import Path, Walk


@dataclass(frozen=True)
class Context:
    """The whole catalog and today's date, which a check may not ask the clock for."""

    catalog: Catalog
    today: datetime.date
    _latest: list[tuple[File, Walk]] = field(default_factory=list, repr=False, compare=False)

    def walk(self, file: File) -> Walk:
        """What the record holds; kept until another one is asked for, as all checks run on one after the other."""
        if not self._latest or self._latest[0][0] is not file:
            self._latest[:] = [(file, Walk(file.record))]
        return self._latest[0][1]


Rule = Callable[[File, Context], Iterator[tuple[Place, str, str]]]


@dataclass(frozen=True)
class Check:
    """One rule over one record."""

    code: str
    severity: Severity
    rule: Rule
    name: str
    description: str

    def __call__(self, file: File, context: Context) -> Iterator[Finding]:
        for at, message, hint in self.rule(file, context):
            yield Finding(file.path, at, self.code, message, hint, self.severity)


def check(code: str, severity: Severity = "error") -> Callable[[Rule], Check]:
    """Stamp a rule with its code; its name and docstring are what `catalog explain` will show."""

    def stamp(rule: Rule) -> Check:
        return Check(code, severity, rule, rule.__name__, (rule.__doc__ or "").strip())

    return stamp


def at(file: File, path: Path, *, key: bool = False) -> Place:
    """The place of a path of the record; the short form of a fact has no `claims`, which is passed over."""
    return place_of(file.tree, path, key=key)
