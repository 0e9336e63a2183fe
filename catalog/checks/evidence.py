"""Evidence must exist: every cited source is declared, and a line is inside its document."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.records import Document
from catalog.register import File
from catalog.spelling import did_you_mean


@check("HB201")
def undeclared_source(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """`from: readme#L3` needs `readme` under `sources` or a document of that id in catalog/sources/."""
    own = list(getattr(file.record, "sources", {}))
    for path, evidence in context.walk(file).cited:
        if context.catalog.source(file, evidence.source) is None:
            known = [*own, *context.catalog.documents]
            hint = did_you_mean(evidence.source, known) or "declare it under `sources`"
            yield at(file, path), f"the source `{evidence.source}` is not declared", hint


@check("HB202")
def line_outside_document(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """A locator of a document names lines which the document has."""
    for path, evidence in context.walk(file).cited:
        source = context.catalog.source(file, evidence.source)
        if not isinstance(source, Document):
            continue
        for first, last in evidence.lines:
            if not 1 <= first <= last <= source.lines:
                what = f"`{evidence}` names line {last if last > source.lines else first}; `{evidence.source}`"
                yield at(file, path), f"{what} has lines 1 to {source.lines}", ""
        if not evidence.lines:
            yield at(file, path), f"`{evidence}` does not say where", "name the line, as in `survey#L28`"


@check("HB203", "warning")
def unused_source(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """A declared source that nothing cites is a leftover or a forgotten citation."""
    used = {evidence.source for _, evidence in context.walk(file).cited}
    for name in getattr(file.record, "sources", {}):
        if name not in used:
            yield at(file, ("sources", name), key=True), f"nothing cites the source `{name}`", "cite it or delete it"
        elif name in context.catalog.documents:
            what = f"`{name}` is also the id of a document in catalog/sources/"
            yield at(file, ("sources", name), key=True), what, "choose another id"
