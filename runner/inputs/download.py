"""One file taken over https: it goes on where it stopped, and counts only once its size and hash are right."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import UserError
from runner.inputs.hub import LOCAL_HINT, Kind, endpoint, explained, unreachable, within

if TYPE_CHECKING:
    import httpx2

CHUNK = 1024 * 1024
QUIET = 8.0
"""Seconds without a byte after which a connection counts as lost."""
TRIES = 4
"""Connections in a row that bring nothing."""
MAX_BYTES = 500 * 10**9
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Stopped(Exception):
    """Another file failed, so that this one need not go on."""


@dataclass(frozen=True)
class Wanted:
    """A file to take."""

    name: str
    """As messages call it."""
    url: str
    path: Path
    bytes: int | None
    """None: nobody said."""
    pinned: str | None
    """SHA-256 that is demanded."""
    pinned_by: str = "the recipe"
    told: str | None = None
    """SHA-256 that the server tells."""
    blob: str | None = None
    """Git's SHA-1 that the server tells."""
    headers: Mapping[str, str] | None = None
    version: str = ""
    """What the server calls this state of the file (ETag); it may go on only with the same."""
    hub: tuple[Kind, str, str] | None = None
    """Kind, repository and revision, for messages."""

    @property
    def part(self) -> Path:
        """Where the bytes so far are kept: another state of the file has another name."""
        key = "\0".join((self.url, self.told or "", self.blob or "", self.version))
        return self.path.with_name(f".{self.path.name}.{hashlib.sha256(key.encode()).hexdigest()[:12]}.part")

    @property
    def resumable(self) -> bool:
        """Whether bytes of an earlier attempt are surely of the same file."""
        return bool(self.told or self.blob or self.version or self.pinned)


@dataclass(frozen=True)
class Taken:
    """A file that is there and whole."""

    sha256: str
    bytes: int


def take(wanted: Wanted, came: Callable[[int], None], stop: threading.Event) -> Taken:
    """The file at its place. `came` hears of bytes as they come, negative where they had to be thrown away.

    UserError: out of reach (3), refused (3), cut again and again (1), disk full (1), hash mismatch (1, file removed).
    """
    try:
        wanted.path.parent.mkdir(parents=True, exist_ok=True)
        part = wanted.part
        for old in wanted.path.parent.glob(f".{glob.escape(wanted.path.name)}.*.part"):
            if old != part or not wanted.resumable:
                old.unlink()
        _fill(wanted, part, came, stop)
        taken = checked(part, wanted)
        os.replace(part, wanted.path)
        return taken
    except OSError as error:
        raise disk_error(error, wanted) from None


def _fill(wanted: Wanted, part: Path, came: Callable[[int], None], stop: threading.Event) -> None:
    import httpx2

    if part.exists() and wanted.bytes is not None and part.stat().st_size > wanted.bytes:
        part.unlink()
    have = _size(part)
    came(have)
    began, lost = time.monotonic(), 0
    with httpx2.Client(follow_redirects=True, timeout=QUIET, event_hooks={"request": [_no_plain_text]}) as client:
        while have != wanted.bytes or not part.exists():
            before = have
            try:
                have = _stream(client, wanted, part, have, came, stop)
                if wanted.bytes is None or have == wanted.bytes:
                    return
                why = f"{have:,} of {wanted.bytes:,} bytes came"
            except (httpx2.TransportError, _Busy) as error:
                have = _size(part)
                why = str(error) or type(error).__name__
                # A site that has given nothing yet is not waited for twice; one that answers may just be busy.
                if not have and isinstance(error, httpx2.TransportError) and time.monotonic() - began > 1:
                    raise unreachable(wanted.url.partition("?")[0], why) from None
            lost = 0 if have > before else lost + 1
            if lost >= TRIES:
                raise _lost(wanted, have, why)
            if stop.wait(min(4.0, 0.25 * 2**lost)):
                raise Stopped


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


class _Busy(Exception):
    """The server answered that it cannot now."""


def _stream(
    client: httpx2.Client, wanted: Wanted, part: Path, have: int, came: Callable[[int], None], stop: threading.Event
) -> int:
    """One connection. Gives the size of the part at its end."""
    headers = dict(wanted.headers or {})
    if have:
        headers["Range"] = f"bytes={have}-"
        if wanted.version:
            headers["If-Range"] = wanted.version
    with client.stream("GET", wanted.url, headers=headers) as response:
        if response.status_code == 416:  # there is nothing behind what is here
            part.unlink(missing_ok=True)
            raise _cut(wanted, f"the site has no more than {have:,} bytes", "run it again: it begins anew")
        if response.status_code in (408, 429) or response.status_code >= 500:
            raise _Busy(f"it answered {response.status_code}")
        _refused(response, wanted)
        if have and response.status_code != 206:
            came(-have)
            have = 0
        with open(part, "ab" if have else "wb") as file:
            for chunk in response.iter_bytes(CHUNK):
                if stop.is_set():
                    raise Stopped
                have += len(chunk)
                if have > (MAX_BYTES if wanted.bytes is None else wanted.bytes):
                    raise _too_long(wanted, part)
                file.write(chunk)
                came(len(chunk))
    return have


