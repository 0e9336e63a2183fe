"""An argument as it is made: its lines, what it lacks, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.claims.inputs import Input, Lack
from catalog.claims.lines import Line
from catalog.claims.verdicts import Verdict
from catalog.estimate import Range


@dataclass(frozen=True)
class Judged:
    """What became of a claim."""

    verdict: Verdict
    lines: tuple[Line, ...]
    derived: Range | None = None
    """In the unit of the claim's dimension; None where it cannot be derived."""
    unit: str = ""
    share: Range | None = None
    """Of the cards' peak, where time, cards and work are known."""


@dataclass
class Account:
    """The lines of an argument as it is made."""

    lines: list[Line] = field(default_factory=list)
    lacking: list[Line] = field(default_factory=list)

    def take(self, found: Input) -> Range | None:
        if isinstance(found, Lack):
            self.lacking.append(found.line)
            return None
        return found.amount

    def say(self, en: str, zh: str) -> None:
        self.lines.append(Line(en, zh))

    def all(self) -> tuple[Line, ...]:
        missing = [Line(f"Missing: {line.en}", f"缺：{line.zh}") for line in dict.fromkeys(self.lacking)]
        return (*self.lines, *missing)
