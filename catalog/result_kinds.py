"""The kinds of results: a tournament rated again has no `kind`, a training and a probe say theirs."""

from __future__ import annotations

from typing import Any

from catalog.probe_results import ProbeResult
from catalog.results import Result
from catalog.training_results import Beside, TrainingResult

AnyResult = Result | TrainingResult | ProbeResult
KINDS: dict[str, type[TrainingResult] | type[ProbeResult]] = {"training": TrainingResult, "probe": ProbeResult}
UNKNOWN = f"not a kind of result: {' or '.join(f'`{kind}`' for kind in KINDS)}, or no `kind` for a tournament"


def result_type(tree: Any) -> type[AnyResult] | None:
    """The type that a result's `kind` asks for; None for a kind that there is none of."""
    if not isinstance(tree, dict) or "kind" not in tree:
        return Result
    kind = tree["kind"]
    return KINDS.get(kind) if isinstance(kind, str) else None


def tables_of(result: AnyResult) -> dict[str, Beside]:
    """The tables that lie beside a result, by their role: `steps`, `answers`, `verdicts`."""
    if not isinstance(result, TrainingResult):
        return {}
    found = {"steps": result.trained.steps}
    if result.answered:
        found["answers"] = result.answered.answers
    if result.tournament:
        found["verdicts"] = result.tournament.verdicts
    return found
