"""How open an entry is: fourteen components, the survey's three columns, a score, a framework class.

Ten components are judged in the record. Four are derived here from other facts: the three licences (from the
licence's own openness) and the disclosure of hardware and time (both stated: open; one: partial; looked for and not
found: closed).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from catalog.facts import Day, Evidence, Fact, Level, LevelClaim, Said, Text
from catalog.records import Entry, Licence, Run, Variant
from catalog.register import Catalog, once
from catalog.vocabulary import COMPONENTS, Component

LEVELS: tuple[Level, ...] = get_args(Level)

_POINTS: Mapping[Level, float] = {"open": 1.0, "partial": 0.5, "gated": 0.5}
"""Half a point for what can be had with a condition, as in the opening-up-chatgpt index (its "partial")."""


@dataclass(frozen=True)
class Cell:
    """One component of one entry or variant."""

    component: Component
    level: Level
    evidence: tuple[Evidence, ...] = ()
    as_of: Day | None = None
    note: Text | None = None
    fact: Fact[LevelClaim] | None = None
    """The record's own fact; None where the cell is derived."""


@once
def cells(catalog: Catalog, slug: str, variant: str | None = None) -> dict[Component, Cell]:
    """All fourteen components, in order; a variant's own cells stand before its entry's."""
    entry = catalog.entries[slug]
    of_variant = entry.variants[variant] if variant else None
    judged = {**entry.openness, **(of_variant.openness if of_variant else {})}
    found: dict[Component, Cell] = {}
    for component in COMPONENTS:
        if component.startswith("licence_"):
            found[component] = _licence_cell(catalog, component, entry, of_variant)
        elif component == "hardware_and_time":
            found[component] = _disclosure(entry, of_variant)
        elif fact := judged.get(component):
            claim = fact.accepted
            found[component] = Cell(component, claim.level, claim.evidence, claim.as_of, claim.note, fact)
        else:
            found[component] = Cell(component, "unknown")
    return found


def _licence_cell(catalog: Catalog, component: Component, entry: Entry, variant: Variant | None) -> Cell:
    name = component.removeprefix("licence_")
    own: Licence | None = getattr(variant.licences, name) if variant else None
    fact: Licence | None = own or getattr(entry.licences, name)
    if fact is None and name == "weights":
        facts = [v.licences.weights for v in entry.variants.values() if v.licences.weights]
        fact = facts[0] if facts else None
    if fact is None:
        return Cell(component, "unknown")
    claim = fact.accepted
    if claim.status != "stated" or claim.value is None:
        level: Level = {"not-applicable": "not-applicable", "not-disclosed": "closed"}.get(claim.status, "unknown")  # type: ignore[assignment]
        return Cell(component, level, claim.evidence, claim.as_of, claim.note)
    terms = catalog.licences.get(claim.value)
    return Cell(component, terms.openness if terms else "unknown", claim.evidence, claim.as_of, claim.note)


def _disclosure(entry: Entry, variant: Variant | None) -> Cell:
    runs: list[Run] = list(entry.training.values())
    for one in [variant] if variant else entry.variants.values():
        runs += one.training.values()
    runs = [run for run in runs if run.role == "released"]
    hardware = [run.hardware.accepted for run in runs if run.hardware]
    times: list[Said] = [run.duration.accepted for run in runs if run.duration]
    times += [run.gpu_hours.accepted for run in runs if run.gpu_hours]
    stated = [[c for c in claims if getattr(c, "status", "") == "stated"] for claims in (hardware, times)]
    evidence = tuple(dict.fromkeys(e for group in stated for claim in group for e in claim.evidence))[:4]
    if all(stated):
        return Cell("hardware_and_time", "open", evidence)
    if any(stated):
        return Cell("hardware_and_time", "partial", evidence)
    looked = [claim for claim in (*hardware, *times) if getattr(claim, "status", "") == "not-disclosed"]
    if looked:
        return Cell("hardware_and_time", "closed", tuple(dict.fromkeys(e for c in looked for e in c.evidence)))
    return Cell("hardware_and_time", "unknown")


def score(found: Mapping[Component, Cell]) -> float:
    """0 to 14: open counts 1, partial and gated .5, all else 0, as the opening-up-chatgpt index counts."""
    return sum(_POINTS.get(cell.level, 0.0) for cell in found.values())


def tally(found: Mapping[Component, Cell]) -> dict[Level, int]:
    """How many components stand at each level."""
    counts: dict[Level, int] = dict.fromkeys(LEVELS, 0)
    for cell in found.values():
        counts[cell.level] += 1
    return counts


@dataclass(frozen=True)
class Columns:
    """The survey's three questions, answered from the components."""

    code: Level
    data: Level
    weights: Level


def columns(found: Mapping[Component, Cell]) -> Columns:
    """Code: training and inference code. Data: tuning data, and pre-training data where nothing was tuned.

    Weights: the best of tuned weights and adapters, or the base where there is nothing else.
    """
    level = {component: cell.level for component, cell in found.items()}
    code = _both(level["training_code"], level["inference_code"])
    data = level["tuning_data"] if level["tuning_data"] != "not-applicable" else level["pretraining_data"]
    given = [one for one in (level["tuned_weights"], level["adapters"]) if one != "not-applicable"]
    weights = _best(given) if given else level["base_weights"]
    return Columns(code, data, weights)


_RANK: Mapping[Level, int] = {"open": 5, "partial": 4, "gated": 3, "closed": 2, "unknown": 1, "not-applicable": 0}


def _best(levels: Iterable[Level]) -> Level:
    return max(levels, key=lambda level: _RANK[level])


def _both(one: Level, other: Level) -> Level:
    """One answer for two parts: the common level, or partial where one can be had and the other not."""
    parts = {one, other} - {"not-applicable"}
    if not parts:
        return "not-applicable"
    if len(parts) == 1:
        return parts.pop()
    known = parts - {"unknown"}
    if len(known) == 1:
        return known.pop()
    return "partial" if known & {"open", "partial", "gated"} else "closed"


FrameworkClass = Literal["I", "II", "III"]

# Components of the Model Openness Framework (arXiv 2403.13784) that the register has a component for.
# Evaluation code and data, preprocessing code and intermediate checkpoints are not on record, so class I and II
# can be ruled out here but never granted beyond what these show.
_CLASS_III: tuple[Component, ...] = (
    "inference_code",
    "tuned_weights",
    "licence_weights",
    "model_card",
    "datasheet",
    "paper",
)
_CLASS_II: tuple[Component, ...] = ("training_code", "licence_code")
_CLASS_I: tuple[Component, ...] = ("pretraining_data", "tuning_data", "licence_data")


@dataclass(frozen=True)
class FrameworkResult:
    """The highest class whose recorded components are all open, and what keeps it from class III otherwise."""

    reached: FrameworkClass | None
    missing: tuple[Component, ...]
    """Components of the next class that are not open."""


def framework_class(found: Mapping[Component, Cell], *, evaluated: bool) -> FrameworkResult:
    """Class by the recorded components; `evaluated` says whether evaluation results were published."""

    def lacking(needed: tuple[Component, ...]) -> tuple[Component, ...]:
        return tuple(c for c in needed if found[c].level not in ("open", "not-applicable"))

    reached: FrameworkClass | None = None
    for name, needed in (("III", _CLASS_III), ("II", _CLASS_II), ("I", _CLASS_I)):
        missing = lacking(needed)
        if missing or not evaluated:
            return FrameworkResult(reached, missing)
        reached = name  # type: ignore[assignment]
    return FrameworkResult(reached, ())
