"""Addresses that `catalog links` found gone. They may still be true of the world when they were cited: a warning."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.records import Source
from catalog.register import File


@check("HB270", "warning")
def dead_link(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """An address that is gone wants a copy beside it, or another address."""
    links = context.catalog.links
    for path, node in context.walk(file).nodes if links else ():
        if isinstance(node, Source) and node.url and node.archived is None:
            state = links.get(node.url)
            if state and state.status == "gone":
                copy = f"`archived: {state.archived}` is a copy" if state.archived else "name a copy as `archived`"
                yield at(file, (*path, "url")), f"this address is gone since {state.since.said}", copy
        for relation, given in (getattr(node, "links", None) or {}).items():
            for number, fact in enumerate(given):
                state = links.get(fact.accepted.value or "")
                if state and state.status == "gone":
                    where = at(file, (*path, "links", relation, number, "value"))
                    yield where, f"this address is gone since {state.since.said}", "tell its present one, or drop it"
