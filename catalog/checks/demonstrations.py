"""A demonstration says how it is to be read, and claims nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.records import Model
from catalog.register import File

_NONE_OF_ITS_OWN = ("publisher", "released")


@check("HB217")
def demonstration_read_as_a_model(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """`kind: demonstration` and the part `demonstration` go together, and nobody published or released it."""
    model = file.record
    if not isinstance(model, Model):
        return
    if model.kind == "model":
        if model.demonstration:
            what = "`demonstration` belongs to `kind: demonstration`"
            yield at(file, ("demonstration",), key=True), what, "set the kind or take the part out"
        return
    if model.demonstration is None:
        what = "a demonstration says why it exists and what its figures do and do not mean"
        yield at(file, ("kind",)), what, "add `demonstration: {purpose, shows, shows_not}`"
    for name in _NONE_OF_ITS_OWN:
        if getattr(model, name).accepted.value is not None:
            yield at(file, (name,)), f"a demonstration has no `{name}`", "write `{status: not-applicable}`"
    for name in ("variants", "training", "published", "openness"):
        if getattr(model, name):
            yield at(file, (name,), key=True), f"a demonstration has no `{name}`: it is not a model", "take it out"
