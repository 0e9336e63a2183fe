"""Rates recorded verdicts as a resolved recipe says, and counts who met whom: files in, `rating` of a result out."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from runner.battles import Battles, Floats, read
from runner.rating import Settings, rate

Json = dict[str, Any]


def rating(folder: Path, resolved: Json, progress: Callable[[float], None] = lambda share: None) -> Json:
    """The `rating` part of a result. `folder` is the entry's; the inputs were checked against their hashes.

    `progress` is told the share done.
    """
    files = [one["file"] for one in resolved["inputs"]]
    battles = read(folder / files[0])
    runs = []
    for number, run in enumerate(resolved["runs"]):
        told = partial(_told, progress, number, len(resolved["runs"]))
        runs.append(run_result(battles, run, resolved["start"], told))
    printed = printed_states(folder / files[1]) if len(files) > 1 else None
    return {
        "runs": runs,
        "pairs": pairs(battles),
        "states": compare_states(printed, runs) if printed is not None else None,
    }


def _told(progress: Callable[[float], None], number: int, of: int, share: float) -> None:
    progress((number + share) / of)


def run_result(battles: Battles, run: Json, start: dict[str, float] | None, progress: Callable[[float], None]) -> Json:
    """One run: the rating engine's answer, without what every result says elsewhere."""
    settings = Settings(**run["settings"], start=dict(start or {}) if run["from_start"] else {})
    found = rate(battles, settings, progress=progress).to_json()
    return {
        "id": run["id"],
        "basis": run["basis"],
        "settings": found["settings"],
        "battles": found["battles"],
        "ratings": found["ratings"],
        "order_bias": found["order_bias"],
        "agreement": found["agreement"],
        "warnings": found["warnings"],
        "categories": list(by_category(battles, settings)) if run["categories"] else [],
        "trace": found["trace"],
    }


def by_category(battles: Battles, settings: Settings) -> Iterator[Json]:
    """The same run over each category by itself, in order of their names."""
    for name in sorted(battles.category.names if battles.category else ()):
        found = rate(battles, replace(settings, category=name)).to_json()
        yield {"category": name, "battles": found["battles"], "ratings": found["ratings"]}


def pairs(battles: Battles) -> Json:
    """Who met whom, as matrices over the models in order of their names; row against column, weights left aside."""
    order = sorted(range(len(battles.models)), key=lambda at: battles.models[at])
    place = np.empty(len(order), int)
    place[order] = np.arange(len(order))
    a, b, valid = place[battles.a], place[battles.b], ~np.isnan(battles.score)

    def matrix(rows: Any, columns: Any, values: Any) -> Floats:
        cells = np.zeros((len(order), len(order)))
        np.add.at(cells, (rows, columns), values)
        return cells

    first = matrix(a[valid], b[valid], 1)
    ahead = matrix(a[valid], b[valid], battles.score[valid])
    score = ahead + matrix(b[valid], a[valid], 1 - battles.score[valid])
    unread = matrix(a[~valid], b[~valid], 1)
    return {
        "models": [battles.models[at] for at in order],
        "battles": _rows(first + first.T),
        "shown_first": _rows(first),
        "score": _rows(score),
        "score_first": _rows(ahead),
        "invalid": _rows(unread + unread.T),
    }


def _rows(cells: Floats) -> list[list[float]]:
    return [[float(cell) for cell in row] for row in cells]


def printed_states(path: Path) -> dict[int, dict[str, float]]:
    """Round -> model -> rating, as published."""
    found: dict[int, dict[str, float]] = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(int(row["round"]), {})[row["model"]] = float(row["rating"])
    return found


def compare_states(printed: dict[int, dict[str, float]], runs: Sequence[Json]) -> Json | None:
    """Every printed state against the traced run; None where no run was traced."""
    trace = next((run["trace"] for run in runs if run["trace"]), None)
    if trace is None:
        return None
    replayed = {
        number: dict(zip(trace["models"], ratings, strict=True))
        for number, ratings in zip(trace["rounds"], trace["ratings"], strict=True)
    }
    largest, equal, first = 0.0, 0, None
    for number, state in printed.items():
        mine = replayed.get(number, {})
        # A state that was not replayed differs by as much as it is worth.
        difference = max((abs(mine.get(model, 0.0) - figure) for model, figure in state.items()), default=0.0)
        largest = max(largest, difference)
        equal += difference == 0.0
        if difference and first is None:
            first = number
    return {"printed": len(printed), "equal": equal, "largest_difference": largest, "first_difference": first}
