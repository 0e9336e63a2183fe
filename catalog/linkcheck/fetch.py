"""One HTTP request to a host that is looked up first and then connected to by the very address that was approved.

A record is a stranger's, and so is what a server redirects to. Looking the name up again when connecting would let it
answer with a private address the second time, so the connection goes to the number and TLS still checks the name.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import httpx2

MOST_BYTES = 524_288
"""Of a body; more is not read."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], list[str]]


class Unreachable(Exception):
    """No answer: the name, the connection, TLS or time."""


class Unknown(Unreachable):
    """No server of that name; asking again at once will not help."""


class Private(Exception):
    """The address is not on the public network."""


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    url: str
    code: int
    headers: Mapping[str, str]
    body: bytes = b""


def resolve(host: str, port: int) -> list[str]:
    """The numbers of a host; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))[:3]


def is_public(number: str) -> bool:
    """Whether an IP address is one that anybody can reach; tunnelled IPv4 is judged by what it carries."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than most answers."""
    return httpx2.create_ssl_context(trust_env=False)


class Fetcher:
    """Requests without cookies, proxies, redirects or keep-alive between hosts."""

    def __init__(self, *, agent: str, timeout: float = 20.0, resolve: Resolve = resolve) -> None:
        self.agent, self.timeout, self._resolve = agent, timeout, resolve
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._client = httpx2.Client(
            timeout=timeout, trust_env=False, follow_redirects=False, limits=limits, verify=_certificates()
        )

    def close(self) -> None:
        self._client.close()

    def is_local(self, url: str) -> bool:
        """Whether the host of `url` has an address off the public network."""
        return not all(is_public(number) for number in self._numbers(httpx2.URL(url)))

    def once(self, method: str, url: str, *, local: bool = False) -> Reply:
        """One request; raises Private unless `local` allows such addresses, and Unreachable."""
        try:
            parts = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError) as error:
            raise Unreachable(f"not an address: {error}") from None
        if parts.scheme not in ("http", "https") or not parts.host or parts.userinfo:
            raise Unreachable("not an http or https address")
        numbers = self._numbers(parts)
        if not local and not all(is_public(number) for number in numbers):
            raise Private(parts.host)
        for number in numbers[:-1]:
            try:
                return self._send(method, url, parts, number)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
            except httpx2.HTTPError:
                break
        return self._told(method, url, parts, numbers[-1])

    def _numbers(self, parts: httpx2.URL) -> list[str]:
        try:
            numbers = self._resolve(parts.host, parts.port or (443 if parts.scheme == "https" else 80))
        except (OSError, UnicodeError):
            numbers = []
        if not numbers:
            raise Unknown("the name of the server is not known")
        return numbers

    def _told(self, method: str, url: str, parts: httpx2.URL, number: str) -> Reply:
        try:
            return self._send(method, url, parts, number)
        except httpx2.TimeoutException:
            raise Unreachable(f"no answer within {self.timeout:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ValueError) as error:
            raise Unreachable(" ".join(str(error).split())[:200] or type(error).__name__) from None

    def _send(self, method: str, url: str, parts: httpx2.URL, number: str) -> Reply:
        deadline = time.monotonic() + self.timeout
        request = self._client.build_request(
            method,
            parts.copy_with(host=f"[{number}]" if ":" in number else number),
            headers={
                "Host": parts.netloc.decode("ascii"),
                "User-Agent": self.agent,
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            extensions={"sni_hostname": parts.host},
        )
        reply = self._client.send(request, stream=True)
        try:
            body = b"" if method == "HEAD" else _read(reply, deadline)
        finally:
            reply.close()
        headers = {name.lower(): value[:2000] for name, value in reply.headers.items()}
        return Reply(url, reply.status_code, headers, body)


def _read(reply: httpx2.Response, deadline: float) -> bytes:
    """At most MOST_BYTES, and no longer than the deadline: a server could send a byte a second for ever."""
    body = b""
    for part in reply.iter_raw():
        body += part
        if len(body) >= MOST_BYTES or time.monotonic() > deadline:
            break
    return body[:MOST_BYTES]
