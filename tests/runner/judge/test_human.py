"""Sheets for annotators: what a page holds, and what becomes of the CSV it saves."""

import csv
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from runner.judge.answers import read
from runner.judge.human import arrange
from runner.judge.page import in_script
from runner.judge.sheets import Key, read_key
from runner.judge_cli import main
from tests.runner.judge.conftest import rows, write_rows

Sheet = list[list[str]]


@pytest.fixture
def sheets(answers_file: Path, tmp_path: Path) -> Path:
    assert pages(answers_file, tmp_path / "sheets") == 0
    return tmp_path / "sheets"


def pages(answers: Path, out: Path, *words: object) -> int:
    usual = ["judge", "human", "pages", str(answers), "--annotators", "a,b", "--seed", "1", "--out", str(out)]
    return main([*usual, *map(str, words)])


def filled(key: Key, annotator: str, choice: str = "1") -> Sheet:
    """What a page saves when every item got the same choice."""
    items = range(1, len(key.sheets[annotator]) + 1)
    return [["sheet", "annotator", "item", "choice"]] + [
        [key.sheet(annotator), annotator, str(item), choice] for item in items
    ]


def saved(path: Path, sheet: Sheet) -> Path:
    path.write_text("".join(",".join(row) + "\n" for row in sheet))
    return path


def verdicts(folder: Path) -> list[dict[str, str]]:
    with (folder / "verdicts.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def data_of(page: Path) -> dict[str, Any]:
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.read_text())
    value: dict[str, Any] = json.loads(text)
    return value


def test_every_annotator_sees_every_comparison_in_an_order_of_their_own(answers_file: Path) -> None:
    given = arrange(read(answers_file), ["a", "b"], 1, None)
    unordered = [Counter((p.question_id, *sorted((p.model_a, p.model_b))) for p in pairs) for pairs in given.values()]
    assert unordered[0] == unordered[1]
    assert len(unordered[0]) == 6
    assert [p.key for p in given["a"]] != [p.key for p in given["b"]]
    assert given == arrange(read(answers_file), ["a", "b"], 1, None)
    assert given["a"] == arrange(read(answers_file), ["a", "c"], 1, None)["a"]
    assert given != arrange(read(answers_file), ["a", "b"], 2, None)


def test_neither_model_stands_first_more_often_than_chance_allows(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "x.jsonl", [{**row, "question_id": n} for n in range(400) for row in rows()[:2]])
    [pairs] = arrange(read(path), ["a"], 3, None).values()
    assert abs(sum(pair.model_a == "alpha" for pair in pairs) - 200) < 50
    assert all((pair.order == 1) == (pair.model_a == "alpha") for pair in pairs)


def test_limit_draws_the_same_comparisons_for_all(answers_file: Path) -> None:
    given = arrange(read(answers_file), ["a", "b"], 1, 4)
    a, b = ({(p.question_id, *sorted((p.model_a, p.model_b))) for p in pairs} for pairs in given.values())
    assert len(a) == 4
    assert a == b


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_is_blind_and_loads_nothing(answers_file: Path, tmp_path: Path, language: str) -> None:
    assert pages(answers_file, tmp_path / "sheets", "--language", language) == 0
    html = (tmp_path / "sheets" / "a.html").read_text()
    key = (tmp_path / "sheets" / "key.json").read_text()
    assert not any(word in html for word in ("alpha", "beta", "gamma", "math", json.loads(key)["answers_sha256"]))
    assert not re.search(r"""https?:|//[a-z]|\bsrc=|\bhref=|\son\w+=|@@|url\(""", html)
    assert "default-src &#x27;none&#x27;" in html
    assert "unsafe" not in html


def test_answer_cannot_leave_the_data(tmp_path: Path) -> None:
    attack = "</script><script>alert(1)</script><!--<script>\u2028&quot;@@data@@"
    given = rows()
    given[0]["answer"] = attack
    assert pages(write_rows(tmp_path / "x.jsonl", given), tmp_path / "sheets") == 0
    page = tmp_path / "sheets" / "a.html"
    assert page.read_text().count("<script") == 2
    assert page.read_text().count("</script>") == 2
    assert attack in [item[side] for item in data_of(page)["items"] for side in ("first", "second")]


def test_json_in_a_script_is_ascii_without_markup() -> None:
    text = in_script("</script>&<!--\u2028😀\ud800")
    assert text.isascii()
    assert not set("<>&") & set(text)
    assert json.loads(text) == "</script>&<!--\u2028😀\ud800"


