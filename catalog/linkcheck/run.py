"""All addresses that are due, several hosts at once, each host one address after the other; can be stopped any time."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from catalog.linkcheck.check import Checker, Found
from catalog.linkcheck.polite import TooMuch
from catalog.links import Address, LinkState

SAVE_EVERY = 20
MOST_SILENT = 3
"""A host that gives no answer this often in a row is left for the next run."""


@dataclass
class Run:
    """One run; `states` is what the file will hold."""

    states: dict[str, LinkState]
    today: datetime.date
    checker: Checker
    save: Callable[[Mapping[str, LinkState]], None]
    report: Callable[[int], None] = lambda done: None
    checked: int = 0
    left: list[str] = field(default_factory=list)
    """Addresses of hosts that wanted to be left alone, or gave no answer."""
    _held: list[tuple[Address, Found]] = field(default_factory=list)
    _answered: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)

    def go(self, due: Iterable[Address], concurrency: int) -> bool:
        """Checks them and saves on the way; False where no server answered at all and nothing was recorded."""
        hosts: dict[str, list[Address]] = {}
        for address in due:
            hosts.setdefault(urlsplit(address.url).netloc, []).append(address)
        pool = ThreadPoolExecutor(max_workers=max(concurrency, 1))
        try:
            # The host with the most addresses takes longest, so it starts first.
            order = sorted(hosts.values(), key=len, reverse=True)
            for future in as_completed([pool.submit(self._host, group) for group in order]):
                future.result()
        finally:
            self.stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            if self._answered:
                self.save(self.states)
        return self._answered or not hosts

    def _host(self, group: list[Address]) -> None:
        silent = 0
        for number, address in enumerate(group):
            if self.stop.is_set():
                return
            try:
                found = self.checker.check(address)
            except TooMuch:
                with self._lock:
                    self._answered = True
                    self.left += [one.url for one in group[number:]]
                return
            self._note(address, found)
            silent = silent + 1 if not found.answered and found.status == "error" else 0
            if silent == MOST_SILENT:
                with self._lock:
                    self.left += [one.url for one in group[number + 1 :]]
                return

    def _note(self, address: Address, found: Found) -> None:
        with self._lock:
            self._held.append((address, found))
            self._answered = self._answered or found.answered
            self.checked += 1
            if self._answered:
                for one, what in self._held:
                    self.states[one.url] = what.state(self.today.isoformat(), self.states.get(one.url))
                self._held.clear()
                if self.checked % SAVE_EVERY == 0:
                    self.save(self.states)
            self.report(self.checked)


def due(
    every: Mapping[str, Address], states: Mapping[str, LinkState], today: datetime.date, days: int
) -> list[Address]:
    """Those not checked within `days`; what could not be checked is due again at once."""
    oldest = today - datetime.timedelta(days=days)
    fresh = {url for url, one in states.items() if one.status != "not-checked" and one.checked.last > oldest}
    return [address for url, address in sorted(every.items()) if url not in fresh]
