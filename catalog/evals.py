"""Published scores of an entry as a Hugging Face model-index, and a model card's scores as a table of a record.

A group of the model-index is one row of one table: `dataset.type` is the table's id, `config` the variant, `split` the
row as printed. `metrics[].args.said` keeps the figure as the source prints it, so that nothing is lost on the way back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData, parse_eval_result_entries
from huggingface_hub.repocard_data import model_index_to_eval_results
from pydantic import ValidationError

from catalog.errors import UserError
from catalog.facts import Evidence
from catalog.files import read_bytes
from catalog.forms import SLUG
from catalog.reader import read
from catalog.recipes import plain
from catalog.records import Entry, Source
from catalog.register import Catalog, File
from catalog.tables import Row, Table, readings
from catalog.units import Quantity

_SCORES = ("elo", "ratio", "win-tie-lose", "win-rate", "benchmark")
_MEASURES = ("number", "percent", "count")
_TASK = "text-generation"


def results(catalog: Catalog, slug: str, variant: str | None = None) -> list[EvalResult]:
    """Every score that a table of the register prints for the entry, or for one of its variants."""
    wanted = {variant} if variant else {slug, *catalog.entries[slug].variants}
    found: list[EvalResult] = []
    for file in catalog.files:
        if isinstance(file.record, Entry):
            for table in file.record.published:
                if table.kind in _SCORES:
                    found += _of_table(catalog, file, table, wanted)
    return found


def _of_table(catalog: Catalog, file: File, table: Table, wanted: set[str]) -> Iterator[EvalResult]:
    seen: dict[str, int] = {}
    for row in table.rows:
        name = row.name.en
        seen[name] = seen.get(name, 0) + 1
        if row.entity not in wanted:
            continue
        split = name if seen[name] == 1 else f"{name} ({seen[name]})"
        source = _source(catalog, file, row.from_)
        for key, cell in row.cells.items():
            value = readings(table.columns[key], cell).get("")
            if isinstance(value, Quantity) and value.dimension in _MEASURES:
                yield EvalResult(
                    task_type=_TASK,
                    dataset_type=f"{file.slug}/{table.id}",  # ids of tables are an entry's own
                    dataset_name=table.benchmark or table.title.en,
                    dataset_config=row.entity,
                    dataset_split=split,
                    dataset_args=_args(table, row),
                    metric_type=key,
                    metric_name=table.columns[key].name.en,
                    metric_value=value.said if value.number is None else value.number,
                    metric_args={"said": value.said, "measures": value.dimension},
                    source_name=f"{file.slug}: {', '.join(map(str, row.from_))}" if source else None,
                    source_url=source,
                )


def _args(table: Table, row: Row) -> dict[str, Any]:
    optional = {"against": row.against, "judge": table.judge, "language": table.language}
    kept = {key: value for key, value in optional.items() if value}
    return {"kind": table.kind, "title": table.title.en, "title_zh": table.title.zh, **kept}


def _source(catalog: Catalog, file: File, evidence: tuple[Evidence, ...]) -> str | None:
    sources = (catalog.source(file, item.source) for item in evidence)
    return next((one.url for one in sources if isinstance(one, Source) and one.url), None)


def card(name: str, found: list[EvalResult]) -> str:
    """The front matter of a model card: what `huggingface_hub.metadata_load` reads."""
    return f"---\n{ModelCardData(model_name=name, eval_results=found).to_yaml()}\n---\n"


def load(path: Path) -> list[EvalResult]:
    """The scores of a model card, of a `model-index`, or of a file of `.eval_results/`; UserError where it is none."""
    raw, finding = read_bytes(path, str(path))
    if finding:
        raise UserError(f"cannot read {path}", why=finding.message, exit_code=2)
    block = re.match(rb"\s*---\s*\n(.*?)\n---\s*(?:\n|$)", raw, re.DOTALL)
    tree, problems = read(block[1] if block else raw)
    if tree is None:
        raise UserError(f"{path} holds no YAML that can be read", why=problems[0].message if problems else "")
    data = plain(tree)
    try:
        if isinstance(data, dict):
            return list(model_index_to_eval_results(data["model-index"])[1])
        if any("results" in item for item in data):
            return list(model_index_to_eval_results(data)[1])
        return [
            EvalResult(_TASK, one.dataset_id, one.dataset_id, "value", one.value, dataset_config=one.task_id,
                       source_url=one.source_url)
            for one in parse_eval_result_entries(data)
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"it lacks `{error.args[0]}`" if isinstance(error, KeyError) else str(error)
        hint = "a model card with `model-index`, or a file of .eval_results/"
        raise UserError(f"{path} holds no evaluation results", why=why, hint=hint) from None


@dataclass
class _Draft:
    """A table as it is gathered."""

    title: tuple[str, str]
    benchmark: str
    kind: str
    judge: str | None
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)


def tables(found: list[EvalResult], entity: str, source: str) -> list[Table]:
    """The scores as `published` tables, checked as a record would be; UserError with what does not fit."""
    drafts: dict[str, _Draft] = {}
    for one in found:
        args = one.dataset_args or {}
        ours = "title_zh" in args
        key = one.dataset_type if ours else _slug("-".join(filter(None, (one.dataset_name, one.dataset_config))))
        title = (str(args["title"]), str(args["title_zh"])) if ours else (one.dataset_name, one.dataset_name)
        draft = drafts.setdefault(
            key, _Draft(title, one.dataset_name, str(args.get("kind", "benchmark")), args.get("judge"))
        )
        _add(draft, one, (one.dataset_config or entity) if ours else entity, source)
    return [_checked(_id(key), draft) for key, draft in drafts.items()]


def _id(key: str) -> str:
    """The table's own id, which may have dots; whatever else stands there becomes one."""
    name = key.rpartition("/")[2]
    return name if re.fullmatch(SLUG, name) else _slug(name)


