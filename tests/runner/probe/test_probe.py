"""`runner probe` at toy shapes on a processor: records, suites that go on, refusals, wrong use."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from catalog import estimate
from catalog.estimate import llama
from catalog.probe_results import ProbeResult
from runner.attach import load_any
from tests.runner import small_demo
from tests.runner.conftest import Run

Json = dict[str, Any]
TOY = llama("llama-toy", 2, 64, 128, 4, 300)
ASKED = ("probe", "--model", "llama-toy", "--sequence", "32", "--batch", "4", "--steps", "3", "--json")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalog with the demonstration; the toy shape is on record."""
    monkeypatch.chdir(tmp_path)
    of_others = estimate.shape_of
    monkeypatch.setattr(estimate, "shape_of", lambda name: TOY if name == "llama-toy" else of_others(name))
    return small_demo.write(tmp_path)


@pytest.mark.parametrize("method", ["qlora", "lora8", "full", "inference"])
def test_a_probe_leaves_a_record_that_holds(here: Path, run: Run, method: str) -> None:
    code, [found], err = run(*ASKED, "--method", method)
    assert code == 0, err
    record, content, _ = load_any(Path(found["file"]))
    assert isinstance(record, ProbeResult)
    assert (record.weights, record.fits, record.method) == ("random", True, method)
    assert content["step"]["median"] > 0
    assert content["tokens_per_second"] > 0
    assert content["peak"]["allocated"] is None  # a processor has no allocator to ask
    assert content["peak"]["resident"] > 0
    assert content["made"]["packages"].keys() >= {"torch", "transformers"}
    assert not {"loss", "quality", "accuracy"} & set(content)


def test_fast_and_faithful_in_one_command(here: Path, run: Run) -> None:
    code, rows, err = run(*ASKED, "--mode", "both")
    assert code == 0, err
    assert [row["mode"] for row in rows] == ["faithful", "fast"]
    settings = [load_any(Path(row["file"]))[1]["settings"] for row in rows]
    assert [one["packed"] for one in settings] == [False, True]
    assert [one["micro_batch"] for one in settings] == [1, 4]
    assert [one["batch"] for one in settings] == [4, 4]


def test_what_was_measured_is_not_measured_again_and_a_damaged_record_is(here: Path, run: Run) -> None:
    _, [first], _ = run(*ASKED)
    _, [again], _ = run(*ASKED)
    assert (first["reused"], again["reused"]) == (False, True)
    assert first["digest"] == again["digest"]
    Path(first["file"]).write_bytes(Path(first["file"]).read_bytes()[:-40])
    _, [third], _ = run(*ASKED)
    assert third["reused"] is False


def test_records_travel_in_one_archive_and_are_attached(here: Path, run: Run) -> None:
    recipe = here / "recipe.yaml"
    assert recipe.is_file()
    code, [found], err = run("probe", "demo", "--steps", "3", "--output", "out", "--json")
    assert code == 0, err
    assert found["entry"] == "demo"
    with tarfile.open("out/records.tgz") as tar:
        [name] = tar.getnames()
    assert name.startswith("probe-")
    assert name.endswith(f"{found['digest'][:12]}.yaml")
    code, _, err = run("attach", "out/records.tgz")
    assert code == 0, err
    assert (here / "results" / name).is_file()


def test_a_model_that_does_not_fit_is_an_answer(here: Path, run: Run) -> None:
    code, [found], err = run(*ASKED, "--memory-gb", "0.00001")
    assert code == 0, err
    assert found["fits"] is False
    assert found["refused"]["stage"] == "loading"
    assert found["refused"]["wanted"] > found["refused"]["available"]
    code, out, _ = run(*ASKED[:-1], "--memory-gb", "0.00001")
    assert code == 0
    assert "does not fit" in out


def test_the_suite_asks_what_the_register_claims() -> None:
    from runner.probe.suite import claims_suite

    asks = claims_suite()
    assert len({ask.key for ask in asks}) == len(asks)
    caps = {(ask.entry, ask.shape.id, ask.method): ask.cap for ask in asks if ask.cap}
    assert caps[("anima33b", "llama-33b", "qlora")] == 80 * 2**30
    assert caps[("guanaco", "llama-65b", "qlora")] == 48 * 2**30
    assert {ask.mode for ask in asks if ask.entry == "anima33b"} == {"faithful", "fast"}
    faithful = next(ask for ask in asks if ask.entry == "anima33b")
    assert faithful.training.execution.precision == "tf32"
    assert (faithful.sequence, faithful.training.batching.accumulation) == (1024, 16)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name one of"),
        (("demo", "--model", "llama-7b"), "name one of"),
        (("--model", "llama-7a"), "did you mean `llama-7b`"),
        (("demo/other",), "no training `other`"),
        (("nothing",), "no model is called"),
    ],
)
def test_wrong_use_is_one_clear_error(here: Path, run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, _, err = run("probe", *arguments)
    assert code == 2
    assert said in err


@pytest.mark.parametrize("arguments", [("--batch", "0"), ("--memory-gb", "-1"), ("--steps", "x"), ("--mode", "slow")])
def test_wrong_numbers_are_refused(here: Path, run: Run, arguments: tuple[str, str]) -> None:
    assert run("probe", "--model", "llama-7b", *arguments)[0] == 2
