"""Dates are in order: nothing is read before it was written or released after it was described."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.facts import Day, Said
from catalog.reader import Place
from catalog.records import Document, Source
from catalog.register import File
from catalog.walk import fields


@check("HB220")
def dates_out_of_order(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """No date lies in the future; a source stood so before it was read; a claim is no younger than its reading."""
    for path, node in context.walk(file).nodes:
        for field in ("as_of", "accessed"):
            day = getattr(node, field) if field in fields(type(node)) else None
            if isinstance(day, Day) and day.first > context.today:
                yield at(file, (*path, field)), f"{field} {day} lies in the future", ""
        if (
            isinstance(node, Source | Document)
            and isinstance(node.accessed, Day)
            and node.as_of.first > node.accessed.last
        ):
            what = f"read on {node.accessed}, before it stood so on {node.as_of}"
            yield at(file, (*path, "accessed")), what, "`as_of` is the date of the text, `accessed` the day it was read"
        if isinstance(node, Said) and node.as_of:
            for evidence in node.evidence:
                source = context.catalog.source(file, evidence.source)
                if source and isinstance(source.accessed, Day) and node.as_of.first > source.accessed.last:
                    what = f"as of {node.as_of}, after its source `{evidence.source}` was read on {source.accessed}"
                    yield at(file, (*path, "as_of")), what, ""
    for path, fact in context.walk(file).facts:
        if path[-1] != "released":
            continue
        for number, claim in enumerate(fact.claims):
            if isinstance(claim.value, Day) and claim.value.first > context.today:
                yield at(file, (*path, "claims", number, "value")), f"released {claim.value}, in the future", ""
