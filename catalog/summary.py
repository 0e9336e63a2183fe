"""One row an entry: what the explorer and the CSV show, from accepted figures only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from catalog import licences, openness
from catalog.facts import Fact
from catalog.records import Entry, Model, Run
from catalog.register import Catalog


def runs(entry: Entry) -> list[Run]:
    """Every run that released weights came from: the entry's own and its variants'."""
    every = [*entry.training.values(), *(run for v in entry.variants.values() for run in v.training.values())]
    return [run for run in every if run.role == "released"]


def said(facts: Iterable[Fact[Any] | None]) -> list[str]:
    """The accepted figures as they were said, each once; missing ones are left out."""
    found: dict[str, None] = {}
    for fact in facts:
        if fact is None or fact.accepted.value is None:
            continue
        value = fact.accepted.value
        text = getattr(value, "said", None) or (", ".join(value) if isinstance(value, tuple) else str(value))
        found.setdefault(text)
    return list(found)


def statuses(facts: Iterable[Fact[Any] | None]) -> str:
    """Why a figure is missing: `not-disclosed` where somebody looked, else `unknown`."""
    known = {fact.accepted.status for fact in facts if fact is not None}
    return "not-disclosed" if "not-disclosed" in known else "unknown"


def row_of(catalog: Catalog, slug: str) -> dict[str, str]:
    """Flat text cells of one model or framework."""
    entry = catalog.entries[slug]
    cells = openness.cells(catalog, slug)
    columns = openness.columns(cells)
    all_runs, variants = runs(entry), list(entry.variants.values())

    def joined(pick: Callable[[Run], Fact[Any] | None]) -> str:
        facts = [pick(run) for run in all_runs]
        return "; ".join(said(facts)) or statuses(facts)

    publishers = said([entry.publisher])
    return {
        "id": slug,
        "name": entry.name.en,
        "name_zh": entry.name.zh,
        "publisher": "; ".join(publishers),
        "released": "; ".join(said([entry.released])),
        "parameters": "; ".join(said([entry.parameters, *(v.parameters for v in variants)])) or "unknown",
        "base": "; ".join(b for b in said(v.base for v in variants) if b not in entry.variants) or "none",
        "method": joined(lambda run: run.method),
        "languages": "; ".join(said([entry.languages])) if isinstance(entry, Model) else "",
        "code": columns.code,
        "data": columns.data,
        "weights": columns.weights,
        "openness_score": f"{openness.score(cells):g}",
        "commercial_use": licences.of_entry(catalog, slug).answer,
        "hardware": joined(lambda run: run.hardware),
        "duration": joined(lambda run: run.duration),
        "gpu_hours": joined(lambda run: run.gpu_hours),
        "cost": joined(lambda run: run.cost),
        "datasets": "; ".join(dict.fromkeys(u.dataset for run in all_runs for u in run.data if u.rejected is None)),
    }
