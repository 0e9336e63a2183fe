"""The unit of the catalog: a fact, what it says, where it stands, and what else was claimed.

released: {value: 2023-03-13, from: readme#L28}                      one source: one line
duration: {status: not-disclosed, from: survey#L81}                  nothing was said, and where that was looked up
weights:                                                             sources disagree: keep both, accept one, say why
  claims:
    - {value: released, from: survey#L91}
    - {value: never released, from: readme#L20, accepted: {en: ..., zh: ...}}
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core.core_schema import CoreSchema, no_info_plain_validator_function

from catalog.errors import Impossible
from catalog.forms import (
    CLAIM_RULES,
    DAY_SCHEMA,
    EVIDENCE_SCHEMA,
    HTTPS,
    LEVEL_RULES,
    NAME_SCHEMA,
    ONE_ACCEPTED,
    SLUG,
    URL_SCHEMA,
    WORD_SCHEMA,
    prose_schema,
)
from catalog.units import Dimension, Quantity, quantity, schema

_SLUG = re.compile(SLUG)
_MARKUP = re.compile(
    r"<\s*[A-Za-z/!?]|&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]{2,8});|\]\(\s*[a-z]+\s*:(?!//)|javascript\s*:", re.I
)


class Strict(BaseModel):
    """Unknown keys are refused; what was read never changes; field comments become the schema's descriptions."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True, strict=True
    )


def _slug(text: str) -> str:
    if len(text) > 80 or not _SLUG.fullmatch(text):
        raise ValueError(f"`{text[:80]}` is not a slug: lower-case letters, digits, single dots and hyphens")
    return text


def prose(text: str) -> str:
    """The text itself, unless it is empty or holds markup."""
    if found := _MARKUP.search(text):
        raise ValueError(f"markup `{found.group()}` in text: write plain words, links go to `links` or `sources`")
    if not text.strip():
        raise ValueError("empty text")
    return text


_UNESCAPED = re.compile(r"[\s<>\"'`{}|\\^]")


def _url(text: str) -> str:
    if not re.search(HTTPS, text) and not _UNESCAPED.search(text):
        raise ValueError(f"`{text[:80]}` is not an https address")
    if _UNESCAPED.search(text):
        raise ValueError("the address has characters that must be percent-encoded")
    return text


Slug = Annotated[str, StringConstraints(max_length=80, pattern=f"^{SLUG}$"), AfterValidator(_slug)]
Prose = Annotated[str, Field(max_length=4000), AfterValidator(prose), WithJsonSchema(prose_schema(4000))]
Short = Annotated[str, Field(max_length=300), AfterValidator(prose), WithJsonSchema(prose_schema(300))]
Url = Annotated[str, Field(max_length=600), AfterValidator(_url), WithJsonSchema(URL_SCHEMA)]


class Text(Strict):
    """What a reader sees, written in both languages."""

    en: Prose
    """English."""
    zh: Prose
    """Chinese."""


def _both(value: Any) -> Any:
    return {"en": value, "zh": value} if isinstance(value, str) else value


Name = Annotated[Text, BeforeValidator(_both), WithJsonSchema(NAME_SCHEMA)]
"""A name: one string where both languages use the same."""


@dataclass(frozen=True)
class Day:
    """A date as exact as it was said: a day, a month, a year, or a span of them."""

    said: str
    first: datetime.date
    last: datetime.date

    def __str__(self) -> str:
        return self.said


_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


def _day(text: str) -> tuple[datetime.date, datetime.date]:
    if not (match := _DAY.fullmatch(text)):
        raise ValueError(f"`{text[:40]}` is not a date: write YYYY-MM-DD, YYYY-MM or YYYY")
    year, month, day = int(match[1]), match[2], match[3]
    if not 1990 <= year <= 2100:
        raise ValueError(f"`{text}` is not a date of this field")
    try:
        first = datetime.date(year, int(month or 1), int(day or 1))
        if day:
            return first, first
        following = datetime.date(year + (not month or month == "12"), 1 if not month else int(month) % 12 + 1, 1)
    except ValueError:
        raise Impossible(f"`{text}` is not a day of the calendar") from None
    return first, following - datetime.timedelta(days=1)


def day(said: Any) -> Day:
    """Read `2023-03-13`, `2023-03`, `2023`, or a span `2023-03-20 to 2023-03-26`."""
    if isinstance(said, int) and not isinstance(said, bool):
        said = str(getattr(said, "text", said))
    if not isinstance(said, str):
        raise ValueError("a date is written YYYY-MM-DD")
    return _span(said)


