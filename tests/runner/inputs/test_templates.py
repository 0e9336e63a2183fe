"""Templates are filled in one pass, give nothing away and run nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UserError
from runner.inputs.templates import PLACES, Template, fill, names, own, pieces, read

WITH_TWO = b"=== prompt-input\nDo {instruction} with {input}.\n=== prompt\nDo {instruction}. \n=== answer\n{output}\n"
TALK = b"=== opening\nO\n=== human\nH {text} A:\n=== assistant\n {text}\n=== between\n/\n"


def test_an_input_takes_the_part_made_for_it() -> None:
    template = read("t", WITH_TWO)
    values = {"instruction": "this", "input": "that", "output": "done"}
    assert template.prompt(values) == "Do this with that."
    assert template.prompt({**values, "input": ""}) == "Do this. "
    assert template.answer(values) == "done"


@given(st.dictionaries(st.sampled_from(PLACES), st.text(), min_size=len(PLACES), max_size=len(PLACES)))
def test_what_is_filled_in_is_never_looked_at_again(values: dict[str, str]) -> None:
    text = "<{instruction}|{input}|{output}|{text}>{{}}"
    wanted = "<" + "|".join(values[place] for place in PLACES) + ">{}"
    assert fill(pieces(text), values) == wanted


def test_a_row_that_names_a_place_stays_text() -> None:
    template = read("t", WITH_TWO)
    values = {"instruction": "{output}", "input": "{instruction.__class__} {0}", "output": "secret"}
    assert template.prompt(values) == "Do {output} with {instruction.__class__} {0}."


@pytest.mark.parametrize(
    "bad", ["{instruction.__class__}", "{instruction!r}", "{instruction:>9}", "{0}", "{}", "{other}", "{", "}",
            "{ input }", '{data_point["secret"]}', "{data_point['input\"]}", "{data_point.input}"],
)  # fmt: skip
def test_nothing_but_a_plain_known_name_is_a_place(bad: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        pieces(f"first\n{bad}")


@given(st.text())
def test_any_text_is_cut_or_refused(text: str) -> None:
    try:
        cut = pieces(text)
    except ValueError:
        return
    spelled = "".join(said if place else said.replace("{", "{{").replace("}", "}}") for place, said in cut)
    assert all(said in PLACES for place, said in cut if place)
    assert pieces(spelled) is not None


@given(st.text().map(lambda text: text.replace("{", "{{").replace("}", "}}")))
def test_text_without_places_comes_out_as_it_was(text: str) -> None:
    assert fill(pieces(text), {}) == text.replace("{{", "{").replace("}}", "}")


def test_a_place_of_a_published_f_string_means_the_same() -> None:
    assert pieces('{data_point["input"]}') == pieces("{data_point['input']}") == pieces("{input}")


def test_a_conversation_gives_one_example_a_reply() -> None:
    turns = [("human", "a"), ("assistant", "b"), ("human", "c"), ("assistant", "d")]
    assert list(read("t", TALK).turns(turns)) == [("OH a A:", " b"), ("OH a A: b/H c A:", " d")]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "begin with a part"),
        (b"hello\n=== prompt\nx\n=== answer\ny\n", "begin with a part"),
        (b"=== prompt\nx\n", "`answer` is missing"),
        (b"=== prompt\nx\n=== prompt\ny\n", "twice"),
        (b"=== prompt\nx\n=== answer\ny\n=== epilogue\nz\n", "unknown part `epilogue`"),
        (b"=== prompt\n{output}\n=== answer\ny\n", "given away"),
        (b"=== human\n{input}\n=== assistant\n{text}\n", "no other"),
        (b"=== prompt\n\xff\n=== answer\ny\n", "UTF-8"),
        (b"=== prompt\n" + b"x" * 100_001, "bytes"),
    ],
)
def test_a_template_that_cannot_be_used_says_why(raw: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read("t", raw)


@pytest.mark.parametrize("name", names())
def test_our_own_templates_can_be_used(name: str) -> None:
    template = own(name)
    assert isinstance(template, Template)
    assert not template.published
    if template.conversation:
        assert list(template.turns([("human", "x"), ("assistant", "y")]))
        return
    values = {place: f"<{place}>" for place in PLACES}
    assert template.answer(values).strip() in ("<output>", "<text>")
    assert "<output>" not in template.prompt(values)


def test_an_unknown_template_names_those_there_are() -> None:
    with pytest.raises(UserError) as error:
        own("alpacca")
    assert "alpaca" in error.value.hint
    assert error.value.exit_code == 2


def test_a_name_cannot_leave_the_folder() -> None:
    with pytest.raises(UserError):
        own("../../pyproject")
