"""What the register works out from a record and exports beside it: openness cell by cell, and licences link by link."""

from __future__ import annotations

from typing import Any

from catalog import licences, openness
from catalog.lineage import base_line
from catalog.register import Catalog

Json = dict[str, Any]


def derived(catalog: Catalog, slug: str) -> Json:
    """`{"openness": {component: level}, "licences": {variant: {"commercial_use": answer, "chain": [link, ...]}}}`.

    An entry without variants has one chain, under its own id.
    """
    names = catalog.entries[slug].variants or (slug,)
    return {
        "openness": {name: cell.level for name, cell in openness.cells(catalog, slug).items()},
        "licences": {name: _licences(catalog, name) for name in names},
    }


def _licences(catalog: Catalog, name: str) -> Json:
    found = licences.effective(catalog, name)
    bases = base_line(catalog, name)
    return {"commercial_use": found.answer, "chain": [_link(link, bases) for link in found.chain]}


def _link(link: licences.Link, bases: frozenset[str]) -> Json:
    """`through` says how the chain came to the link: `own`, over bases alone, or over `data` on the way."""
    through = "own" if link.distance == 0 else "base" if link.id in bases else "data"
    return {
        "id": link.id,
        "part": link.part,
        "licence": link.licence,
        "commercial_use": link.answer,
        "distance": link.distance,
        "through": through,
    }
