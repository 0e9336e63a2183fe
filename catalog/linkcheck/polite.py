"""Manners: robots.txt, a pause between requests to one host, and waiting when a server says it is too much."""

from __future__ import annotations

import datetime
import email.utils
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from protego import Protego

from catalog.linkcheck.fetch import Fetcher, Reply, Unknown, Unreachable

ROBOT = "herdbook-links"
TRIES = 4
LONGEST_WAIT = 120.0
"""Seconds; a server that wants more is left alone for this run."""
MOST_REDIRECTS = 8
_TOO_MUCH = (429, 503)


class TooMuch(Exception):
    """The server wants to be left alone for longer than a run waits."""


@dataclass
class _Host:
    """One host: asked by one thread at a time, and not before its pause is over."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    last: float | None = None


@dataclass
class Manners:
    """Requests of all threads: to one host they go one after the other."""

    fetcher: Fetcher
    pause: float = 1.0
    """Seconds between two requests, unless robots.txt wants more."""
    sleep: Callable[[float], object] = time.sleep
    now: Callable[[], float] = time.monotonic
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _rules: dict[str, Protego | str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, method: str, url: str, *, local: bool) -> Reply:
        """The reply, after as many waits as the server asked for; raises TooMuch, Private and Unreachable."""
        with self._lock:
            host = self._hosts.setdefault(urlsplit(url).netloc, _Host())
        wait = 2.0
        with host.lock:
            for attempt in range(TRIES):
                self._wait_turn(host, url)
                try:
                    reply = self.fetcher.once(method, url, local=local)
                except Unreachable as error:
                    if attempt or isinstance(error, Unknown):
                        raise
                    self.sleep(wait)
                    continue
                wanted = _retry_after(reply.headers.get("retry-after", ""))
                if reply.code not in _TOO_MUCH or (reply.code == 503 and wanted is None and attempt):
                    return reply  # a 503 that names no time is down, not busy
                seconds = wait if wanted is None else wanted
                if seconds > LONGEST_WAIT:
                    break
                self.sleep(seconds)
                wait *= 2
        raise TooMuch(urlsplit(url).netloc)

    def _wait_turn(self, host: _Host, url: str) -> None:
        rules = self._rules.get(_origin(url))
        delay = rules.crawl_delay(ROBOT) if isinstance(rules, Protego) else None
        pause = min(max(self.pause, delay or 0.0), LONGEST_WAIT)
        if host.last is not None and (left := host.last + pause - self.now()) > 0:
            self.sleep(left)
        host.last = self.now()

    def forbidden(self, url: str, *, local: bool) -> str | None:
        """Why robots.txt keeps this program from `url` (RFC 9309); None where it may go."""
        origin = _origin(url)
        if origin not in self._rules:
            self._rules[origin] = self._read_rules(origin, local)
        rules = self._rules[origin]
        if isinstance(rules, str):
            return rules
        return None if rules.can_fetch(url, ROBOT) else "robots.txt does not allow it"

    def _read_rules(self, origin: str, local: bool) -> Protego | str:
        """The rules, or why none could be read: without an answer from the server nothing is allowed."""
        url = f"{origin}/robots.txt"
        for _ in range(MOST_REDIRECTS):
            reply = self.ask("GET", url, local=local)
            if reply.code in (301, 302, 303, 307, 308) and "location" in reply.headers:
                url = urljoin(url, reply.headers["location"])
                continue
            if reply.code >= 500:
                return f"robots.txt answers {reply.code}"
            content = reply.body.decode("utf-8", "replace") if reply.code < 300 else ""
            return Protego.parse(content)
        return Protego.parse("")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _retry_after(value: str) -> float | None:
    """Seconds from now, from a number or an HTTP date; None where there is none that can be read."""
    if value.strip().isdigit():
        return float(value[:12])
    try:
        then = email.utils.parsedate_to_datetime(value)
        return max((then - datetime.datetime.now(then.tzinfo)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
