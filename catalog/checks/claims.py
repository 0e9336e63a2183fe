"""A claim that arithmetic speaks against is read again before it goes in: a slip of the pen, or true of the world."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.claims.ledger import rows_of
from catalog.reader import Place
from catalog.records import Entry
from catalog.register import File


@check("HB225", severity="warning")
def claim_beyond_arithmetic(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """An accepted claim of hardware, time, memory or cost comes out as implausible or contradicted.

    Where a correction of the record is about it, the register has seen it and says what holds.
    """
    if not isinstance(file.record, Entry) or context.catalog.entries.get(file.slug) is not file.record:
        return
    known = tuple(correction.about for correction in file.record.corrections)
    for row in rows_of(context.catalog, file.kind, file.slug):
        if row.verdict not in ("implausible", "contradicted") or not row.accepted:
            continue
        if any(row.fact == about or row.fact.startswith(f"{about}.") for about in known):
            continue
        said = str(getattr(row.value, "said", row.value))
        arithmetic = "; ".join(line.en.rstrip(".") for line in row.judged.lines)
        hint = "read the source again; if it does say so, add a correction that is `about` this fact"
        yield at(file, row.steps), f"`{said}` is {row.verdict}: {arithmetic}", hint
