"""An archive of results (`records.tgz`), read in memory: bounded in every way, and never unpacked onto the disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from catalog import result_tables
from catalog.errors import UserError
from catalog.files import show
from catalog.reader import MAX_BYTES

MAX_PACKED = 50_000_000
MAX_UNPACKED = 200_000_000
MAX_FILES = 500
_LIMITS = {".yaml": MAX_BYTES, ".csv": result_tables.MAX_BYTES}


def is_archive(path: Path) -> bool:
    """Whether the name says that it is one."""
    return path.name.endswith((".tgz", ".tar.gz"))


class _TooLarge(Exception):
    """The archive unpacks to more than is allowed."""


class _Bounded(io.RawIOBase):
    """What a gzip file unpacks to, up to a limit: headers of an archive may themselves ask for gigabytes."""

    def __init__(self, packed: bytes) -> None:
        self.unpacked = gzip.GzipFile(fileobj=io.BytesIO(packed))
        self.left = MAX_UNPACKED

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = self.unpacked.read(self.left + 1 if size < 0 else min(size, self.left + 1))
        self.left -= len(found)
        if self.left < 0:
            raise _TooLarge
        return found


def read(path: Path) -> dict[str, bytes]:
    """Name -> bytes of every file, whatever folder of the archive it lies in.

    UserError (exit code 2) for anything but plain *.yaml and *.csv files with names of their own.
    """
    try:
        with open(path, "rb") as file:
            packed = file.read(MAX_PACKED + 1)
    except OSError as error:
        raise UserError(f"`{path}` cannot be read", why=error.strerror or str(error), exit_code=2) from None
    if len(packed) > MAX_PACKED:
        raise _refused(path, f"it is larger than {MAX_PACKED:,} bytes")
    try:
        return _members(path, packed)
    except _TooLarge:
        raise _refused(path, f"it unpacks to more than {MAX_UNPACKED:,} bytes") from None
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, OverflowError) as error:
        raise _refused(path, f"it is no sound tar.gz: {str(error)[:200]}") from None


def _members(path: Path, packed: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=_Bounded(packed), mode="r|") as archive:
        for count, member in enumerate(archive):
            if count >= MAX_FILES:
                raise _refused(path, f"it holds more than {MAX_FILES} files")
            place = PurePosixPath(member.name)
            shown = ascii(member.name[:100])
            if member.isdir():
                continue
            if place.is_absolute() or ".." in place.parts or "\\" in member.name:
                raise _refused(path, f"{shown} leads out of it")
            if not member.isfile() or member.issparse():
                raise _refused(path, f"{shown} is no plain file")
            if place.name.startswith("._") or place.name == ".DS_Store":
                continue  # a Mac's tar adds them
            limit = _LIMITS.get(place.suffix)
            if limit is None:
                raise _refused(path, f"{shown} is neither *.yaml nor *.csv")
            if member.size > limit:
                raise _refused(path, f"{shown} is larger than {limit:,} bytes")
            if place.name in found:
                raise _refused(path, f"{shown} stands in it twice")
            content = archive.extractfile(member)
            found[place.name] = content.read() if content else b""
    return found


def _refused(path: Path, why: str) -> UserError:
    return UserError("this archive is refused", where=show(path), why=why, exit_code=2)
