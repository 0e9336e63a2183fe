"""Pedigrees: what each set of weights and each data set was made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from catalog.facts import Evidence
from catalog.records import Dataset, Run, Variant
from catalog.register import Catalog, once

Relation = Literal["base", "data", "derived", "generated", "framework"]


@dataclass(frozen=True)
class Edge:
    """`child` was made from `parent`."""

    child: str
    parent: str
    relation: Relation
    evidence: tuple[Evidence, ...] = ()


def variant_edges(name: str, variant: Variant) -> Iterator[Edge]:
    """Base and data of one set of weights; uses that are on record as not believed are left out."""
    if variant.base and variant.base.accepted.value:
        yield Edge(name, variant.base.accepted.value, "base", variant.base.accepted.evidence)
    yield from run_edges(name, variant.training)


def run_edges(name: str, training: dict[str, Run]) -> Iterator[Edge]:
    """Data and frameworks of runs."""
    seen: set[tuple[str, str]] = set()
    for run in training.values():
        if run.role == "example":
            continue
        for use in run.data:
            if use.rejected is None and ("data", use.dataset) not in seen:
                seen.add(("data", use.dataset))
                yield Edge(name, use.dataset, "data", use.from_)
        if run.framework and run.framework.accepted.value:
            for tool in run.framework.accepted.value:
                if ("framework", tool) not in seen:
                    seen.add(("framework", tool))
                    yield Edge(name, tool, "framework", run.framework.accepted.evidence)


def dataset_edges(name: str, dataset: Dataset) -> Iterator[Edge]:
    """What a data set was made from, and whose output it holds."""
    for fact in dataset.derived_from:
        if fact.accepted.value:
            yield Edge(name, fact.accepted.value, "derived", fact.accepted.evidence)
    for fact in dataset.generated_by:
        if fact.accepted.value:
            yield Edge(name, fact.accepted.value, "generated", fact.accepted.evidence)


@once
def edges_from(catalog: Catalog, name: str) -> list[Edge]:
    """What `name` (variant, entry or data set) was directly made from.

    An entry without variants, and runs told of the entry as a whole, count for the entry and each of its variants.
    """
    if name in catalog.variants:
        slug, variant = catalog.variants[name]
        own = list(variant_edges(name, variant))
        has_data = any(edge.relation == "data" for edge in own)
        shared = [] if has_data else list(run_edges(name, catalog.entries[slug].training))
        return own + [edge for edge in shared if edge.parent not in {o.parent for o in own}]
    if name in catalog.entries:
        entry = catalog.entries[name]
        found = list(run_edges(name, entry.training))
        for variant_name, variant in entry.variants.items():
            found += [Edge(name, e.parent, e.relation, e.evidence) for e in variant_edges(variant_name, variant)]
        own_variants = set(entry.variants)
        unique: dict[tuple[str, str], Edge] = {}
        for edge in found:
            if edge.parent not in own_variants:
                unique.setdefault((edge.relation, edge.parent), edge)
        return list(unique.values())
    if name in catalog.datasets:
        return list(dataset_edges(name, catalog.datasets[name]))
    if name in catalog.outside and catalog.outside[name].base:
        base = catalog.outside[name].base
        if base and base.accepted.value:
            return [Edge(name, base.accepted.value, "base", base.accepted.evidence)]
    return []


def ancestors(catalog: Catalog, name: str) -> list[Edge]:
    """Every edge above `name`, nearest first, each once; circles are cut."""
    found: list[Edge] = []
    seen = {name}
    queue = [name]
    while queue:
        here = queue.pop(0)
        for edge in edges_from(catalog, here):
            found.append(edge)
            if edge.parent not in seen:
                seen.add(edge.parent)
                queue.append(edge.parent)
    return found


def base_line(catalog: Catalog, name: str) -> frozenset[str]:
    """Ids above `name` reached over bases alone: what its weights started from, not what they were tuned on."""
    found: set[str] = set()
    queue = [name]
    while queue:
        for edge in edges_from(catalog, queue.pop()):
            if edge.relation == "base" and edge.parent not in found:
                found.add(edge.parent)
                queue.append(edge.parent)
    return frozenset(found - {name})


def descendants(catalog: Catalog, name: str) -> list[Edge]:
    """Variants and data sets made directly from `name`, or from a variant of it."""
    mine = {name}
    if name in catalog.entries:
        mine |= set(catalog.entries[name].variants)
    found = [(place, edge) for parent in mine for place, edge in _downward(catalog).get(parent, ())]
    return [edge for _, edge in sorted(found, key=lambda one: one[0]) if edge.child not in mine]


@once
def _downward(catalog: Catalog) -> dict[str, list[tuple[int, Edge]]]:
    """What was made from each id, numbered in the order of the register."""
    everything = [*catalog.variants, *(s for s, e in catalog.entries.items() if not e.variants), *catalog.datasets]
    edges = (edge for child in everything for edge in edges_from(catalog, child) if edge.relation != "framework")
    found: dict[str, list[tuple[int, Edge]]] = {}
    for place, edge in enumerate(edges):
        found.setdefault(edge.parent, []).append((place, edge))
    return found


def circle(catalog: Catalog, name: str) -> list[str]:
    """The ids of a circle through `name`, or an empty list."""
    paths: list[list[str]] = [[name]]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        for edge in edges_from(catalog, path[-1]):
            if edge.relation == "framework":
                continue
            if edge.parent == name:
                return [*path, name]
            if edge.parent not in seen:
                seen.add(edge.parent)
                paths.append([*path, edge.parent])
    return []
