"""Claims in published tables, cell by cell; `tables.yaml` says what a cell covers where the columns do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import field_validator

from catalog.claims.account import Account, Judged
from catalog.claims.costs import judge_cost
from catalog.claims.inputs import (
    Given,
    Lack,
    amount,
    arithmetic_format,
    hours_line,
    of_model,
    peak_of,
    per_example,
    tokens,
    work_factor,
)
from catalog.claims.lines import Line, figures
from catalog.claims.places import Place, place_of_variant, places
from catalog.claims.speed import by_share
from catalog.estimate import Range, flop_per_parameter, hours_at
from catalog.facts import Evidence, Strict
from catalog.hardware_counts import HardwareCount, hardware_count
from catalog.register import Catalog
from catalog.tables import Row, Table, readings
from catalog.units import Quantity

_FILE = Path(__file__).with_name("tables.yaml")
JUDGED = ("duration", "money", "memory")
"""Dimensions of cells that are claims of the kind the ledger keeps."""


class Covers(Strict):
    """What the cells of one table cover."""

    run: str | None = None
    """Path of a run in the entry, or `row`: the run of the variant the row is about."""
    model: str | tuple[str, ...] = "row"
    cards: str = "row"
    examples: float | tuple[float, ...] | None = None
    frozen: bool | tuple[bool | None, ...] | None = None
    sequence: dict[str, int] = {}
    """Longest example by column."""

    @field_validator("model", "examples", "frozen", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        value = tuple(value) if isinstance(value, list) else value
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@cache
def covers() -> dict[str, Covers]:
    """`entry/table` -> what its cells cover."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: Covers.model_validate(_floats(item)) for name, item in raw.items()}


def _floats(item: dict[str, Any]) -> dict[str, Any]:
    """YAML 1.1 reads 2e6 as text."""
    read = item.get("examples")
    if isinstance(read, list):
        item["examples"] = [float(one) for one in read]
    return item


@dataclass(frozen=True)
class Cell:
    """One figure of a table."""

    table: Table
    number: int
    """Of the row, from 0."""
    column: str
    part: str
    value: Quantity

    @property
    def row(self) -> Row:
        return self.table.rows[self.number]

    @property
    def steps(self) -> tuple[str | int, ...]:
        """Path below the table."""
        return ("rows", self.number, "cells", self.column, *([self.part] if self.part else []))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self.row.from_


def cells(table: Table) -> Iterator[Cell]:
    """The cells of time, cost and memory; a table of sizes or scores has none."""
    if table.kind not in ("time-cost", "speed", "cost", "memory"):
        return
    for number, row in enumerate(table.rows):
        for column, cell in row.cells.items():
            for part, value in readings(table.columns[column], cell).items():
                if isinstance(value, Quantity) and value.dimension in JUDGED:
                    yield Cell(table, number, column, part, value)


_NOT_KNOWN = Line("Missing: what this cell covers (data, model or cards)", "缺：该格所对应的数据、模型或显卡")


def judge_cell(catalog: Catalog, entry: str, cell: Cell) -> Judged:
    """Of one figure; under-determined where nothing says what it covers."""
    what = covers().get(f"{entry}/{cell.table.id}")
    if what is None or cell.value.dimension == "memory":
        return Judged("under-determined", (_NOT_KNOWN,))
    place, hardware = _place(catalog, entry, what, cell), _cards(what, cell)
    if cell.value.dimension == "money":
        return _cost(catalog, cell, place, hardware)
    return _time(catalog, what, cell, place, hardware)


def _place(catalog: Catalog, entry: str, what: Covers, cell: Cell) -> Place | None:
    if what.run == "row":
        return place_of_variant(catalog, cell.row.entity) if cell.row.entity else None
    return next((p for p in places(entry, catalog.entries[entry]) if p.path == what.run), None)


def _cards(what: Covers, cell: Cell) -> HardwareCount | None:
    if what.cards == "row":
        row = cell.row
        if row.entity is None:
            return None
        count = row.count or 1
        return HardwareCount(f"{count} x {row.entity}", count, row.entity)
    return None if what.cards == "run" else hardware_count(what.cards)


