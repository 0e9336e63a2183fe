"""What a judge is: a name, settings, and `compare`, which rules on two answers to one question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Winner = Literal["model_a", "model_b", "tie"]
"""`model_a` is the answer shown first."""

Form = Literal["winner", "scores"]


@dataclass(frozen=True)
class Pair:
    """Two answers to one question, in the order in which the judge sees them."""

    question_id: str
    category: str
    question: str
    model_a: str
    answer_a: str
    model_b: str
    answer_b: str
    reference: str | None = None
    order: Literal[1, 2] = 1
    """2 when the answers stand the other way round than their models in the file of answers."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Names this comparison among all of one run."""
        return self.question_id, self.model_a, self.model_b


@dataclass(frozen=True)
class Ruling:
    """What a judge said of one pair; neither winner nor scores means that nobody can read what it said."""

    winner: Winner | None = None
    scores: tuple[float, float] | None = None
    why: str = ""
    """Why it could not be read."""
    judge: str = ""
    """Who ruled, where that is not the judge itself: the source of a recorded verdict."""
    annotator: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What is kept beside the verdict: raw reply, tokens, cost. JSON types only."""

    @property
    def valid(self) -> bool:
        """Whether it can be read."""
        return self.winner is not None or self.scores is not None


class Judge(Protocol):
    """One file in this package each."""

    @property
    def name(self) -> str:
        """What stands in the column `judge`."""

    @property
    def form(self) -> Form:
        """Whether it names winners or gives scores."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that decides its rulings, in JSON types: a verdict by other settings is another verdict."""

    def compare(self, pair: Pair) -> Ruling | None:
        """Rule on a pair; None where this judge has nothing to go by. May be called from several threads."""


class NoAnswer(Exception):
    """This pair got no ruling, for reasons that may pass; `evidence` as in `Ruling`, `kind` counts alike ones."""

    def __init__(self, why: str, kind: str, evidence: Mapping[str, Any]) -> None:
        super().__init__(why)
        self.why, self.kind, self.evidence = why, kind, evidence
