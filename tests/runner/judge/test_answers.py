"""The file of answers: what is read, what is refused and where, and which pairs come of it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import UserError
from runner.judge import answers
from tests.runner.judge.conftest import rows, write_rows


def refused(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        answers.read(path)
    assert caught.value.exit_code == 2
    return caught.value


def test_rows_become_questions_in_the_order_of_the_file(answers_file: Path) -> None:
    read = answers.read(answers_file)
    assert read.models == ("alpha", "beta", "gamma")
    assert [question.id for question in read.questions] == ["1", "q2"]
    assert read.questions[0].reference == "The sum is 4."
    assert read.questions[1].category == ""


def test_byte_order_mark_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n\r\n".join(json.dumps(row) for row in rows()).encode())
    assert len(answers.read(path).questions) == 2


def test_unknown_fields_are_told(tmp_path: Path) -> None:
    given = [{**row, "temperature": 1, "note": ""} for row in rows()]
    [warning] = answers.read(write_rows(tmp_path / "a.jsonl", given)).warnings
    assert "`note`, `temperature`" in warning


def test_unknown_field_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    given = [{**row, "\x1b[31mred" + "x" * 99: 1} for row in rows()]
    [warning] = answers.read(write_rows(tmp_path / "a.jsonl", given)).warnings
    assert warning.isprintable()
    assert len(warning) < 80


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"model": None}, "`model` is missing"),
        ({"answer": 4}, "`answer` is not text"),
        ({"answer": "\ud800"}, "`answer` holds half a character"),
        ({"question_id": ""}, "`question_id` is empty"),
        ({"question_id": True}, "`question_id` is not text"),
        ({"model": "=HYPERLINK(1)"}, "formula"),
        ({"model": "@alpha"}, "formula"),
        ({"model": "a\nb"}, "cannot be seen"),
        ({"model": "a\u202eb"}, "cannot be seen"),
        ({"model": "m" * 201}, "longer than 200"),
        ({"category": "+1"}, "formula"),
        ({"question": "Another?"}, "another `question` here than in row 1"),
        ({"reference": "5"}, "another `reference` here than in row 1"),
        ({"model": "alpha"}, "a second answer of `alpha`"),
    ],
)
def test_fault_is_named_with_its_row(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    given = rows()
    given[1] |= change
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in given))
    error = refused(path)
    assert what in error.what
    assert error.where.endswith("row 2")


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"model": "a", "model": "b"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"answer": "\xff"}', "not UTF-8"),
        (b'{"question_id": 1' + b"0" * 5000 + b"}", "not JSON"),
    ],
)
def test_broken_row_is_named(tmp_path: Path, raw: bytes, what: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json.dumps(rows()[0]).encode() + b"\n" + raw + b"\n")
    error = refused(path)
    assert what in error.what
    assert error.where.endswith("row 2")


def test_row_without_end_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b" " * (answers.MAX_ROW + 5))
    assert "longer than" in refused(path).what


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    assert "there is no file" in refused(tmp_path / name).what


def test_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n\n")
    assert "no answers" in refused(tmp_path / "a.jsonl").what


def test_both_orders_show_every_pair_twice(answers_file: Path) -> None:
    pairs = answers.plan(answers.read(answers_file), both_orders=True)
    assert [(p.model_a, p.model_b, p.order) for p in pairs[:2]] == [("alpha", "beta", 1), ("beta", "alpha", 2)]
    assert len({pair.key for pair in pairs}) == 12


def test_one_order_is_drawn_so_that_no_model_is_always_first(tmp_path: Path) -> None:
    given = [{**row, "question_id": n} for n in range(400) for row in rows()[:2]]
    read = answers.read(write_rows(tmp_path / "a.jsonl", given))
    pairs = answers.plan(read, both_orders=False, seed=1)
    first = Counter(pair.model_a for pair in pairs)
    assert abs(first["alpha"] - 200) < 50
    assert pairs == answers.plan(read, both_orders=False, seed=1)
    assert pairs != answers.plan(read, both_orders=False, seed=2)


def test_too_many_comparisons_are_refused_before_they_are_made(tmp_path: Path) -> None:
    given = [{**rows()[0], "model": f"m{n}", "answer": ""} for n in range(1500)]
    with pytest.raises(UserError, match="1,124,250 comparisons"):
        answers.plan(answers.read(write_rows(tmp_path / "a.jsonl", given)), both_orders=False)


def test_single_model_leaves_nothing_to_compare(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", rows()[:1])
    with pytest.raises(UserError, match="nothing to compare"):
        answers.plan(answers.read(path), both_orders=True)
