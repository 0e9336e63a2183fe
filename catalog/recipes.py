"""How to repeat what an entry claims: `models/<slug>/recipe.yaml`, and the recipe resolved to plain figures.

A recipe names its tournament by the published table it explains, the recorded verdicts by file and SHA-256, the
published file they were read from, and for each claim the tolerance, which stands here before anything is run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from catalog.errors import Impossible
from catalog.facts import From, Prose, Slug, Strict, Text
from catalog.records import Entry, Source
from catalog.tables import Table, readings
from catalog.training import Training, TrainingVariant
from catalog.units import Quantity

Json = dict[str, Any]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
JudgmentsFile = Annotated[str, Field(max_length=200, pattern=r"^judgments/[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?\.csv$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]

Mode = Literal["rate", "faithful", "fast"]
"""`rate`: the recorded verdicts were rated again, nothing else was repeated; the others train, faithfully or faster."""
Basis = Literal["stated", "fitted", "ours"]
Comparing = Literal["ratings", "ranks", "states"]


class Recorded(Strict):
    """A file of recorded figures beside the recipe."""

    file: JudgmentsFile
    sha256: Sha256


class Origin(Strict):
    """The published file that the recorded figures were read from; `runner extract` derives them again."""

    form: Literal["elo-notebook", "review-folder"]
    """`elo-notebook`: a notebook that prints scores and ratings; `review-folder`: one JSONL file a pair."""
    path: Annotated[str, Field(max_length=300, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+\-/ ]*$")]
    """File or folder in the repository."""
    sha256: Sha256
    """Of the file; of a folder, of the lines `<sha256>  <name>` of its files in order of name."""
    names: dict[Prose, Prose] = {}
    """Name in the published file -> name in the recorded table, where they differ."""
    from_: Annotated[From, Field(alias="from")]


class Start(Strict):
    """Ratings before the first recorded battle."""

    ratings: dict[Prose, Finite]
    note: Text
    """Where they come from."""
    from_: Annotated[From | None, Field(alias="from")] = None


class RatingRun(Strict):
    """One rating of the verdicts. A setting left out has the default of `runner rate`, which the result writes out."""

    basis: Basis
    """`stated`: as the source states it; `fitted`: chosen afterwards because it fits; `ours`: our own analysis."""
    why: Text
    from_: Annotated[From | None, Field(alias="from")] = None
    method: Literal["elo", "bt", "winrate", "ratio"] = "elo"
    k: Finite | None = None
    init: Finite | None = None
    scale: Finite | None = None
    base: Finite | None = None
    order: Literal["recorded", "random"] | None = None
    orderings: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    bootstrap: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    cluster: Literal["question_id"] | None = None
    ci: Annotated[float, Field(gt=0, lt=100)] | None = None
    ties: Literal["half", "drop"] | None = None
    merge_orders: Literal["none", "agree-or-tie"] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    order_term: bool = False
    """Fit the advantage of the answer that is shown first, too."""
    from_start: bool = False
    """Begin from `start` instead of equal ratings."""
    trace: bool = False
    """Keep every rating after every round."""
    categories: bool = False
    """Rate each category by itself too."""

    def settings(self) -> Json:
        """The settings that were given, by the names of `runner rate`."""
        left_out = {"basis", "why", "from_", "from_start", "categories"}
        return {k: v for k, v in self.model_dump(exclude=left_out).items() if v is not None and v is not False}


class Evaluation(Strict):
    """A published tournament whose verdicts are on record."""

    published: Slug
    """Id of the table in the entry; also the name of the tournament's page and of its results."""
    judgments: Recorded
    states: Recorded | None = None
    """Published ratings after each round: columns round, model, rating."""
    origin: Origin
    incomplete: Text | None = None
    """What of the tournament was never published."""
    start: Start | None = None
    runs: Annotated[dict[Slug, RatingRun], Field(min_length=1)]
    note: Text | None = None

    @model_validator(mode="after")
    def _start_where_used(self) -> Evaluation:
        if self.start is None and any(run.from_start for run in self.runs.values()):
            raise Impossible("a run has `from_start: true`, and there is no `start`")
        return self


class RatingClaim(Strict):
    """Published figures that a run is compared with: a column of the table, the ranks in it, or the printed states."""

    compares: Comparing = "ratings"
    column: Slug | None = None
    """Of the published table; for `states` none."""
    run: Slug
    tolerance: Annotated[Finite, Field(ge=0)]
    """Largest absolute difference that still counts as reproduced."""
    why: Text
    """Why this tolerance, written before the run."""

    @model_validator(mode="after")
    def _column_where_needed(self) -> RatingClaim:
        if (self.column is None) != (self.compares == "states"):
            raise Impossible("`column` belongs to `compares: ratings` and `ranks`, and to nothing else")
        return self


class MetricClaim(Strict):
    """A published figure of a training run: its time, its memory, or how well it answers."""

    compares: Literal["metric"]
    training: Slug
    metric: Literal["hours", "peak-memory", "tokens-per-second", "exact-match-base", "exact-match-tuned"]
    """`hours` of training, `peak-memory` in GB on one card, exact matches as a share of the held-out questions."""
    published: Finite
    direction: Literal["within", "at-least", "at-most"] = "within"
    """`at-least` and `at-most`: on the good side of the figure nothing is too far."""
    tolerance: Annotated[Finite, Field(ge=0)]
    hardware: Slug | None = None
    """Card that the figure speaks of; on another the run says nothing about it."""
    count: Annotated[int, Field(ge=1)] = 1
    """How many such cards."""
    why: Text
    """Why this tolerance, written before the run."""
    from_: Annotated[From | None, Field(alias="from")] = None


