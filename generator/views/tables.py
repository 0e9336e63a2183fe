"""Published tables as the page prints them: cells in the reader's language, bars where one column is a score."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.tables import Column, Row, Table, readings
from catalog.units import Quantity
from generator import figures
from generator.setting_names import setting_name
from generator.views.citing import Ref
from generator.views.shown import Part, Shower


@dataclass(frozen=True)
class TableRow:
    """One row."""

    label: Part
    against: Part | None
    cells: tuple[str | None, ...]
    """None where the source left the cell blank."""
    refs: tuple[Ref, ...]


@dataclass(frozen=True)
class TableView:
    """One published table."""

    id: str
    title: str
    settings: tuple[tuple[str, str], ...]
    settings_refs: tuple[Ref, ...]
    columns: tuple[str, ...]
    column_notes: tuple[str, ...]
    rows: tuple[TableRow, ...]
    note: str | None


def table_view(show: Shower, table: Table) -> TableView:
    """The table with names linked to their entries."""
    facts = [("benchmark", table.benchmark), ("judge", table.judge), ("language", table.language)]
    settings = [(setting_name(k, show.language), v) for k, v in facts if v]
    settings += [(setting_name(k, show.language), str(v)) for k, v in table.settings.items()]
    notes = [f"{_name(show, c)}: {show.text(c.note)}" for c in table.columns.values() if c.note]
    return TableView(
        table.id,
        str(getattr(table.title, show.language)),
        tuple(settings),
        show.citations.cite(table.settings_from) if table.settings_from else (),
        tuple(_name(show, column) for column in table.columns.values()),
        tuple(notes),
        tuple(_row(show, table, row) for row in table.rows),
        show.text(table.note),
    )


def _name(show: Shower, column: Column) -> str:
    return str(getattr(column.name, show.language))


def _row(show: Shower, table: Table, row: Row) -> TableRow:
    href = show.reference(row.entity).href if row.entity else None
    against = show.reference(row.against) if row.against else None
    cells = tuple(_cell(show, column, row.cells.get(key)) for key, column in table.columns.items())
    return TableRow(Part(str(getattr(row.name, show.language)), href), against, cells, show.citations.cite(row.from_))


def _cell(show: Shower, column: Column, cell: str | dict[str, str] | None) -> str | None:
    read = readings(column, cell)
    if not read:
        return None
    shown = [figures.quantity(v, show.language) if isinstance(v, Quantity) else v for v in read.values()]
    return (
        shown[0]
        if len(shown) == 1
        else f"{shown[0]}（{'，'.join(shown[1:])}）"
        if show.language == "zh"
        else f"{shown[0]} ({', '.join(shown[1:])})"
    )
