"""A component is not open where its own licence limits its use."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.records import Dataset, Entry, Licence
from catalog.register import File
from catalog.walk import Path

_GOVERNED = (
    ("training_code", "code"),
    ("inference_code", "code"),
    ("tuning_data", "data"),
    ("tuned_weights", "weights"),
    ("adapters", "weights"),
)


@check("HB224")
def open_but_limited(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """`open` means terms that do not limit use; under a licence that does, a component is `partial` at best."""
    record = file.record
    if isinstance(record, Dataset) and record.access:
        yield from _compare(file, context, ("access",), record.access.accepted.level, record.licence)
    if isinstance(record, Entry):
        owners = [((), record)] + [(("variants", name), v) for name, v in record.variants.items()]
        for path, owner in owners:
            for component, part in _GOVERNED:
                cell = owner.openness.get(component)  # type: ignore[call-overload]
                licence: Licence | None = getattr(owner.licences, part) or getattr(record.licences, part)
                if cell:
                    yield from _compare(file, context, (*path, "openness", component), cell.accepted.level, licence)


def _compare(
    file: File, context: Context, path: Path, level: str, licence: Licence | None
) -> Iterator[tuple[Place, str, str]]:
    if level != "open" or licence is None or licence.accepted.value is None:
        return
    terms = context.catalog.licences.get(licence.accepted.value)
    if terms and terms.openness != "open":
        what = f"`{path[-1]}` is open, but its licence {licence.accepted.value} limits its use"
        yield at(file, (*path, "level")), what, "`partial`, or dated claims where the licence changed"
