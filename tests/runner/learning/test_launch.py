"""Several processes on one training."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from catalog.errors import UserError
from runner.learning.launch import Job, launch, main, read
from tests.runner import tiny
from tests.runner.learning.conftest import Train


def job(base: Path, folder: Path, **changes: object) -> Job:
    examples = tuple(tiny.pairs(30))
    training = tiny.training(**changes)
    return Job(training, base, base, examples, folder / "out-two", folder / "work-two", None, 0, 1)


def losses(out: Path) -> list[float]:
    return [float(row["loss"]) for row in csv.DictReader((out / "steps.csv").open())]


def test_two_processes_give_the_loss_curve_of_one(base: Path, tmp_path: Path, fine_tune: Train) -> None:
    settings = {"batching__packing": "packed", "batching__loss_weighting": "per-token", "batching__micro_batch": 2}
    launch(job(base, tmp_path, **settings), tmp_path / "job.json", 2, cuda=False)
    alone = losses(fine_tune(tiny.training(**settings)))
    assert losses(tmp_path / "out-two") == pytest.approx(alone, abs=1e-5)
    columns = [line.split(",")[4:] for line in (tmp_path / "out-two" / "steps.csv").read_text().splitlines()]
    assert columns == [line.split(",")[4:] for line in (tmp_path / "out-run" / "steps.csv").read_text().splitlines()]


def test_a_job_goes_through_a_file_unchanged(base: Path, tmp_path: Path) -> None:
    written = job(base, tmp_path, batching__packing="packed")
    written.write(tmp_path / "job.json")
    assert read(tmp_path / "job.json") == written


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"training": {}, "examples": []}'])
def test_a_file_without_a_job_is_one_clear_error(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "job.json").write_text(content)
    assert main([str(tmp_path / "job.json")]) == 2
    assert "error: the file holds no job" in capsys.readouterr().err
    with pytest.raises(UserError):
        read(tmp_path / "nowhere.json")
