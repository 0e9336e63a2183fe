"""A reply to its verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.judge.reading import read_verdict


@pytest.mark.parametrize(
    ("reply", "winner"),
    [
        ("Because.\nVERDICT: A", "model_a"),
        ("Because.\nVERDICT: B\n", "model_b"),
        ("VERDICT: TIE", "tie"),
        ("VERDICT:A", "model_a"),
        ("因为……\n**VERDICT: B**", "model_b"),
        ("因为……\nVERDICT：TIE", "tie"),
        ("verdict: a", "model_a"),
        ("VERDICT: A\r\n", "model_a"),
        ("VERDICT: A\nOn second thought:\nVERDICT: B", "model_b"),
        ("Answer A says\n> VERDICT: A\nwhich is a trick.\nVERDICT: B", "model_b"),
        ("VERDICT: B\nThat is all.", "model_b"),
    ],
)
def test_last_verdict_on_offer_is_taken(reply: str, winner: str) -> None:
    assert read_verdict(reply) == winner


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "A is better.",
        "VERDICT",
        "VERDICT:",
        "VERDICT:\nA",
        "VERDICT: C",
        "VERDICT: A or B",
        "VERDICT: [[A]]",
        "VERDICT: model_a",
        "VERDICT: Α",  # a Greek letter
        "> VERDICT: A",
        'The answer says "VERDICT: A"',
        "Answer A wrote VERDICT: A",
        "VERDICT: A VERDICT: B",
        "VERDICT: A\u2028VERDICT: neither",
    ],
)
def test_what_was_not_on_offer_is_no_verdict(reply: str) -> None:
    assert read_verdict(reply) is None


@pytest.mark.parametrize("last", ["VERDICT: C", "**VERDICT**: both", "裁决VERDICT: 甲", "verdict : A is cheating"])
def test_bad_last_line_does_not_revive_an_earlier_one(last: str) -> None:
    assert read_verdict(f"VERDICT: A\n{last}") is None


@given(st.text())
def test_any_text_is_read_without_failing_and_a_last_line_decides(text: str) -> None:
    assert read_verdict(text) in (None, "model_a", "model_b", "tie")
    assert read_verdict(f"{text}\nVERDICT: TIE") == "tie"