def _add(draft: _Draft, one: EvalResult, entity: str, source: str) -> None:
    column, args = _slug(one.metric_type), one.metric_args or {}
    said = str(args.get("said", one.metric_value))
    number = isinstance(one.metric_value, int | float) and not isinstance(one.metric_value, bool)
    measures = str(args.get("measures", "number" if number else "text"))
    draft.columns.setdefault(column, {"name": one.metric_name or one.metric_type, "measures": measures})
    name = one.dataset_split or entity
    row = draft.rows.setdefault((entity, name), {"name": name, "entity": entity, "from": source, "cells": {}})
    if against := (one.dataset_args or {}).get("against"):
        row["against"] = against
    row["cells"][column] = said


def _checked(key: str, draft: _Draft) -> Table:
    data = {
        "id": key,
        "kind": draft.kind,
        "title": {"en": draft.title[0], "zh": draft.title[1]},
        "benchmark": draft.benchmark,
        **({"judge": draft.judge} if draft.judge else {}),
        "columns": draft.columns,
        "rows": list(draft.rows.values()),
    }
    try:
        return Table.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UserError(f"the scores on `{key}` do not fit a record", where=where, why=first["msg"]) from None


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-")[:80] or "scores"


def block(found: list[Table]) -> str:
    """`published:` as a person would paste it into a record; a JSON string is a YAML string."""
    lines = ["published:"]
    for table in found:
        lines.append(f"  - id: {table.id}")
        lines.append(f"    kind: {table.kind}")
        lines.append(f"    title: {{en: {_quoted(table.title.en)}, zh: {_quoted(table.title.zh)}}}")
        lines += [f"    {key}: {_quoted(value)}" for key in ("benchmark", "judge") if (value := getattr(table, key))]
        lines.append("    columns:")
        for key, column in table.columns.items():
            lines.append(f"      {key}: {{name: {_quoted(column.name.en)}, measures: {column.measures}}}")
        lines.append("    rows:")
        for row in table.rows:
            cells = ", ".join(f"{key}: {_quoted(str(cell))}" for key, cell in row.cells.items())
            against = f", against: {row.against}" if row.against else ""
            places = ", ".join(_quoted(str(item)) for item in row.from_)
            begin = f"name: {_quoted(row.name.en)}, entity: {row.entity}{against}, from: [{places}]"
            lines.append(f"      - {{{begin}, cells: {{{cells}}}}}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
