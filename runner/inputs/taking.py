"""Take the files of a run's sources: room checked first, several at a time, each settled as soon as it is whole."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from catalog.errors import UserError
from catalog.training import WebFile
from runner.inputs import hub
from runner.inputs.download import Stopped, Taken, Wanted, about, checked, take
from runner.inputs.lock import Lock

Progress = Callable[[float], None]

AT_ONCE = 4
"""Files taken at a time."""
RESERVE = 100_000_000
"""Bytes left free on the disk."""


@dataclass
class Source:
    """A repository at a commit, or an address, to take files from."""

    key: str
    """In the cache's index."""
    settled: str
    """In the run's lock."""
    folder: Path
    listing: hub.Listing | None = None
    web: WebFile | None = None
    files: dict[str, str | None] = field(default_factory=dict)
    """Name -> SHA-256 that the recipe pins."""


def take_all(
    sources: Sequence[Source],
    index: Lock,
    lock: Lock,
    cache: Path,
    progress: Progress | None,
    agree: Callable[[int], None] | None,
) -> None:
    """Take what is not here. The first failure stops the rest; what came stays."""
    if not sources:
        return
    cache.mkdir(parents=True, exist_ok=True)
    try:
        # Two runs that write into one half file would spoil it.
        with FileLock(cache / ".taking.lock", timeout=2):
            wanted = [(source, name, _wanted(source, name, lock)) for source in sources for name in source.files]
            wanted = [one for one in wanted if not _here(*one, index, lock)]
            if not wanted:
                return
            wanted = [(source, name, _asked(one)) for source, name, one in wanted]
            missing = sum(_missing(one) for _, _, one in wanted)
            _check_room(cache, missing)
            if agree:
                agree(missing)
            _in_parallel(wanted, index, lock, progress)
    except Timeout:
        hint = "wait until it is done, and run this again"
        raise UserError("another run is downloading into the same folder", where=cache.name, hint=hint) from None


def _wanted(source: Source, name: str, lock: Lock) -> Wanted:
    """The recipe's hash is demanded; without one that of the run's earlier attempt."""
    before = lock.files(source.settled).get(name)
    pinned, by = source.files[name], "the recipe"
    if pinned is None and before:
        pinned, by = str(before["sha256"]), "this run's lock"
    path = source.folder / name
    if source.listing is None:
        url = source.web.url if source.web else ""
        return Wanted(name, url, path, source.web.bytes if source.web else None, pinned, by)
    told = source.listing.files[name]
    return Wanted(
        f"{source.listing.repo}/{name}", hub.address(source.listing, name), path, told.bytes, pinned, by,
        told=told.sha256, blob=told.blob, headers=hub.headers(),
        hub=(source.listing.kind, source.listing.repo, source.listing.revision),
    )  # fmt: skip


def _here(source: Source, name: str, wanted: Wanted, index: Lock, lock: Lock) -> bool:
    """Whether the file lies in the cache as it should; one that nobody vouches for is hashed, a wrong one removed."""
    sha256 = index.unchanged(source.key, name, wanted.path)
    if sha256 is None or (wanted.pinned and sha256 != wanted.pinned):
        if not wanted.path.is_file():
            return False
        try:
            sha256 = checked(wanted.path, wanted).sha256
        except UserError:
            return False  # removed: it is taken anew, and only then an error if it is wrong again
    _settle(source, name, wanted, sha256, index, lock)
    return True


def _settle(source: Source, name: str, wanted: Wanted, sha256: str, index: Lock, lock: Lock) -> None:
    revision = source.listing.revision if source.listing else None
    index.settle(source.key, revision, name, wanted.path, sha256)
    lock.settle(source.settled, revision, name, wanted.path, sha256)


def _asked(wanted: Wanted) -> Wanted:
    """A web file with the size and state that its site tells."""
    if wanted.hub is not None:
        return wanted
    size, version = about(wanted.url)
    return replace(wanted, bytes=size, version=version)


def _missing(wanted: Wanted) -> int:
    part = wanted.part
    return max(0, (wanted.bytes or 0) - (part.stat().st_size if part.exists() else 0))


def _check_room(cache: Path, missing: int) -> None:
    free = shutil.disk_usage(cache).free
    if missing and missing + RESERVE > free:
        raise UserError(
            f"{missing / 1e9:,.1f} GB are to come, and the disk has {free / 1e9:,.1f} GB free",
            hint=f"make room, or keep downloads on another disk; {hub.LOCAL_HINT}",
            exit_code=3,
        )


def _in_parallel(
    wanted: Sequence[tuple[Source, str, Wanted]], index: Lock, lock: Lock, progress: Progress | None
) -> None:
    stop, came = threading.Event(), _Came(sum(one.bytes or 0 for _, _, one in wanted), progress)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        taking: dict[Future[Taken], tuple[Source, str, Wanted]] = {
            pool.submit(take, one[2], came.more, stop): one for one in wanted
        }
        waiting = set(taking)
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_EXCEPTION)
                for future in done:
                    if future.exception() is None:
                        source, name, one = taking[future]
                        _settle(source, name, one, future.result().sha256, index, lock)
                failed = [error for future in done if (error := future.exception())]
                if failed:
                    raise next((error for error in failed if not isinstance(error, Stopped)), failed[0])
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            came.end()


class _Came:
    """Tells the share of the bytes that are here, at most ten times a second."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress = total, progress
        self.done, self.told, self.lock = 0, 0.0, threading.Lock()

    def more(self, count: int) -> None:
        with self.lock:
            self.done += count
            now = time.monotonic()
            if self.progress and self.total and now - self.told > 0.1:
                self.told = now
                self.progress(min(1.0, max(0.0, self.done / self.total)))

    def end(self) -> None:
        if self.progress and self.total:
            self.progress(1.0)
