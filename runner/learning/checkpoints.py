"""Checkpoints that are whole or not there: a mark is written last, and what has none is deleted."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from runner.pipeline import write_atomically

MARK = "whole.json"
PREFIX = "checkpoint-"


def mark(folder: Path) -> None:
    """Declares the checkpoint whole. Its files are on the disk before the mark is."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MARK)
    for path in files:
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    write_atomically(folder / MARK, (json.dumps({"files": sizes}, indent=1) + "\n").encode())


def is_whole(folder: Path) -> bool:
    """Whether the mark is there and each file has the size that it names."""
    try:
        sizes = json.loads((folder / MARK).read_text("utf-8"))["files"]
        return bool(sizes) and all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def step_of(folder: Path) -> int:
    """The step after which it was taken."""
    return int(folder.name.removeprefix(PREFIX))


def newest(runs: Path) -> Path | None:
    """The last whole checkpoint; torn ones are removed."""
    found = sorted((path for path in runs.glob(f"{PREFIX}*") if path.name.removeprefix(PREFIX).isdigit()), key=step_of)
    for folder in found:
        if not is_whole(folder):
            remove(folder)
    return next((folder for folder in reversed(found) if folder.exists()), None)


def prune(runs: Path, keep: int = 2) -> None:
    """Removes all whole checkpoints but the newest."""
    found = sorted((path for path in runs.glob(f"{PREFIX}*") if is_whole(path)), key=step_of)
    for folder in found[:-keep]:
        remove(folder)


def remove(folder: Path) -> None:
    """The mark first: a checkpoint half removed is not taken for a whole one."""
    (folder / MARK).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
