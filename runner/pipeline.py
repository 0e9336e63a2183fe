"""Stages: each a function of hashed inputs to hashed outputs, written atomically into the run's folder.

A stage writes into a hidden folder that is renamed when it is whole; `<stage>.json`, written last, marks it complete
and holds the hashes of its inputs and outputs. So a killed run goes on with the first stage that has no valid
mark, and a stage whose inputs and outputs are unchanged is not run again. What a stage keeps for itself between two
attempts lies in `.<stage>.work`, which goes with the inputs it belongs to.
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
Status = Literal["done", "reused", "skipped", "failed"]
MEASURED = "measured.json"
"""File of a stage's outputs that holds times and memory."""
STAGES = ("prepare", "train", "generate", "judge", "rate", "report")


class CannotRunHere(Exception):
    """A stage found out only when it began that something lacks here; nothing is wrong with what it was given."""

    def __init__(self, *needs: str) -> None:
        super().__init__("; ".join(needs))
        self.needs = needs


@dataclass(frozen=True)
class Stage:
    """One step of a run."""

    name: str
    inputs: Json
    """Everything that decides what comes out, files by hash; the outputs of `after` count by themselves."""
    run: Callable[[Path, Path], None] | None
    """Writes its outputs into the first folder it is given and may keep work in the second, which outlives a kill.
    None where the stage cannot run here."""
    needs: tuple[str, ...] = ()
    """What is missing for it to run here."""
    after: tuple[str, ...] = ()
    """Stages whose outputs it reads."""
    reads_times: bool = False
    """Whether it reads what they measured of time and memory, which comes out otherwise every time."""


@dataclass(frozen=True)
class Done:
    """What became of a stage."""

    name: str
    status: Status
    seconds: float | None
    needs: tuple[str, ...] = ()
    error: UserError | None = None

    def to_json(self) -> Json:
        """As in `reproduce --json`."""
        return {"name": self.name, "status": self.status, "seconds": self.seconds, "needs": list(self.needs)}


def run(folder: Path, stages: Sequence[Stage]) -> list[Done]:
    """Run the stages in order. One that cannot run here is left out, and so is whatever reads what it would make."""
    done: list[Done] = []
    with _alone(folder):
        for stage in stages:
            missing = [name for name in stage.after if outputs(folder, name) is None]
            if stage.run is not None and missing:
                done.append(Done(stage.name, "skipped", None, tuple(f"the stage `{name}`" for name in missing)))
                continue
            done.append(_one(folder, stage))
    return done


def _one(folder: Path, stage: Stage) -> Done:
    if stage.run is None:
        _forget(folder, stage.name)
        return Done(stage.name, "skipped", None, stage.needs)
    inputs = digest({"asked": stage.inputs, "after": {name: _read_by(stage, folder, name) for name in stage.after}})
    if _complete(folder, stage.name, inputs):
        shutil.rmtree(folder / f".{stage.name}.work", ignore_errors=True)  # a kill between mark and removal left it
        return Done(stage.name, "reused", 0.0)
    started = time.perf_counter()
    try:
        _write(folder, stage.name, stage.run, inputs)
    except CannotRunHere as missing:
        return Done(stage.name, "skipped", None, missing.needs)
    except UserError as error:
        if error.exit_code in (2, 130):
            raise
        if error.exit_code == 3:  # not to be had here, and nothing is wrong with what was asked
            return Done(stage.name, "skipped", None, (error.what,), error)
        return Done(stage.name, "failed", time.perf_counter() - started, error=error)
    return Done(stage.name, "done", time.perf_counter() - started)


def _read_by(stage: Stage, folder: Path, name: str) -> dict[str, str]:
    found = outputs(folder, name) or {}
    return {path: sha for path, sha in found.items() if stage.reads_times or path != MEASURED}


def outputs(folder: Path, name: str) -> dict[str, str] | None:
    """Hashes of what a stage wrote, by path; None where it did not finish or something was changed since."""
    try:
        found = json.loads((folder / f"{name}.json").read_text("utf-8"))["outputs"]
        return found if found == hashes(folder / name) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _complete(folder: Path, name: str, inputs: str) -> bool:
    try:
        mark = json.loads((folder / f"{name}.json").read_text("utf-8"))
        return bool(mark["inputs"] == inputs and mark["outputs"] == hashes(folder / name))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _forget(folder: Path, name: str) -> None:
    """What an earlier run left must not pass for an output of this one."""
    (folder / f"{name}.json").unlink(missing_ok=True)


def _write(folder: Path, name: str, make: Callable[[Path, Path], None], inputs: str) -> None:
    fresh, final, mark = folder / f".{name}.part", folder / name, folder / f"{name}.json"
    try:
        mark.unlink(missing_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        work = _work(folder, name, inputs)
        make(fresh, work)
        outputs = hashes(fresh)
        shutil.rmtree(final, ignore_errors=True)
        fresh.rename(final)
        write_atomically(mark, (json.dumps({"inputs": inputs, "outputs": outputs}, indent=1) + "\n").encode())
        shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise UserError(
            f"stage `{name}` could not write its outputs", where=str(folder), why=error.strerror or str(error)
        ) from None


def _work(folder: Path, name: str, inputs: str) -> Path:
    """The stage's own folder, emptied where it was begun for other inputs."""
    work, asked = folder / f".{name}.work", folder / f".{name}.asked"
    try:
        same = asked.read_text("utf-8") == inputs
    except (OSError, ValueError):
        same = False
    if not same:
        shutil.rmtree(work, ignore_errors=True)
        write_atomically(asked, inputs.encode())
    work.mkdir(exist_ok=True)
    return work


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below the folder, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def sha256(path: Path) -> str:
    """Of a file of any size. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        for torn in folder.glob(".*.part"):  # of a write that was killed
            if torn.is_file():
                torn.unlink()
        yield
