"""A run that was stopped goes on and ends in the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.errors import UserError
from runner.learning import checkpoints
from runner.learning.stopping import Stopped, listening
from runner.learning.trainer import Learner
from tests.runner import tiny
from tests.runner.learning.conftest import Train

OUTPUTS = ("steps.csv", "trained.json", "adapter/adapter_model.safetensors", "adapter/adapter_config.json")
ROOT = Path(__file__).resolve().parents[3]


def outputs(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in OUTPUTS}


def killed_everywhere(base: Path, folder: Path, every: int) -> None:
    command = [sys.executable, "-m", "tests.runner.learning.killing", str(base), str(folder), str(every)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["moments"] > 100
    assert len(report["found"]) > 3
    for moment, found in report["found"].items():
        assert found == {"killed": True, "finished": True, "outputs": report["alone"]}, moment


def test_killed_at_some_moments_it_ends_in_the_same_bytes(base: Path, tmp_path: Path) -> None:
    killed_everywhere(base, tmp_path, 31)


@pytest.mark.slow
def test_killed_at_every_file_operation_it_ends_in_the_same_bytes(base: Path, tmp_path: Path) -> None:
    killed_everywhere(base, tmp_path, 1)


def interrupted(fine_tune: Train, monkeypatch: pytest.MonkeyPatch, name: str, number: int, step: int) -> Stopped:
    """The run is sent a signal within a step."""
    plain = Learner.compute_loss

    def compute_loss(self: Learner, *arguments: object, **kept: object) -> object:
        if self.state.global_step == step - 1 and not sent:
            sent.append(step)
            os.kill(os.getpid(), number)
        return plain(self, *arguments, **kept)

    sent: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(Learner, "compute_loss", compute_loss)
        with pytest.raises(Stopped) as caught:
            fine_tune(tiny.training(**SETTINGS), name)
    return caught.value


SETTINGS = {"lora__dropout": 0.1, "optimisation__schedule": "cosine", "optimisation__warmup": 0.3}
"""Random numbers and a moving rate: both have to go on where they were."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_step_and_keeps_it(
    fine_tune: Train, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int
) -> None:
    stopped = interrupted(fine_tune, monkeypatch, "stopped", number, 3)
    assert (stopped.what, stopped.exit_code) == ("stopped after step 3 of 6", 130)
    assert "run the same command again" in stopped.hint
    assert not (tmp_path / "out-stopped").exists()
    assert outputs(fine_tune(tiny.training(**SETTINGS), "stopped")) == outputs(
        fine_tune(tiny.training(**SETTINGS), "whole")
    )
    measured = json.loads((tmp_path / "out-stopped" / "measured.json").read_bytes())
    assert measured["resumes"] == 1


def test_a_second_signal_ends_at_once() -> None:
    with listening() as request:
        os.kill(os.getpid(), signal.SIGINT)
        assert request.made
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("optimiser", ["adamw_torch", "paged_adamw_32bit", "paged_adamw_8bit", "adamw_torch_fused"])
def test_every_optimiser_goes_on_in_the_same_bits(fine_tune: Train, cut_and_gone_on: Train, optimiser: str) -> None:
    training = tiny.training(optimisation__optimiser=optimiser, lora__r=32)  # above 4096 numbers: states of 8 bits
    assert outputs(cut_and_gone_on(training, "cut")) == outputs(fine_tune(training, "whole"))


def test_a_full_fine_tune_goes_on_too(fine_tune: Train, cut_and_gone_on: Train) -> None:
    training = tiny.training(method="full", lora=None, quantisation=None, optimisation__optimiser="adamw_torch")
    whole, cut = fine_tune(training, "whole"), cut_and_gone_on(training, "cut")
    for name in ("steps.csv", "model/model.safetensors", "model/config.json", "checkpoints/3/model.safetensors"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes()


def torn(folder: Path, how: str) -> None:
    if how == "no mark":
        (folder / checkpoints.MARK).unlink()
    elif how == "half a file":
        os.truncate(folder / "optimizer.pt", 100)
    elif how == "a file lacks":
        (folder / "scheduler.pt").unlink()
    else:
        (folder / checkpoints.MARK).write_text(how)


@pytest.mark.parametrize("how", ["no mark", "half a file", "a file lacks", "{", "[]", '{"files": {}}', '{"files": 1}'])
def test_a_torn_checkpoint_is_removed_and_the_one_before_it_taken(
    fine_tune: Train, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    interrupted(fine_tune, monkeypatch, "torn", signal.SIGTERM, 5)
    runs = tmp_path / "work-torn" / "trainer"
    assert [folder.name for folder in sorted(runs.iterdir())] == ["checkpoint-4", "checkpoint-5"]
    torn(runs / "checkpoint-5", how)
    assert checkpoints.newest(runs) == runs / "checkpoint-4"
    assert not (runs / "checkpoint-5").exists()


def test_when_no_checkpoint_is_whole_it_begins_anew(fine_tune: Train, tmp_path: Path) -> None:
    whole = outputs(fine_tune(tiny.training(), "run"))
    for folder in (tmp_path / "work-run" / "trainer").iterdir():
        torn(folder, "half a file")
    assert outputs(fine_tune(tiny.training(), "run")) == whole


def test_what_is_done_is_not_done_again(fine_tune: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outputs(fine_tune(tiny.training(), "run"))
    monkeypatch.setattr("runner.learning.learn.prepared", lambda run: pytest.fail("the base was loaded again"))
    assert outputs(fine_tune(tiny.training(), "run")) == whole


def test_work_of_other_inputs_is_not_taken_over(fine_tune: Train) -> None:
    changed = tiny.training(optimisation__learning_rate=0.01)
    fine_tune(tiny.training(), "run")
    assert outputs(fine_tune(changed, "run")) == outputs(fine_tune(changed, "fresh"))
    assert outputs(fine_tune(changed, "run", examples=tiny.pairs(20))) == outputs(
        fine_tune(changed, "few", examples=tiny.pairs(20))
    )


def test_a_run_begun_with_other_threads_is_neither_mixed_nor_thrown_away(fine_tune: Train, tmp_path: Path) -> None:
    fine_tune(tiny.training(), "run")
    with pytest.raises(UserError, match="begun elsewhere") as caught:
        fine_tune(tiny.training(), "run", threads=2)
    assert "threads 1; here it is 2" in caught.value.why
    assert checkpoints.newest(tmp_path / "work-run" / "trainer") is not None
