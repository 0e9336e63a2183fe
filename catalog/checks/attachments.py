"""Files that a record names exist beside it."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.records import Entry
from catalog.register import File


@check("HB240")
def missing_judgments(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """`judgments: judgments/x.csv` is a file beside the record."""
    if isinstance(file.record, Entry):
        for number, table in enumerate(file.record.published):
            folder = (context.catalog.root / file.relative).parent
            if table.judgments and not (folder / table.judgments).is_file():
                yield at(file, ("published", number, "judgments")), f"there is no `{table.judgments}` here", ""
