"""What the machine or the numbers refuse: one clear error, and the run can go on."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.numpy import load_file, save_file

from catalog.errors import UserError
from runner.learning import checkpoints
from runner.learning.trainer import Learner
from runner.learning.trouble import refusal
from tests.runner import tiny
from tests.runner.learning.conftest import Train

ROOT = Path(__file__).resolve().parents[3]


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_last_good_checkpoint(
    fine_tune: Train, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = (fine_tune(tiny.training(), "whole") / "steps.csv").read_bytes()
    plain = Learner.compute_loss

    def compute_loss(self: Learner, *arguments: object, **kept: object) -> object:
        return plain(self, *arguments, **kept) * (float("nan") if self.state.global_step == 4 else 1)

    with monkeypatch.context() as patch:
        patch.setattr(Learner, "compute_loss", compute_loss)
        with pytest.raises(UserError, match="loss of step 5 is not a number") as caught:
            fine_tune(tiny.training(), "nan")
    assert "the checkpoint of step 4 is good and kept" in caught.value.hint
    assert not (tmp_path / "out-nan").exists()
    assert (fine_tune(tiny.training(), "nan") / "steps.csv").read_bytes() == whole


def test_a_base_that_is_spoilt_is_found_at_the_first_step(fine_tune: Train, base: Path, tmp_path: Path) -> None:
    spoilt = Path(shutil.copytree(base, tmp_path / "spoilt"))
    tensors = load_file(spoilt / "model.safetensors")
    tensors["model.norm.weight"][3] = float("inf")
    save_file(tensors, spoilt / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="loss of step 1 is not a number") as caught:
        fine_tune(tiny.training(), base=spoilt)
    assert "at a rate of 0.003" in caught.value.why
    assert caught.value.hint.endswith("no checkpoint yet")


LIMITED = """
import resource, signal, sys
from pathlib import Path
from catalog.command import finish
from runner.learning.determinism import settle
from runner.learning.train import train
from runner.progress import silent
from tests.runner import tiny
kind, bytes, base, folder, packing = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5]
settle(0, 1)
import torch, transformers, peft
from runner.learning import learn, models
def act():
    if kind == "RLIMIT_AS":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        bytes_ = used + bytes
    else:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        bytes_ = bytes
    resource.setrlimit(getattr(resource, kind), (bytes_, resource.RLIM_INFINITY))
    training = tiny.training(batching__packing=packing, batching__accumulation=2048 if kind == "RLIMIT_AS" else 4,
                             lora__r=64, batching__loss_on="everything", answers=None)
    train(training, base, base, tiny.pairs(30), folder / "out", folder / "work", steps=2, seed=0, threads=1,
          progress=silent)
    return 0
sys.exit(finish(act))
"""


def limited(kind: str, limit: int, base: Path, folder: Path, packing: str = "none") -> str:
    """What a run under a real limit of the system says."""
    command = [sys.executable, "-c", LIMITED, kind, str(limit), str(base), str(folder), packing]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_out_of_memory_says_what_to_change(base: Path, tmp_path: Path) -> None:
    said = limited("RLIMIT_AS", 120 * 2**20, base, tmp_path, "packed")
    assert "error: out of memory while" in said
    assert "set `batching.packing: none`" in said
    assert "goes on from the last checkpoint" in said


def test_a_full_disk_is_one_clear_error_and_nothing_half_written_is_read(
    base: Path, tmp_path: Path, fine_tune: Train
) -> None:
    said = limited("RLIMIT_FSIZE", 200_000, base, tmp_path)
    assert "error: no space left while" in said
    assert "free some space" in said
    assert checkpoints.newest(tmp_path / "work" / "trainer") is None


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), "out of memory"),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory"),
            "out of memory",
        ),
        (RuntimeError("CUDA error: out of memory"), "out of memory"),
        (MemoryError(), "out of memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space left"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "no space left"),
        (RuntimeError("PytorchStreamWriter failed writing file data/3: file write failed"), "no space left"),
    ],
)
def test_refusals_as_the_libraries_word_them(error: Exception, what: str, tmp_path: Path) -> None:
    found = refusal(error, "it is trained", tiny.training(), tmp_path)
    assert found is not None
    assert found.what.startswith(what)


def test_other_errors_are_not_taken_for_refusals(tmp_path: Path) -> None:
    assert refusal(RuntimeError("shapes do not match"), "it is trained", tiny.training(), tmp_path) is None
    assert refusal(OSError(errno.ENOENT, "No such file"), "it is trained", tiny.training(), tmp_path) is None


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"batching__packing": "packed"}, "set `batching.packing: none`"),
        ({"batching__micro_batch": 4}, "halve `batching.micro_batch`"),
        ({}, "set `execution.checkpointing: true`"),
        ({"method": "lora", "quantisation": None}, "quantise the base"),
    ],
)
def test_advice_fits_the_recipe(changes: dict[str, object], advice: str, tmp_path: Path) -> None:
    found = refusal(MemoryError(), "it is trained", tiny.training(**changes), tmp_path)
    assert found is not None
    assert advice in found.hint
