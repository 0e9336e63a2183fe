"""`runner list`: trainings beside tournaments, and recipes that cannot be read."""

from __future__ import annotations

from pathlib import Path

from runner.listing import as_text, rows
from tests.runner.conftest import Run


def test_trainings_with_method_base_access_and_modes(run: Run) -> None:
    code, found, _ = run("list", "--json")
    assert code == 0
    trainings = {(row["slug"], one["name"]): one for row in found for one in row["trainings"]}
    assert trainings["anima33b", "anima33b"] == {
        "name": "anima33b", "title": "The published adapter", "method": "qlora",
        "base": "timdettmers/guanaco-33b-merged", "access": "open", "modes": ["faithful", "fast"],
        "planning_only": False,
    }  # fmt: skip
    assert trainings["demo", "qlora"]["base"] == "made by the run"
    assert trainings["vicuna", "13b-v0"]["access"] == "never-released"
    assert trainings["vicuna", "13b-v0"]["planning_only"]


def test_a_line_for_each_training_by_the_name_that_reproduces_it(run: Run) -> None:
    _, text, _ = run("list")
    names = [line.split()[0] for line in text.splitlines()]
    assert names.count("anima33b") == 2
    assert {"demo", "guanaco", "guanaco/65b", "alpaca-lora/first"} <= set(names)
    assert "an input was never released" in text
    assert "None" not in text


def test_an_entry_with_a_tournament_only_has_no_training(entry: Path) -> None:
    [row] = rows(entry.parents[1])
    assert row["trainings"] == []
    assert as_text([row]).startswith("tiny")


def test_a_recipe_that_cannot_be_read_is_told_and_the_rest_is_listed(entry: Path) -> None:
    (entry / "recipe.yaml").write_text("training: 1\n")
    [row] = rows(entry.parents[1])
    assert row["error"]
    assert list(row) == ["slug", "recipe", "stages", "claims", "trainings", "results", "error"]
    assert row["error"] in as_text([row])


def test_a_variant_that_leads_nowhere_is_told(entry: Path) -> None:
    with (entry / "recipe.yaml").open("a") as file:
        file.write("training:\n  one: {like: two}\n")
    [row] = rows(entry.parents[1])
    assert row["error"]
