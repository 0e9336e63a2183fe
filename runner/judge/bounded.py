"""An HTTP client whose replies are bounded in size and time, whatever the other side sends.

The client's own time-out starts anew with every piece that arrives, and it reads a body however long it is; a server
that drips or floods would hold the run for ever.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx2

MAX_REPLY = 1_048_576


class TooLarge(httpx2.TransportError):
    """A body of more than `MAX_REPLY` bytes."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the reply is larger than {MAX_REPLY:,} bytes")
        self.status = status


class _Bounded(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, status: int, seconds: float) -> None:
        self._stream, self._status, self._seconds = stream, status, seconds

    def __iter__(self) -> Iterator[bytes]:
        size, deadline = 0, time.monotonic() + self._seconds
        for piece in self._stream:
            size += len(piece)
            if size > MAX_REPLY:
                raise TooLarge(self._status)
            if time.monotonic() > deadline:
                raise httpx2.ReadTimeout(f"the body took longer than {self._seconds:g} s")
            yield piece

    def close(self) -> None:
        self._stream.close()


def client(timeout_s: float) -> httpx2.Client:
    """A client that follows no redirect: the key goes to the endpoint that was named and to no other."""

    def bound(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            # A megabyte can unpack to a gigabyte; we asked for none of it.
            raise httpx2.DecodingError("the reply is compressed, which was not asked for")
        stream = response.stream
        if isinstance(stream, httpx2.SyncByteStream):
            response.stream = _Bounded(stream, response.status_code, timeout_s)

    return httpx2.Client(
        timeout=timeout_s,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [bound]},
    )
