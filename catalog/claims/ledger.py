"""The ledger: each published claim of hardware, time, memory and cost, beside what is derived and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.claims.account import Account, Judged
from catalog.claims.cells import cells, judge_cell
from catalog.claims.costs import NOT_OF_A_RUN, judge_cost
from catalog.claims.inputs import amount
from catalog.claims.lines import Line, figures
from catalog.claims.measured import Measured, beside, measurements
from catalog.claims.needs import judge_training_memory
from catalog.claims.places import Place, places, stated
from catalog.claims.running import judge_inference_cards, judge_inference_memory
from catalog.claims.speed import VOLUMES, judge_rate, judge_time, judge_volume, spent_by, together
from catalog.claims.verdicts import Verdict
from catalog.facts import Claim, Evidence, Fact
from catalog.records import Entry, Inference
from catalog.register import Catalog, once
from catalog.tables import Table
from catalog.units import Quantity

_TIMES = ("hardware", "duration", "gpu_hours")
_RATES = ("compute", "throughput", "utilisation")


@dataclass(frozen=True)
class Row:
    """One claim."""

    kind: str
    """models, frameworks or datasets."""
    entry: str
    run: str
    """Path of the run, or of `inference`, or of the table it stands in; empty for a data set."""
    fact: str
    """Path of the fact in the record."""
    steps: tuple[str | int, ...]
    """Path of the value itself, for a finding."""
    name: str
    """hardware, duration, memory, cost, ..."""
    setting: str
    """Of memory: the key it stands under."""
    value: Any
    """As read: a quantity or a count of cards."""
    evidence: tuple[Evidence, ...]
    accepted: bool
    judged: Judged
    measured: Measured | None = None
    claim: Claim[Any] | None = field(default=None, compare=False, repr=False)
    """The claim itself; None for a cell of a table."""

    @property
    def verdict(self) -> Verdict:
        return self.judged.verdict


@once
def ledger(catalog: Catalog) -> tuple[Row, ...]:
    """Every claim of every entry, in the order of the register, with the measurements its results hold."""
    return with_measurements(_rows(catalog), measurements(catalog))


@once
def by_claim(catalog: Catalog) -> dict[int, Row]:
    """The rows by the identity of their claims, which live as long as the catalog."""
    return {id(row.claim): row for row in ledger(catalog) if row.claim is not None}


def with_measurements(rows: Iterable[Row], measured: Iterable[Measured]) -> tuple[Row, ...]:
    """The rows with what was measured beside them; where a result holds a verdict on the claim, it decides."""
    known = tuple(measured)
    return tuple(_with_measurement(row, known) for row in rows)


def _with_measurement(row: Row, measured: tuple[Measured, ...]) -> Row:
    claimed = amount(row.value) if isinstance(row.value, Quantity) else None
    found = beside(measured, row.entry, row.fact, row.name, claimed) if claimed else None
    if found is None:
        return row
    bounds = f"{figures(found.value)} {found.unit}"
    if found.tolerance is not None:
        bounds += f", ± {figures(found.tolerance)}"
    line = Line(f"Measured: {bounds} ({found.source})", f"实测：{bounds}（{found.source}）")
    judged = replace(row.judged, verdict=found.verdict or row.verdict, lines=(*row.judged.lines, line))
    return replace(row, judged=judged, measured=found)


def _rows(catalog: Catalog) -> Iterator[Row]:
    for kind, entries in (("models", catalog.models), ("frameworks", catalog.frameworks)):
        for slug in entries:
            yield from rows_of(catalog, kind, slug)
    for slug, dataset in catalog.datasets.items():
        if dataset.cost:
            for claim in stated(dataset.cost):
                yield _row("datasets", slug, (), ("cost",), "cost", claim, dataset.cost, NOT_OF_A_RUN)


def rows_of(catalog: Catalog, kind: str, slug: str) -> Iterator[Row]:
    """The claims of one entry."""
    record = catalog.entries[slug]
    found = [row for place in places(slug, record) for row in _of_run(catalog, kind, place)]
    found += _of_inference(catalog, kind, slug, record)
    yield from found
    # A table often repeats what stands as a fact; it is judged there, with all that is known of the run.
    told = {(row.name, row.value.low, row.value.high) for row in found if isinstance(row.value, Quantity)}
    for number, table in enumerate(record.published):
        for row in _of_table(catalog, kind, slug, table, number):
            if (row.name, row.value.low, row.value.high) not in told:
                yield row


def _row(
    kind: str,
    entry: str,
    run: tuple[str, ...],
    steps: tuple[str, ...],
    name: str,
    claim: Claim[Any],
    fact: Fact[Any],
    judged: Judged,
    setting: str = "",
) -> Row:
    """A claim of a fact; `steps` lead to the fact."""
    exact: tuple[str | int, ...] = (*steps, "claims", fact.claims.index(claim), "value")
    return Row(
        kind, entry, ".".join(run), ".".join(steps), exact, name, setting, claim.value, claim.evidence,
        claim is fact.accepted, judged, claim=claim,
    )  # fmt: skip


def _of_run(catalog: Catalog, kind: str, place: Place) -> Iterator[Row]:
    def row(name: str, claim: Claim[Any], fact: Fact[Any], judged: Judged, setting: str = "") -> Row:
        steps = (*place.steps, name, setting) if setting else (*place.steps, name)
        return _row(kind, place.entry, place.steps, steps, name, claim, fact, judged, setting)

    for name in _TIMES:
        for claim, fact in _claims(getattr(place.run, name)):
            yield row(name, claim, fact, judge_time(catalog, place, name, claim, fact))
    for name in VOLUMES:
        volume = getattr(place.run, name)
        if volume is not None and len(stated(volume)) > 1:
            for claim, fact in _claims(volume):
                yield row(name, claim, fact, judge_volume(catalog, place, name, claim, fact))
    for name in _RATES:
        for claim, fact in _claims(getattr(place.run, name)):
            yield row(name, claim, fact, judge_rate(catalog, place, name, claim, fact))
    for setting, memory in place.run.memory.items():
        for claim, fact in _claims(memory):
            yield row("memory", claim, fact, judge_training_memory(catalog, place, setting, claim), setting)
    for claim, fact in _claims(place.run.cost):
        account = Account()
        them = together(place, "cost", claim, fact)
        spent = spent_by(them, "cost", account)
        yield row("cost", claim, fact, judge_cost(catalog, account, claim.value, them.cards, spent))


def _claims(fact: Any) -> Iterator[tuple[Any, Any]]:
    """Every claim that states something, the accepted one and the others."""
    if fact is not None:
        for claim in stated(fact):
            yield claim, fact


def _of_inference(catalog: Catalog, kind: str, slug: str, record: Entry) -> Iterator[Row]:
    whole: list[tuple[tuple[str, ...], str | None, Inference | None]] = [(("inference",), None, record.inference)]
    each = [(("variants", name, "inference"), name, variant.inference) for name, variant in record.variants.items()]
    for steps, variant, inference in [*whole, *each]:
        if inference is None:
            continue
        for claim, fact in _claims(inference.hardware):
            judged = judge_inference_cards(catalog, slug, variant, list(inference.memory), claim.value)
            yield _row(kind, slug, steps, (*steps, "hardware"), "hardware", claim, fact, judged)
        for setting, memory in inference.memory.items():
            for claim, fact in _claims(memory):
                judged = judge_inference_memory(catalog, slug, variant, setting, claim)
                yield _row(kind, slug, steps, (*steps, "memory", setting), "memory", claim, fact, judged, setting)


_CELL_NAMES = {"duration": "duration", "money": "cost", "memory": "memory"}


def _of_table(catalog: Catalog, kind: str, slug: str, table: Table, number: int) -> Iterator[Row]:
    for cell in cells(table):
        judged = judge_cell(catalog, slug, cell)
        name = _CELL_NAMES[cell.value.dimension]
        path = ".".join(("published", table.id, *map(str, cell.steps)))
        steps: tuple[str | int, ...] = ("published", number, *cell.steps)
        run = f"published.{table.id}"
        yield Row(kind, slug, run, path, steps, name, "", cell.value, cell.evidence, True, judged)
