"""A catalog with one entry and a small tournament: a notebook as Anima's prints it, and what was recorded from it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

PLAYERS = ("north", "south", "east")
ROUNDS = (
    ("north", "south", 8.0, 5.0), ("south", "east", 7.0, 7.0), ("east", "north", 6.5, 9.0),
    ("south", "north", 9.0, 4.0), ("north", "east", 8.0, 3.0), ("east", "south", 2.0, 9.0),
    ("south", "east", 8.0, 6.0), ("east", "north", 7.0, 5.0),
)  # fmt: skip
FIRST = 3
"""Number of the first round that the notebook still prints."""
START = {"north": 1010.5, "south": 980.25, "east": 1009.25}


def replayed() -> list[dict[str, float]]:
    """Ratings after each round, by the published arithmetic written out."""
    ratings, found = dict(START), []
    for a, b, score_a, score_b in ROUNDS:
        expected_a = 1 / (1 + 10 ** ((ratings[b] - ratings[a]) / 400))
        expected_b = 1 / (1 + 10 ** ((ratings[a] - ratings[b]) / 400))
        won = 1 if score_a > score_b else 0 if score_b > score_a else 0.5
        ratings[a] += 32 * (won - expected_a)
        ratings[b] += 32 * (1 - won - expected_b)
        found.append(dict(ratings))
    return found


def question(number: int) -> int:
    return 40 + number // 2


def notebook() -> str:
    """What the tournament's notebook would hold, one printed battle split over two outputs."""
    printed = ""
    for number, ((a, b, score_a, score_b), ratings) in enumerate(zip(ROUNDS, replayed(), strict=True)):
        said = {"question_id": question(number), "text": "it's\n\"quoted\"", "category": "generic",
                "score": [score_a, score_b], "first_model": a, "second_model": b}  # fmt: skip
        printed += f"competing: (1, '{a}', '{b}')\nbad score: [-1, -1], skipping\ngpt4 output: {said}\n"
        printed += f"elo rating updated: defaultdict(<function <lambda> at 0x7f45c71e0af0>, {ratings})\n"
        printed += f"records: {number + FIRST}\n{'-' * 40}\n"
    half = len(printed) // 2
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": printed[:half].splitlines(keepends=True)},
        {"output_type": "stream", "name": "stderr", "text": ["99%|####|\n"]},
        {"output_type": "stream", "name": "stdout", "text": [printed[half:]]},
    ]
    cells = [{"cell_type": "markdown", "source": ["# elo"]}, {"cell_type": "code", "source": [], "outputs": outputs}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def battles_csv() -> str:
    rows = [
        f"{number + FIRST},{question(number)},generic,{a},{b},{score_a:g},{score_b:g}"
        for number, (a, b, score_a, score_b) in enumerate(ROUNDS)
    ]
    return "\n".join(["round,question_id,category,model_a,model_b,score_a,score_b", *rows]) + "\n"


def states_csv() -> str:
    rows = [f"{n + FIRST},{name},{rating!r}" for n, state in enumerate(replayed()) for name, rating in state.items()]
    return "\n".join(["round,model,rating", *rows]) + "\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def model_yaml() -> str:
    final = replayed()[-1]
    rows = "".join(
        f"      - {{name: {name}, entity: {name}, from: readme#L1, cells: {{elo: {final[name]:.2f}}}}}\n"
        for name in PLAYERS
    )
    return f"""\
name: Tiny
publisher: {{value: somebody, from: readme#L1}}
summary: {{en: A model for tests., zh: 测试用模型。}}
released: {{value: 2023-06-12, from: readme#L1}}
sources:
  readme: {{url: "https://github.com/some/tiny/blob/0123456789/README.md", as_of: 2023-06-12, accessed: 2026-11-20}}
published:
  - id: elo-tiny
    kind: elo
    title: {{en: A small tournament, zh: 小型锦标赛}}
    columns:
      elo: {{name: Elo, measures: number}}
    rows:
{rows}    judgments: judgments/elo-tiny.csv
    players: {{north: north, south: south, east: east}}
"""


def recipe_yaml() -> str:
    start = ", ".join(f"{name}: {rating}" for name, rating in START.items())
    return f"""\
sources:
  notebook: {{url: "https://github.com/some/tiny/blob/0123456789/elo.ipynb", as_of: 2023-06-12, accessed: 2026-11-20}}
evaluation:
  published: elo-tiny
  judgments: {{file: judgments/elo-tiny.csv, sha256: {sha256(battles_csv())}}}
  states: {{file: judgments/elo-tiny.states.csv, sha256: {sha256(states_csv())}}}
  origin: {{form: elo-notebook, path: elo.ipynb, sha256: {sha256(notebook())}, from: notebook#cell 1}}
  start:
    ratings: {{{start}}}
    note: {{en: Made up., zh: 虚构。}}
  runs:
    replay:
      basis: stated
      why: {{en: As printed., zh: 按原文。}}
      k: 32
      order: recorded
      from_start: true
      trace: true
    other-k:
      basis: fitted
      why: {{en: Another factor., zh: 另一系数。}}
      k: 16
      order: recorded
      from_start: true
claims:
  states: {{compares: states, run: replay, tolerance: 0, why: {{en: Exact., zh: 精确。}}}}
  ratings: {{column: elo, run: replay, tolerance: 0.005, why: {{en: Two decimals., zh: 两位小数。}}}}
  ranks: {{compares: ranks, column: elo, run: replay, tolerance: 0, why: {{en: A rank., zh: 名次。}}}}
  ratings-other-k: {{column: elo, run: other-k, tolerance: 0.005, why: {{en: The same., zh: 同上。}}}}
"""


def write(root: Path) -> Path:
    """The catalog below `root`; returns the folder of its one entry."""
    entry = root / "catalog" / "models" / "tiny"
    (entry / "judgments").mkdir(parents=True)
    (root / "catalog" / "publishers.yaml").write_text("somebody: {name: Somebody}\n", "utf-8")
    outside = "".join(f"{name}: {{name: {name}, kind: model, by: Somebody}}\n" for name in PLAYERS)
    (root / "catalog" / "outside.yaml").write_text(outside, "utf-8")
    (root / "elo.ipynb").write_text(notebook(), "utf-8")
    files = {
        "model.yaml": model_yaml(),
        "recipe.yaml": recipe_yaml(),
        "judgments/elo-tiny.csv": battles_csv(),
        "judgments/elo-tiny.states.csv": states_csv(),
    }
    for name, text in files.items():
        (entry / name).write_text(text, "utf-8")
    return entry


def change(path: Path, old: str, new: str) -> None:
    """Replace the one place where `old` stands."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")