@lru_cache(maxsize=10_000)
def _span(said: str) -> Day:
    """Registers repeat dates and places of evidence, so equal ones are one object."""
    ends = [_day(end) for end in re.split(r"\s+to\s+", said.strip())]
    if len(ends) > 2:
        raise ValueError(f"`{said[:40]}` has more than two ends")
    first, last = ends[0][0], ends[-1][1]
    if first > last:
        raise Impossible(f"`{said}` runs backwards")
    return Day(said.strip(), first, last)


DayValue = Annotated[Day, PlainValidator(day), WithJsonSchema(DAY_SCHEMA)]

_REFERENCE = re.compile(rf"({SLUG})(?:#(\S.*))?")


@dataclass(frozen=True)
class Evidence:
    """A source id and the place in it: `readme#L28` is line 28."""

    source: str
    locator: str

    def __str__(self) -> str:
        return f"{self.source}#{self.locator}" if self.locator else self.source

    @cached_property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """Line ranges named by the locator; empty where it names none."""
        found = re.findall(r"L(\d+)(?:-L?(\d+))?", self.locator)
        return tuple((int(a), int(b or a)) for a, b in found)


def _evidence(text: Any) -> Evidence:
    if not isinstance(text, str):
        raise ValueError(_EVIDENCE)
    return _reference(text)


_EVIDENCE = "evidence is written `source` or `source#locator`, as in `readme#L28`"


@lru_cache(maxsize=10_000)
def _reference(text: str) -> Evidence:
    if len(text) > 200 or not (match := _REFERENCE.fullmatch(text)):
        raise ValueError(_EVIDENCE)
    return Evidence(match[1], prose(match[2]) if match[2] else "")


EvidenceValue = Annotated[Evidence, PlainValidator(_evidence)]


Listed = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
"""YAML has lists, the records have tuples."""


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,)


From = Annotated[
    tuple[EvidenceValue, ...],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=12),
    WithJsonSchema(EVIDENCE_SCHEMA),
]

Status = Literal["stated", "not-disclosed", "not-applicable", "unknown"]
V = TypeVar("V")


class Said(Strict):
    """What every claim carries beside its value."""

    from_: Annotated[From | None, Field(alias="from")] = None
    """Evidence: `source#locator`, or a list of them."""
    as_of: DayValue | None = None
    """When this was so; without it, the date of the source."""
    accepted: Text | None = None
    """Why this claim is believed where several stand side by side."""
    note: Text | None = None
    """What a reader must know to read the figure rightly."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self.from_ or ()


class Claim(Said, Generic[V]):
    """One source's answer to one question."""

    model_config = ConfigDict(json_schema_extra=CLAIM_RULES)

    value: V | None = None
    """What was said, with its unit."""
    status: Status = "stated"
    """`stated`, or why there is no value."""

    @model_validator(mode="after")
    def _value_or_status(self) -> Claim[V]:
        if (self.value is None) == (self.status == "stated"):
            raise ValueError(
                "a claim needs `value`, or `status: not-disclosed | not-applicable | unknown`"
                if self.value is None
                else f"`value` contradicts `status: {self.status}`"
            )
        if self.from_ is None and self.status in ("stated", "not-disclosed"):
            raise ValueError("`from` is missing: every figure needs its evidence")
        return self


Level = Literal["open", "partial", "gated", "closed", "unknown", "not-applicable"]


class LevelClaim(Said):
    """How open one component is."""

    model_config = ConfigDict(json_schema_extra=LEVEL_RULES)

    level: Level
    """open, partial, gated, closed, unknown or not-applicable; the methodology says what each means."""

    @model_validator(mode="after")
    def _dated_and_sourced(self) -> LevelClaim:
        if self.level not in ("unknown", "not-applicable") and (self.from_ is None or self.as_of is None):
            missing = "from" if self.from_ is None else "as_of"
            raise ValueError(f"`{missing}` is missing: a level is dated and has evidence")
        return self

    @property
    def value(self) -> Level:
        return self.level

    @property
    def status(self) -> Status:
        return (
            "unknown" if self.level == "unknown" else "not-applicable" if self.level == "not-applicable" else "stated"
        )


C = TypeVar("C", bound=Said)


