"""Results into the catalog: whole or not at all, never over another file, never the same finding twice.

A training comes with tables beside it. They are put down first and the record last, so that a record that is there has
its tables; what a kill leaves is tables without a record, which attaching again completes.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from catalog import result_tables
from catalog.errors import UserError
from catalog.files import show
from catalog.reader import MAX_BYTES, read
from catalog.recipes import digest
from catalog.result_kinds import UNKNOWN, AnyResult, result_type, tables_of
from catalog.results import Result
from catalog.sealing import digest_of, file_name_of, sealed, table_name
from catalog.store import find_root
from runner import archive

Json = dict[str, Any]


@dataclass(frozen=True)
class Placed:
    """Where a result lies now."""

    path: Path
    digest: str
    written: bool
    """False where the same finding lay there before."""


@dataclass(frozen=True)
class Whole:
    """A result with the bytes of its tables by their names, checked and not yet attached."""

    result: AnyResult
    raw: bytes
    name: str
    """Of its file in the catalog."""
    tables: Mapping[str, bytes]


def load(path: Path) -> tuple[Result, Json, bytes]:
    """A tournament from a file: record, plain content, bytes. UserError (exit code 2) where it is none."""
    result, tree, raw = load_any(path)
    if not isinstance(result, Result):
        raise UserError(f"this is a result of a {result.kind}, not of a tournament", where=show(path), exit_code=2)
    return result, tree, raw


def load_any(path: Path) -> tuple[AnyResult, Json, bytes]:
    """A result of any kind from a file: record, plain content, bytes. UserError (exit code 2) where it is none."""
    try:
        if not path.is_file():
            raise UserError(
                f"`{path}` is not a file", hint="name a result: catalog/models/SLUG/results/*.yaml", exit_code=2
            )
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"`{path}` cannot be read", why=error.strerror or str(error), exit_code=2) from None
    result, tree = parse(raw, show(path))
    return result, tree, raw


def parse(raw: bytes, shown: str) -> tuple[AnyResult, Json]:
    """A result from its bytes. UserError (exit code 2) where they are none."""
    tree, problems = read(raw)
    if tree is None or problems:
        problem = problems[0]
        where = f"{shown}:{problem.at.line}:{problem.at.column}"
        raise UserError("this is no result", where=where, why=problem.message, hint=problem.hint, exit_code=2)
    wanted = result_type(tree)
    if wanted is None:
        raise UserError("this is no result", where=shown, why=f"kind: {UNKNOWN}", exit_code=2)
    try:
        return wanted.model_validate(tree), tree
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        why = f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
        raise UserError("this is no result", where=shown, why=why, exit_code=2) from None


def attach_path(path: Path, root: Path | None = None) -> list[Placed]:
    """Attach a result, or every result of an archive (`.tgz`, `.tar.gz`). Nothing is attached unless all is sound."""
    if not archive.is_archive(path):
        return [attach_file(path, root)]
    root = root or find_root()
    files = archive.read(path)
    shown = show(path)
    names = [name for name in files if name.endswith(".yaml")]
    if not names:
        raise UserError("there is no result in this archive", where=shown, hint="it should hold *.yaml", exit_code=2)
    found = [_checked(files[name], f"{shown}: {name}", files) for name in sorted(names)]
    taken = {name for whole in found for name in whole.tables}
    if strays := sorted(set(files) - set(names) - taken):
        why = f"`{strays[0]}` is the table of no result in it"
        raise UserError("this archive holds more than results", where=shown, why=why, exit_code=2)
    for whole in found:
        _entry(whole, root)
    return [_place(whole, root) for whole in found]


def attach_file(path: Path, root: Path | None = None) -> Placed:
    """Copy a result, and the tables beside it, into the folder of its entry. Refuses what was changed."""
    _, _, raw = load_any(path)
    return _place(_checked(raw, show(path), _Beside(path.parent)), root or find_root())


def attach(result: AnyResult, raw: bytes, root: Path, tables: Mapping[str, bytes] | None = None) -> Placed:
    """Put a result into the catalog at `root`. `tables`: the bytes of its tables by the names the result gives."""
    whole = _checked(raw, f"a result of {result.entry}", tables or {})
    return _place(whole, root)


class _Beside(Mapping[str, bytes]):
    """The files of a folder by name, as far as they are regular files and no larger than a table may be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> bytes:
        path = self.folder / name
        if path.is_symlink() or not path.is_file():
            raise KeyError(name)
        with open(path, "rb") as file:
            return file.read(result_tables.MAX_BYTES + 1)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _checked(raw: bytes, shown: str, files: Mapping[str, bytes]) -> Whole:
    """The result with its tables. UserError (exit code 2) where a seal, a digest or a table does not hold."""
    result, tree = parse(raw, shown)
    if not sealed(raw) or digest_of(tree) != result.digest:
        raise UserError(
            "this result was changed after it was written",
            where=shown,
            why="its seal or its digest does not hold",
            hint="`runner verify FILE` says what differs",
            exit_code=2,
        )
    if not isinstance(result, Result) and "resolved" in tree and digest(tree["resolved"]) != tree["recipe_sha256"]:
        why = "`recipe_sha256` is not the hash of `resolved`"
        raise UserError("this is no result", where=shown, why=why, exit_code=2)
    name = file_name_of(tree)
    return Whole(result, raw, name, dict(_tables(result, name, shown, files)))


