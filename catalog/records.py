"""The records: what one YAML file may hold. The file's place gives kind and slug; nothing inside repeats them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from catalog.facts import (
    Bandwidth,
    Bytes,
    Claim,
    Compute,
    ComputeRate,
    Count,
    Date,
    DayValue,
    Duration,
    Examples,
    Fact,
    From,
    GpuHours,
    Listed,
    Memory,
    Money,
    Name,
    Number,
    Openness,
    Parameters,
    Power,
    Short,
    Slug,
    Strict,
    Text,
    TokenRate,
    Tokens,
    Url,
    Word,
    Words,
    said,
)
from catalog.hardware_counts import HardwareCount, hardware_count
from catalog.tables import Table
from catalog.vocabulary import Component, CorrectionKind, DataKind, Form, Method, Relation, StatementKind


def _slugs(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,)


_one_or_many = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
Slugs = Annotated[tuple[Slug, ...], BeforeValidator(_slugs), Field(min_length=1), WithJsonSchema(_one_or_many)]
_Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,8})*$|^code$")]
_Languages = Annotated[
    tuple[_Language, ...], BeforeValidator(_slugs), Field(min_length=1), WithJsonSchema(_one_or_many)
]
_Hardware = Annotated[
    HardwareCount,
    PlainValidator(lambda value: hardware_count(said(value))),
    WithJsonSchema({"type": "string", "examples": ["8 x a100-80gb"]}),
]

Reference = Fact[Claim[Slug]]
References = Fact[Claim[Slugs]]
Languages = Fact[Claim[_Languages]]
Link = Fact[Claim[Url]]


class _OneOrMany:
    """In the JSON Schema too, one item may stand without its list."""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> Any:
        many = handler(core_schema)
        return {"anyOf": [many["items"], many]}


Links = dict[Relation, Annotated[tuple[Link, ...], BeforeValidator(_slugs), _OneOrMany()]]
Licence = Fact[Claim[Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9.+\-]*$")]]]
Hardware_ = Fact[Claim[_Hardware]]
MethodFact = Fact[Claim[Method]]
FormFact = Fact[Claim[Form]]


class Source(Strict):
    """Where evidence stands. Declared once, cited as `id` or `id#locator`."""

    url: Url | None = None
    """Address, at a fixed commit or date where there is one."""
    kind: Literal["repository", "page", "paper", "card", "document"] = "repository"
    """`document`: a text without a public address, held by its SHA-256; it gets a page of its own."""
    title: Name | None = None
    """Title; for a file in a repository it is read off the address."""
    as_of: DayValue
    """The day this text stood so: of the commit, the post, the document."""
    accessed: DayValue | Literal["not-reached"]
    """The day it was read, or `not-reached` where only others' quotations of it could be read."""
    archived: Url | None = None
    """A copy that will last, or the copy that was read."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Of the document's bytes."""
    note: Text | None = None

    @model_validator(mode="after")
    def _findable(self) -> Source:
        if self.kind == "document":
            if self.sha256 is None or self.title is None:
                raise ValueError("a document needs `title` and `sha256`")
        elif self.url is None:
            raise ValueError("`url` is missing; only `kind: document` may lack one")
        return self


class Statement(Strict):
    """Something a source says in words, told in ours."""

    kind: StatementKind
    text: Text
    from_: Annotated[From, Field(alias="from")]
    figures: Annotated[tuple[Short, ...], Listed] = ()
    """Figures and names in it as the source prints them."""
    as_of: DayValue | None = None


class Correction(Strict):
    """A claim that is wrong, incomplete or easily misread, with what holds instead."""

    id: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2,4}$")] | None = None
    """Number in the list of catalog/CURATION.md."""
    kind: CorrectionKind
    about: Short
    """Path of the fact in this record, as `variants.alpaca-13b.form`; or the thing itself."""
    claim: Text
    """What was said."""
    from_: Annotated[From, Field(alias="from")]
    """Where it was said."""
    correction: Text
    """What holds."""
    evidence: From
    """Where that stands."""
    confidence: Literal["high", "medium", "low"] = "high"


class Homonym(Strict):
    """An entry with a similar name that is something else."""

    entry: Slug
    why: Text


