"""`catalog links`: which of the cited addresses still answer, and where a copy of those that are gone stands."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from catalog.commands import Declare, register

if TYPE_CHECKING:
    from catalog.linkcheck.check import Checker
    from catalog.links import Address, LinkState
    from catalog.register import Catalog


def add(declare: Declare) -> None:
    parser = declare(
        "links",
        "check every cited address and record what was found in catalog/links.yaml",
        "catalog links --older-than 7    (stop it with Ctrl-C and start it again: it goes on)",
    )
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="only addresses of these records")
    parser.add_argument("--older-than", type=int, default=7, metavar="DAYS", help="skip what is newer; default: 7")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N addresses in this run")
    parser.add_argument("--concurrency", type=int, default=8, metavar="N", help="hosts at once; default: 8")
    parser.add_argument("--pause", type=float, default=1.0, metavar="S", help="seconds between requests to a host")
    parser.add_argument("--timeout", type=float, default=20.0, metavar="S", help="seconds for one request; default: 20")
    parser.add_argument("--allow-local", action="store_true", help="addresses of private networks may be asked too")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog import links
    from catalog.clock import today
    from catalog.errors import UserError
    from catalog.linkcheck import run as running
    from catalog.writing import write_atomically

    catalog = register()
    every = links.addresses(catalog)
    wanted = _wanted(catalog, every, arguments.slugs)
    due = running.due(wanted, catalog.links, today(), arguments.older_than)[: arguments.limit]
    path = catalog.root / "links.yaml"

    def save(states: Mapping[str, LinkState]) -> None:
        write_atomically(path, links.text({url: one for url, one in states.items() if url in every}).encode())

    stop = threading.Event()
    one = running.Run(
        dict(catalog.links), today(), checker(arguments, stop), save, report=_progress(len(due)), stop=stop
    )
    if not one.go(due, arguments.concurrency):
        raise UserError(
            "no server answered, so nothing was recorded",
            why="there seems to be no network here, or it is behind a proxy, which this command does not use",
        )
    _tell({url: one.states[url] for url in wanted if url in one.states}, len(wanted), one.left, arguments.json)
    return 0


def checker(arguments: argparse.Namespace, stop: threading.Event) -> Checker:
    """With the manners asked for; every wait ends when `stop` is set."""
    from catalog.linkcheck.check import Checker
    from catalog.linkcheck.fetch import Fetcher
    from catalog.linkcheck.polite import ROBOT, Manners

    home = os.environ.get("HERDBOOK_REPO_URL", "")
    agent = f"{ROBOT}/1.0" + (f" (+{home})" if home.startswith("https://") and home.isprintable() else "")
    fetcher = Fetcher(agent=agent, timeout=arguments.timeout)
    return Checker(Manners(fetcher, pause=arguments.pause, sleep=stop.wait), allow_local=arguments.allow_local)


def _wanted(catalog: Catalog, every: Mapping[str, Address], slugs: list[str]) -> dict[str, Address]:
    from dataclasses import replace

    from catalog import links
    from catalog.commands import named

    if not slugs:
        return dict(every)
    files = tuple(named(catalog, slug) for slug in slugs)
    only = links.addresses(replace(catalog, files=files, side_files=(), publishers={}, licences={}))
    return {url: address for url, address in every.items() if url in only}


def _progress(total: int) -> Callable[[int], None]:
    def report(done: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {total}" + ("\n" if done == total else ""))

    return report


def _tell(states: Mapping[str, LinkState], total: int, left: list[str], as_json: bool) -> None:
    import json
    from collections import Counter

    if as_json:
        rows = {url: one.said() for url, one in sorted(states.items())}
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        for url, one in sorted(states.items()):
            if one.status in ("gone", "error", "refused"):
                copy = f", copy: {one.archived}" if one.archived else ""
                sys.stdout.write(
                    f"{one.status}: {url} (since {one.since.said}{f', {one.why}' if one.why else ''}{copy})\n"
                )
    counts = Counter(one.status for one in states.values())
    counts["not-checked"] += total - len(states)
    sys.stderr.write(", ".join(f"{n:,} {status}" for status, n in counts.most_common() if n) + "\n")
    if left:
        sys.stderr.write(
            f"{len(left):,} left for the next run: their servers asked for fewer requests, or gave no answer\n"
        )
