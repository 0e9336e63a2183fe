"""Stages: each a function of hashed inputs to hashed outputs, written atomically into the run's folder.

A stage writes into a hidden folder that is renamed when it is whole; `<stage>.json`, written last, marks it complete
and holds the hashes of its inputs and outputs. So a killed run goes on with the first stage that has no valid
mark, and a stage whose inputs and outputs are unchanged is not run again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from catalog.errors import UserError
from catalog.recipes import digest

Json = dict[str, Any]
Status = Literal["done", "unchanged", "unavailable", "failed"]
STAGES = ("prepare", "train", "generate", "judge", "rate", "report")


@dataclass(frozen=True)
class Stage:
    """One step of a run."""

    name: str
    inputs: Json
    """Everything that decides what comes out, files by hash."""
    run: Callable[[Path], None] | None
    """Writes its outputs into the folder it is given; None where the stage cannot run here."""
    needs: str | None = None
    """What is missing for it to run here."""


@dataclass(frozen=True)
class Done:
    """What became of a stage."""

    name: str
    status: Status
    seconds: float | None
    needs: str | None = None
    error: UserError | None = None

    def to_json(self) -> Json:
        """As in `reproduce --json`."""
        return {"name": self.name, "status": self.status, "seconds": self.seconds, "needs": self.needs}


def run(folder: Path, stages: Sequence[Stage]) -> list[Done]:
    """Run the stages in order. One that cannot run here is left out; after a failure nothing more runs."""
    done: list[Done] = []
    with _alone(folder):
        for stage in stages:
            result = _one(folder, stage)
            done.append(result)
            if result.status == "failed":
                break
    return done


def _one(folder: Path, stage: Stage) -> Done:
    if stage.run is None:
        return Done(stage.name, "unavailable", None, stage.needs)
    inputs = digest(stage.inputs)
    if _complete(folder, stage.name, inputs):
        return Done(stage.name, "unchanged", 0.0)
    started = time.perf_counter()
    try:
        _write(folder, stage.name, stage.run, inputs)
    except UserError as error:
        if error.exit_code == 2:
            raise
        return Done(stage.name, "failed", time.perf_counter() - started, error=error)
    return Done(stage.name, "done", time.perf_counter() - started)


def _complete(folder: Path, name: str, inputs: str) -> bool:
    try:
        mark = json.loads((folder / f"{name}.json").read_text("utf-8"))
        return bool(mark["inputs"] == inputs and mark["outputs"] == hashes(folder / name))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write(folder: Path, name: str, make: Callable[[Path], None], inputs: str) -> None:
    fresh, final, mark = folder / f".{name}.part", folder / name, folder / f"{name}.json"
    try:
        mark.unlink(missing_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        make(fresh)
        outputs = hashes(fresh)
        shutil.rmtree(final, ignore_errors=True)
        fresh.rename(final)
        write_atomically(mark, (json.dumps({"inputs": inputs, "outputs": outputs}, indent=1) + "\n").encode())
    except OSError as error:
        raise UserError(
            f"stage `{name}` could not write its outputs", where=str(folder), why=error.strerror or str(error)
        ) from None


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below the folder, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def write_atomically(path: Path, data: bytes) -> None:
    """The file is whole or was never there, also after a loss of power. Raises OSError."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs in one folder would tread on each other's parts."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / ".lock", "w")  # noqa: SIM115  held for the whole block
    except OSError as error:
        raise UserError(
            "the run's folder cannot be written",
            where=str(folder),
            why=error.strerror or str(error),
            hint="name another with --runs DIR",
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                "another run is at work in this folder",
                where=str(folder),
                hint="wait for it, or name another with --runs DIR",
            ) from None
        yield
