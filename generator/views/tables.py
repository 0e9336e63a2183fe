"""Published tables as the page prints them: cells in the reader's language, and the figures a picture is made of."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from catalog.tables import Column, Row, Table, readings
from catalog.units import Quantity
from generator import figures
from generator.setting_names import setting_name
from generator.views.citing import Ref
from generator.views.shown import Part, Shower
from generator.words import known


@dataclass(frozen=True)
class TableRow:
    """One row."""

    label: Part
    against: Part | None
    cells: tuple[str | None, ...]
    """None where the source left the cell blank."""
    refs: tuple[Ref, ...]


@dataclass(frozen=True)
class Panel:
    """One column, or one part of it, as figures; one item a row, None where nothing was printed."""

    title: str
    scale: str
    """Panels of the same scale may be read across."""
    figures: tuple[tuple[float, float, str] | None, ...]
    """(lowest, highest, as the page prints it)."""


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
    own: tuple[bool, ...]
    """Whether a row, unlike others, is about the entry whose page this is."""
    panels: tuple[Panel, ...]
    from_zero: bool
    """Whether the figures have a zero that means nothing at all, as a rating has not."""


def table_view(show: Shower, table: Table, own: Container[str]) -> TableView:
    """The table with names linked to their entries; `own` are the names of the page's entry and its variants."""
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
        _own(table, own),
        tuple(_panels(show, table)) if len(table.rows) > 1 else (),
        table.kind != "elo",
    )


def _own(table: Table, names: Container[str]) -> tuple[bool, ...]:
    marked = tuple(row.entity in names for row in table.rows)
    return (False,) * len(marked) if all(marked) else marked


def _panels(show: Shower, table: Table) -> Iterator[Panel]:
    """What of the table can be drawn: columns of two figures and more in one unit."""
    for key, column in table.columns.items():
        measures = column.measures if isinstance(column.measures, dict) else {"": column.measures}
        for part, measure in measures.items():
            read = [readings(column, row.cells.get(key)).get(part) for row in table.rows]
            found = [value for value in read if isinstance(value, Quantity) and value.high is not None]
            if measure in ("text", "rank") or len(found) < 2 or len({value.unit for value in found}) > 1:
                continue
            name = _name(show, column)
            title = f"{name}{'：' if show.language == 'zh' else ', '}{_part(show, part)}" if part else name
            scale = key if measure == "number" else f"{measure} {found[0].unit}"
            yield Panel(title, scale, tuple(_figure(show, value) for value in read))


def _part(show: Shower, part: str) -> str:
    return show.word(part) if known(part) else part


def _figure(show: Shower, value: Quantity | str | None) -> tuple[float, float, str] | None:
    if not isinstance(value, Quantity) or value.high is None:
        return None
    low = value.high if value.low is None else value.low
    return float(low), float(value.high), figures.quantity(value, show.language)


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
