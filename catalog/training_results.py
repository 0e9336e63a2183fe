"""What a training run found: `models/<slug>/results/<recipe>-<mode>-<digest12>.yaml`, and three tables beside it.

`digest` covers what must come out again on the same platform: inputs by role and hash, the losses of every step, the
adapter, answers, verdicts and ratings. Outside it stand times, memory and the machine (`measured`, `made`), where the
inputs were fetched from, and `deviations`, which are prose. See `catalog/sealing.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from catalog.facts import Listed, Short, Slug, Strict, Text
from catalog.recipes import Finite, Sha256
from catalog.results import Count, Data, Made, Rating, Verdict

Json = dict[str, Any]
ResultFile = Annotated[
    str, Field(max_length=200, pattern=r"^[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?\.(?:steps|answers|verdicts)\.csv$")
]


class TrainingInput(Strict):
    """A file or made thing the run started from."""

    role: Literal["base", "tokenizer", "data", "prompts"]
    name: Short
    """Repository and file, or what was made."""
    revision: Short | None
    """Commit; None for what was made or came from the user's own disk."""
    sha256: Sha256
    bytes: Count
    pinned: bool
    """Whether the recipe gave this hash beforehand. False: the publication pinned nothing, this is what the run got."""


class Beside(Strict):
    """A table that lies beside the result."""

    file: ResultFile
    """The result's own name with another end, as `<recipe>-<mode>-<digest12>.steps.csv`; `sealing.write` sets it."""
    sha256: Sha256
    rows: Count


class Trained(Strict):
    """What came out of training."""

    steps: Beside
    """Columns step, loss, learning_rate, grad_norm, tokens, targets, padding."""
    first_loss: Finite
    last_loss: Finite
    adapter_sha256: Sha256 | None
    """Of the safetensors file of the last step; None for a full fine-tune."""
    adapter_start_sha256: Sha256 | None
    """Of the same tensors before the first step."""
    trainable: Count
    """Parameters that were learnt."""
    parameters: Count
    """Of the base."""
    examples: Count
    """Seen, repeats counted."""
    truncated: Count
    """Examples of which something was cut."""


class Answered(Strict):
    """Answers to the held-out prompts, by the base and each checkpoint."""

    answers: Beside
    """Columns question_id, model, answer, exact."""
    questions: Count
    metrics: dict[Slug, Finite]
    """`exact-match-base`, `exact-match-<step>`, `exact-match-tuned`."""


class Tournament(Strict):
    """The answers set against each other."""

    verdicts: Beside
    """Columns question_id, model_a, model_b, winner: the battles as `runner rate` reads them."""
    rating: Rating


class MetricCompared(Strict):
    """A published figure beside the one that came out."""

    id: Annotated[str, Field(max_length=200)]
    metric: Slug
    published: Finite | None
    reproduced: Finite | None
    difference: Finite | None
    tolerance: Annotated[Finite, Field(ge=0)] | None
    unit: Short
    verdict: Verdict | None
    why: Text | None = None
    """Why there is no verdict, where there is none."""


class Partial(Strict):
    """A run of fewer steps than the recipe asks for: it can speak of time and memory only."""

    steps: Count
    of: Count


class StepTime(Strict):
    """Seconds of one optimiser step, after warm-up steps that are left out."""

    warmup: Count
    median: Finite
    p10: Finite
    p90: Finite
    mean: Finite


class Measured(Strict):
    """What was measured on the machine named in `made`; no part of the digest."""

    seconds: Finite
    """Of training, loading left out, all attempts together."""
    step: StepTime
    tokens_per_second: Finite
    """Without padding."""
    peak_allocated: Count | None
    """Bytes that the framework held on the card at most; None on a CPU."""
    peak_reserved: Count | None
    peak_resident: Count | None
    """Bytes of main memory of the process at most."""
    device: Short
    """Name of the card or the kind of processor."""
    devices: Count
    resumes: Annotated[int, Field(ge=0)]
    """How often the run was stopped and went on."""
    claims: Annotated[tuple[MetricCompared, ...], Listed]
    """Claims of time and memory."""


class TrainingResult(Strict):
    """One training run of a recipe."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    kind: Literal["training"]
    entry: Slug
    recipe: Slug
    mode: Literal["faithful", "fast"]
    digest: Sha256
    recipe_sha256: Sha256
    """Of `resolved`."""
    resolved: dict[str, Data]
    """What was asked, as `catalog.resolving.resolved_training` gives it: training, mode, settings, claims."""
    partial: Partial | None
    seed: int
    """Added to every seed of the recipe."""
    inputs: Annotated[tuple[TrainingInput, ...], Listed]
    deviations: Annotated[tuple[Text, ...], Listed]
    """What was not replayed as it was: those of the recipe, and those of this run."""
    trained: Trained
    answered: Answered | None
    tournament: Tournament | None
    claims: Annotated[tuple[MetricCompared, ...], Listed]
    """Claims of quality."""
    measured: Measured
    made: Made
    seal: Sha256