def _time(catalog: Catalog, what: Covers, cell: Cell, place: Place | None, hardware: HardwareCount | None) -> Judged:
    account = Account()
    size = _size(catalog, what, cell, place)
    data = _tokens(catalog, what, cell, place)
    factor = _factor(what, cell, place)
    hours = amount(cell.value)
    seen = account.take(data)
    if hardware is None or hardware.count is None:
        account.lacking.append(Line("the cards", "显卡型号"))
    if size is None:
        account.lacking.append(Line("the number of parameters", "参数量"))
    if seen is None or size is None or hardware is None or hardware.count is None or hours is None:
        return Judged("under-determined", account.all() or (_NOT_KNOWN,))
    assert isinstance(data, Given)
    found = peak_of(catalog, arithmetic_format(place), hardware)
    peak = account.take(found)
    if peak is None or isinstance(found, Lack):
        return Judged("under-determined", account.all())
    flop = factor.amount * size * seen
    account.say(f"Data: {data.line.en}", f"数据：{data.line.zh}")
    product = f"{figures(size)} × {figures(seen)} = {figures(flop)} FLOP"
    account.say(f"Work: {factor.line.en} × {product}", f"计算量：{factor.line.zh} × {product}")
    spent = hours * float(hardware.count)
    account.say(f"Spent: {hardware.count:,} × {hours_line(hours)}", f"耗费：{hardware.count:,} × {hours_line(hours)}")
    return by_share(account, flop, spent, found, hours_at(flop, hardware.count, peak.high), "hours")


def _size(catalog: Catalog, what: Covers, cell: Cell, place: Place | None) -> Range | None:
    if isinstance(what.model, tuple):
        name: str | None = what.model[cell.number]
    elif what.model == "column":
        name = cell.table.columns[cell.column].entity
    else:
        name = cell.row.entity if what.model == "row" else place.variant if place else None
    return of_model(catalog, name)[1] if name else None


def _factor(what: Covers, cell: Cell, place: Place | None) -> Given:
    frozen = what.frozen[cell.number] if isinstance(what.frozen, tuple) else what.frozen
    if what.frozen is None and place is not None:
        return work_factor(place)
    if frozen is None:
        return Given(Range(4.0, 6.0), Line("4–6 FLOP (LoRA or full is unclear)", "4–6 FLOP（LoRA 还是全参不明）"))
    each = flop_per_parameter(frozen=frozen)
    return Given(Range.exact(each), Line(f"{figures(each)} FLOP", f"{figures(each)} FLOP"))


def _tokens(catalog: Catalog, what: Covers, cell: Cell, place: Place | None) -> Given | Lack:
    if what.examples is None:
        return tokens(catalog, place) if place else Lack(Line("the amount of data", "数据量"))
    count = what.examples[cell.number] if isinstance(what.examples, tuple) else what.examples
    each = per_example(place, what.sequence.get(cell.column))
    ends = each.range
    product = ends * count
    line = f"{figures(count)} × {figures(ends)} = {figures(product)}"
    return Given(
        product,
        Line(f"examples × tokens (assumed: {each.why.en}): {line}", f"样本 × token（假定：{each.why.zh}）：{line}"),
    )


def _cost(catalog: Catalog, cell: Cell, place: Place | None, hardware: HardwareCount | None) -> Judged:
    """With the hours of the same cell, or of the run the table is about."""
    account = Account()
    beside = readings(cell.table.columns[cell.column], cell.row.cells[cell.column]).get("time")
    hours = amount(beside) if isinstance(beside, Quantity) else None
    if place is not None and hardware is None:
        fact = place.fact("hardware")
        hardware = fact.accepted.value if fact else None
    if place is not None and hours is None:
        said = place.fact("duration")
        hours = amount(said.accepted.value) if said else None
    if hours is None:
        account.lacking.append(Line("the time this price is for", "该价格对应的时长"))
    count = hardware.count if hardware else None
    spent = hours * float(count) if hours is not None and count else None
    return judge_cost(catalog, account, cell.value, hardware, spent)
