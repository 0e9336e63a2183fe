"""Several processes on one training: `accelerate launch -m runner.learning.launch JOB.json`.

Each process is given the same job, takes its share of every step, and the first one writes. On several cards:

    accelerate launch --num_processes 2 --multi_gpu -m runner.learning.launch run/train/job.json
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from catalog.command import finish
from catalog.errors import UserError
from catalog.resolving import as_written
from catalog.training import Training
from runner.inputs.examples import Example
from runner.learning.stopping import STOPPED, Stopped, listening
from runner.pipeline import write_atomically
from runner.progress import bar


@dataclass(frozen=True)
class Job:
    """The arguments of `train`, as they go through a file."""

    training: Training
    base: Path
    tokenizer: Path
    examples: tuple[Example, ...]
    out: Path
    work: Path
    steps: int | None
    seed: int
    threads: int

    def write(self, file: Path) -> None:
        """As JSON, read again by `read`."""
        content: dict[str, Any] = {
            **{name: str(getattr(self, name).resolve()) for name in ("base", "tokenizer", "out", "work")},
            **{name: getattr(self, name) for name in ("steps", "seed", "threads")},
            "training": as_written(self.training),
            "examples": [asdict(one) for one in self.examples],
        }
        write_atomically(file, json.dumps(content, ensure_ascii=False).encode())


def read(file: Path) -> Job:
    """Raises UserError where the file holds no job."""
    try:
        content = json.loads(file.read_text("utf-8"))
        return Job(
            training=Training.model_validate_json(json.dumps(content["training"])),
            examples=tuple(Example(**one) for one in content["examples"]),
            base=Path(content["base"]),
            tokenizer=Path(content["tokenizer"]),
            out=Path(content["out"]),
            work=Path(content["work"]),
            steps=content["steps"],
            seed=content["seed"],
            threads=content["threads"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("the file holds no job", where=str(file), why=str(error)[:300], exit_code=2) from None


def launch(job: Job, file: Path, processes: int, *, cuda: bool) -> None:
    """Writes the job and waits for the processes that do it. Raises UserError with the exit code of the first that
    failed; what went wrong it has said itself."""
    job.write(file)
    environment = {**os.environ, "ACCELERATE_USE_CPU": "false" if cuda else "true"}
    started = [sys.executable, "-m", __name__, "--processes", str(processes), str(file)]
    # A session of its own: Ctrl-C reaches this process alone, which hands it on once.
    with listening() as request, subprocess.Popen(started, env=environment, start_new_session=True) as child:
        told = False
        while child.poll() is None:
            if request.made and not told:
                child.terminate()
                told = True
            time.sleep(0.1)
    if child.returncode == STOPPED:
        raise Stopped(f"the {processes} processes stopped")
    if child.returncode:
        raise UserError(
            f"training on {processes} processes failed", why="what stands above", exit_code=max(1, child.returncode)
        )


def _start(file: Path, processes: int) -> int:
    """`accelerate launch` in this process, so that a failure of a child ends in its exit code, not in a traceback."""
    from accelerate.commands.launch import launch_command, launch_command_parser
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    logging.getLogger("torch.distributed").setLevel(logging.CRITICAL)
    arguments = ["--num_processes", str(processes), "--num_machines", "1", "--mixed_precision", "no"]
    arguments += ["--dynamo_backend", "no", "--main_process_port", "0", "--num_cpu_threads_per_process", "1"]
    arguments += ["--multi_gpu"] if processes > 1 else []
    try:
        launch_command(launch_command_parser().parse_args([*arguments, "-m", __spec__.name, str(file)]))
    except ChildFailedError as error:
        return max(1, int(error.get_first_failure()[1].exitcode))
    except SignalException:
        return STOPPED  # handed on to the processes, which end after their step
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """One of the processes."""
    parser = argparse.ArgumentParser(
        prog="accelerate launch -m runner.learning.launch",
        description="Train a job together with the other processes that were launched.",
        epilog="example: accelerate launch --num_processes 2 --multi_gpu -m runner.learning.launch job.json",
    )
    parser.add_argument("job", type=Path, help="written by `runner.learning.launch.Job.write`")
    parser.add_argument("--processes", type=int, help="start so many of them on this machine")
    asked = parser.parse_args(arguments)
    return finish(lambda: _start(asked.job, asked.processes) if asked.processes else _work(asked.job))


def _work(file: Path) -> int:
    from runner.learning.train import train

    job = read(file)
    progress = bar() if os.environ.get("RANK", "0") == "0" else (lambda share, note="": None)
    train(
        job.training, job.base, job.tokenizer, job.examples, job.out, job.work,
        steps=job.steps, seed=job.seed, threads=job.threads, progress=progress,
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
