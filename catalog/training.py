"""How to train what an entry claims: the `training` part of a recipe, every setting written out.

A setting that the publication left open is named in `assumed`, by its path, with the reason. What cannot be replayed
as it was stands in `deviations`. `modes.fast` names each setting it changes and says what that changes.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from catalog.errors import Impossible
from catalog.facts import From, Listed, Prose, Slug, Strict, Text, Url, prose

Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000_000)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Revision = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.\-]*"
HubId = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]*(?:/[A-Za-z0-9][A-Za-z0-9._\-]*)?$")]
FileName = Annotated[str, Field(max_length=200, pattern=rf"^{_PART}(?:/{_PART})*$")]

LicenceId = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9.+\-]*$")]
"""An id of `licences.yaml`."""

Access = Literal["open", "gated", "gone", "never-released"]
"""Whether whoever wants it gets it: `gated` needs an account or an agreement, `gone` was once to be had."""


def _change(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return prose(value) if isinstance(value, str) else value
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        return tuple(prose(item) for item in value)
    raise ValueError("a setting is a number, a word, a list of words, true, false or null")


Change = Annotated[
    bool | int | float | str | tuple[str, ...] | None,
    PlainValidator(_change),
    WithJsonSchema({"type": ["boolean", "number", "string", "array", "null"], "items": {"type": "string"}}),
]
Mode = Literal["faithful", "fast"]
SettingPath = Annotated[str, Field(max_length=80, pattern=r"^[a-z_]+(\.[a-z_0-9]+)*$")]
"""As `optimisation.learning_rate`."""

Float = Literal["float32", "tf32", "bfloat16", "float16"]
"""`tf32`: float32 numbers whose matrix products run on ten-bit mantissas where the card can."""
Optimiser = Literal[
    "adamw_torch", "adamw_torch_fused", "adamw_hf", "paged_adamw_32bit", "paged_adamw_8bit", "adamw_8bit"
]
Schedule = Literal["constant", "constant_with_warmup", "linear", "cosine"]


_PAIR = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 2, "maxItems": 2}
Pair = Annotated[tuple[Share, Share], Listed, WithJsonSchema(_PAIR)]
LayerName = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z_][A-Za-z0-9_.\-]*$")]

One = TypeVar("One", bound=Strict)


class HubFiles(Strict):
    """Files of a repository on the Hugging Face hub."""

    repo: HubId
    revision: Revision | None
    """Full commit. None where the publication pinned none and none is known: the run resolves `main` once, writes down
    the commit it got, and its record says so."""
    files: dict[FileName, Sha256] = {}
    """Expected SHA-256 of the files that matter, where known."""
    bytes: Count | None = None
    """Size of the download, where known."""
    access: Access = "open"
    licence: LicenceId | None = None
    """The licence that whoever downloads it agrees to."""
    note: Text | None = None
    from_: Annotated[From | None, Field(alias="from")] = None


class WebFile(Strict):
    """One file at a public address."""

    url: Url
    sha256: Sha256 | None
    """None where it is not known; then the run writes down what it got, and its record says so."""
    bytes: Count | None = None
    access: Access = "open"
    licence: LicenceId | None = None
    note: Text | None = None
    from_: Annotated[From | None, Field(alias="from")] = None


class Shape(Strict):
    """A LLaMA's shape."""

    layers: Count
    hidden: Count
    intermediate: Count
    heads: Count
    kv_heads: Count | None = None
    """None: as many as heads."""
    vocabulary: Count
    positions: Count = 2048
    tied: bool = False
    """Embedding and head are one matrix."""


class MadeBase(Strict):
    """A base model that the run makes itself from a seed, trained on the run's own corpus if `steps` is above 0."""

    shape: Shape
    seed: Seed
    steps: Annotated[int, Field(ge=0)] = 0
    """Steps of pre-training."""
    batch: Count = 64
    learning_rate: Positive = 1e-3


class Base(Strict):
    """Where the weights to start from come from: exactly one of `hub` and `made`."""

    hub: HubFiles | None = None
    made: MadeBase | None = None
    shape: Shape | None = None
    """Of the `hub` model, so that memory and time can be planned before anything is downloaded."""
    entry: Slug | None = None
    """The base's own entry in the catalog."""

    @model_validator(mode="after")
    def _one_origin(self) -> Base:
        return _exactly_one(self, "hub", "made")


