"""The whole catalog as plain data: every claim (rejected ones too), numbers in base units beside what was said."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from catalog.derived import derived
from catalog.facts import Claim, Day, Evidence, Fact, LevelClaim, Said, Text
from catalog.hardware_counts import HardwareCount
from catalog.links import downloads_of
from catalog.recipes import plain as plain_data
from catalog.records import DataUse, Document, Homonym
from catalog.register import Catalog, File
from catalog.summary import row_of
from catalog.tables import Row, Table, readings
from catalog.units import Quantity, plain

Json = dict[str, Any]
KINDS = ("models", "datasets", "frameworks", "hardware", "terms", "sources", "demonstrations", "outside")


def export(catalog: Catalog) -> Json:
    """`{"models": {slug: {...}}, "datasets": ..., "frameworks": ..., "hardware": ..., "terms": ..., ...}`."""
    result: Json = {kind: {} for kind in KINDS}
    for file in catalog.files:
        result[file.kind][file.slug] = entry(catalog, file)
    result["outside"] = {name: outside(catalog, name) for name in sorted(catalog.outside)}
    return result


def to_json(data: Any) -> str:
    """Stable JSON with a line for each top-level key or item: keys in the order of the records, no NaN, text as text.

    Lines and not indentation: the standard library indents in Python, twenty times slower than it writes in C.
    """
    if isinstance(data, dict):
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {_dense(value)}" for key, value in data.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"
    if isinstance(data, list):
        return "[\n" + ",\n".join(_dense(item) for item in data) + "\n]\n"
    return _dense(data) + "\n"


def _dense(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, allow_nan=False)


def entry(catalog: Catalog, file: File) -> Json:
    """One record, whole; models and frameworks also carry what follows from it: the flat cells that the explorer and
    the CSV show, every cell of openness, and the chain of licences.
    """
    computed = file.kind in ("models", "frameworks")
    return {
        "id": file.slug,
        "kind": file.kind,
        "path": f"catalog/{file.relative}",
        **_Exporter(catalog, file).fields(file.record),
        **_downloads(catalog, file),
        **({"at_a_glance": row_of(catalog, file.slug), "derived": derived(catalog, file.slug)} if computed else {}),
        **(_attached(catalog, file.slug) if file.kind in ("models", "demonstrations") else {}),
    }


def _downloads(catalog: Catalog, file: File) -> Json:
    """What was found at each address of weights and data; `checked` is null where nobody looked."""
    unchecked = {"status": "not-checked", "checked": None}
    known = {url: one.said() for url, one in catalog.links.items()}
    rows = [{"url": url, **known.get(url, unchecked)} for url in downloads_of(file.record)]
    return {"downloads": rows} if rows else {}


def _attached(catalog: Catalog, slug: str) -> Json:
    """What lies beside the record, where there is any: the recipe whole, verdicts by hash, results whole."""
    found: Json = {}
    if recipe := catalog.recipes.get(slug):
        found["recipe"] = {"path": f"catalog/{recipe.relative}", **_Exporter(catalog, recipe).fields(recipe.record)}
    tables = {path: table for path, table in catalog.judgments.items() if table.entry == slug}
    if tables:
        found["judgments"] = [
            {"path": f"catalog/{path}", "sha256": table.sha256, "rows": table.rows, "columns": list(table.columns)}
            for path, table in tables.items()
        ]
    if results := catalog.results.get(slug):
        found["results"] = [{"path": f"catalog/{one.relative}", **plain_data(one.tree)} for one in results]
    return found


def outside(catalog: Catalog, name: str) -> Json:
    """Something the register leans on without an entry of its own."""
    file = next(f for f in catalog.side_files if f.kind == "outside" and f.slug == name)
    return {"id": name, **_Exporter(catalog, file).fields(file.record)}


def reference(catalog: Catalog, name: str) -> Json:
    """An id with what it means and how it is called."""
    target = catalog.resolve(name)
    if target is None:
        if name in catalog.publishers:
            return {"id": name, "kind": "publisher", "name": _text(catalog.publishers[name].name)}
        return {"id": name, "kind": None, "name": None}
    return {"id": name, "kind": target.kind, "entry": target.entry, "name": _text(target.name)}


def _text(text: Text) -> Json:
    return {"en": text.en, "zh": text.zh}


def evidence(catalog: Catalog, file: File, cited: Iterable[Evidence]) -> list[Json]:
    """Sources with their addresses, as every claim of the record carries them."""
    exporter = _Exporter(catalog, file)
    return [exporter.source(item) for item in cited]


def value(catalog: Catalog, file: File, read: Any) -> Json:
    """A value in base units beside what was said."""
    return _Exporter(catalog, file).reading(read, "")


class _Exporter:
    """Carries the catalog and the record, which references and sources are resolved against."""

    def __init__(self, catalog: Catalog, file: File) -> None:
        self.catalog, self.file = catalog, file

    def fields(self, node: BaseModel) -> Json:
        result: Json = {}
        for name, info in type(node).model_fields.items():
            value = getattr(node, name)
            if name in ("from_", "evidence", "settings_from"):
                if value is not None:
                    label = "sources" if name == "from_" else name
                    result[label] = [self.source(item) for item in value]
                continue
            if value is None or value == () or value == {}:
                continue
            result[info.alias or name] = self.value(value, name)
        if isinstance(node, DataUse):
            result["dataset"] = reference(self.catalog, node.dataset)
            result["accepted"] = node.rejected is None
            if node.accepted:
                result["reason"] = _text(node.accepted)
        if isinstance(node, Homonym):
            result["entry"] = reference(self.catalog, node.entry)
        return result

    def value(self, value: Any, name: str = "") -> Any:
        if isinstance(value, Fact):
            return self.fact(value, name)
        if isinstance(value, Text):
            return _text(value)
        if isinstance(value, Table):
            return self.table(value)
        if isinstance(value, BaseModel):
            return self.fields(value)
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return [self.value(item, name) for item in value]
        return value.said if isinstance(value, Day) else value

    def fact(self, fact: Fact[Any], name: str) -> Json:
        accepted = self.claim(fact.accepted, name)
        reason = accepted.pop("reason", None)
        claims = [{**self.claim(claim, name), "accepted": claim is fact.accepted} for claim in fact.claims]
        return {**accepted, **({"reason": reason} if reason else {}), "claims": claims}

    def claim(self, claim: Said, name: str) -> Json:
        assert isinstance(claim, Claim | LevelClaim)
        result: Json = {"status": claim.status, **self.reading(claim.value, name)}
        result["as_of"] = self.as_of(claim)
        result["sources"] = [self.source(item) for item in claim.evidence]
        if claim.accepted:
            result["reason"] = _text(claim.accepted)
        if claim.note:
            result["note"] = _text(claim.note)
        return result

    def as_of(self, claim: Said) -> str | None:
        """The claim's own date, else that of its first source."""
        if claim.as_of:
            return claim.as_of.said
        for item in claim.evidence:
            if source := self.catalog.source(self.file, item.source):
                return source.as_of.said
        return None

    def reading(self, value: Any, name: str) -> Json:
        if isinstance(value, Quantity):
            return quantity_json(value)
        if isinstance(value, HardwareCount):
            card = reference(self.catalog, value.card)
            return {"value": value.said, "said": value.said, "unit": "cards", "count": value.count, "hardware": card,
                    "qualifier": value.qualifier}  # fmt: skip
        if isinstance(value, Day):
            return {"value": value.said, "said": value.said, "unit": "date"}
        if isinstance(value, tuple):
            shown = [reference(self.catalog, v) if name in _ID_FIELDS else v for v in value]
            return {"value": shown, "said": ", ".join(value), "unit": None}
        if isinstance(value, str) and name in _ID_FIELDS:
            return {"value": reference(self.catalog, value), "said": value, "unit": None}
        return {"value": value, "said": value, "unit": None}

    def source(self, evidence: Evidence) -> Json:
        source = self.catalog.source(self.file, evidence.source)
        result: Json = {"id": evidence.source, "locator": evidence.locator or None}
        if isinstance(source, Document):
            result["document"] = f"sources/{evidence.source}"
            result["title"] = _text(source.title)
        elif source:
            result["url"] = source.url
        return result

    def table(self, table: Table) -> Json:
        result = self.fields_but(table, ("rows", "columns"))
        result["columns"] = {key: self.fields(column) for key, column in table.columns.items()}
        for key, column in table.columns.items():
            if column.entity:
                result["columns"][key]["entity"] = reference(self.catalog, column.entity)
        result["players"] = {said: reference(self.catalog, name) for said, name in table.players.items()}
        result["rows"] = [self.row(table, row) for row in table.rows]
        return result

    def fields_but(self, node: BaseModel, left_out: tuple[str, ...]) -> Json:
        return dict(self.fields_shallow(node, left_out))

    def fields_shallow(self, node: BaseModel, left_out: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name in type(node).model_fields:
            value = getattr(node, name)
            if name in left_out or value is None or value == () or value == {}:
                continue
            if name == "settings_from":
                yield "settings_from", [self.source(item) for item in value]
            else:
                yield name, self.value(value, name)

    def row(self, table: Table, row: Row) -> Json:
        cells: Json = {}
        for key, cell in row.cells.items():
            read = readings(table.columns[key], cell)
            parts = {
                part: quantity_json(v) if isinstance(v, Quantity) else {"value": v, "said": v}
                for part, v in read.items()
            }
            cells[key] = parts.get("", parts or None)
        result: Json = {"name": _text(row.name), "cells": cells, "sources": [self.source(item) for item in row.from_]}
        for label in ("entity", "against"):
            if name := getattr(row, label):
                result[label] = reference(self.catalog, name)
        if row.count is not None:
            result["count"] = row.count
        return result


_ID_FIELDS = frozenset(("base", "publisher", "framework", "uses", "serves", "generated_by", "derived_from"))


def quantity_json(value: Quantity) -> Json:
    """A quantity in its base unit; `value` is null for a range or where no number was said."""
    result: Json = {"value": value.number, "said": value.said, "unit": value.unit or None, "qualifier": value.qualifier}
    if value.low != value.high or value.low is None:
        result |= {"low": plain(value.low), "high": plain(value.high)}
    if value.noun:
        result["noun"] = value.noun
    return result


def models_csv(catalog: Catalog) -> str:
    """One row a model: the accepted figures over its variants, joined with `; `; safe to open in a spreadsheet."""
    return rows_csv([row_of(catalog, slug) for slug, model in catalog.models.items() if model.kind == "model"])


def rows_csv(rows: list[dict[str, str]]) -> str:
    """Rows as CSV; no cell breaks its line or starts a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]) if rows else ["id"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _inert(value) for key, value in row.items()})
    return out.getvalue()


def _inert(value: str) -> str:
    """One line; a cell that a spreadsheet would run as a formula is quoted with an apostrophe."""
    value = " ".join(value.split())
    return f"'{value}" if value[:1] in ("=", "+", "-", "@") else value