def test_choices_become_verdicts_on_what_stood_first_and_second(sheets: Path) -> None:
    key = read_key(sheets / "key.json")
    sheet = filled(key, "a")
    for row, choice in zip(sheet[1:], ["1", "2", "tie", "unsure", "1", "2"], strict=True):
        row[3] = choice
    path = saved(sheets / "a.csv", sheet)
    assert main(["judge", "human", "import", str(path)]) == 0
    wanted = ["model_a", "model_b", "tie", "invalid", "model_a", "model_b"]
    for row, item, winner in zip(verdicts(sheets), key.sheets["a"], wanted, strict=True):
        assert (row["question_id"], row["model_a"], row["model_b"]) == (item.question_id, item.model_a, item.model_b)
        assert (row["winner"], row["judge"], row["annotator"]) == (winner, "human", "a")
        assert row["order"] == str(item.order)
        # What the page showed first is what the key calls model_a.
    shown = data_of(sheets / "a.html")["items"]
    texts = {(r["question"], r["model"]): r["answer"] for r in rows()}
    for item, seen in zip(key.sheets["a"], shown, strict=True):
        assert texts[seen["question"], item.model_a] == seen["first"]
        assert texts[seen["question"], item.model_b] == seen["second"]


def test_several_annotators_and_unfinished_sheets_are_put_together(
    sheets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = read_key(sheets / "key.json")
    files = [saved(sheets / "b.csv", filled(key, "b")[:4]), saved(sheets / "a.csv", filled(key, "a"))]
    assert main(["judge", "human", "import", *map(str, files), "--json"]) == 0
    assert Counter(row["annotator"] for row in verdicts(sheets)) == {"a": 6, "b": 3}
    counts = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))["counts"]
    assert (counts["judged"], counts["planned"]) == (9, 12)


def test_spreadsheet_may_have_saved_the_sheet_anew(sheets: Path) -> None:
    sheet = filled(read_key(sheets / "key.json"), "a")
    path = sheets / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "".join(",".join(row) + "\r\n" for row in sheet).encode())
    assert main(["judge", "human", "import", str(path)]) == 0


@pytest.mark.parametrize(
    ("row", "cell", "value", "what"),
    [
        (0, 3, "vote", "the header is not that of a saved sheet"),
        (1, 1, "c", "the key knows no such annotator"),
        (3, 1, "b", "another annotator than in the rows above"),
        (2, 0, "0123456789abcdef", "from a page of another key"),
        (2, 2, "7", "no such item; the sheet has 1 to 6"),
        (2, 2, "0", "no such item"),
        (2, 2, "٢", "no such item"),
        (2, 2, "1", "a second verdict on item 1"),
        (2, 3, "model_a", "the choice is none of 1, 2, tie, unsure"),
        (2, 3, "1,extra", "5 cells instead of 4"),
        (2, 3, '"1', "no CSV"),
    ],
)
def test_fault_of_a_saved_sheet_is_named_with_its_row(
    sheets: Path, capsys: pytest.CaptureFixture[str], row: int, cell: int, value: str, what: str
) -> None:
    sheet = filled(read_key(sheets / "key.json"), "a")
    sheet[row][cell] = value
    assert main(["judge", "human", "import", str(saved(sheets / "a.csv", sheet))]) == 2
    error = capsys.readouterr().err
    assert what in error
    assert f"row {row + 1}" in error or what == "no CSV"
    assert not (sheets / "verdicts.csv").exists()


def test_same_annotator_twice_is_refused(sheets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = filled(read_key(sheets / "key.json"), "a")
    files = [saved(sheets / name, sheet) for name in ("a.csv", "a (1).csv")]
    assert main(["judge", "human", "import", *map(str, files)]) == 2
    assert "two files hold verdicts of annotator `a`" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b'{"seed": 1, "answers_sha256": "", "sheets": []}'])
def test_key_that_cannot_be_read_is_named(
    sheets: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = saved(sheets / "a.csv", filled(read_key(sheets / "key.json"), "a"))
    if content is None:
        (sheets / "key.json").unlink()
    else:
        (sheets / "key.json").write_bytes(content)
    assert main(["judge", "human", "import", str(path)]) == 2
    assert "cannot read the key" in capsys.readouterr().err


def test_key_is_never_written_over(sheets: Path, answers_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (sheets / "key.json").read_bytes()
    assert pages(answers_file, sheets) == 0
    assert pages(answers_file, sheets, "--seed", 2) == 2
    assert "holds the key of other sheets" in capsys.readouterr().err
    assert (sheets / "key.json").read_bytes() == before


@pytest.mark.parametrize("labels", ["", "a,", "a,A", "a,a", "Zhang San", "../a", "a/b", "é", "=a", "x" * 33])
def test_label_that_is_none_is_refused(
    answers_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], labels: Sequence[str]
) -> None:
    assert pages(answers_file, tmp_path / "sheets", "--annotators", labels) == 2
    assert "annotator" in capsys.readouterr().err
    assert not (tmp_path / "sheets").exists()