class Fact(Strict, Generic[C]):
    """One question about an entry and every answer on record. A single answer is written without `claims`."""

    claims: tuple[C, ...]

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValueError("a fact is written {value: ..., from: source#locator}")
        if "claims" not in data:
            return {"claims": (data,)}
        claims = data["claims"]
        return {**data, "claims": tuple(claims)} if isinstance(claims, list) else data

    @model_validator(mode="after")
    def _one_is_accepted(self) -> Fact[C]:
        if not self.claims:
            raise ValueError("`claims` is empty")
        accepted = sum(claim.accepted is not None for claim in self.claims)
        if len(self.claims) > 1 and accepted != 1:
            raise ValueError(
                f"{accepted} of {len(self.claims)} claims are `accepted`; exactly one must be, with the reason"
            )
        return self

    @property
    def accepted(self) -> C:
        """The claim to believe."""
        return next((claim for claim in self.claims if claim.accepted), self.claims[0])

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        schema = handler.resolve_ref_schema(handler(core_schema))
        claims = {**schema["properties"]["claims"], "minItems": 1, **ONE_ACCEPTED}
        many = {"type": "object", "required": ["claims"], "additionalProperties": False,
                "properties": {"claims": claims}}  # fmt: skip
        one = schema["properties"]["claims"]["items"]
        # Not `anyOf`: an editor then explains what is wrong with the form that was meant.
        return {
            "description": Fact.__doc__ or "",
            "if": {"type": "object", "required": ["claims"]},
            "then": many,
            "else": one,
        }


def said(value: Any) -> str:
    """The text of a scalar as it was typed; raises ValueError for anything but text and numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("write text or a number here")
    return str(getattr(value, "text", value))


class _Figure:
    """Marks a type as a figure of a dimension, for the validator and for the JSON Schema."""

    def __init__(self, dimension: Dimension, *examples: str) -> None:
        self.dimension, self.examples = dimension, examples

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return no_info_plain_validator_function(lambda value: quantity(said(value), self.dimension))

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: Any) -> dict[str, Any]:
        return schema(self.dimension, *self.examples)


def _word(value: Any) -> str:
    text = prose(said(value))
    if len(text) > 400:
        raise ValueError(f"{len(text)} characters; a value has at most 400, longer text goes to `statements`")
    return text


_Word = Annotated[str, PlainValidator(_word), WithJsonSchema(WORD_SCHEMA)]

_Parameters = Annotated[Quantity, _Figure("parameters", "6.7B", "130亿")]
_Examples = Annotated[Quantity, _Figure("examples", "52K instructions", "70w条")]
_Tokens = Annotated[Quantity, _Figure("tokens", "1.4T tokens", "512 tokens")]
_Words = Annotated[Quantity, _Figure("words", "700B words")]
_Bytes = Annotated[Quantity, _Figure("bytes", "20 GB")]
_Memory = Annotated[Quantity, _Figure("memory", "about 9 GB")]
_Duration = Annotated[Quantity, _Figure("duration", "3 h", "21 days", "several hours")]
_GpuHours = Annotated[Quantity, _Figure("gpu-hours", "82,432 GPU-h")]
_Money = Annotated[Quantity, _Figure("money", "at most 100 USD")]
_Percent = Annotated[Quantity, _Figure("percent", "85.2%")]
_Count = Annotated[Quantity, _Figure("count", "10,000 steps", "16")]
_Number = Annotated[Quantity, _Figure("number", "1e-4")]
_Compute = Annotated[Quantity, _Figure("compute", "6.67e22 FLOP")]
_ComputeRate = Annotated[Quantity, _Figure("compute-rate", "312 TFLOP/s")]
_TokenRate = Annotated[Quantity, _Figure("token-rate", "380 tokens/s/GPU")]
_Bandwidth = Annotated[Quantity, _Figure("bandwidth", "2,039 GB/s")]
_Power = Annotated[Quantity, _Figure("power", "400 W")]

Parameters = Fact[Claim[_Parameters]]
Examples = Fact[Claim[_Examples]]
Tokens = Fact[Claim[_Tokens]]
Words = Fact[Claim[_Words]]
Bytes = Fact[Claim[_Bytes]]
Memory = Fact[Claim[_Memory]]
Duration = Fact[Claim[_Duration]]
GpuHours = Fact[Claim[_GpuHours]]
Money = Fact[Claim[_Money]]
Percent = Fact[Claim[_Percent]]
Count = Fact[Claim[_Count]]
Number = Fact[Claim[_Number]]
Compute = Fact[Claim[_Compute]]
ComputeRate = Fact[Claim[_ComputeRate]]
TokenRate = Fact[Claim[_TokenRate]]
Bandwidth = Fact[Claim[_Bandwidth]]
Power = Fact[Claim[_Power]]
Word = Fact[Claim[_Word]]
Date = Fact[Claim[DayValue]]
Openness = Fact[LevelClaim]
