"""The records: what one YAML file may hold. The file's place gives kind and slug; nothing inside repeats them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

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
)
from catalog.forms import HARDWARE_SCHEMA, SLUG_SCHEMA, SOURCE_RULES
from catalog.hardware_counts import HardwareCount, hardware_count
from catalog.tables import Table
from catalog.vocabulary import Component, CorrectionKind, DataKind, Form, Method, Relation, StatementKind


def _slugs(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,)


def _one_or_many(one: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})


def _hardware(value: Any) -> HardwareCount:
    if not isinstance(value, str):
        raise ValueError("hardware is written `8 x a100-80gb`, count and slug of the card")
    return hardware_count(value)


Slugs = Annotated[tuple[Slug, ...], BeforeValidator(_slugs), Field(min_length=1), _one_or_many(SLUG_SCHEMA)]
_LANGUAGE = r"^(?:[a-z]{2,3}(-[A-Za-z]{2,8})*|code)$"
_Language = Annotated[str, Field(pattern=_LANGUAGE)]
_Languages = Annotated[
    tuple[_Language, ...],
    BeforeValidator(_slugs),
    Field(min_length=1),
    _one_or_many({"type": "string", "pattern": _LANGUAGE, "examples": ["en", "zh", "code"], "$comment": "languages"}),
]
_Hardware = Annotated[HardwareCount, PlainValidator(_hardware), WithJsonSchema(HARDWARE_SCHEMA)]

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
_LICENCE = r"^[A-Za-z0-9][A-Za-z0-9.+\-]*$"
_LicenceId = Annotated[
    str,
    Field(max_length=80, pattern=_LICENCE),
    WithJsonSchema(
        {"type": "string", "maxLength": 80, "pattern": _LICENCE, "examples": ["Apache-2.0"], "$comment": "licence"}
    ),
]
Licence = Fact[Claim[_LicenceId]]
Hardware_ = Fact[Claim[_Hardware]]
MethodFact = Fact[Claim[Method]]
FormFact = Fact[Claim[Form]]


class Source(Strict):
    """Where evidence stands. Declared once, cited as `id` or `id#locator`."""

    model_config = ConfigDict(json_schema_extra=SOURCE_RULES)

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
    """What a reader must know to read this rightly."""

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
    """What kind it is."""
    text: Text
    """The same in our own words, in both languages."""
    from_: Annotated[From, Field(alias="from")]
    """Evidence: `source#locator`, or a list of them."""
    figures: Annotated[tuple[Short, ...], Listed] = ()
    """Figures and names in it as the source prints them."""
    as_of: DayValue | None = None
    """When this was so."""


class Correction(Strict):
    """A claim that is wrong, incomplete or easily misread, with what holds instead."""

    id: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2,4}$")] | None = None
    """Number in the list of catalog/CURATION.md."""
    kind: CorrectionKind
    """What kind it is."""
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
    """How sure the correction is."""


class Homonym(Strict):
    """An entry with a similar name that is something else."""

    entry: Slug
    """Id of the entry."""
    why: Text
    """What the difference is."""


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
    """What sources say in words."""
    corrections: Annotated[tuple[Correction, ...], Listed] = ()
    """Claims that are wrong or easily misread, with what holds."""
    confused_with: Annotated[tuple[Homonym, ...], Listed] = ()
    """Entries with a similar name that are something else."""


class DataUse(Strict):
    """A data set as it was used in one run."""

    dataset: Slug
    """Id of the data set."""
    from_: Annotated[From, Field(alias="from")]
    """Evidence: `source#locator`, or a list of them."""
    as_of: DayValue | None = None
    """When this was so."""
    accepted: Text | None = None
    """Why this is believed."""
    rejected: Text | None = None
    """Why this use, though claimed, is not believed."""
    examples: Examples | None = None
    """How many examples, as 52K instructions."""
    tokens: Tokens | None = None
    """How many tokens, as 1.4T tokens."""
    words: Words | None = None
    """How many words, as 700B words."""
    bytes: Bytes | None = None
    """How much text, as 20 GB."""
    epochs: Number | None = None
    """How often each example was seen."""
    note: Text | None = None
    """What a reader must know to read this rightly."""


class Run(Strict):
    """One training run, or one stage of it."""

    role: Literal["released", "example"] = "released"
    """`example`: a recipe for users, which no released weights came from; it is no part of the pedigree."""
    method: MethodFact | None = None
    """How it was trained."""
    framework: References | None = None
    """What it was trained with."""
    data: Annotated[tuple[DataUse, ...], Listed] = ()
    """Of the data."""
    examples: Examples | None = None
    """All data of the run together."""
    tokens: Tokens | None = None
    """How many tokens, as 1.4T tokens."""
    words: Words | None = None
    """How many words, as 700B words."""
    bytes: Bytes | None = None
    """How much text, as 20 GB."""
    epochs: Number | None = None
    """How often each example was seen."""
    steps: Count | None = None
    """Optimiser steps."""
    batch: Count | None = None
    """Examples in one optimiser step, over all cards."""
    batch_tokens: Tokens | None = None
    """Tokens in one optimiser step."""
    sequence: Tokens | None = None
    """Longest sequence, as 512 tokens."""
    learning_rate: Number | None = None
    """Highest learning rate, as 2e-5."""
    lora_rank: Count | None = None
    """Rank of the adapters."""
    lora_alpha: Number | None = None
    """Scale of the adapters."""
    lora_dropout: Number | None = None
    """Dropout of the adapters."""
    lora_targets: Word | None = None
    """Layers that have adapters."""
    hardware: Hardware_ | None = None
    """How many of which card, as 8 x a100-80gb."""
    duration: Duration | None = None
    """How long it took, as 3 h."""
    gpu_hours: GpuHours | None = None
    """Cards times hours, as 82,432 GPU-h."""
    memory: dict[Slug, Memory] = {}
    """GPU memory taken, by precision or setting."""
    cost: Money | None = None
    """What it cost, as at most 100 USD."""
    compute: Compute | None = None
    """Operations in all, as 6.67e22 FLOP."""
    throughput: TokenRate | None = None
    """Speed, as 380 tokens/s/GPU."""
    utilisation: ComputeRate | None = None
    """Operations per second and card."""
    settings: dict[Slug, Word] = {}
    """Any other published setting."""
    note: Text | None = None
    """What a reader must know to read this rightly."""


class Inference(Strict):
    """What running it takes."""

    hardware: Hardware_ | None = None
    """How many of which card, as 8 x a100-80gb."""
    memory: dict[Slug, Memory] = {}
    """GPU memory, by precision: fp16, int8, int4."""
    settings: dict[Slug, Word] = {}
    """Any other published setting, by name."""


Cells = dict[Component, Openness]


class Licences(Strict):
    """Licence ids of `catalog/licences.yaml`. Each is a fact; dated claims give it a history."""

    code: Licence | None = None
    """Of the code."""
    data: Licence | None = None
    """Of the data."""
    weights: Licence | None = None
    """Of the weights."""


class Variant(Strict):
    """One set of weights."""

    name: Name
    """As the project writes it."""
    aliases: Annotated[tuple[Short, ...], Listed] = ()
    """Other spellings people look for."""
    released: Date | None = None
    """The day it was released."""
    parameters: Parameters | None = None
    """How many parameters, as 6.7B or 130亿."""
    base: Reference | None = None
    """The model or variant it was made from; absent where trained from scratch."""
    form: FormFact | None = None
    """How the weights are handed out."""
    architecture: Word | None = None
    """Class of the model, as LlamaForCausalLM."""
    context: Tokens | None = None
    """Longest context, as 2048 tokens."""
    vocabulary: Count | None = None
    """Entries of the tokenizer."""
    training: dict[Slug, Run] = {}
    """Runs by stage: pre-training, sft, rlhf, ..."""
    inference: Inference | None = None
    """What running it takes."""
    openness: Cells = {}
    """Only the components in which it differs from the entry."""
    licences: Licences = Licences()
    """Licences of code, data and weights."""
    links: Links = {}
    """Addresses, each with where it is given."""
    note: Text | None = None
    """What a reader must know to read this rightly."""


class Reported(Strict):
    """The survey's three columns in its own words; ours are derived from `openness`."""

    code: Word | None = None
    """Of the code."""
    data: Word | None = None
    """Of the data."""
    weights: Word | None = None
    """Of the weights."""


