"""Tables that a project published, cell by cell: what was printed, in rows and columns that have meaning."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from catalog.errors import Impossible
from catalog.facts import From, Name, Prose, Short, Slug, Strict, Text, prose, said
from catalog.forms import prose_schema
from catalog.units import Dimension, Quantity, quantity
from catalog.vocabulary import TableKind


def _cell(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        return {str(key): prose(said(part)) for key, part in value.items()}
    return prose(said(value))


_PRINTED: dict[str, Any] = {"anyOf": [prose_schema(8000), {"type": "number"}]}
_CELL = {"anyOf": [*_PRINTED["anyOf"], {"type": "object", "additionalProperties": _PRINTED}, {"type": "null"}]}
Cell = Annotated[str | dict[str, str] | None, PlainValidator(_cell), WithJsonSchema(_CELL)]


def _setting(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("write a number, or the word as text")
    text = prose(said(value))
    if len(text) > 300:
        raise ValueError(f"{len(text)} characters; a setting has at most 300")
    return value


_SETTING = {"anyOf": [prose_schema(300), {"type": "number"}]}
Setting = Annotated[
    str | int | float, PlainValidator(_setting), WithJsonSchema({"anyOf": [prose_schema(300), {"type": "number"}]})
]

Measure = Dimension | Literal["text", "rank"]


class Column(Strict):
    """One column; `measures` says what its cells are, or what their parts are ({time: duration, cost: money})."""

    name: Name
    """As the project writes it."""
    measures: Measure | dict[Slug, Measure]
    """What its cells are figures of, or what their parts are."""
    entity: Slug | None = None
    """The entry this column is about."""
    note: Text | None = None
    """What a reader must know to read this rightly."""


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
    """Evidence: `source#locator`, or a list of them."""
    cells: dict[Slug, Cell]
    """Column id -> what is printed there; a blank cell is `null`."""


class Table(Strict):
    """A published table."""

    id: Slug
    """Its id, unique in the record."""
    kind: TableKind
    """What kind it is."""
    title: Text
    """What the table shows."""
    benchmark: Short | None = None
    """What was measured on."""
    judge: Short | None = None
    """Who judged."""
    language: Short | None = None
    """Language it is in."""
    settings: dict[Slug, Setting] = {}
    """Published settings: rounds, k, initial, seed, thresholds."""
    settings_from: From | None = None
    """Where the settings stand."""
    columns: dict[Slug, Column]
    """Columns by id."""
    rows: Annotated[tuple[Row, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)]
    """Rows as printed."""
    judgments: Annotated[str, Field(pattern=r"^judgments/[a-z0-9.\-]+\.csv$")] | None = None
    """Recorded verdicts, where they were published."""
    players: dict[Prose, Slug] = {}
    """Recorded name -> entry, variant or outside model."""
    note: Text | None = None
    """What a reader must know to read this rightly."""

    @model_validator(mode="after")
    def _cells_fit_columns(self) -> Table:
        for number, row in enumerate(self.rows):
            for column, cell in row.cells.items():
                if column not in self.columns:
                    raise Impossible(
                        f"row {number + 1} has a cell `{column}`; the columns are {', '.join(self.columns)}"
                    )
                try:
                    readings(self.columns[column], cell)
                except ValueError as error:
                    raise Impossible(str(error)) from None
        return self


def readings(column: Column, cell: str | dict[str, str] | None) -> dict[str, Quantity | str]:
    """The cell's parts read by the column's measures; the key is `` where a cell is one figure. Raises ValueError."""
    if cell is None:
        return {}
    if isinstance(column.measures, dict) != isinstance(cell, dict):
        raise Impossible(f"cell `{cell}` does not fit column `{column.name.en}`")
    parts = cell if isinstance(cell, dict) else {"": cell}
    measures: dict[str, Any] = column.measures if isinstance(column.measures, dict) else {"": column.measures}
    unknown = set(parts) - set(measures)
    if unknown:
        raise Impossible(f"cell part `{sorted(unknown)[0]}` is not one of {', '.join(measures)}")
    return {part: _read(text, measures[part]) for part, text in parts.items()}


def _read(text: str, measure: str) -> Quantity | str:
    if measure == "text":
        return text
    return quantity(text, "count" if measure == "rank" else measure)
