"""Which files of a repository or folder are the training data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from catalog.errors import UserError
from catalog.training import Data

ENDINGS = (".json", ".jsonl", ".parquet")
_NOT_ROWS = frozenset({"dataset_infos.json", "dataset_info.json", "config.json", "state.json"})
_HELD_BACK = re.compile(r"(?:^|[^a-z])(test|testing|eval|evaluation|valid|validation|dev)(?:[^a-z]|$)")
_TRAIN = re.compile(r"(?:^|[^a-z])(train|training)(?:[^a-z]|$)")


def chosen(names: Iterable[str], data: Data) -> list[str]:
    """The files the recipe names; where it names none, those of the training split by their names, in order.

    With no split in any name every data file is taken, but for those named after a test or validation split.
    """
    pinned = set(data.hub.files) if data.hub else set()
    if pinned:
        return sorted(pinned)
    rows = sorted(
        name for name in names if name.endswith(ENDINGS) and PurePosixPath(name).name not in _NOT_ROWS
    )  # fmt: skip
    train = [name for name in rows if _TRAIN.search(name.lower())]
    return train or [name for name in rows if not _HELD_BACK.search(name.lower())]


def data_files(path: Path, data: Data) -> list[Path]:
    """The files below a folder, or the one file. UserError (exit code 2) where there is nothing to read."""
    if not path.exists():
        raise UserError(f"there is no `{path.name}`", hint="give a file or folder that exists", exit_code=2)
    if not path.is_dir():
        return [path]
    names = [one.relative_to(path).as_posix() for one in path.rglob("*") if one.is_file()]
    wanted = chosen([name for name in names if not any(p.startswith(".") for p in name.split("/"))], data)
    lacking = [name for name in wanted if name not in names]
    if lacking or not wanted:
        what = f"`{lacking[0]}`" if lacking else f"file ending in {', '.join(ENDINGS)}"
        raise UserError(f"`{path.name}/` has no {what}", hint="the recipe names the files it reads", exit_code=2)
    return [path / name for name in wanted]
