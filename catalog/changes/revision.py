"""The catalog as it stood at a revision, read out of git into a folder that goes away again."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from catalog.errors import UserError

_LARGEST = 512_000_000


@contextmanager
def catalog_at(root: Path, revision: str) -> Iterator[tuple[Path, str]]:
    """The catalog's folder at `revision` and the full commit; UserError with what to do where it cannot be had."""
    top = Path(_git(root, "rev-parse", "--show-toplevel").decode().strip())
    commit = _commit(top, revision)
    below = root.resolve().relative_to(top.resolve()).as_posix()
    try:
        packed = _git(top, "archive", "--format=tar", commit, "--", below)
    except UserError as error:
        hint = "the catalog has moved since, or the clone lacks these files: `git fetch --depth=1 origin` it"
        raise UserError(f"`{revision}` has no `{below}` that git can give", why=error.why, hint=hint) from None
    with tempfile.TemporaryDirectory(prefix="herdbook-") as folder:
        _unpack(packed, Path(folder))
        yield Path(folder, below).resolve(), commit


def _commit(top: Path, revision: str) -> str:
    wanted = f"{revision}^{{commit}}"
    try:
        return _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted).decode().strip()
    except UserError:
        pass
    first, _, branch = revision.rpartition("/")
    remotes = _git(top, "remote").decode().split()
    remote = first if first in remotes else remotes[0] if remotes else "ADDRESS"
    why = "git knows no branch, tag or commit of that name"
    if _git(top, "rev-parse", "--is-shallow-repository").strip() == b"true":
        why = "the clone is shallow: it holds the newest commits only"
    raise UserError(
        f"this clone has no commit `{revision}`",
        where=str(top),
        why=why,
        hint=f"`git fetch --depth=1 {remote} {branch}`, then compare with FETCH_HEAD",
        exit_code=2,
    )


def _git(folder: Path, *arguments: str) -> bytes:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, env=environment)
    except OSError:
        raise UserError("git was not found", hint="install git; comparing revisions needs it") from None
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().split("\n")[0]
        raise UserError(
            "git could not answer", where=str(folder), why=why, hint="run this inside a clone of the register"
        )
    return done.stdout


def _unpack(packed: bytes, folder: Path) -> None:
    """Regular files only, below the folder: a revision is a stranger's too, and a link in it could lead anywhere."""
    total = 0
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            content = archive.extractfile(member) if member.isfile() else None
            if content is None or name.is_absolute() or ".." in name.parts:
                continue
            total += member.size
            if total > _LARGEST:
                raise UserError("that revision is too large", why=f"more than {_LARGEST:,} bytes below the catalog")
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())
