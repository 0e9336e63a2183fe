"""`runner plan`: everything a recipe would take, in figures that fit each other, without a network."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catalog import estimate
from catalog.training import Data
from runner import estimating, machine
from runner.machine import FoundCard
from tests.runner.conftest import Run
from tests.runner.inputs.trainings import data, training

SHAPE = {"layers": 32, "hidden": 4096, "intermediate": 11008, "heads": 32, "vocabulary": 32000}
BASE = {"hub": {"repo": "farm/ewe-7b", "revision": None}, "shape": SHAPE}


@pytest.fixture(autouse=True)
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "nvidia_cards", lambda: ())


def with_card(monkeypatch: pytest.MonkeyPatch, gigabytes: int, slug: str) -> None:
    card = FoundCard("NVIDIA card", gigabytes * 2**30, "600.1", slug)
    monkeypatch.setattr(machine, "nvidia_cards", lambda: (card,))


def test_json_tells_downloads_licences_memory_hours_stages_and_claims(run: Run) -> None:
    code, found, err = run("plan", "anima33b", "--json")
    assert (code, err) == (0, "")
    assert list(found) == [
        "slug", "training", "others", "title", "method", "planning_only", "downloads", "licences", "disk", "modes",
        "stages", "claims",
    ]  # fmt: skip
    assert [one["role"] for one in found["downloads"]] == ["base", "data"]
    assert found["downloads"][0]["bytes"] == 2 * estimate.shapes()["llama-33b"].parameters
    assert found["downloads"][0]["estimated"]
    assert {one["id"] for one in found["licences"]} == {"LicenseRef-LLaMA-1", "GPL-3.0"}
    assert [mode["mode"] for mode in found["modes"]] == ["faithful", "fast"]
    faithful, fast = found["modes"]
    for mode in found["modes"]:
        parts, total = mode["memory"]["parts"], mode["memory"]["total"]
        assert math.isclose(sum(part["low"] for part in parts.values()), total["low"])
        assert mode["flop"]["total"]["low"] < mode["flop"]["total"]["high"]
        assert mode["assumptions"]
        assert {card["card"] for card in mode["cards"]} >= {"h200", "a100-80gb", "rtx-4090"}
    assert fast["memory"]["parts"]["weights"]["high"] < faithful["memory"]["parts"]["weights"]["low"]
    assert {one["id"] for one in found["claims"]} >= {"ratings", "ranks", "states"}


def test_without_a_card_the_tournament_can_be_rated_and_training_says_what_it_needs(run: Run) -> None:
    _, found, _ = run("plan", "anima33b", "--json")
    able = {(one["of"], one["name"]): one["can_run"] for one in found["stages"]}
    assert able["published tournament", "rate"]
    assert not able["training", "train"]
    [needs] = [one["needs"] for one in found["stages"] if one["name"] == "train"]
    assert any(need.startswith("a card with 2") for need in needs)


@pytest.mark.parametrize(("gigabytes", "slug", "able"), [(80, "a100-80gb", True), (11, "rtx-2080-ti", False)])
def test_the_card_that_is_here_decides(
    run: Run, monkeypatch: pytest.MonkeyPatch, gigabytes: int, slug: str, able: bool
) -> None:
    monkeypatch.setattr("runner.here.version", lambda name: "2.13.0")
    with_card(monkeypatch, gigabytes, slug)
    _, found, _ = run("plan", "anima33b", "--json")
    assert [card["card"] for card in found["modes"][0]["cards"]] == [slug]
    assert found["modes"][0]["cards"][0]["here"]
    assert [one["can_run"] for one in found["stages"] if one["name"] == "train"] == [able]


def test_a_card_with_a_torch_that_cannot_use_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.here.version", lambda name: "2.13.0+cpu")
    with_card(monkeypatch, 80, "a100-80gb")
    _, found, _ = run("plan", "anima33b", "--json")
    [needs] = [one["needs"] for one in found["stages"] if one["name"] == "train"]
    assert any("for processors only" in need for need in needs)


@pytest.mark.parametrize("said", ["h200", "H200", "h200 141 gb (sxm)"])
def test_a_card_by_any_of_its_names(run: Run, said: str) -> None:
    _, found, _ = run("plan", "guanaco/65b", "--gpu", said, "--json")
    assert found["training"] == "65b"
    assert [card["card"] for card in found["modes"][0]["cards"]] == ["h200"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plan", "anima"), "did you mean"),
        (("plan", "nothing-like-it"), "no model is called"),
        (("plan", "anima33b/other"), "has no training `other`"),
        (("plan", "anima33b", "--gpu", "h20"), "did you mean"),
        (("plan", "anima33b", "--gpu", "a100"), "say which: a100-40gb, a100-80gb"),
        (("plan", "anima33b", "--gpu", ""), "no single card"),
        (("plan", "../demo"), "no model is called"),
        (("plan",), "SLUG"),
    ],
)
def test_a_name_that_is_not_known_is_an_error_of_usage(run: Run, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.parametrize("slug", ["demo", "anima33b", "guanaco", "guanaco/65b", "alpaca", "alpaca-lora", "vicuna",
                                  "chinese-vicuna", "chinese-vicuna/4bit"])  # fmt: skip
def test_every_recipe_can_be_planned_and_read(run: Run, slug: str) -> None:
    code, text, _ = run("plan", slug)
    assert code == 0
    assert "stages here" in text
    assert "None" not in text
    assert max(map(len, text.splitlines())) < 200


def test_the_demonstration_takes_no_download_and_any_machine(run: Run) -> None:
    _, found, _ = run("plan", "demo", "--json")
    assert (found["downloads"], found["disk"]["download"]) == ([], 0)
    assert all(stage["can_run"] or stage["needs"] for stage in found["stages"])
    assert found["modes"][0]["cards"] == []


def test_an_entry_with_a_tournament_only(entry: Path, run: Run) -> None:
    code, found, _ = run("plan", "tiny", "--json")
    assert code == 0
    assert (found["training"], found["modes"]) == (None, [])
    assert [stage["name"] for stage in found["stages"]] == ["judge", "rate", "report"]
    assert run("plan", "tiny")[0] == 0


def test_a_plan_needs_none_of_the_training_extra() -> None:
    code = "import sys; sys.modules.update(dict.fromkeys(['torch', 'transformers', 'peft', 'bitsandbytes'])); "
    code += "from runner.cli import main; sys.exit(main(['plan', 'anima33b', '--json']))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "HF_ENDPOINT": "http://x.invalid"}
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


# In the terms of the estimator ---------------------------------------------------------------------------------------


def estimated(**changes: Any) -> estimating.Estimable:
    found = estimating.estimable(training(base=BASE, **changes), {})
    assert found is not None
    return found


def test_a_shape_is_counted_as_the_named_one() -> None:
    assert estimated().shape.parameters == estimate.shapes()["llama-7b"].parameters
    tied = estimating.estimable(training(base={**BASE, "shape": {**SHAPE, "tied": True}}), {})
    assert tied is not None
    assert tied.shape.parameters == estimate.shapes()["llama-7b"].parameters - 32000 * 4096


def test_without_double_quantisation_weights_take_more() -> None:
    double, single = (estimated(quantisation={"form": "nf4", "double": value}) for value in (True, False))
    linear = double.shape.linear
    more = estimating.memory(single).parts["weights"].low - estimating.memory(double).parts["weights"].low
    assert math.isclose(more, linear * (4.5 - (4 + 8 / 64 + 32 / (64 * 256))) / 8)


def test_methods_and_optimisers_are_those_of_the_recipe() -> None:
    assert estimated().training.method == "qlora"
    eight = estimated(method="lora", quantisation={"form": "int8", "compute": "float16"})
    assert (eight.training.method, eight.training.compute) == ("lora-8bit", "fp16")
    full = estimated(method="full", quantisation=None, lora=None)
    assert (full.training.method, full.training.stored, full.training.adapters) == ("full", "fp32", False)
    optimiser = {"optimiser": "paged_adamw_8bit", "learning_rate": 1e-4, "schedule": "constant"}
    paged = estimated(optimisation=optimiser).training
    assert (paged.paged, paged.optimiser_bits) == (True, 8)


def test_examples_come_from_steps_or_from_rows_and_epochs() -> None:
    assert estimated().examples == estimate.Range.exact(40)
    batching = training().batching.model_dump() | {"steps": None, "epochs": 3.0}
    one = data(rows=100, split={"held_out": 10, "seed": 0})
    assert estimated(batching=batching, data=(one,)).examples == estimate.Range.exact(270)
    unknown = estimated(batching=batching)
    assert unknown.examples is None
    assert estimating.flop(unknown) is None
    assert any("nobody says" in reason for reason in unknown.assumed)


def test_a_packed_step_is_one_row_of_all_its_examples() -> None:
    batching = training().batching.model_dump() | {"length": 512}
    packed, padded = estimated(batching=batching | {"packing": "packed"}), estimated(batching=batching)
    assert packed.training.sequence == 4 * packed.mean_tokens.high
    memory = estimating.memory(packed).parts["activations"]
    assert memory.high > memory.low * 1.2
    assert memory.high > estimating.memory(padded).parts["activations"].high


def test_the_loss_has_chunks_of_the_learner_s_size() -> None:
    from runner.learning import loss

    assert loss.CHUNK == estimating.LOSS_CHUNK


def test_lengths_are_cut_at_that_of_the_run() -> None:
    found = estimated()
    assert found.mean_tokens.high <= found.training.sequence


def test_without_a_shape_nothing_is_computed() -> None:
    assert estimating.estimable(training(), {}) is None


def test_data_of_a_recipe_is_a_type_of_its_own() -> None:
    assert estimating._rows(Data.model_validate(data(rows=7)), {}) == estimate.Range.exact(7)
