"""What came out against what was published: a verdict for each figure, by the tolerance that the recipe set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.results import Verdict

Json = dict[str, Any]


def compared(resolved: Json, rating: Json) -> list[Json]:
    """One item for each published figure, in the recipe's order."""
    runs = {run["id"]: run for run in rating["runs"]}
    return [_one(claim, runs[claim["run"]], rating["states"]) for claim in resolved["claims"]]


def _one(claim: Json, run: Json, states: Json | None) -> Json:
    published, reproduced = claim["published"], None
    if claim["compares"] == "states":
        if states is not None:
            published, reproduced = float(states["printed"]), float(states["equal"])
    else:
        key = "rank" if claim["compares"] == "ranks" else "rating"
        row = next((row for row in run["ratings"] if row["model"] == claim["player"]), None)
        reproduced = None if row is None or row[key] is None else float(row[key])
    difference = None if reproduced is None or published is None else reproduced - published
    return {
        "id": claim["id"],
        "claim": claim["claim"],
        "compares": claim["compares"],
        "run": claim["run"],
        "player": claim["player"],
        "published": published,
        "reproduced": reproduced,
        "difference": difference,
        "tolerance": claim["tolerance"],
        "verdict": verdict(difference, claim["tolerance"], run["basis"]),
    }


def verdict(difference: float | None, tolerance: float, basis: str) -> Verdict | None:
    """None where nothing was computed.

    Only settings that the source states can reproduce or contradict it. Settings that were chosen because they fit can
    be consistent with it, or leave it open; they prove nothing either way.
    """
    if difference is None:
        return None
    within = abs(difference) <= tolerance
    if basis == "stated":
        return "reproduced" if within else "contradicted"
    return "consistent" if within else "under-determined"


def all_held(claims: Sequence[Json]) -> bool:
    """Whether every figure that was compared by stated settings was met; what could not be computed was not met."""
    return all(claim["verdict"] in ("reproduced", "consistent", "under-determined") for claim in claims)
