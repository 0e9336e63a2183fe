"""Verdicts somebody else gave."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.errors import UserError
from runner.judge.recorded import RecordedJudge

Command = Callable[..., int]


def written(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "verdicts.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def verdicts(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recorded.csv"
    path.write_text(text)
    return path


def test_verdicts_are_taken_over_in_the_order_they_were_given(command: Command, tmp_path: Path) -> None:
    path = verdicts(
        tmp_path,
        "question_id,model_a,model_b,winner,judge\n"
        "1,beta,alpha,model_b,GPT-4\n1,alpha,beta,invalid,GPT-4\nq2,alpha,gamma,tie,GPT-4\nq9,alpha,gamma,tie,GPT-4\n",
    )
    assert command("--judge", "recorded", "--verdicts", path) == 0
    assert [tuple(row.values()) for row in written(tmp_path)] == [
        ("1", "math", "alpha", "beta", "invalid", "GPT-4", "", "1"),
        ("1", "math", "beta", "alpha", "model_b", "GPT-4", "", "2"),
        ("q2", "", "alpha", "gamma", "tie", "GPT-4", "", "1"),
    ]


def test_scores_stay_scores(command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = verdicts(tmp_path, "question_id,model_a,model_b,score_a,score_b\n1,alpha,beta,6.5,8\n1,beta,alpha,-1,-1\n")
    assert command("--judge", "recorded", "--verdicts", path) == 0
    assert [(row["score_a"], row["score_b"]) for row in written(tmp_path)] == [("6.5", "8.0"), ("", "")]
    assert "recorded as invalid" in capsys.readouterr().out


def test_named_winner_counts_more_than_scores_that_say_otherwise(command: Command, tmp_path: Path) -> None:
    path = verdicts(tmp_path, "question_id,model_a,model_b,winner,score_a,score_b\n1,alpha,beta,tie,6,8\n")
    assert command("--judge", "recorded", "--verdicts", path) == 0
    assert [row["winner"] for row in written(tmp_path)] == ["tie"]


def test_annotators_who_differ_must_be_told_apart(command: Command, tmp_path: Path) -> None:
    path = verdicts(
        tmp_path, "question_id,model_a,model_b,winner,annotator\n1,alpha,beta,tie,a\n1,alpha,beta,model_a,b\n"
    )
    with pytest.raises(UserError, match="two verdicts on question `1`"):
        RecordedJudge(path)
    assert command("--judge", "recorded", "--verdicts", path, "--annotator", "b") == 0
    assert [(row["winner"], row["annotator"]) for row in written(tmp_path)] == [("model_a", "b")]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("model_a,model_b,winner\nalpha,beta,tie\n", "which question"),
        ("question_id,model_a,model_b,winner\n1,alpha,beta,draw\n", "winner `draw`"),
        ("question_id,model_a,model_b\n1,alpha,beta\n", "columns are missing"),
    ],
)
def test_unusable_file_is_refused(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, what: str
) -> None:
    assert command("--judge", "recorded", "--verdicts", verdicts(tmp_path, text)) == 2
    assert what in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