def _which_training(value: Any) -> str:
    like = "like" in value if isinstance(value, dict) else isinstance(value, TrainingVariant)
    return "a variant" if like else "a training"


def _which_claim(value: Any) -> str:
    if isinstance(value, dict):
        # A claim that forgot `compares: metric` is told so, instead of being asked for a column and a run.
        metric = value.get("compares") == "metric" or ("training" in value and "run" not in value)
    else:
        metric = isinstance(value, MetricClaim)
    return "a claim of a metric" if metric else "a claim of ratings"


# Without tags pydantic reports the faults of every member of a union; no key can be spelt as these are.
AnyTraining = Annotated[
    Annotated[Training, Tag("a training")] | Annotated[TrainingVariant, Tag("a variant")],
    Discriminator(_which_training),
]
AnyClaim = Annotated[
    Annotated[RatingClaim, Tag("a claim of ratings")] | Annotated[MetricClaim, Tag("a claim of a metric")],
    Discriminator(_which_claim),
]


class Recipe(Strict):
    """How to repeat an entry: its training, by name, and its published tournament; either may lack."""

    sources: dict[Slug, Source] = {}
    training: dict[Slug, AnyTraining] = {}
    """The first is the one that `runner reproduce SLUG` takes; `SLUG/NAME` takes another."""
    evaluation: Evaluation | None = None
    claims: dict[Slug, AnyClaim] = {}

    @model_validator(mode="after")
    def _claims_have_runs(self) -> Recipe:
        runs = self.evaluation.runs if self.evaluation else {}
        for name, claim in rating_claims(self).items():
            if claim.run not in runs:
                raise Impossible(
                    f"claim `{name}` names the run `{claim.run}`; the runs are: {', '.join(runs) or 'none'}"
                )
            if claim.compares == "states" and not (self.evaluation and self.evaluation.states):
                raise Impossible(f"claim `{name}` compares states, and `evaluation` has no `states`")
        return self


def rating_claims(recipe: Recipe) -> dict[str, RatingClaim]:
    """The claims that speak of the tournament."""
    return {name: claim for name, claim in recipe.claims.items() if isinstance(claim, RatingClaim)}


def metric_claims(recipe: Recipe, training: str) -> dict[str, MetricClaim]:
    """The claims that speak of one training."""
    claims = {name: claim for name, claim in recipe.claims.items() if isinstance(claim, MetricClaim)}
    return {name: claim for name, claim in claims.items() if claim.training == training}


def published_table(entry: Entry, recipe: Recipe) -> Table | None:
    """The table that the evaluation explains; None where the entry has no such table."""
    wanted = recipe.evaluation.published if recipe.evaluation else None
    return next((table for table in entry.published if table.id == wanted), None)


def published_figures(table: Table, column: str) -> dict[str, float]:
    """Recorded name of each player -> its figure in a column of the table; players or cells that lack are left out."""
    names = {entity: said for said, entity in table.players.items()}
    found: dict[str, float] = {}
    for row in table.rows:
        for reading in readings(table.columns[column], row.cells.get(column)).values():
            if isinstance(reading, Quantity) and reading.low is not None and row.entity in names:
                found[names[row.entity]] = float(reading.low)
    return found


def ranks(ratings: dict[str, float]) -> dict[str, float]:
    """1 for the highest; equal ratings share the better rank."""
    return {name: 1.0 + sum(other > mine for other in ratings.values()) for name, mine in ratings.items()}


def resolved(entry: Entry, recipe: Recipe) -> Json:
    """What decides the outcome, as plain data: inputs by hash, settings, start, each published figure and tolerance."""
    evaluation, table = recipe.evaluation, published_table(entry, recipe)
    if evaluation is None or table is None:
        return {}
    files = [evaluation.judgments, *([evaluation.states] if evaluation.states else [])]
    return {
        "published": evaluation.published,
        "inputs": [{"file": one.file, "sha256": one.sha256} for one in files],
        "origin": {"path": evaluation.origin.path, "sha256": evaluation.origin.sha256},
        "start": dict(evaluation.start.ratings) if evaluation.start else None,
        "runs": [
            {"id": name, "basis": run.basis, "from_start": run.from_start, "categories": run.categories,
             "settings": run.settings()}
            for name, run in evaluation.runs.items()
        ],
        "claims": list(_claims(table, recipe)),
    }  # fmt: skip


def _claims(table: Table, recipe: Recipe) -> Iterator[Json]:
    """One item a figure; for `states` one item, whose figure is how many states were printed, known from the file."""
    for name, claim in rating_claims(recipe).items():
        shared = {"claim": name, "compares": claim.compares, "run": claim.run, "tolerance": float(claim.tolerance)}
        if claim.column is None:
            yield {"id": name, **shared, "player": None, "published": None}
            continue
        if claim.column not in table.columns:
            continue
        figures = published_figures(table, claim.column)
        if claim.compares == "ranks" and table.columns[claim.column].measures != "rank":
            figures = ranks(figures)
        for player, figure in figures.items():
            yield {"id": f"{name}.{player}", **shared, "player": player, "published": figure}


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces and no NaN: the same bytes for the same content."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(value)).hexdigest()


def plain(value: Any) -> Any:
    """Only dict, list, str, int, float, bool and None: subclasses that remember their spelling lose it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)