def _no_plain_text(request: httpx2.Request) -> None:
    """No address and no redirect leads to unencrypted http, unless the hub itself was set to be there."""
    if request.url.scheme != "https" and not endpoint().startswith("http:"):
        raise UserError(
            "the download leads to an address without https", where=f"{request.url.scheme}://{request.url.host}"
        )  # fmt: skip


def _refused(response: httpx2.Response, wanted: Wanted) -> None:
    from huggingface_hub.errors import EntryNotFoundError
    from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]

    if response.status_code < 400:
        return
    if wanted.hub is None:
        why, hint = f"it answered {response.status_code}", f"the file may be gone; {LOCAL_HINT}"
        raise UserError("the site does not give the file", where=wanted.url, why=why, hint=hint, exit_code=3)
    kind, repo, revision = wanted.hub
    try:
        response.read()
        hf_raise_for_status(response)
    except EntryNotFoundError:
        raise UserError(f"`{repo}` has no `{wanted.path.name}`", where=revision[:12], exit_code=3) from None
    except Exception as error:
        raise explained(error, kind, repo, revision) from None


def _lost(wanted: Wanted, have: int, why: str) -> UserError:
    if not have:
        hint = f"run it again later: what is there stays; {LOCAL_HINT}"
        where = wanted.url.partition("?")[0]
        return UserError(f"`{wanted.name}` does not come", where=where, why=why, hint=hint, exit_code=3)
    return _cut(wanted, f"{why}; {have:,} bytes are here", "run it again: it goes on from there")


def _cut(wanted: Wanted, why: str, hint: str) -> UserError:
    return UserError(f"`{wanted.name}` comes cut", why=why, hint=hint, exit_code=1)


def _too_long(wanted: Wanted, part: Path) -> UserError:
    part.unlink(missing_ok=True)
    why = f"it should have {wanted.bytes or MAX_BYTES:,} bytes"
    return UserError(f"`{wanted.name}` is longer than it should be", why=why, hint="run it again", exit_code=1)


def checked(path: Path, wanted: Wanted) -> Taken:
    """The hash of the whole file. UserError where it is not the one demanded; the file is removed then."""
    size = path.stat().st_size
    sha256, git = hashes(path)
    for should, got, what, by in (
        (wanted.pinned, sha256, "SHA-256", wanted.pinned_by),
        (wanted.told, sha256, "SHA-256", "the hub"),
        (None if wanted.told else wanted.blob, git, "hash in git", "the hub"),
    ):
        if should and got != should:
            path.unlink()
            raise UserError(
                f"`{wanted.name}` is not the file it should be",
                why=f"its {what} is {got}, {by} says {should}",
                hint="it was removed: run it again; if it comes the same, it was changed since that was written",
            )
    if not size:
        path.unlink()
        raise UserError(f"`{wanted.name}` is empty", hint="run it again; if it stays empty, the site holds it so")
    return Taken(sha256, size)


def hashes(path: Path) -> tuple[str, str]:
    """SHA-256, and the hash that git gives the content."""
    sha256, git = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            sha256.update(chunk)
            git.update(chunk)
    return sha256.hexdigest(), git.hexdigest()


def disk_error(error: OSError, wanted: Wanted) -> UserError:
    """What the disk says, in plain words."""
    if error.errno in _NO_ROOM:
        hint = "make room and run it again: it goes on from there"
        return UserError(f"the disk is full in the middle of `{wanted.name}`", why=error.strerror or "", hint=hint)
    return UserError(f"`{wanted.name}` cannot be written", why=error.strerror or str(error))


def about(url: str) -> tuple[int | None, str]:
    """Size and state (ETag) of a web file, asked without taking it; (None, "") where the site does not tell."""
    import httpx2

    def ask() -> httpx2.Response:
        with httpx2.Client(follow_redirects=True, timeout=QUIET, event_hooks={"request": [_no_plain_text]}) as client:
            return client.head(url, headers={"Accept-Encoding": "identity"})

    began = time.monotonic()
    try:
        response = within(QUIET + 1, ask, url)
    except httpx2.TransportError as error:
        why = f"{str(error) or type(error).__name__} after {time.monotonic() - began:.0f} s"
        raise unreachable(url, why) from None
    if response.status_code >= 400:
        return None, ""  # not every site answers HEAD; the file itself will tell
    size = response.headers.get("Content-Length", "")
    etag = response.headers.get("ETag", "")
    return int(size) if size.isdigit() else None, "" if etag.startswith("W/") else etag
