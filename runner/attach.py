"""Results into the catalog: whole or not at all, never over another file, never the same finding twice."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from catalog.errors import UserError
from catalog.files import show
from catalog.reader import MAX_BYTES, read
from catalog.results import Result
from catalog.sealing import digest_of, file_name, sealed
from catalog.store import find_root

Json = dict[str, Any]


@dataclass(frozen=True)
class Placed:
    """Where a result lies now."""

    path: Path
    digest: str
    written: bool
    """False where the same finding lay there before."""


def load(path: Path) -> tuple[Result, Json, bytes]:
    """A result from a file: the record, its plain content and its bytes. UserError (exit code 2) where it is none."""
    try:
        if not path.is_file():
            raise UserError(
                f"`{path}` is not a file", hint="name a result: catalog/models/SLUG/results/*.yaml", exit_code=2
            )
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"`{path}` cannot be read", why=error.strerror or str(error), exit_code=2) from None
    tree, problems = read(raw)
    if tree is None or problems:
        problem = problems[0]
        where = f"{show(path)}:{problem.at.line}:{problem.at.column}"
        raise UserError("this is no result", where=where, why=problem.message, hint=problem.hint, exit_code=2)
    try:
        return Result.model_validate(tree), tree, raw
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        why = f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
        raise UserError("this is no result", where=show(path), why=why, exit_code=2) from None


def attach_file(path: Path, root: Path | None = None) -> Placed:
    """Copy a result into the folder of its entry. Refuses one that was changed after it was written."""
    result, tree, raw = load(path)
    if not sealed(raw) or digest_of(tree) != result.digest:
        raise UserError(
            "this result was changed after it was written",
            where=show(path),
            why="its seal or its digest does not hold",
            hint=f"`runner verify {show(path)}` says what differs",
            exit_code=2,
        )
    return attach(result, raw, root or find_root())


def attach(result: Result, raw: bytes, root: Path) -> Placed:
    """Put the bytes of a result into the catalog at `root`."""
    entry = root / "models" / result.entry
    if not (entry / "model.yaml").is_file():
        raise UserError(f"the catalog has no model `{result.entry}`", where=show(root), exit_code=2)
    folder = entry / "results"
    target = folder / file_name(result.recipe, result.mode, result.digest)
    if same := _with_digest(folder, result.digest):
        return Placed(same, result.digest, False)
    beside = folder / f".{target.name}.{secrets.token_hex(6)}.part"
    try:
        folder.mkdir(exist_ok=True)
        with open(beside, "xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, target)  # unlike a rename it fails where another run was quicker
    except FileExistsError:
        if same := _with_digest(folder, result.digest):
            return Placed(same, result.digest, False)
        raise UserError(
            f"`{show(target)}` is there and holds something else", hint="move it away", exit_code=1
        ) from None
    except OSError as error:
        raise UserError("the result cannot be attached", where=show(folder), why=error.strerror or str(error)) from None
    finally:
        beside.unlink(missing_ok=True)
    return Placed(target, result.digest, True)


def _with_digest(folder: Path, digest: str) -> Path | None:
    """A whole result with this digest, whatever its name; a damaged one does not count."""
    for path in sorted(folder.glob("*.yaml")):
        raw = path.read_bytes()
        if f'\ndigest: "{digest}"\n'.encode() in raw and sealed(raw):
            return path
    return None
