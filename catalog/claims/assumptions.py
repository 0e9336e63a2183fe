"""What is assumed where no source says it, read from `assumed.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import Field, model_validator

from catalog.claims.lines import Line
from catalog.estimate.ranges import Range
from catalog.facts import Slug, Strict, Text

_FILE = Path(__file__).with_name("assumed.yaml")


class Assumed(Strict):
    """A range and its reason."""

    low: float = Field(gt=0)
    high: float = Field(gt=0)
    counts_cut: bool = False
    """The figure holds after cutting: rows longer than the run's length were split."""
    why: Text

    @model_validator(mode="before")
    @classmethod
    def _numbers(cls, data: object) -> object:
        if isinstance(data, dict):
            return {key: float(value) if key in ("low", "high") else value for key, value in data.items()}
        return data

    @property
    def range(self) -> Range:
        return Range(self.low, self.high)

    @property
    def reason(self) -> Line:
        return Line(self.why.en, self.why.zh)


class Work(Strict):
    """FLOP a token and parameter, and what they are made of."""

    flop: int = Field(gt=0)
    why: Text


class Assumptions(Strict):
    """The whole file."""

    tokens_per_example: dict[Slug, Assumed]
    any_example: Assumed
    tokens_per_word: Assumed
    several_hours: Assumed
    bound: float = Field(ge=1)
    epochs: Assumed
    prices: dict[Slug, Assumed]
    rlhf: Work


@cache
def assumptions() -> Assumptions:
    """Read once; the file is ours, so a fault in it is raised as it is."""
    return Assumptions.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