class Tokenizer(Strict):
    """Where the tokenizer comes from and what it is made to do: exactly one of `hub` and `made`."""

    hub: HubFiles | None = None
    """Often the base's own repository."""
    made: Annotated[int, Field(ge=300, le=100_000)] | None = None
    """Byte-level BPE of this many tokens, trained on the run's own corpus."""
    bos: bool
    """A BOS before each example."""
    eos: bool
    """An EOS after each answer, learnt."""
    pad: Literal["unk", "eos", "new", "own"]
    """Which token pads: `new` adds `[PAD]`, `own` is the tokenizer's."""
    legacy: bool | None = None
    """LLaMA tokenizers only: how text after a special token is split; None is the repository's own setting."""

    @model_validator(mode="after")
    def _one_origin(self) -> Tokenizer:
        return _exactly_one(self, "hub", "made")


class Split(Strict):
    """Rows held out of training, drawn before anything else is done with the data."""

    held_out: Annotated[int, Field(ge=0)]
    seed: Seed


Column = Literal["instruction", "input", "output", "text", "conversation"]
TEMPLATES: dict[str, frozenset[Column]] = {
    "alpaca": frozenset({"instruction", "output"}),
    "conversation": frozenset({"conversation"}),
    "demo": frozenset({"instruction", "output"}),
    "text": frozenset({"text"}),
}
"""The templates of `runner/templates/` and the columns that each needs."""


class Data(Strict):
    """One set of examples: exactly one of `hub`, `web` and `made`."""

    hub: HubFiles | None = None
    web: WebFile | None = None
    made: Literal["demo-corpus"] | None = None
    """Written by the run itself from `seeds.data`."""
    entry: Slug | None = None
    """The data set's own entry in the catalog."""
    rows: Count | None = None
    """Rows in the published file, where known."""
    columns: dict[Column, Prose]
    """What the template calls it -> what the file calls it."""
    template: Slug
    """Name of a template in `runner/templates/`."""
    template_sha256: dict[Slug, Sha256] = {}
    """Of each text of the published template, for whoever downloads it to compare with."""
    filters: Annotated[tuple[Literal["drop-empty-output", "first-human-turn"], ...], Listed] = ()
    split: Split | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Data:
        return _exactly_one(self, "hub", "web", "made")


class Quantisation(Strict):
    """How the frozen base is held."""

    form: Literal["nf4", "fp4", "int8"]
    double: bool = False
    """The constants of the blocks are quantised once more."""
    compute: Float = "float32"
    """In which the products are made."""
    threshold: Positive | None = None
    """int8 only: columns with a value above it stay in 16 bits."""


class Lora(Strict):
    """The matrices that are learnt beside the frozen ones. They are kept in float32."""

    targets: Annotated[tuple[LayerName, ...], Listed, Field(min_length=1)]
    """Names of the linear layers."""
    r: Count
    alpha: Positive
    dropout: Share = 0.0


class Optimisation(Strict):
    """How the weights are moved."""

    optimiser: Optimiser
    learning_rate: Positive
    schedule: Schedule
    warmup: Annotated[Finite, Field(ge=0)] = 0.0
    """Below 1 a share of the steps, from 1 a number of steps."""
    betas: Pair = (0.9, 0.999)
    epsilon: Positive = 1e-8
    weight_decay: Annotated[Finite, Field(ge=0)] = 0.0
    clip: Positive | None = 1.0
    """Largest norm of the gradient; None does not clip."""


class Batching(Strict):
    """What a step sees and how its loss is weighted."""

    micro_batch: Count
    accumulation: Count
    """Micro-batches of a step, on all devices together."""
    steps: Count | None = None
    epochs: Positive | None = None
    """Exactly one of `steps` and `epochs`."""
    source_length: Count | None = None
    """Longest prompt in tokens; what is over is cut from the right. None: only `length` bounds it."""
    target_length: Count | None = None
    """Longest answer in tokens, EOS included."""
    length: Count
    """Longest example in tokens."""
    loss_on: Literal["answer", "everything"]
    """`everything` learns the prompt too."""
    loss_weighting: Literal["per-example", "per-token"]
    """`per-example`: each micro-batch's mean counts alike, as the Trainer of 2023 did; at micro-batch 1 each example
    weighs the same. `per-token`: each token of the step weighs the same, as the Trainer does since late 2024."""
    order: Literal["shuffled", "grouped-by-length", "as-given"]
    packing: Literal["none", "packed"] = "none"
    """`packed`: the examples of a step behind one another without padding; none of them sees another."""

    @model_validator(mode="after")
    def _one_length(self) -> Batching:
        return _exactly_one(self, "steps", "epochs")