class Entry(Record):
    """What models and frameworks share."""

    publisher: References
    """Ids of `catalog/publishers.yaml`: organisations and project handles, no people."""
    released: Date
    """The day it was released."""
    parameters: Parameters | None = None
    """Only where a source gives no variant."""
    reported: Reported | None = None
    """The survey's three answers, in its own words."""
    openness: Cells = {}
    """How open each component is; each cell is dated and has evidence."""
    licences: Licences = Licences()
    """Licences of code, data and weights."""
    variants: dict[Slug, Variant] = {}
    """Sets of weights, by an id that is unique in the whole register."""
    training: dict[Slug, Run] = {}
    """Runs that a source tells of the entry as a whole, without naming a variant."""
    inference: Inference | None = None
    """What running it takes."""
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
    """How its figures are to be read, where it is a demonstration."""
    languages: Languages | None = None
    """Codes of its languages, as en or [en, zh]."""


class Framework(Entry):
    """Software that models are made or run with. `variants` are models its authors trained with it."""

    serves: Annotated[tuple[Reference, ...], Listed] = ()
    """Entries of the register that were made or are run with it."""


class Dataset(Record):
    """Data that models were trained or judged on."""

    publisher: References
    """Id of `catalog/publishers.yaml`."""
    released: Date | None = None
    """The day it was released."""
    kind: DataKind
    """What kind it is."""
    languages: Languages | None = None
    """Codes of its languages, as en or [en, zh]."""
    examples: Examples | None = None
    """How many examples, as 52K instructions."""
    tokens: Tokens | None = None
    """How many tokens, as 1.4T tokens."""
    words: Words | None = None
    """How many words, as 700B words."""
    bytes: Bytes | None = None
    """How much text, as 20 GB."""
    access: Openness | None = None
    """Whether the data can be had."""
    licence: Licence | None = None
    """Id of `catalog/licences.yaml`."""
    generated_by: Annotated[tuple[Reference, ...], Listed] = ()
    """Models whose output it holds."""
    derived_from: Annotated[tuple[Reference, ...], Listed] = ()
    """Data sets it was made from."""
    cost: Money | None = None
    """What it cost, as at most 100 USD."""
    settings: dict[Slug, Word] = {}
    """Any other published setting, by name."""


