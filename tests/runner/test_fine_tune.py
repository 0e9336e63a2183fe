"""`runner reproduce demo`, made small, end to end: repeats, kills, stops, partial runs, and what verify says of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from runner import provenance
from tests.runner import small, small_demo
from tests.runner.conftest import Run

Json = dict[str, Any]
KILLER = """
import itertools, os, signal, sys
at, count = int(sys.argv[1]), itertools.count(1)
def counted(real):
    def call(*a, **k):
        if next(count) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*a, **k)
    return call
for name in ("replace", "rename", "fsync", "link", "unlink"):
    setattr(os, name, counted(getattr(os, name)))
import torch
torch.Tensor.backward = counted(torch.Tensor.backward)
from runner.cli import main
code = main(sys.argv[2:])
print("moments", next(count) - 1, file=sys.stderr)
sys.exit(code)
"""
"""Runs the command and kills itself at the n-th moment at which something is written, moved, removed or learnt."""

ONCE = ("reproduce", "demo", "--json", "--no-attach")


def killed_at(moment: int, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLER, str(moment), *(arguments or ONCE)]
    environment = {**os.environ, "PYTHONPATH": str(provenance.ROOT), "HERDBOOK_DEBUG": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


def bytes_of(run: Path) -> dict[str, bytes]:
    """What has to be the same: everything a run keeps, but times, the record that tells them, and hashes of both."""
    told = ("measured.json", "train.json", "report.json", ".asked", ".lock")
    files = [path for path in sorted(run.rglob("*")) if path.is_file() and not path.name.endswith(told)]
    return {str(path.relative_to(run)): path.read_bytes() for path in files if path.suffix != ".yaml"}


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Json, Path, int]:
    """(what it printed, its folder, its moments) of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("alone")
    small_demo.write(folder)
    done = killed_at(0, folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), folder / "runs" / "demo" / "qlora-faithful", int(done.stderr.split()[-1])


def test_json_has_the_shape_of_the_contract(left_alone: tuple[Json, Path, int]) -> None:
    found, run, _ = left_alone
    assert list(found) == [
        "slug", "mode", "status", "stages", "run", "result", "digest", "adapter_sha256", "claims", "metrics",
    ]  # fmt: skip
    stages = {stage["name"]: stage for stage in found["stages"]}
    assert list(stages) == ["prepare", "train", "generate", "judge", "rate", "report"]
    assert {stage["status"] for stage in stages.values()} == {"done"}
    assert {tuple(stage["needs"]) for stage in stages.values()} == {()}
    assert found["result"] is None
    assert {"exact_match_base", "exact_match_tuned"} <= found["metrics"].keys()
    assert [claim["id"] for claim in found["claims"]] == ["base", "tuned"]
    assert found["adapter_sha256"] == provenance_of(run)["trained"]["adapter_sha256"]


def provenance_of(run: Path) -> Json:
    from runner.attach import load_any

    [record] = (run / "report").glob("*.yaml")
    return load_any(record)[1]


def test_a_record_names_what_it_was_made_from_and_nobody(left_alone: tuple[Json, Path, int]) -> None:
    _, run, _ = left_alone
    record = provenance_of(run)
    assert [one["role"] for one in record["inputs"]][:3] == ["prompts", "base", "tokenizer"] or {
        one["role"] for one in record["inputs"]
    } >= {"base", "tokenizer", "data"}
    assert record["made"]["packages"].keys() >= {"torch", "transformers", "peft", "bitsandbytes"}
    assert record["made"]["platform"]["threads"] == 2
    assert record["made"]["command"] == "runner reproduce demo"
    [text] = [path.read_text("utf-8") for path in (run / "report").glob("*.yaml")]
    assert str(run.parents[2]) not in text
    assert str(Path.home()) not in text


def kill_and_go_on(moment: int, folder: Path, left_alone: tuple[Json, Path, int]) -> None:
    small_demo.write(folder)
    done = killed_at(moment, folder)
    assert done.returncode == -signal.SIGKILL, done.stderr
    done = killed_at(0, folder)
    assert done.returncode == 0, done.stderr
    found, run, _ = left_alone
    assert json.loads(done.stdout)["digest"] == found["digest"]
    ours, alone = bytes_of(folder / "runs" / "demo" / "qlora-faithful"), bytes_of(run)
    assert ours.keys() == alone.keys()
    assert [name for name in ours if ours[name] != alone[name]] == []


@pytest.mark.parametrize("part", [0.3, 0.55, 0.85])
def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(
    part: float, tmp_path: Path, left_alone: tuple[Json, Path, int]
) -> None:
    kill_and_go_on(round(part * left_alone[2]), tmp_path, left_alone)


@pytest.mark.slow
@pytest.mark.parametrize("part", [(2 * number + 1) / 40 for number in range(20)])
def test_killed_at_twenty_moments(part: float, tmp_path: Path, left_alone: tuple[Json, Path, int]) -> None:
    kill_and_go_on(max(1, round(part * left_alone[2])), tmp_path, left_alone)


