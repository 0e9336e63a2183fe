"""Copies that the user already has: found, hashed where the recipe pins a hash, and never named by their path."""

from __future__ import annotations

from pathlib import Path

from catalog.errors import UserError
from catalog.training import Data, HubFiles
from runner.inputs.data_files import data_files
from runner.inputs.download import hashes
from runner.inputs.lock import Lock


def base_folder(path: Path) -> Path:
    """A folder with weights. UserError (exit code 2) for anything else."""
    if path.is_dir():
        return path
    what = f"`{path.name}` is a file" if path.exists() else f"there is no `{path.name}`"
    raise UserError(what, where="--base", hint="give the folder with config.json and *.safetensors", exit_code=2)


def names_in(folder: Path) -> list[str]:
    """Files of a folder, without those below folders of it."""
    return sorted(one.name for one in folder.iterdir() if one.is_file())


def data_paths(path: Path, items: tuple[Data, ...]) -> tuple[Path | None, ...]:
    """Where each item of the recipe's data lies below what the user gave; None for what the run makes itself.

    One item: the file or folder. Several: a folder with the file, or a folder, named as the recipe names each.
    UserError (exit code 2) names what was looked for.
    """
    if not path.exists():
        raise UserError(f"there is no `{path.name}`", where="--data", hint="give a file or a folder", exit_code=2)
    wanted = [item for item in items if item.made is None]
    if not wanted:
        raise UserError("the run makes its data itself", where="--data", hint="leave `--data` out", exit_code=2)
    if len(wanted) == 1:
        return tuple(None if item.made else path for item in items)
    return tuple(None if item.made else _one_of_several(path, item) for item in items)


def _one_of_several(path: Path, item: Data) -> Path:
    if item.hub:
        owner, _, name = item.hub.repo.rpartition("/")
        tried = [name, f"{owner}--{name}", *(str(one) for one in item.hub.files if len(item.hub.files) == 1)]
    else:
        tried = [web_name(item.web.url)] if item.web else []
    for one in tried:
        if (path / one).exists():
            return path / one
    said = " or ".join(f"`{one}`" for one in tried)
    raise UserError(f"`{path.name}` has no {said}", where="--data", why="the recipe has several data sets", exit_code=2)


def web_name(url: str) -> str:
    """A name for a web file: the last part of its address, made harmless."""
    last = url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in last)
    return kept.lstrip(".")[-100:] or "data"


def pinned_name(item: Data, file: Path, folder: Path) -> str | None:
    """By which of the recipe's names a file of the user's is known; None where the recipe pins no hash for it."""
    if item.web:
        return web_name(item.web.url) if item.web.sha256 else None
    pinned = list(item.hub.files) if item.hub else []
    if folder.is_dir():
        name = file.relative_to(folder).as_posix()
        return name if name in pinned else None
    if len(pinned) > 1:
        raise UserError(
            f"the recipe reads {len(pinned)} files, and `{file.name}` is one",
            where="--data",
            hint=f"give the folder that holds them: {', '.join(pinned)}",
            exit_code=2,
        )
    return pinned[0] if pinned else None


def pinned_hash(item: Data | HubFiles, name: str | None) -> str | None:
    """The hash that the recipe gives for a name."""
    if name is None:
        return None
    if isinstance(item, HubFiles):
        return item.files.get(name)
    if item.web:
        return item.web.sha256
    return item.hub.files.get(name) if item.hub else None


def sha256_of(path: Path, source: str, name: str, pinned: str | None, lock: Lock) -> str:
    """Hash of a user's file. UserError where the recipe pins another, or the run began with another."""
    sha256 = lock.unchanged(source, name, path) or hashes(path)[0]
    if pinned and sha256 != pinned:
        raise UserError(
            f"`{path.name}` is not the file of the recipe",
            where="a local copy",
            why=f"its SHA-256 is {sha256}, the recipe says {pinned}",
            hint="take the file that the recipe names, or leave the option out to download it",
        )
    before = lock.files(source).get(name)
    if before and before["sha256"] != sha256:
        raise UserError(
            f"`{path.name}` is not the file this run began with",
            why=f"its SHA-256 is {sha256}, it was {before['sha256']}",
            hint="put the first one back, or begin a new run: --runs DIR",
        )
    lock.settle(source, None, name, path, sha256)
    return sha256


def data_names(path: Path, item: Data) -> list[Path]:
    """The files that will be read. UserError (exit code 2) where one has nothing in it."""
    found = data_files(path, item)
    for file in found:
        if file.stat().st_size == 0:
            raise UserError(f"`{file.name}` is empty", where="--data", exit_code=2)
    return found
