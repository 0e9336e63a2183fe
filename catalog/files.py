"""A file's bytes to a checked record: what cannot be read or does not fit becomes a finding, never an exception."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from catalog import schema_errors
from catalog.findings import Finding
from catalog.reader import MAX_BYTES, START, Map, Problem, place_of, too_large


def real(path: Path) -> Path:
    """The path with links followed; unlike Path.resolve, this does not raise for a link to itself."""
    return Path(os.path.realpath(path))


def show(path: Path) -> str:
    """The path as a person would type it from here."""
    resolved, here = real(path), Path.cwd()
    return resolved.relative_to(here).as_posix() if resolved.is_relative_to(here) else path.as_posix()


def read_bytes(path: Path, shown: str, limit: int = MAX_BYTES) -> tuple[bytes, Finding | None]:
    """The bytes of a regular file of at most `limit` bytes, or why there are none."""
    try:
        if path.is_symlink():
            # A link could lead anywhere on the machine that checks a stranger's records.
            return b"", Finding(shown, START, "HB108", "this is a link", "put the record itself here")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return b"", Finding(shown, START, "HB108", "this is not a regular file")
        if status.st_size > limit:
            return b"", as_finding(shown, too_large(status.st_size, limit))
        with open(path, "rb") as file:
            return file.read(limit + 1), None
    except OSError as error:
        return b"", Finding(shown, START, "HB108", f"cannot be read: {error.strerror}")


def as_finding(path: str, problem: Problem) -> Finding:
    """A problem of a text as a finding about its file."""
    return Finding(path, problem.at, problem.code, problem.message, problem.hint)


def validate(path: str, tree: Any, model: type[BaseModel]) -> tuple[BaseModel | None, list[Finding]]:
    """The record, or what its shape lacks, each with its place."""
    if not isinstance(tree, Map):
        return None, [Finding(path, place_of(tree, ()), "HB112", "a record is a mapping (`key: value` lines)")]
    try:
        return model.model_validate(tree, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, list(schema_errors.findings(path, tree, error, model))
