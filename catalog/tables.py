"""Tables that a project published, cell by cell: what was printed, in rows and columns that have meaning."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from catalog.facts import From, Name, Prose, Short, Slug, Strict, Text, prose, said
from catalog.units import Dimension, Quantity, quantity
from catalog.vocabulary import TableKind


def _cell(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        return {str(key): prose(said(part)) for key, part in value.items()}
    return prose(said(value))


Cell = Annotated[
    str | dict[str, str] | None,
    PlainValidator(_cell),
    WithJsonSchema(
        {"type": ["string", "number", "object", "null"], "additionalProperties": {"type": ["string", "number"]}}
    ),
]


def _setting(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("write a number, or the word as text")
    text = prose(said(value))
    if len(text) > 300:
        raise ValueError(f"{len(text)} characters; a setting has at most 300")
    return value


Setting = Annotated[str | int | float, PlainValidator(_setting), WithJsonSchema({"type": ["string", "number"]})]

Measure = Dimension | Literal["text", "rank"]


class Column(Strict):
    """One column; `measures` says what its cells are, or what their parts are ({time: duration, cost: money})."""

    name: Name
    measures: Measure | dict[Slug, Measure]
    entity: Slug | None = None
    """The entry this column is about."""
    note: Text | None = None


class Row(Strict):
    """One row; a cell left blank in print is `null`."""

    name: Name
    """As printed."""
    entity: Slug | None = None
    """The entry, variant, outside model or card this row is about."""
    against: Slug | None = None
    """The other side of a comparison."""
    count: int | None = None
    """Number of cards, where `entity` is a card."""
    from_: Annotated[From, Field(alias="from")]
    cells: dict[Slug, Cell]


class Table(Strict):
    """A published table."""

    id: Slug
    kind: TableKind
    title: Text
    benchmark: Short | None = None
    judge: Short | None = None
    language: Short | None = None
    settings: dict[Slug, Setting] = {}
    """Published settings: rounds, k, initial, seed, thresholds."""
    settings_from: From | None = None
    columns: dict[Slug, Column]
    rows: Annotated[tuple[Row, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)]
    judgments: Annotated[str, Field(pattern=r"^judgments/[a-z0-9.\-]+\.csv$")] | None = None
    """Recorded verdicts, where they were published."""
    players: dict[Prose, Slug] = {}
    """Recorded name -> entry, variant or outside model."""
    note: Text | None = None

    @model_validator(mode="after")
    def _cells_fit_columns(self) -> Table:
        for number, row in enumerate(self.rows):
            for column, cell in row.cells.items():
                if column not in self.columns:
                    raise ValueError(
                        f"row {number + 1} has a cell `{column}`; the columns are {', '.join(self.columns)}"
                    )
                readings(self.columns[column], cell)
        return self


def readings(column: Column, cell: str | dict[str, str] | None) -> dict[str, Quantity | str]:
    """The cell's parts read by the column's measures; the key is `` where a cell is one figure. Raises ValueError."""
    if cell is None:
        return {}
    if isinstance(column.measures, dict) != isinstance(cell, dict):
        raise ValueError(f"cell `{cell}` does not fit column `{column.name.en}`")
    parts = cell if isinstance(cell, dict) else {"": cell}
    measures: dict[str, Any] = column.measures if isinstance(column.measures, dict) else {"": column.measures}
    unknown = set(parts) - set(measures)
    if unknown:
        raise ValueError(f"cell part `{sorted(unknown)[0]}` is not one of {', '.join(measures)}")
    return {part: _read(text, measures[part]) for part, text in parts.items()}


def _read(text: str, measure: str) -> Quantity | str:
    if measure == "text":
        return text
    return quantity(text, "count" if measure == "rank" else measure)
