"""A pedigree has no circles."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.lineage import circle
from catalog.reader import Place
from catalog.records import Dataset, Entry
from catalog.register import File


@check("HB213")
def circular_lineage(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Nothing descends from itself."""
    if isinstance(file.record, Entry):
        for name in file.record.variants:
            if ring := circle(context.catalog, name):
                place = at(file, ("variants", name, "base"))
                yield place, f"`{name}` descends from itself: {' <- '.join(ring)}", "one of these bases is wrong"
    elif isinstance(file.record, Dataset) and (ring := circle(context.catalog, file.slug)):
        yield at(file, ("derived_from",)), f"`{file.slug}` descends from itself: {' <- '.join(ring)}", ""