class Record(Strict):
    """What every record has."""

    name: Name
    """As the project writes it."""
    aliases: Annotated[tuple[Short, ...], Listed] = ()
    """Other spellings people look for."""
    summary: Text
    """One sentence: what it is and why it matters."""
    sources: dict[Slug, Source] = {}
    """Evidence, declared once."""
    links: Links = {}
    """Addresses, each with where it is given."""
    statements: Annotated[tuple[Statement, ...], Listed] = ()
    corrections: Annotated[tuple[Correction, ...], Listed] = ()
    confused_with: Annotated[tuple[Homonym, ...], Listed] = ()


class DataUse(Strict):
    """A data set as it was used in one run."""

    dataset: Slug
    from_: Annotated[From, Field(alias="from")]
    as_of: DayValue | None = None
    accepted: Text | None = None
    rejected: Text | None = None
    """Why this use, though claimed, is not believed."""
    examples: Examples | None = None
    tokens: Tokens | None = None
    words: Words | None = None
    bytes: Bytes | None = None
    epochs: Number | None = None
    note: Text | None = None


class Run(Strict):
    """One training run, or one stage of it."""

    role: Literal["released", "example"] = "released"
    """`example`: a recipe for users, which no released weights came from; it is no part of the pedigree."""
    method: MethodFact | None = None
    framework: References | None = None
    data: Annotated[tuple[DataUse, ...], Listed] = ()
    examples: Examples | None = None
    """All data of the run together."""
    tokens: Tokens | None = None
    words: Words | None = None
    bytes: Bytes | None = None
    epochs: Number | None = None
    steps: Count | None = None
    batch: Count | None = None
    """Examples in one optimiser step, over all cards."""
    batch_tokens: Tokens | None = None
    sequence: Tokens | None = None
    learning_rate: Number | None = None
    lora_rank: Count | None = None
    lora_alpha: Number | None = None
    lora_dropout: Number | None = None
    lora_targets: Word | None = None
    hardware: Hardware_ | None = None
    duration: Duration | None = None
    gpu_hours: GpuHours | None = None
    memory: dict[Slug, Memory] = {}
    """GPU memory taken, by precision or setting."""
    cost: Money | None = None
    compute: Compute | None = None
    throughput: TokenRate | None = None
    utilisation: ComputeRate | None = None
    settings: dict[Slug, Word] = {}
    """Any other published setting."""
    note: Text | None = None


class Inference(Strict):
    """What running it takes."""

    hardware: Hardware_ | None = None
    memory: dict[Slug, Memory] = {}
    """GPU memory, by precision: fp16, int8, int4."""
    settings: dict[Slug, Word] = {}


Cells = dict[Component, Openness]


class Licences(Strict):
    """Licence ids of `catalog/licences.yaml`. Each is a fact; dated claims give it a history."""

    code: Licence | None = None
    data: Licence | None = None
    weights: Licence | None = None


class Variant(Strict):
    """One set of weights."""

    name: Name
    aliases: Annotated[tuple[Short, ...], Listed] = ()
    released: Date | None = None
    parameters: Parameters | None = None
    base: Reference | None = None
    """The model or variant it was made from; absent where trained from scratch."""
    form: FormFact | None = None
    """How the weights are handed out."""
    architecture: Word | None = None
    context: Tokens | None = None
    vocabulary: Count | None = None
    training: dict[Slug, Run] = {}
    """Runs by stage: pre-training, sft, rlhf, ..."""
    inference: Inference | None = None
    openness: Cells = {}
    """Only the components in which it differs from the entry."""
    licences: Licences = Licences()
    links: Links = {}
    note: Text | None = None


class Reported(Strict):
    """The survey's three columns in its own words; ours are derived from `openness`."""

    code: Word | None = None
    data: Word | None = None
    weights: Word | None = None


class Entry(Record):
    """What models and frameworks share."""

    publisher: References
    """Ids of `catalog/publishers.yaml`: organisations and project handles, no people."""
    released: Date
    parameters: Parameters | None = None
    """Only where a source gives no variant."""
    reported: Reported | None = None
    openness: Cells = {}
    licences: Licences = Licences()
    variants: dict[Slug, Variant] = {}
    training: dict[Slug, Run] = {}
    """Runs that a source tells of the entry as a whole, without naming a variant."""
    inference: Inference | None = None
    uses: Annotated[tuple[Reference, ...], Listed] = ()
    """Frameworks it was made with."""
    published: Annotated[tuple[Table, ...], Listed] = ()
    """Tables the project printed, as data."""


