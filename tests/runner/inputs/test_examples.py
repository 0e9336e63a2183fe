"""Held-out rows are drawn first, filters and templates come after, and what does not fit is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UserError
from catalog.training import Split
from runner.inputs.examples import examples, held_out
from runner.inputs.templates import own
from tests.runner.inputs.trainings import data, rows, training

TALK = {"columns": {"conversation": "conversations"}, "template": "conversation"}


def of(*items: dict[str, Any]) -> Any:
    return training(data=items)


def test_an_example_has_a_stable_id_and_the_template_s_texts() -> None:
    learnt, held = examples(of(data()), [[{"instruction": "Add", "input": "1 1", "output": "2"}]])
    assert held == []
    assert learnt[0].id == "0/0"
    values = {"instruction": "Add", "input": "1 1", "output": "2"}
    assert (learnt[0].prompt, learnt[0].answer) == (own("alpaca").prompt(values), "2")


def test_rows_of_several_data_sets_stand_behind_one_another() -> None:
    learnt, _ = examples(of(data(), data()), [rows(2), rows(1)])
    assert [one.id for one in learnt] == ["0/0", "0/1", "1/0"]


def test_filters_come_after_the_split_and_hold_for_both_sides() -> None:
    cut = data(split={"held_out": 5, "seed": 7})
    some = [{**row, "output": "" if n % 2 else row["output"]} for n, row in enumerate(rows(20))]
    plain = {one.id for one in examples(of(cut), [some])[1]}
    learnt, held = examples(of(data(split={"held_out": 5, "seed": 7}, filters=("drop-empty-output",))), [some])
    assert {one.id for one in held} == {id for id in plain if int(id[2:]) % 2 == 0}
    assert all(one.answer for one in [*learnt, *held])


@given(st.integers(0, 200), st.integers(0, 2**31 - 1), st.data())
def test_a_split_is_the_same_every_time_and_of_the_size_asked_for(count: int, seed: int, draw: st.DataObject) -> None:
    wanted = draw.draw(st.integers(0, max(0, count - 1)))
    split = Split(held_out=wanted, seed=seed)
    out = held_out(count, split)
    assert out == held_out(count, split)
    assert len(out) == wanted
    assert out <= set(range(count))


@given(st.integers(2, 60), st.integers(0, 1000), st.integers(0, 1000))
def test_the_run_s_seed_is_added_to_the_split_s(count: int, seed: int, more: int) -> None:
    assert held_out(count, Split(held_out=1, seed=seed), more) == held_out(count, Split(held_out=1, seed=seed + more))


@given(st.lists(st.fixed_dictionaries({"instruction": st.text(), "output": st.text()}), min_size=2, max_size=30))
def test_every_row_is_learnt_or_held_out_and_none_twice(some: list[dict[str, str]]) -> None:
    learnt, held = examples(of(data(split={"held_out": 1, "seed": 3}, columns={
        "instruction": "instruction", "output": "output"})), [some])  # fmt: skip
    ids = [one.id for one in learnt] + [one.id for one in held]
    assert sorted(ids) == sorted(f"0/{n}" for n in range(len(some)))
    assert {one.id: one.answer for one in [*learnt, *held]} == {f"0/{n}": row["output"] for n, row in enumerate(some)}


def test_the_split_s_draw_never_changes() -> None:
    assert sorted(held_out(1000, Split(held_out=4, seed=42))) == [16, 567, 687, 912]


def test_as_many_rows_held_out_as_there_are_is_refused() -> None:
    with pytest.raises(UserError, match="should be held out of 3") as error:
        examples(of(data(split={"held_out": 3, "seed": 0})), [rows(3)])
    assert error.value.exit_code == 2


def test_a_column_that_is_missing_is_named_with_those_that_are_there() -> None:
    with pytest.raises(UserError, match="no column `output`") as error:
        examples(of(data()), [[{"instruction": "a", "input": "", "response": "b"}]])
    assert "`response`" in error.value.why
    assert error.value.where == "farm/notes"
    assert error.value.exit_code == 2


def test_a_column_that_one_row_lacks_is_named_with_the_row() -> None:
    with pytest.raises(UserError, match="`instruction` is not there") as error:
        examples(of(data()), [[*rows(2), {"output": "x"}]])
    assert error.value.where == "farm/notes, row 3"


def test_a_value_that_is_no_text_is_named() -> None:
    with pytest.raises(UserError, match="`output` is no text but int"):
        examples(of(data()), [[{"instruction": "a", "input": None, "output": 3}]])


def test_a_missing_or_null_input_is_empty() -> None:
    some = [{"instruction": "a", "input": "x", "output": "b"}, {"instruction": "a", "output": "b"},
            {"instruction": "a", "input": None, "output": "b"}]  # fmt: skip
    learnt, _ = examples(of(data()), [some])
    assert learnt[1].prompt == learnt[2].prompt != learnt[0].prompt


def test_a_template_that_needs_a_column_the_recipe_does_not_name() -> None:
    with pytest.raises(UserError, match="needs `output`"):
        examples(of(data(columns={"instruction": "instruction"})), [rows(1)])


def test_an_input_that_the_template_has_no_place_for_is_not_lost_in_silence() -> None:
    columns = {"text": "output", "input": "input"}
    plain = {"input": "", "output": "b"}
    assert examples(of(data(columns=columns, template="text")), [[plain]])[0]
    with pytest.raises(UserError, match="no place for an input") as error:
        examples(of(data(columns=columns, template="text")), [[plain, {"input": "lost", "output": "b"}]])
    assert error.value.where == "farm/notes, row 2"


def test_no_rows_and_rows_that_are_all_filtered_away() -> None:
    with pytest.raises(UserError, match="nothing is left"):
        examples(of(data()), [[]])
    with pytest.raises(UserError, match="nothing is left"):
        examples(of(data(filters=("drop-empty-output",))), [[{"instruction": "a", "input": "", "output": " "}]])


def test_a_conversation_of_either_spelling() -> None:
    one = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
    other = {"conversations": [{"role": "system", "content": "s"}, {"role": "user", "content": "a"},
                               {"role": "assistant", "content": "b"}]}  # fmt: skip
    learnt, _ = examples(of(data(**TALK)), [[one, other]])
    assert learnt[0].answer == learnt[1].answer == " b"
    assert learnt[0].prompt == learnt[1].prompt


def test_turns_before_the_first_human_one_are_dropped_where_the_recipe_says_so() -> None:
    talk = [{"from": "gpt", "value": "early"}, {"from": "human", "value": "a"}, {"from": "gpt", "value": "b"},
            {"from": "human", "value": "c"}, {"from": "gpt", "value": "d"}]  # fmt: skip
    some = [{"conversations": talk}]
    learnt, _ = examples(of(data(**TALK, filters=("first-human-turn",))), [some])
    assert [(one.id, one.answer) for one in learnt] == [("0/0", " b"), ("0/0.1", " d")]
    assert "early" not in learnt[1].prompt
    assert [one.answer for one in examples(of(data(**TALK)), [some])[0]] == [" early", " b", " d"]


@pytest.mark.parametrize(
    "turns", ["text", [1], [{"from": "cat", "value": "x"}], [{"from": "human"}], [{"from": ["x"], "value": "y"}], None]
)
def test_turns_that_are_none_are_named(turns: object) -> None:
    with pytest.raises(UserError) as error:
        examples(of(data(**TALK)), [[{"conversations": turns}]])
    assert error.value.where == "farm/notes, row 1"


def test_whole_texts_have_an_empty_prompt() -> None:
    learnt, _ = examples(of(data(columns={"text": "text"}, template="text")), [[{"text": "### Human: hi"}]])
    assert (learnt[0].prompt, learnt[0].answer) == ("", "### Human: hi")
