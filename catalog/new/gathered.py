"""What was gathered about a thing before anything is read from it: texts with their addresses, a list of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["model", "dataset", "framework"]

MAX_TEXT = 1_000_000
"""Bytes of one text that are read."""
MAX_FILES = 3_000
"""Files of one repository that are listed."""


@dataclass(frozen=True)
class Page:
    """A text that facts can be read from."""

    name: str
    """Of the file."""
    text: str
    source: Mapping[str, str]
    """What `sources` of the record says of it: `url` or `sha256`, `title`, `as_of`, ..."""


@dataclass(frozen=True)
class Event:
    """A dated change with a page of its own, such as a commit."""

    day: str
    source: Mapping[str, str]


@dataclass(frozen=True)
class Weights:
    """Tensor elements by data type, as the headers of the weights' files count them."""

    elements: Mapping[str, int]
    page: Page | None
    """The one file they stand in, without its text; None where they are many."""


@dataclass(frozen=True)
class Gathered:
    """Everything about one model, data set or framework."""

    origin: str
    """As a person would name where it comes from: `farm/ewe-7b at 0123abcd`."""
    name: str
    owner: str | None = None
    hub_id: str | None = None
    pages: Mapping[str, Page] = field(default_factory=dict)
    """By the id that the source gets in the record: card, config, adapter-config, readme, licence."""
    files: Mapping[str, int] = field(default_factory=dict)
    """Path -> bytes."""
    listing: Page | None = None
    """The page that lists the files."""
    weights: Weights | None = None
    card: Mapping[str, object] | None = None
    """The card's data where its text could not be had."""
    gated: bool | None = None
    """None where nobody said."""
    first: Event | None = None
    today: str = ""
    code: Repository | None = None
    remarks: tuple[str, ...] = ()
    """What could not be read, and why."""


@dataclass(frozen=True)
class Repository:
    """A repository of code."""

    id: str
    url: str
    licence: str | None
    """SPDX id, where the host recognised one."""
    pages: Mapping[str, Page] = field(default_factory=dict)
    first: Event | None = None
    homepage: str | None = None