class Demonstration(Strict):
    """How the figures of a demonstration are to be read."""

    purpose: Text
    """Why it exists."""
    shows: Annotated[tuple[Text, ...], Listed, Field(min_length=1, max_length=12)]
    """What its figures mean."""
    shows_not: Annotated[tuple[Text, ...], Listed, Field(min_length=1, max_length=12)]
    """What they do not mean."""


class Model(Entry):
    """A model, or a family of models released under one name."""

    kind: Literal["model", "demonstration"] = "model"
    """A demonstration has its own page and stays outside explorer, counts and lineage. Nobody published it, so its
    `publisher` and `released` are `{status: not-applicable}`."""
    demonstration: Demonstration | None = None
    languages: Languages | None = None


class Framework(Entry):
    """Software that models are made or run with. `variants` are models its authors trained with it."""

    serves: Annotated[tuple[Reference, ...], Listed] = ()
    """Entries of the register that were made or are run with it."""


class Dataset(Record):
    """Data that models were trained or judged on."""

    publisher: References
    released: Date | None = None
    kind: DataKind
    languages: Languages | None = None
    examples: Examples | None = None
    tokens: Tokens | None = None
    words: Words | None = None
    bytes: Bytes | None = None
    access: Openness | None = None
    """Whether the data can be had."""
    licence: Licence | None = None
    generated_by: Annotated[tuple[Reference, ...], Listed] = ()
    """Models whose output it holds."""
    derived_from: Annotated[tuple[Reference, ...], Listed] = ()
    """Data sets it was made from."""
    cost: Money | None = None
    settings: dict[Slug, Word] = {}


class Hardware(Record):
    """A card."""

    family: Slug
    """Cards that sources name without their memory size share a family: `a100`."""
    vendor: Short
    memory: Memory
    bandwidth: Bandwidth | None = None
    fp16: ComputeRate | None = None
    """Dense tensor peak, fp16 inputs, fp32 accumulation."""
    fp16_fast: ComputeRate | None = None
    """Dense tensor peak with fp16 accumulation, where it is higher."""
    bf16: ComputeRate | None = None
    tf32: ComputeRate | None = None
    fp32: ComputeRate | None = None
    int8: ComputeRate | None = None
    power: Power | None = None
    released: Date | None = None


class Term(Record):
    """A word of the field."""

    definition: Text
    related: Annotated[tuple[Slug, ...], Listed] = ()


class Document(Strict):
    """A text the register leans on that many records cite; its id is a source id everywhere."""

    title: Name
    summary: Text
    kind: Literal["document"] = "document"
    language: Literal["en", "zh", "en, zh"]
    as_of: DayValue
    accessed: DayValue
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    lines: Annotated[int, Field(ge=1, le=1_000_000)]
    url: Url | None = None
    """Where the same text, or a later state of it, is public."""
    statements: Annotated[tuple[Statement, ...], Listed] = ()
    """What it says of no entry in particular."""
    corrections: Annotated[tuple[Correction, ...], Listed] = ()
    sources: dict[Slug, Source] = {}
    note: Text | None = None


class Publisher(Strict):
    """An organisation or a project handle. Never a person's name."""

    name: Name
    url: Url | None = None


class LicenceTerms(Strict):
    """What a licence allows, as far as the register needs to know."""

    name: Name
    commercial: Literal["allowed", "conditions", "forbidden", "unknown"]
    """May what it covers be used commercially?"""
    openness: Literal["open", "partial", "closed"]
    """open: an OSI or open-content licence without limits on use; partial: published terms that limit use."""
    url: Url | None = None
    note: Text | None = None


class Outside(Strict):
    """A model, data set or tool that entries lean on and that has no entry of its own."""

    name: Name
    kind: Literal["model", "dataset", "framework", "benchmark", "method"]
    by: Name
    url: Url | None = None
    sources: dict[Slug, Source] = {}
    licence: Licence | None = None
    output_terms: Licence | None = None
    """Terms on what the model writes, which bind data made with it."""
    base: Reference | None = None
    parameters: Parameters | None = None
    tokens: Tokens | None = None
    released: Date | None = None
    statements: Annotated[tuple[Statement, ...], Listed] = ()
    corrections: Annotated[tuple[Correction, ...], Listed] = ()
    note: Text | None = None


class Alias(Strict):
    """A working name found in sources, and the entry it means."""

    entry: Slug
    variant: Slug | None = None
    note: Text | None = None


AnyRecord = Model | Framework | Dataset | Hardware | Term | Document
