"""The published template is taken where a file the user brought holds it, by its hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from catalog.errors import UserError
from runner.inputs.published import find, template

WITH, WITHOUT = "Task {instruction} on {input}: ", "Task {instruction}: "


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


WANTED = {"prompt-input": sha(WITH), "prompt-no-input": sha(WITHOUT)}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "templates").mkdir(parents=True)
    return tmp_path / "data"


def test_text_files_with_and_without_a_last_line_end(data: Path) -> None:
    (data / "templates" / "prompt-input.txt").write_bytes(WITH.encode() + b"\n")
    (data / "templates" / "no.txt").write_bytes(WITHOUT.encode())
    assert find(WANTED, data) == {"prompt-input": WITH, "prompt-no-input": WITHOUT}


def test_the_folder_beside_the_data_file_counts_too(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "published.json").write_text(json.dumps({"a": [WITH, {"b": WITHOUT}]}))
    (tmp_path / "rows.json").write_text("[]")
    assert set(find(WANTED, tmp_path / "rows.json")) == set(WANTED)


def test_literals_of_a_published_python_file_are_read_and_not_run(data: Path) -> None:
    source = (
        f'raise SystemExit("ran")\nPROMPTS = {{"a": ("Task {{instruction}} "\n "on {{input}}: "), "b": {WITHOUT!r}}}\n'
    )
    (data / "train.py").write_text(source)
    assert find(WANTED, data) == {"prompt-input": WITH, "prompt-no-input": WITHOUT}


def test_an_f_string_counts_as_it_is_written(data: Path) -> None:
    body = 'Task:\n{data_point["instruction"]}\nResult:\n{data_point["output"]}'
    (data / "train.py").write_text(f'def f(data_point):\n    return f"""{body}"""\n')
    texts = find({"full-no-input": sha(body)}, data)
    made = template("t", texts)
    assert made is not None
    assert (made.prompt({"instruction": "I", "output": "O"}), made.answer({"output": "O"})) == (
        "Task:\nI\nResult:\n",
        "O",
    )


def test_a_text_of_the_right_name_and_the_wrong_hash_is_refused(data: Path) -> None:
    (data / "templates" / "prompt-input.txt").write_text("Task {instruction} on {input}:\n")
    with pytest.raises(UserError) as error:
        find(WANTED, data)
    assert WANTED["prompt-input"] in error.value.why
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "raw"),
    [("a.py", b"def ("), ("a.py", b"(" * 100_000), ("a.json", b"[" * 100_000), ("a.json", b"{"), ("a.txt", b"\xff\xfe"),
     ("a.py", b"\0"), ("a.json", b"1" * 10_000), ("a.txt", b"x" * 1_000_001)],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_passed_over(data: Path, name: str, raw: bytes) -> None:
    (data / name).write_bytes(raw)
    assert find(WANTED, data) == {}


def test_without_data_or_hashes_nothing_is_looked_for(data: Path) -> None:
    assert find({}, data) == {}
    assert find(WANTED, None) == {}


def test_texts_for_another_use_make_no_template() -> None:
    assert template("t", {"inference": "Say {user_question}", "system": "A talk."}) is None


def test_both_texts_make_one_template_with_the_hash_of_both() -> None:
    made = template("alpaca", {"prompt-no-input": WITHOUT, "prompt-input": WITH})
    assert made is not None
    assert made.published
    assert made.sha256 == sha(WITH + "\0" + WITHOUT)
    assert made.prompt({"instruction": "I", "input": "J"}) == "Task I on J: "
