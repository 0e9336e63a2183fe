"""One row a model, for spreadsheets and data frames: CSV of text, Parquet with a typed score and the whole record."""

from __future__ import annotations

import io
import json
from typing import Any

from catalog.errors import UserError
from catalog.export import Json, rows_csv


def rows(data: Json) -> list[dict[str, str]]:
    """The flat cells of every model; a demonstration is none."""
    return [one["at_a_glance"] for one in _models(data)]


def _models(data: Json) -> list[Json]:
    return [record for record in data["models"].values() if record.get("kind") == "model"]


def csv(data: Json) -> bytes:
    """As api/v1/models.csv."""
    return rows_csv(rows(data)).encode()


def parquet(data: Json) -> bytes:
    """Text cells as in the CSV, `openness_score` as a number, and `record`: the whole entry as JSON."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UserError(
            "Parquet needs pyarrow, which is not installed",
            why="it is large and nothing else here needs it, so it is an extra",
            hint="pip install 'herdbook[parquet]'",
        ) from None
    cells: list[dict[str, Any]] = [
        {**row, "openness_score": float(row["openness_score"]), "record": json.dumps(one, ensure_ascii=False)}
        for row, one in zip(rows(data), _models(data), strict=True)
    ]
    names = list(cells[0]) if cells else ["id"]
    fields = [(name, pyarrow.float64() if name == "openness_score" else pyarrow.string()) for name in names]
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(cells, pyarrow.schema(fields)), out)
    return out.getvalue()
