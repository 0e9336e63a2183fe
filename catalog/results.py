"""What a run found: `models/<slug>/results/<recipe>-<mode>-<digest12>.yaml`, written by the runner only.

Two hashes hold a result. `digest` is of what was asked and what came out, so the same finding has the same digest on
every machine. `seal`, the last line, is the SHA-256 of all bytes above it (`head -n -1 FILE | sha256sum`), so a result
that was edited by hand is found.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from catalog.facts import Listed, Prose, Short, Slug, Strict
from catalog.recipes import Basis, Comparing, Finite, JudgmentsFile, Mode, Sha256, plain

SCHEMA = 1
Verdict = Literal["reproduced", "consistent", "under-determined", "contradicted"]
Data = Annotated[Any, BeforeValidator(plain), WithJsonSchema({})]
"""Plain data whose shape the rating engine sets."""
Count = Annotated[int, Field(ge=0)]
Pair = Annotated[tuple[Finite | None, ...], Listed]


class Input(Strict):
    """A file the run read."""

    file: JudgmentsFile
    sha256: Sha256
    bytes: Count


class Platform(Strict):
    """What may change the last bits of a figure. Nothing in it tells whose machine it was."""

    system: Short
    machine: Short
    cpu: Short | None
    """Widest instruction set that numpy uses here."""
    python: Short
    threads: Annotated[int, Field(ge=1)]
    device: Literal["cpu", "cuda"]
    torch: Short | None


class Made(Strict):
    """With what it was made; no part of the digest."""

    command: Short
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}$")] | None
    """Of the code; None where it ran outside git and no HERDBOOK_COMMIT was given."""
    dirty: bool | None
    """Whether the code or the records differed from that commit."""
    tree: Sha256
    """SHA-256 over the code of runner and catalog: of the lines `<sha256>  <path>` of its files, sorted."""
    platform: Platform
    packages: dict[str, Short]


class ResolvedInput(Strict):
    """A file that was asked for."""

    file: JudgmentsFile
    sha256: Sha256


class ResolvedOrigin(Strict):
    """The published file that the inputs were read from."""

    path: Short
    sha256: Sha256


class ResolvedRun(Strict):
    """A run as it was asked for."""

    id: Slug
    basis: Basis
    from_start: bool
    categories: bool
    settings: dict[str, str | int | float | bool]
    """Those that the recipe gives; all of them stand with what came out."""


class ResolvedClaim(Strict):
    """A published figure and how near a run has to come."""

    id: Annotated[str, Field(max_length=200)]
    claim: Slug
    compares: Comparing
    run: Slug
    tolerance: Annotated[Finite, Field(ge=0)]
    player: Prose | None
    published: Finite | None


class Resolved(Strict):
    """The recipe as plain figures; tolerances stood there before the run."""

    published: Slug
    inputs: Annotated[tuple[ResolvedInput, ...], Listed]
    origin: ResolvedOrigin
    start: dict[Prose, Finite] | None
    runs: Annotated[tuple[ResolvedRun, ...], Listed]
    claims: Annotated[tuple[ResolvedClaim, ...], Listed]


class Compared(Strict):
    """A published figure beside the one that came out."""

    id: Annotated[str, Field(max_length=200)]
    claim: Slug
    """Claim of the recipe it belongs to."""
    compares: Comparing
    run: Slug
    player: Prose | None
    published: Finite | None
    reproduced: Finite | None
    difference: Finite | None
    """reproduced - published."""
    tolerance: Annotated[Finite, Field(ge=0)]
    verdict: Verdict | None
    """None where nothing was computed."""


class Verdicts(Strict):
    """How the verdicts were counted."""

    total: Count
    valid: Count
    ties: Count
    """Among the valid."""
    invalid: Count
    """Could not be read: neither tie nor loss."""
    dropped: Count
    """Left out by the settings."""


class Rated(Strict):
    """One row of a rating."""

    model: Prose
    rating: Finite | None
    sd: Finite | None
    ci: Pair | None
    rank: int | None
    rank_ci: Pair | None
    battles: Count
    wins: Finite
    ties: Finite
    losses: Finite


class Trace(Strict):
    """Ratings after every round, in the order of `models`."""

    models: Annotated[tuple[Prose, ...], Listed]
    rounds: Annotated[tuple[int, ...], Listed]
    ratings: Annotated[tuple[Pair, ...], Listed]


class CategoryRating(Strict):
    """A run over the battles of one category."""

    category: Prose
    battles: Verdicts
    ratings: Annotated[tuple[Rated, ...], Listed]


class Notice(Strict):
    """Something to beware of, as the rating engine says it."""

    code: Short
    message: Prose


class OrderTerm(Strict):
    """Elo points of being shown first, fitted together with the strengths."""

    points: Finite
    ci: Pair | None


class OrderBias(Strict):
    """How the answer that was shown first fared."""

    first_wins: Count
    second_wins: Count
    ties: Count
    first_share: Finite | None
    """Of the decided battles."""
    first_mean: Finite | None
    """Mean score of the first answer, ties half."""
    one_sided: Finite
    """Share of battles of pairs that were nearly always shown in one order."""
    order_term: OrderTerm | None
    by_order: Data = None


class Swapped(Strict):
    """The same question and pair in both orders."""

    pairs: Count
    consistent: Count
    to_first: Count
    """Flips in favour of whoever was shown first."""
    to_second: Count
    one_tie: Count
    consistency: Finite
    cohen_kappa: Finite | None


class Agreement(Strict):
    """How far the verdicts can be relied on."""

    swapped: Swapped | None
    judges: Data = None
    annotators: Data = None


class RunResult(Strict):
    """One rating of the verdicts, with every setting written out."""

    id: Slug
    basis: Basis
    settings: dict[str, Data]
    battles: Verdicts
    ratings: Annotated[tuple[Rated, ...], Listed]
    order_bias: OrderBias | None
    agreement: Agreement | None
    warnings: Annotated[tuple[Notice, ...], Listed] = ()
    categories: Annotated[tuple[CategoryRating, ...], Listed] = ()
    trace: Trace | None = None


class Pairs(Strict):
    """Who met whom: matrices over `models`, row against column."""

    models: Annotated[tuple[Prose, ...], Listed]
    battles: Annotated[tuple[Pair, ...], Listed]
    """Valid battles, both orders together."""
    shown_first: Annotated[tuple[Pair, ...], Listed]
    """Valid battles in which the row's answer was shown first."""
    score: Annotated[tuple[Pair, ...], Listed]
    """Points of the row against the column: a win 1, a tie 0.5."""
    score_first: Annotated[tuple[Pair, ...], Listed]
    """Of these the points it made when its answer was shown first."""
    invalid: Annotated[tuple[Pair, ...], Listed]
    """Verdicts that could not be read."""


class States(Strict):
    """The printed ratings of every round against the replayed ones."""

    printed: Count
    equal: Count
    """How many were met in every model to the last bit."""
    largest_difference: Finite
    first_difference: int | None
    """Round of the first state that differs."""


class Rating(Strict):
    """What rating the recorded verdicts found."""

    runs: Annotated[tuple[RunResult, ...], Listed]
    pairs: Pairs
    states: States | None


class Result(Strict):
    """One run of a recipe: what was asked, what came out, and with what it was made."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    entry: Slug
    recipe: Slug
    mode: Mode
    digest: Sha256
    """Of all above `made`: what was asked and what came out."""
    recipe_sha256: Sha256
    """Of `resolved`."""
    resolved: Resolved
    inputs: Annotated[tuple[Input, ...], Listed]
    claims: Annotated[tuple[Compared, ...], Listed]
    rating: Rating
    made: Made
    seal: Sha256
