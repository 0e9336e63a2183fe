"""`runner extract`: recorded tables are derived again from files of the published form, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import UserError
from catalog.recipes import Origin
from runner.extract import reviews, sha256
from tests.runner import small
from tests.runner.conftest import Run


def test_a_notebook_gives_back_both_tables(entry: Path, run: Run) -> None:
    code, found, _ = run("extract", "tiny", "--from", "elo.ipynb", "--output", "again", "--json")
    assert (code, found["status"]) == (0, "equal")
    assert [(one["file"], one["derived_rows"]) for one in found["tables"]] == [
        ("judgments/elo-tiny.csv", 8),
        ("judgments/elo-tiny.states.csv", 24),
    ]
    assert Path("again/elo-tiny.csv").read_text("utf-8") == small.battles_csv()
    assert Path("again/elo-tiny.states.csv").read_text("utf-8") == small.states_csv()


def test_a_checkout_of_the_repository_will_do(entry: Path, run: Run) -> None:
    assert run("extract", "tiny", "--from", ".")[0] == 0


def test_a_wrong_transcription_is_named_by_row_and_column(entry: Path, run: Run) -> None:
    table = entry / "judgments" / "elo-tiny.csv"
    small.change(table, "6.5,9", "6.4,9")
    small.change(entry / "recipe.yaml", small.sha256(small.battles_csv()), small.sha256(table.read_text("utf-8")))
    code, found, _ = run("extract", "tiny", "--from", "elo.ipynb", "--json")
    assert (code, found["status"]) == (4, "differs")
    assert found["tables"][0]["differences"] == [{"row": 3, "column": "score_a", "recorded": "6.4", "derived": "6.5"}]
    assert found["tables"][1]["equal"] is True


def test_another_version_of_the_file_is_named_even_where_all_rows_agree(entry: Path, run: Run) -> None:
    Path("elo.ipynb").write_text(small.notebook() + "\n", "utf-8")
    code, found, _ = run("extract", "tiny", "--from", "elo.ipynb", "--json")
    assert code == 4
    assert found["sha256"]["recorded"] != found["sha256"]["found"]
    assert all(table["equal"] for table in found["tables"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("'score': [6.5, 9.0]", "'score': [6.5, __import__('os')]", "no dict of plain values"),
        ("'score': [6.5, 9.0]", "'score': [6.5, 9.0, 1.0]", "`score` is not a pair"),
        ("'score': [6.5, 9.0]", "'score': [6.5, 1e999]", "no figure"),
        ("'first_model': 'east'", "'first_model': '=cmd()'", "no plain name"),
        ("records: 5\\n", "records: 5\\nrecords: 6\\n", "round 6 has no scores"),
    ],
)  # fmt: skip
def test_a_damaged_notebook_is_bad_input_with_its_place(entry: Path, run: Run, old: str, new: str, said: str) -> None:
    text = json.loads(small.notebook())
    printed = "".join("".join(o["text"]) for o in text["cells"][1]["outputs"] if o["name"] == "stdout")
    old, new = old.replace("\\n", "\n"), new.replace("\\n", "\n")
    assert old in printed
    text["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": printed.replace(old, new, 1)}]
    Path("elo.ipynb").write_text(json.dumps(text), "utf-8")
    code, out, err = run("extract", "tiny", "--from", "elo.ipynb", "--json")
    assert (code, out) == (2, "")
    assert said in err
    assert "output of cell 1, line" in err


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": 3}', '{"cells": [{"outputs": [3]}]}', "[" * 100_000])
def test_what_is_no_notebook_is_bad_input(entry: Path, run: Run, text: str) -> None:
    Path("elo.ipynb").write_text(text, "utf-8")
    code, _, err = run("extract", "tiny", "--from", "elo.ipynb")
    assert code == 2
    assert "Traceback" not in err


def test_a_file_that_is_not_there_is_bad_input(entry: Path, run: Run) -> None:
    assert run("extract", "tiny", "--from", "nowhere.ipynb")[0] == 2
    Path("folder").mkdir()
    assert run("extract", "tiny", "--from", "folder")[0] == 2


ORIGIN = Origin.model_validate(
    {"form": "review-folder", "path": "reviews", "sha256": "0" * 64, "names": {"answer-x": "x", "7b-y-topp0.9": "y"},
     "from": "readme#L1"}
)  # fmt: skip


def review(question: int, score: str) -> str:
    return json.dumps({"review_id": "r", "question_id": question, "text": "…\n\n1", "score": score}) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    one = tmp_path / "reviews"
    one.mkdir()
    scores = [("7b-y-topp0.9-vs-answer-x", "12"), ("answer-x-vs-7b-y-topp0.9", "3-")]
    for name, said in scores:
        lines = [review(n, "-1" if score == "-" else score) for n, score in enumerate(said, 1)]
        (one / f"{name}-gpt-4-reviewer-threeclass.jsonl").write_text("".join(lines), "utf-8")
    return one


def test_a_folder_of_reviews_gives_its_verdicts_by_name_and_question(folder: Path) -> None:
    assert reviews.read(folder, ORIGIN).battles.to_csv() == (
        "question_id,model_a,model_b,winner\n1,x,y,tie\n2,x,y,invalid\n1,y,x,model_a\n2,y,x,model_b\n"
    )


def test_the_hash_of_a_folder_is_that_of_its_listing(folder: Path) -> None:
    import hashlib

    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())]
    assert sha256(folder) == hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("answer-x-vs-7b-y-topp0.9", '{"question_id": 1, "score": "4"}\n', "line 1"),
        ("answer-x-vs-7b-y-topp0.9", "{\n", "is not JSON"),
        ("answer-x-vs-7b-y-topp0.9", "3\n", "no JSON object"),
        ("answer-x-vs-7b-y-topp0.9", '{"score": "1"}\n', "no figure"),
        ("answer-x-vs-stranger", review(1, "1"), "do not have `stranger`"),
        ("answer-x", review(1, "1"), "its name is not"),
    ],
)
def test_damaged_reviews_are_bad_input(folder: Path, name: str, text: str, said: str) -> None:
    (folder / f"{name}-gpt-4-reviewer-threeclass.jsonl").write_text(text, "utf-8")
    with pytest.raises(UserError, match="cannot be read") as caught:
        reviews.read(folder, ORIGIN)
    assert said in f"{caught.value.where} {caught.value.why}"
    assert caught.value.exit_code == 2


def test_an_empty_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        reviews.read(tmp_path, ORIGIN)
