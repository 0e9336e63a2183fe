"""Compares answers with a reference answer: no model, no chance, the same scores on every machine."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Literal

from runner.judge.base import Form, Pair, Ruling

Match = Literal["overlap", "exact", "number", "choice"]

# A letter of a script written without spaces is a word of its own; elsewhere a run of letters and digits is one.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
# A and I are words as well: before another word they choose nothing.
_CHOICE = re.compile(r"(?<![A-Za-z])(?![AI] (?!is\b)[a-z])([A-Z])(?![A-Za-z'])")


class ReferenceJudge:
    """Scores each answer from 0 to 1 by how it matches the reference."""

    form: Form = "scores"

    def __init__(self, match: Match = "overlap") -> None:
        self._match = match

    @property
    def name(self) -> str:
        """`reference/` and the way of matching."""
        return f"reference/{self._match}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """The way of matching."""
        return {"match": self._match}

    def compare(self, pair: Pair) -> Ruling | None:
        """Both scores; None where the question has no reference, or none that can be matched this way."""
        if pair.reference is None:
            return None
        score = SCORES[self._match]
        a, b = score(pair.answer_a, pair.reference), score(pair.answer_b, pair.reference)
        return None if a is None or b is None else Ruling(scores=(a, b))


def exact(answer: str, reference: str) -> float | None:
    """1 where both are the same but for case, width, spaces and punctuation."""
    wanted = tokens(reference)
    if not wanted:  # a reference of signs only
        return float(_plain(answer).strip() == _plain(reference).strip())
    return float(tokens(answer) == wanted)


def overlap(answer: str, reference: str) -> float | None:
    """F1 of the words of both, each counted as often as it stands there; a Chinese character is a word."""
    given, wanted = Counter(tokens(answer)), Counter(tokens(reference))
    if not wanted:
        return None
    return 2 * (given & wanted).total() / (given.total() + wanted.total())


def number(answer: str, reference: str) -> float | None:
    """1 where the last number of the answer is the last of the reference; None where the reference has none."""
    wanted = _last_number(reference)
    return None if wanted is None else float(_last_number(answer) == wanted)


def choice(answer: str, reference: str) -> float | None:
    """1 where the last capital letter that stands alone is the reference's; None where the reference has none."""
    wanted = _CHOICE.findall(_plain(reference))
    given = _CHOICE.findall(_plain(answer))
    return float(given[-1:] == wanted[-1:]) if wanted else None


SCORES: Mapping[Match, Callable[[str, str], float | None]] = MappingProxyType(
    {"overlap": overlap, "exact": exact, "number": number, "choice": choice}
)


def tokens(text: str) -> list[str]:
    """Words without case, width and punctuation."""
    return _TOKEN.findall(_plain(text).casefold())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _last_number(text: str) -> Decimal | None:
    found = _NUMBER.findall(_plain(text))
    try:
        return Decimal(found[-1].replace(",", "")) if found else None
    except InvalidOperation:  # a digit of a script that NFKC leaves alone
        return None