class Execution(Strict):
    """What changes time and memory."""

    precision: Float
    """Of activations and gradients."""
    weights: Float = "float32"
    """Of what is not quantised: embedding, head and norms; of all weights where nothing is."""
    checkpointing: bool
    """Activations are computed again in the backward pass."""
    save_every: Count
    """Steps between checkpoints."""


class Seeds(Strict):
    """Every draw has its own seed; `runner reproduce --seed` adds to all of them."""

    adapter: Seed
    """Set before the adapter exists."""
    order: Seed
    """Of the data."""
    data: Seed = 0
    """Of made data."""


class Answers(Strict):
    """What is asked of the base and of the checkpoints, and how the answers are told apart."""

    prompts: Literal["held-out"]
    checkpoints: Annotated[int, Field(ge=1, le=20)] = 1
    """How many checkpoints answer, evenly spaced, the last among them."""
    max_new_tokens: Count
    temperature: Annotated[Finite, Field(ge=0)] = 0.0
    """0 is greedy."""
    judge: Literal["reference"]
    """`reference`: the answer that equals the held-out one wins."""
    k: Positive = 32
    orderings: Annotated[int, Field(ge=1, le=100_000)] = 1000
    seed: Seed = 42


class Difference(Text):
    """What some changed settings change in what comes out."""

    of: Annotated[tuple[SettingPath, ...], Listed, Field(min_length=1)]
    """The changed settings it speaks of; each is spoken of somewhere."""


class Fast(Strict):
    """A faster way: the settings it changes, by their path, and what each changes in what comes out."""

    changes: Annotated[dict[SettingPath, Change], Field(min_length=1)]
    differences: Annotated[tuple[Difference, ...], Listed, Field(min_length=1)]


class Modes(Strict):
    fast: Fast | None = None


Datas = Annotated[tuple[Data, ...], Listed, Field(min_length=1, max_length=20)]
Assumed = dict[SettingPath, Text]
Deviations = Annotated[tuple[Text, ...], Listed, Field(max_length=40)]


class Training(Strict):
    """The `training` part of a recipe."""

    title: Text | None = None
    base: Base
    tokenizer: Tokenizer
    data: Datas
    method: Literal["qlora", "lora", "full"]
    """`lora` with a quantisation of int8 is 8-bit LoRA."""
    quantisation: Quantisation | None = None
    lora: Lora | None = None
    optimisation: Optimisation
    batching: Batching
    execution: Execution
    seeds: Seeds
    answers: Answers | None = None
    modes: Modes = Modes()
    assumed: Assumed = {}
    """Path of a setting that the publication left open -> why it was chosen so."""
    deviations: Deviations = ()
    """What cannot be replayed as it was."""
    planning_only: Text | None = None
    """Why it cannot be run, where it can only be planned."""
    from_: Annotated[From | None, Field(alias="from")] = None

    @model_validator(mode="after")
    def _parts_of_the_method(self) -> Training:
        if (self.lora is None) != (self.method == "full"):
            raise Impossible("`lora` belongs to `method: qlora` and `lora`, and not to `full`")
        if self.method == "qlora" and (self.quantisation is None or self.quantisation.form == "int8"):
            raise Impossible("`method: qlora` needs a `quantisation` of nf4 or fp4")
        if self.method == "full" and self.quantisation is not None:
            raise Impossible("`method: full` trains every weight, which a `quantisation` does not allow")
        return self


class TrainingVariant(Strict):
    """A training like another of the same recipe, but for the parts and settings named."""

    like: Slug
    title: Text | None = None
    base: Base | None = None
    tokenizer: Tokenizer | None = None
    data: Datas | None = None
    changes: dict[SettingPath, Change] = {}
    """Path of a setting -> its value here; may also change what `base`, `tokenizer` and `data` give."""
    assumed: Assumed = {}
    """Beside those of the other."""
    deviations: Deviations = ()
    """Beside those of the other."""
    planning_only: Text | None = None
    from_: Annotated[From | None, Field(alias="from")] = None


def _exactly_one(of: One, *names: str) -> One:
    given = [name for name in names if getattr(of, name) is not None]
    if len(given) != 1:
        raise Impossible(f"give exactly one of {', '.join(f'`{name}`' for name in names)}")
    return of
