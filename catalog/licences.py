"""The effective licence: what the whole chain of base, data, code and weights leaves a user free to do.

The rule is deliberately strict: the hardest link decides. Whether the licence of training data binds the weights made
from them is not settled law; the register reports the chain and marks the deciding link, and gives no legal advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from catalog.facts import Evidence
from catalog.lineage import edges_from
from catalog.records import Licence, Source
from catalog.register import Catalog, once

Answer = Literal["yes", "conditions", "no", "unknown"]
Part = Literal["weights", "code", "data", "output"]

_ANSWERS: dict[str, Answer] = {"allowed": "yes", "conditions": "conditions", "forbidden": "no", "unknown": "unknown"}
_SEVERITY: dict[Answer, int] = {"no": 3, "unknown": 2, "conditions": 1, "yes": 0}


@dataclass(frozen=True)
class Link:
    """One licence in the chain."""

    id: str
    """Variant, entry, data set or outside model that carries it."""
    part: Part
    licence: str | None
    """Id in catalog/licences.yaml; None where none is on record."""
    answer: Answer
    distance: int
    """0 for the entry's own, 1 for what it was made from, and so on."""
    owner: str = ""
    """`kind/slug` of the record whose sources the evidence names; empty for outside models."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Effective:
    """May it be used commercially, and through which chain?"""

    answer: Answer
    chain: tuple[Link, ...]
    """Every link once, the deciding ones first."""

    @property
    def deciding(self) -> tuple[Link, ...]:
        """The links that lead to the answer."""
        return tuple(link for link in self.chain if link.answer == self.answer)


def effective(catalog: Catalog, variant: str) -> Effective:
    """The chain above one variant; a missing licence of a data set or of weights counts as unknown, never as free."""
    return _of(catalog, variant)


def of_entry(catalog: Catalog, slug: str) -> Effective:
    """The first of its most permissive variants, or its own licences where it has none: the best a user can get."""
    variants = catalog.entries[slug].variants
    if not variants:
        return _of(catalog, slug)
    results = [_of(catalog, name) for name, variant in variants.items() if not _is_withheld(variant.form)]
    results = results or [_of(catalog, name) for name in variants]
    return min(results, key=lambda result: _SEVERITY[result.answer])


def _is_withheld(form: object) -> bool:
    accepted = getattr(form, "accepted", None)
    return accepted is not None and accepted.value == "none"


@once
def _of(catalog: Catalog, name: str) -> Effective:
    links = {(link.id, link.part): link for link in reversed(list(_links(catalog, name)))}
    answers: list[Answer] = [link.answer for link in links.values()] or ["unknown"]
    worst = max(answers, key=lambda answer: _SEVERITY[answer])
    chain = sorted(links.values(), key=lambda link: (link.answer != worst, link.distance, link.id, link.part))
    return Effective(worst, tuple(chain))


def _links(catalog: Catalog, name: str) -> Iterator[Link]:
    # What a model wrote binds by other terms than the model itself, so the two ways to reach it are two links.
    seen = {(name, False)}
    queue = [(name, 0, "")]
    while queue:
        here, distance, relation = queue.pop(0)
        yield from _own(catalog, here, distance, relation)
        if relation == "generated" and here in catalog.outside:
            continue
        for edge in edges_from(catalog, here):
            way = (edge.parent, edge.relation == "generated")
            if edge.relation == "framework" or way in seen:
                continue
            seen.add(way)
            queue.append((edge.parent, distance + 1, edge.relation))


def _own(catalog: Catalog, name: str, distance: int, relation: str) -> Iterator[Link]:
    """The licences that one link of the chain carries itself."""
    if name in catalog.datasets:
        yield _link(catalog, name, "data", catalog.datasets[name].licence, distance, f"datasets/{name}")
    elif name in catalog.variants or name in catalog.entries:
        slug, variant = catalog.variants.get(name, (name, None))
        entry = catalog.entries[slug]
        owner = f"{'models' if slug in catalog.models else 'frameworks'}/{slug}"
        weights = (variant.licences.weights if variant else None) or entry.licences.weights
        code = (variant.licences.code if variant else None) or entry.licences.code
        yield _link(catalog, name, "weights", weights, distance, owner)
        if distance == 0 and code:
            yield _link(catalog, name, "code", code, distance, owner)
    elif name in catalog.outside:
        outside = catalog.outside[name]
        if relation == "generated":
            # Only the terms on its output reach the data; the model itself is not passed on.
            if outside.output_terms:
                yield _link(catalog, name, "output", outside.output_terms, distance, "")
        else:
            part: Part = "data" if outside.kind == "dataset" else "weights"
            yield _link(catalog, name, part, outside.licence, distance, "")
    else:
        yield Link(name, "weights", None, "unknown", distance)


def _link(catalog: Catalog, name: str, part: Part, fact: Licence | None, distance: int, owner: str) -> Link:
    if fact is None or fact.accepted.value is None:
        evidence = fact.accepted.evidence if fact else ()
        return Link(name, part, None, "unknown", distance, owner, evidence)
    licence = fact.accepted.value
    terms = catalog.licences.get(licence)
    answer = _ANSWERS[terms.commercial] if terms else "unknown"
    return Link(name, part, licence, answer, distance, owner, fact.accepted.evidence)


def outside_source(catalog: Catalog, link: Link) -> Source | None:
    """The source of an outside model's licence."""
    outside = catalog.outside.get(link.id)
    return outside.sources.get(link.evidence[0].source) if outside and link.evidence else None
