"""What commands write: a file that is whole or untouched, or bytes on standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from catalog.errors import UserError


def write_atomically(path: Path, data: bytes) -> None:
    """The file is whole or untouched, whatever happens on the way."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UserError(
            f"cannot write {path}", why=error.strerror or str(error), hint="choose another --output"
        ) from None


def deliver(data: bytes, output: Path | None, *, binary: bool = False) -> None:
    """To the file, or to standard output where none is named; a terminal is spared what only programs can read."""
    if output is not None:
        write_atomically(output, data)
        sys.stderr.write(f"wrote {output}\n")
        return
    if binary and sys.stdout.isatty():
        raise UserError("this format is not for a terminal", hint="name a file with --output, or redirect", exit_code=2)
    if binary:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(data.decode())