def _tables(result: AnyResult, name: str, shown: str, files: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    found = []
    for role, beside in tables_of(result).items():
        raw = files.get(beside.file)
        if beside.file != table_name(name, role):
            why = f"its table is called `{beside.file}` and should be `{table_name(name, role)}`"
        elif raw is None:
            why = f"its table `{beside.file}` does not lie beside it"
        else:
            why = _wrong(beside.file, raw, beside.sha256, beside.rows)
        if why or raw is None:
            hint = "a result travels with its tables: copy them too, as the runner wrote them"
            raise UserError("this result is not whole", where=shown, why=why, hint=hint, exit_code=2)
        found.append((beside.file, raw))
    return found


def _wrong(name: str, raw: bytes, sha256: str, rows: int) -> str:
    """What is wrong with a table; empty where nothing is."""
    if len(raw) > result_tables.MAX_BYTES:
        return f"its table `{name}` is larger than {result_tables.MAX_BYTES:,} bytes"
    table, problems = result_tables.read(name, raw)
    if table.sha256 != sha256:
        return f"its table `{name}` was changed: SHA-256 {table.sha256}"
    if problems:
        return f"{name}:{problems[0].at.line}:{problems[0].at.column}: {problems[0].message}"
    return "" if table.rows == rows else f"its table `{name}` has {table.rows:,} rows, the result says {rows:,}"


def _entry(whole: Whole, root: Path) -> Path:
    """The folder of the result's entry."""
    entry = root / "models" / whole.result.entry
    if not (entry / "model.yaml").is_file():
        raise UserError(f"the catalog has no model `{whole.result.entry}`", where=show(root), exit_code=2)
    return entry


def _place(whole: Whole, root: Path) -> Placed:
    """Tables first, the record last."""
    folder = _entry(whole, root) / "results"
    target, digest_ = folder / whole.name, whole.result.digest
    before = _with_digest(folder, digest_)
    made: list[Path] = []
    try:
        folder.mkdir(exist_ok=True)
        for name, raw in whole.tables.items():
            if _put(folder / name, raw):
                made.append(folder / name)
        if before or not _put(target, whole.raw, lambda: _with_digest(folder, digest_)):
            return Placed(before or _with_digest(folder, digest_) or target, digest_, False)
    except (OSError, UserError) as error:
        if not target.exists():
            for path in made:
                path.unlink(missing_ok=True)
        if isinstance(error, UserError):
            raise
        raise UserError("the result cannot be attached", where=show(folder), why=error.strerror or str(error)) from None
    return Placed(target, digest_, True)


def _put(target: Path, raw: bytes, same: Callable[[], Path | None] | None = None) -> bool:
    """Write a whole file; False where it was there. `same` tells what else counts as being there."""
    beside = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    try:
        with open(beside, "xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, target)  # unlike a rename it fails where another run was quicker
    except FileExistsError:
        if (same and same()) or (not target.is_symlink() and target.is_file() and target.read_bytes() == raw):
            return False
        raise UserError(
            f"`{show(target)}` is there and holds something else", hint="move it away", exit_code=1
        ) from None
    finally:
        beside.unlink(missing_ok=True)
    return True


def _with_digest(folder: Path, digest_: str) -> Path | None:
    """A whole result with this digest, whatever its name; a damaged one does not count."""
    for path in sorted(folder.glob("*.yaml")):
        raw = path.read_bytes()
        if f'\ndigest: "{digest_}"\n'.encode() in raw and sealed(raw):
            return path
    return None