def test_sigterm_ends_cleanly_and_the_run_goes_on(tmp_path: Path, left_alone: tuple[Json, Path, int]) -> None:
    entry = small_demo.write(tmp_path)
    command = [sys.executable, "-m", "runner.cli", *ONCE]
    environment = {**os.environ, "PYTHONPATH": str(provenance.ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        run = tmp_path / "runs" / "demo" / "qlora-faithful"
        until = time.monotonic() + 120
        while not (run / "prepare.json").exists() and running.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=120)
    assert (running.returncode, out) == (130, ""), err
    assert "Traceback" not in err
    assert "run the same command again" in err
    assert not (entry / "results").exists()
    done = killed_at(0, tmp_path)
    assert json.loads(done.stdout)["digest"] == left_alone[0]["digest"], done.stderr


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The entry of a small demonstration below the current folder."""
    monkeypatch.chdir(tmp_path)
    return small_demo.write(tmp_path)


def test_attached_verified_run_again_and_found_changed(
    here: Path, run: Run, left_alone: tuple[Json, Path, int]
) -> None:
    code, found, err = run("reproduce", "demo", "--json")
    assert (code, found["status"]) == (0, "reproduced"), err
    assert found["digest"] == left_alone[0]["digest"]  # in another process, and attached this time
    result = Path(found["result"])
    assert sorted(path.name for path in (here / "results").iterdir()) == sorted(
        [result.name, *(f"{result.stem}.{table}.csv" for table in ("steps", "answers", "verdicts"))]
    )
    code, again, _ = run("reproduce", "demo", "--json")
    assert {stage["status"] for stage in again["stages"]} == {"reused"}
    assert again["result"] == found["result"]

    code, checked, _ = run("verify", result, "--json")
    assert (code, checked["status"]) == (0, "holds")
    assert {check["name"] for check in checked["checks"]} >= {"metrics", "judged", "recomputed", "steps", "current"}
    code, checked, _ = run("verify", result, "--rerun", "--runs", "again", "--json")
    [again] = [check for check in checked["checks"] if check["name"] == "again"]
    assert (code, again["holds"], again["detail"]) == (0, True, "the same platform: the same digest")

    answers = result.with_name(f"{result.stem}.answers.csv")
    answers.write_text(answers.read_text("utf-8").replace(",0\n", ",1\n", 1), "utf-8")
    code, checked, _ = run("verify", result, "--json")
    assert (code, checked["status"]) == (1, "changed")


def test_another_seed_gives_another_digest(here: Path, run: Run, left_alone: tuple[Json, Path, int]) -> None:
    code, found, err = run(*ONCE, "--seed", "1")
    assert code == 0, err
    assert found["digest"] != left_alone[0]["digest"]
    assert found["adapter_sha256"] != left_alone[0]["adapter_sha256"]
    assert found["run"].endswith("qlora-faithful-seed1")


def test_a_partial_run_says_so_and_compares_no_quality(here: Path, run: Run) -> None:
    code, found, err = run(*ONCE, "--steps", "3")
    assert code == 0, err
    record = provenance_of(Path(found["run"]))
    assert record["partial"] == {"steps": 3, "of": 12}
    assert {claim["verdict"] for claim in found["claims"]} == {None}
    assert {claim["reproduced"] for claim in found["claims"]} == {None}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hidden: 64", "hidden: 65", "heads"),
        ("r: 16", "r: 0", "greater than or equal to 1"),
        ("method: qlora", "method: full", "`lora`"),
        ("template: demo", "template: dema", "templates are: "),
        ("held_out: 12", "held_out: 100000", "held out"),
    ],
)
def test_bad_recipes_are_one_clear_error(here: Path, run: Run, old: str, new: str, said: str) -> None:
    small.change(here / "recipe.yaml", old, new)
    code, _, err = run(*ONCE)
    assert code in (1, 2)
    assert said in err
    assert "Traceback" not in err
    assert "nobody foresaw" not in err


@pytest.mark.parametrize("arguments", [("--steps", "0"), ("--seed", "-1"), ("--mode", "quick"), ("--only", "cook")])
def test_bad_arguments_are_refused(here: Path, run: Run, arguments: tuple[str, str]) -> None:
    assert run("reproduce", "demo", *arguments)[0] == 2


def test_an_unknown_training_and_an_absent_mode_are_named(here: Path, run: Run) -> None:
    code, _, err = run("reproduce", "demo/nothing")
    assert code == 2
    assert "no training `nothing`" in err
    code, _, err = run("reproduce", "demo", "--mode", "fast")
    assert code == 2
    assert "no mode `fast`" in err


def test_what_was_learnt_is_exported_with_a_card_and_never_over_something(here: Path, run: Run) -> None:
    code, found, err = run(*ONCE, "--export", "out")
    assert code == 0, err
    files = sorted(path.name for path in Path("out").iterdir())
    assert files[:3] == ["README.md", "adapter_config.json", "adapter_model.safetensors"]
    assert found["digest"] in Path("out/README.md").read_text("utf-8")
    code, _, err = run(*ONCE, "--export", "out")
    assert code == 2
    assert "exists already" in err
    code, _, err = run(*ONCE, "--export", "whole", "--merge")
    assert code == 0, err
    assert (Path("whole") / "model.safetensors").is_file()
