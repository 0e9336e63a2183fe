"""Answers of three models, as one file and as rows to change."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

KEY = "sk-test-0123456789abcdef"
Row = dict[str, Any]


def rows() -> list[Row]:
    """Three models on two questions: six comparisons, twelve in both orders."""
    questions = [
        {"question_id": 1, "category": "math", "question": "What is 2 + 2?", "reference": "The sum is 4."},
        {"question_id": "q2", "question": "中国的首都是哪里？"},
    ]
    texts = {"alpha": ["It is 4.", "北京。"], "beta": ["It is 5.", "上海。"], "gamma": ["", "北京是首都。"]}
    return [
        {**question, "model": model, "answer": answers[at]}
        for at, question in enumerate(questions)
        for model, answers in texts.items()
    ]


def write_rows(path: Path, given: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in given), "utf-8")
    return path


@pytest.fixture
def answers_file(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "answers.jsonl", rows())


@pytest.fixture
def command(answers_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`runner judge` on the answers, writing to `out`, with a key in the environment."""
    from runner.judge_cli import main

    monkeypatch.setenv("HERDBOOK_JUDGE_KEY", KEY)
    return lambda *words: main(["judge", str(answers_file), "--out", str(tmp_path / "out"), *map(str, words)])
