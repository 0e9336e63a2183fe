"""The published tournaments themselves, from the verdicts on record."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from runner.entries import prepare
from runner.provenance import ROOT
from runner.tournament import rating

MODELS = ROOT / "catalog" / "models"


def test_every_published_state_of_anima_comes_out_bit_for_bit() -> None:
    entry = prepare("anima33b", ROOT / "catalog")
    found = rating(entry.folder, {**entry.resolved, "runs": entry.resolved["runs"][:1]})
    assert found["states"] == {"printed": 215, "equal": 215, "largest_difference": 0.0, "first_difference": None}


def test_the_states_are_compared_with_the_file_and_not_with_themselves() -> None:
    """The same comparison written out: 860 figures of the published table against the trace."""
    entry = prepare("anima33b", ROOT / "catalog")
    trace = rating(entry.folder, {**entry.resolved, "runs": entry.resolved["runs"][:1]})["runs"][0]["trace"]
    with open(MODELS / "anima33b/judgments/elo-vicuna80-zh.states.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 860
    for row in rows:
        state = trace["ratings"][trace["rounds"].index(int(row["round"]))]
        assert state[trace["models"].index(row["model"])] == float(row["rating"])


@pytest.fixture(scope="module")
def qlora() -> dict[str, dict[str, float]]:
    """Run -> recorded name -> reproduced minus published."""
    entry = prepare("guanaco", ROOT / "catalog")
    wanted = [run for run in entry.resolved["runs"] if run["id"] in ("k32", "k4")]
    found = rating(entry.folder, {**entry.resolved, "runs": wanted})
    published = {
        (claim["run"], claim["player"]): claim["published"]
        for claim in entry.resolved["claims"]
        if claim["compares"] == "ratings"
    }
    return {
        run["id"]: {row["model"]: row["rating"] - published[run["id"], row["model"]] for row in run["ratings"]}
        for run in found["runs"]
    }


def test_qlora_at_k_4_is_within_0_8_of_every_published_figure(qlora: dict[str, dict[str, float]]) -> None:
    assert len(qlora["k4"]) == 8
    assert max(map(abs, qlora["k4"].values())) < 0.8


RESIDUALS = {
    "gpt-4": 27.3, "guanaco-65b": -0.6, "guanaco-33b": -2.6, "vicuna-13b": -3.2, "chatgpt": -2.8, "guanaco-13b": -5.2,
    "bard": -5.5, "guanaco-7b": -6.5,
}  # fmt: skip


def test_qlora_at_k_32_leaves_the_known_residuals(qlora: dict[str, dict[str, float]]) -> None:
    assert qlora["k32"].keys() == RESIDUALS.keys()
    for name, residual in RESIDUALS.items():
        assert qlora["k32"][name] == pytest.approx(residual, abs=1.5)


def test_verdicts_on_record_hold_ids_and_figures_only() -> None:
    for path in MODELS.glob("*/judgments/*.csv"):
        assert max(len(line) for line in Path(path).read_text("utf-8").splitlines()) < 120
