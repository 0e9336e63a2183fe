"""Ids must resolve, and to the right kind of thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.recipes import MetricClaim
from catalog.records import Alias, Dataset, DataUse, Entry, Framework, Homonym, Outside, Run, Term, Variant
from catalog.register import Catalog, File, once
from catalog.spelling import did_you_mean
from catalog.tables import Table
from catalog.training import Base, Data, HubFiles, WebFile
from catalog.walk import Path, Walk

Wanted = tuple[Path, str, tuple[str, ...]]

_MODEL = ("models", "variant", "frameworks", "outside model")
_DATA = ("datasets", "outside dataset", "outside benchmark")
_TOOL = ("frameworks", "outside framework", "outside method", "models")
_ANY = (*_MODEL, *_DATA, *_TOOL, "hardware", "terms")


@check("HB210")
def dangling_reference(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Every base, data set, framework, card, term and table row names something the register knows."""
    for path, name, kinds in wanted(file, context.walk(file)):
        found = kind_of(context.catalog, name)
        if found is None:
            hint = _near(context.catalog, name) or "add it to catalog/outside.yaml if it has no entry"
            yield at(file, path), f"nothing here is called `{name}`", hint
        elif found not in kinds:
            yield at(file, path), f"`{name}` is in `{found}`; here belongs one of: {', '.join(kinds)}", ""


@check("HB211")
def unknown_licence(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Licence ids stand in catalog/licences.yaml."""
    known = context.catalog.licences
    for path, node in context.walk(file).nodes:
        if isinstance(node, HubFiles | WebFile) and node.licence and node.licence not in known:
            yield at(file, (*path, "licence")), f"unknown licence `{node.licence}`", _licence_hint(node.licence, known)
        elif (path and path[-1] in ("licence", "output_terms")) or (len(path) > 1 and path[-2] == "licences"):
            for number, claim in enumerate(getattr(node, "claims", ())):
                if claim.value is not None and claim.value not in known:
                    place = at(file, (*path, "claims", number, "value"))
                    yield place, f"unknown licence `{claim.value}`", _licence_hint(claim.value, known)


def _licence_hint(name: str, known: Iterable[str]) -> str:
    lowered = {one.lower(): one for one in known}
    near = did_you_mean(name, list(lowered))
    return f"did you mean `{lowered[near[14:-2]]}`?" if near else "ids stand in catalog/licences.yaml"


@check("HB212")
def unknown_publisher(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Publishers stand in catalog/publishers.yaml."""
    fact = getattr(file.record, "publisher", None)
    for number, claim in enumerate(fact.claims if fact else ()):
        for name in claim.value or ():
            if name not in context.catalog.publishers:
                hint = did_you_mean(name, list(context.catalog.publishers)) or "add it to catalog/publishers.yaml"
                yield at(file, ("publisher", "claims", number, "value")), f"unknown publisher `{name}`", hint


@once
def _near(catalog: Catalog, name: str) -> str:
    return did_you_mean(name, list(catalog.ids()))


def kind_of(catalog: Catalog, name: str) -> str | None:
    """What kind of thing an id is: a kind of record, `variant`, or `outside ...`; None where nothing has it."""
    target = catalog.resolve(name)
    if target is None:
        return "document" if name in catalog.documents else None
    return f"outside {catalog.outside[name].kind}" if target.kind == "outside" else target.kind


def wanted(file: File, walk: Walk) -> Iterator[Wanted]:
    """(path, id, kinds that fit) for every reference of a record."""
    for path, node in walk.nodes:
        if isinstance(node, Variant) and node.base:
            yield from _values((*path, "base"), node.base, _MODEL)
        if isinstance(node, Run):
            if node.framework:
                yield from _values((*path, "framework"), node.framework, _TOOL)
            if node.hardware:
                for number, claim in enumerate(node.hardware.claims):
                    if claim.value:
                        yield (*path, "hardware", "claims", number, "value"), claim.value.card, ("hardware",)
        if isinstance(node, DataUse):
            yield (*path, "dataset"), node.dataset, _DATA
        if isinstance(node, Base) and node.entry:
            yield (*path, "entry"), node.entry, _MODEL
        if isinstance(node, Data) and node.entry:
            yield (*path, "entry"), node.entry, _DATA
        if isinstance(node, MetricClaim) and node.hardware:
            yield (*path, "hardware"), node.hardware, ("hardware",)
        if isinstance(node, Homonym):
            yield (*path, "entry"), node.entry, _ANY
        if isinstance(node, Table):
            yield from _table(path, node)
    record = file.record
    if isinstance(record, Alias):
        yield ("variant",) if record.variant else ("entry",), record.variant or record.entry, (*_ANY, "document")
    if isinstance(record, Outside) and record.base:
        yield from _values(("base",), record.base, _MODEL)
    if isinstance(record, Entry):
        for number, fact in enumerate(record.uses):
            yield from _values(("uses", number), fact, _TOOL)
    if isinstance(record, Framework):
        for number, fact in enumerate(record.serves):
            yield from _values(("serves", number), fact, _ANY)
    if isinstance(record, Dataset):
        for number, fact in enumerate(record.generated_by):
            yield from _values(("generated_by", number), fact, _MODEL)
        for number, fact in enumerate(record.derived_from):
            yield from _values(("derived_from", number), fact, _DATA)
    if isinstance(record, Term):
        for number, name in enumerate(record.related):
            yield ("related", number), name, _ANY


def _values(path: Path, fact: object, kinds: tuple[str, ...]) -> Iterator[Wanted]:
    for number, claim in enumerate(getattr(fact, "claims", ())):
        values = claim.value if isinstance(claim.value, tuple) else (claim.value,) if claim.value else ()
        for value in values:
            yield (*path, "claims", number, "value"), value, kinds


def _table(path: Path, table: Table) -> Iterator[Wanted]:
    for name, column in table.columns.items():
        if column.entity:
            yield (*path, "columns", name, "entity"), column.entity, _ANY
    for number, row in enumerate(table.rows):
        if row.entity:
            yield (*path, "rows", number, "entity"), row.entity, _ANY
        if row.against:
            yield (*path, "rows", number, "against"), row.against, _ANY
    for said, name in table.players.items():
        yield (*path, "players", said), name, _ANY
