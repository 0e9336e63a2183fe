"""Scores against reference answers."""

from dataclasses import replace

import pytest

from runner.judge import reference
from runner.judge.base import Pair
from runner.judge.reference import ReferenceJudge

PAIR = Pair("1", "", "?", "alpha", "It is 4.", "beta", "5", "The sum is 4.")


@pytest.mark.parametrize(
    ("match", "answer", "wanted", "score"),
    [
        ("exact", "ｆｏｕｒ ", "Four.", 1.0),
        ("exact", "four five", "five four", 0.0),
        ("exact", " ∞", "∞", 1.0),
        ("exact", "!", "∞", 0.0),
        ("overlap", "the cat sat", "the cat ran", 2 / 3),
        ("overlap", "the the the", "the cat", 2 / 5),
        ("overlap", "北京是首都", "首都是北京", 1.0),
        ("overlap", "", "four", 0.0),
        ("overlap", "four", "...", None),
        ("number", "First 3, then 1,234.50", "#### 1234.5", 1.0),
        ("number", "３", "3", 1.0),
        ("number", "no idea", "3", 0.0),
        ("number", "3", "three", None),
        ("choice", "I'd say A... no, (B).", "B", 1.0),
        ("choice", "答案是Ｃ。", "C", 1.0),
        ("choice", "BAD", "B", 0.0),
        ("choice", "B, I think. A good question!", "B", 1.0),
        ("choice", "A is right", "A", 1.0),
        ("choice", "B", "the second", None),
    ],
)
def test_answer_is_scored_against_its_reference(
    match: reference.Match, answer: str, wanted: str, score: float | None
) -> None:
    assert reference.SCORES[match](answer, wanted) == score


def test_both_answers_are_scored() -> None:
    ruling = ReferenceJudge("number").compare(PAIR)
    assert ruling is not None
    assert ruling.scores == (1.0, 0.0)


@pytest.mark.parametrize("wanted", [None, "four"])
def test_no_ruling_without_a_reference_of_the_kind(wanted: str | None) -> None:
    assert ReferenceJudge("number").compare(replace(PAIR, reference=wanted)) is None