class Hardware(Record):
    """A card."""

    family: Slug
    """Cards that sources name without their memory size share a family: `a100`."""
    vendor: Short
    """Who makes it."""
    memory: Memory
    """Memory of the card, as 80 GB."""
    bandwidth: Bandwidth | None = None
    """Memory bandwidth, as 2,039 GB/s."""
    fp16: ComputeRate | None = None
    """Dense tensor peak, fp16 inputs, fp32 accumulation."""
    fp16_fast: ComputeRate | None = None
    """Dense tensor peak with fp16 accumulation, where it is higher."""
    bf16: ComputeRate | None = None
    """Dense tensor peak in bf16."""
    tf32: ComputeRate | None = None
    """Dense tensor peak in TF32."""
    fp32: ComputeRate | None = None
    """Peak in fp32."""
    int8: ComputeRate | None = None
    """Dense tensor peak in int8."""
    power: Power | None = None
    """Board power, as 400 W."""
    released: Date | None = None
    """The day it was released."""


class Term(Record):
    """A word of the field."""

    definition: Text
    """What the word means."""
    related: Annotated[tuple[Slug, ...], Listed] = ()
    """Ids of what it has to do with."""


class Document(Strict):
    """A text the register leans on that many records cite; its id is a source id everywhere."""

    title: Name
    """Its title."""
    summary: Text
    """One sentence: what it is and why it matters."""
    kind: Literal["document"] = "document"
    """What kind it is."""
    language: Literal["en", "zh", "en, zh"]
    """Language it is in."""
    as_of: DayValue
    """When this was so."""
    accessed: DayValue
    """The day it was read."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the document's bytes."""
    lines: Annotated[int, Field(ge=1, le=1_000_000)]
    """How many lines it has."""
    url: Url | None = None
    """Where the same text, or a later state of it, is public."""
    statements: Annotated[tuple[Statement, ...], Listed] = ()
    """What it says of no entry in particular."""
    corrections: Annotated[tuple[Correction, ...], Listed] = ()
    """Claims that are wrong or easily misread, with what holds."""
    sources: dict[Slug, Source] = {}
    """Evidence, declared once."""
    note: Text | None = None
    """What a reader must know to read this rightly."""


class Publisher(Strict):
    """An organisation or a project handle. Never a person's name."""

    name: Name
    """As the project writes it."""
    url: Url | None = None
    """Its address."""


class LicenceTerms(Strict):
    """What a licence allows, as far as the register needs to know."""

    name: Name
    """As the project writes it."""
    commercial: Literal["allowed", "conditions", "forbidden", "unknown"]
    """May what it covers be used commercially?"""
    openness: Literal["open", "partial", "closed"]
    """open: an OSI or open-content licence without limits on use; partial: published terms that limit use."""
    url: Url | None = None
    """Its address."""
    note: Text | None = None
    """What a reader must know to read this rightly."""


class Outside(Strict):
    """A model, data set or tool that entries lean on and that has no entry of its own."""

    name: Name
    """As the project writes it."""
    kind: Literal["model", "dataset", "framework", "benchmark", "method"]
    """What kind it is."""
    by: Name
    """Who made it."""
    url: Url | None = None
    """Its address."""
    sources: dict[Slug, Source] = {}
    """Evidence, declared once."""
    licence: Licence | None = None
    """Id of `catalog/licences.yaml`."""
    output_terms: Licence | None = None
    """Terms on what the model writes, which bind data made with it."""
    base: Reference | None = None
    """The model it was made from."""
    parameters: Parameters | None = None
    """How many parameters, as 6.7B or 130亿."""
    tokens: Tokens | None = None
    """How many tokens, as 1.4T tokens."""
    released: Date | None = None
    """The day it was released."""
    statements: Annotated[tuple[Statement, ...], Listed] = ()
    """What sources say in words."""
    corrections: Annotated[tuple[Correction, ...], Listed] = ()
    """Claims that are wrong or easily misread, with what holds."""
    note: Text | None = None
    """What a reader must know to read this rightly."""


class Alias(Strict):
    """A working name found in sources, and the entry it means."""

    entry: Slug
    """Id of the entry."""
    variant: Slug | None = None
    """The variant it means."""
    note: Text | None = None
    """What a reader must know to read this rightly."""


AnyRecord = Model | Framework | Dataset | Hardware | Term | Document
