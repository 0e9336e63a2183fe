"""One bounded way to the web: every answer has a size, every wait an end, every failure plain words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx2

from catalog.errors import UserError
from catalog.new.gathered import MAX_TEXT

WAIT = 10.0
"""Seconds for one step: to connect, to send, to get the next bytes."""
PATIENCE = 60.0
"""Seconds for everything together."""
_LOCAL = "or draft from a local copy with --from-folder DIR"


@dataclass(frozen=True)
class Got:
    """An answer, whole."""

    content: bytes
    next: str | None = None
    """Address of the next page of a list."""
    last: str | None = None

    def json(self) -> Any:
        """Raises ValueError for what is no JSON."""
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("nested too deep") from None


class Web:
    """A client for one command; `check` raises for an answer that is an error."""

    def __init__(self, service: str, check: Callable[[httpx2.Response], None]) -> None:
        self.service, self._check = service, check
        self._client = httpx2.Client(timeout=WAIT, follow_redirects=True, max_redirects=5)
        self._end = time.monotonic() + PATIENCE

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None,
        limit: int = MAX_TEXT,
    ) -> Got:  # fmt: skip
        """The answer, of at most `limit` bytes; UserError where it is longer or late."""
        with self._client.stream("GET", url, headers=dict(headers or {}), params=params) as response:
            if response.status_code >= 400:
                self._read(response, 100_000)
            self._check(response)
            content = self._read(response, limit)
            links = response.links
        return Got(content, links.get("next", {}).get("url"), links.get("last", {}).get("url"))

    def _read(self, response: httpx2.Response, limit: int) -> bytes:
        parts, size = [], 0  # as they come: a fixed size would wait for more before the clock is looked at
        for part in response.iter_bytes():
            size += len(part)
            if size > limit:
                raise UserError(f"{self.service} sent more than {limit:,} bytes", where=str(response.url))
            if time.monotonic() > self._end:
                raise UserError(f"{self.service} took more than {PATIENCE:.0f} s", hint=f"try again, {_LOCAL}")
            parts.append(part)
        return b"".join(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()


@contextmanager
def reaching(service: str) -> Iterator[None]:
    """What can go wrong between two machines, as a UserError."""
    hint = f"check the connection and try again, {_LOCAL}"
    try:
        yield
    except httpx2.TimeoutException:
        raise UserError(f"{service} did not answer within {WAIT:.0f} s", hint=hint) from None
    except httpx2.RemoteProtocolError as error:
        raise UserError(f"{service} broke off in the middle of an answer", why=str(error), hint=hint) from None
    except httpx2.TooManyRedirects:
        raise UserError(f"{service} sends in circles", hint=hint) from None
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise UserError(f"{service} cannot be reached", why=str(error), hint=hint) from None
