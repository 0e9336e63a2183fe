"""Where a claim stands: a run of an entry, the runs told of the same stage elsewhere, and what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.facts import Claim, Fact
from catalog.records import Entry, Run
from catalog.register import Catalog


@dataclass(frozen=True)
class Place:
    """One run, with where to look for what it does not say itself."""

    entry: str
    steps: tuple[str, ...]
    """Its path in the record."""
    stage: str
    run: Run
    variant: str | None
    """None for a run told of the entry as a whole."""
    others: tuple[Run, ...] = ()
    """Runs of the same stage: of the whole entry for a variant, of the variants for the whole entry."""
    whole: Run | None = None
    """The run this one is a part of: `sft` for `sft-checkpoint-3000`. It had the same rows, not the same length."""

    @property
    def path(self) -> str:
        """`variants.alpaca-7b.training.sft`."""
        return ".".join(self.steps)

    def fact(self, name: str) -> Fact[Any] | None:
        """The run's own fact where it states anything; else that of the other runs, if they all say the same."""
        own: Fact[Any] | None = getattr(self.run, name)
        if own is not None and stated(own):
            return own
        found: list[Fact[Any]] = [
            fact for run in self.others if (fact := getattr(run, name)) is not None and stated(fact)
        ]
        if found and len({said(fact.accepted) for fact in found}) == 1:
            return found[0]
        inherited: Fact[Any] | None = self.whole.sequence if self.whole and name == "sequence" else None
        return inherited

    def value(self, name: str) -> Any:
        """The accepted value of a fact; None where nothing is stated."""
        fact = self.fact(name)
        return fact.accepted.value if fact else None

    def setting(self, *names: str) -> str:
        """The first of these settings that is stated, in small letters; empty where none is."""
        for run in (self.run, *self.others):
            for name in names:
                fact = run.settings.get(name)
                if fact is not None and fact.accepted.value is not None:
                    return str(fact.accepted.value).lower()
        return ""


def stated(fact: Fact[Any]) -> list[Claim[Any]]:
    """The claims that give a value."""
    return [claim for claim in fact.claims if claim.value is not None]


def said(claim: Claim[Any]) -> str:
    """The value as it was written."""
    return str(getattr(claim.value, "said", claim.value))


def places(entry: str, record: Entry) -> Iterator[Place]:
    """Every run of an entry."""
    for stage, run in record.training.items():
        others = tuple(v.training[stage] for v in record.variants.values() if stage in v.training)
        yield Place(entry, ("training", stage), stage, run, None, others)
    for name, variant in record.variants.items():
        for stage, run in variant.training.items():
            shared = (record.training[stage],) if stage in record.training else ()
            part_of = next((r for s, r in variant.training.items() if stage.startswith(f"{s}-")), None)
            yield Place(entry, ("variants", name, "training", stage), stage, run, name, shared, part_of)


def place_of_variant(catalog: Catalog, variant: str, stage: str = "sft") -> Place | None:
    """The run of one stage of a variant."""
    if variant not in catalog.variants:
        return None
    entry = catalog.variants[variant][0]
    return next((p for p in places(entry, catalog.entries[entry]) if p.variant == variant and p.stage == stage), None)


def partner(fact: Fact[Any] | None, of: Claim[Any], of_fact: Fact[Any], *, any_source: bool = False) -> Any:
    """The claim of another fact that was made together with `of`: how long, for how many cards.

    A claim of the same source; else, for an accepted claim, the accepted one. None where nothing says that the two
    belong together: a rejected claim is never judged by what its rivals say. `any_source` takes the accepted one then.
    """
    if fact is None or fact is of_fact:
        return None
    mine = _sources(of)
    same = [claim for claim in stated(fact) if mine & _sources(claim)]
    if same:
        return fact.accepted if fact.accepted in same else same[0]
    believed = any_source or of is of_fact.accepted
    return fact.accepted if believed and fact.accepted.value is not None else None


def _sources(claim: Claim[Any]) -> set[str]:
    return {evidence.source for evidence in claim.evidence}
