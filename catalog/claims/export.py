"""The ledger as plain data: `api/v1/claims.json`."""

from __future__ import annotations

from typing import Any

from catalog import export
from catalog.claims.ledger import Row, ledger
from catalog.estimate import Range
from catalog.register import Catalog

Json = dict[str, Any]


def claims(catalog: Catalog) -> list[Json]:
    """One object a claim, in the order of the register; numbers unrounded, null where nothing was computed."""
    return [_row(catalog, row) for row in ledger(catalog)]


def _row(catalog: Catalog, row: Row) -> Json:
    file = catalog.by_key[(row.kind, row.entry)]
    said = export.value(catalog, file, row.value)
    return {
        "entry": row.entry,
        "fact": row.fact,
        "claimed": {**said, "accepted": row.accepted},
        "derived": _derived(row),
        "measured": _measured(row),
        "verdict": row.verdict,
        "arithmetic": {
            "en": [line.en for line in row.judged.lines],
            "zh": [line.zh for line in row.judged.lines],
        },
        "sources": export.evidence(catalog, file, row.evidence),
    }


def _derived(row: Row) -> Json | None:
    """Low and high in `unit`; `utilisation` is the share of the cards' peak that the claim implies."""
    judged = row.judged
    if judged.derived is None and judged.share is None:
        return None
    ends = _ends(judged.derived) if judged.derived else {"low": None, "high": None}
    return {**ends, "unit": judged.unit or None, "utilisation": _ends(judged.share) if judged.share else None}


def _measured(row: Row) -> Json | None:
    one = row.measured
    if one is None:
        return None
    return {"value": one.value, "unit": one.unit, "tolerance": one.tolerance, "source": f"catalog/{one.source}"}


def _ends(amount: Range) -> Json:
    return {"low": amount.low, "high": amount.high}
