"""Which addresses the register cites, and what was found at each: `catalog/links.yaml`, written by `catalog links`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from catalog.facts import Day, DayValue, Short, Strict, Url
from catalog.records import Document, Source
from catalog.register import Catalog, File
from catalog.walk import nodes

LinkStatus = Literal["reachable", "moved", "gated", "gone", "refused", "error", "not-checked"]
"""`refused`: the server turns this program away (401, 403); `gated`: a hub says that one must ask for access."""


class LinkState(Strict):
    """What was found at one address."""

    status: LinkStatus
    checked: DayValue
    """The day of the last try."""
    since: DayValue
    """The first day of an unbroken row of tries with this status."""
    code: Annotated[int, Field(ge=100, le=599)] | None = None
    """The last HTTP status."""
    to: Url | None = None
    """Where a permanent redirect leads."""
    archived: Url | None = None
    """A copy in the Wayback Machine, found when the address was gone."""
    why: Short | None = None
    """Why it could not be reached or was not checked."""

    def said(self) -> dict[str, str | int]:
        """What is known, as the file and JSON write it."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {k: v.said if isinstance(v, Day) else v for k, v in values.items() if v is not None}


class LinkFile(Strict):
    """The file; an address that is not in it was never checked."""

    links: dict[Url, LinkState] = {}


HEADER = "# Written by `catalog links`, one line an address; review it, but do not edit it: run the command again.\n"


def text(states: Mapping[str, LinkState]) -> str:
    """The file, by address. The same states give the same bytes."""
    lines = [HEADER + ("links:\n" if states else "links: {}\n")]
    for address in sorted(states):
        said = (f"{key}: {_quoted(key, value)}" for key, value in states[address].said().items())
        lines.append(f"  {json.dumps(address)}: {{{', '.join(said)}}}\n")
    return "".join(lines)


def _quoted(key: str, value: str | int) -> str:
    plain = key in ("status", "checked", "since") or isinstance(value, int)
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Address:
    """An address the register cites."""

    url: str
    as_of: str
    """Day of the text that was cited there, as YYYYMMDD; empty where none is known."""
    has_copy: bool
    """A copy is on record already."""
    download: bool
    """Weights or data are given there."""


def addresses(catalog: Catalog) -> dict[str, Address]:
    """Every https address of the records, once."""
    found: dict[str, Address] = {}
    for file in (*catalog.files, *catalog.side_files):
        for one in _of_record(file):
            known = found.get(one.url)
            if known:
                one = Address(
                    one.url,
                    known.as_of or one.as_of,
                    known.has_copy or one.has_copy,
                    known.download or one.download,
                )
            found[one.url] = one
    for table in (catalog.publishers, catalog.licences):
        for item in table.values():
            if item.url:
                found.setdefault(item.url, Address(item.url, "", False, False))
    return found


def _of_record(file: File) -> Iterator[Address]:
    for _, node in nodes(file.record):
        if isinstance(node, Source):
            if node.url:
                yield Address(node.url, f"{node.as_of.last:%Y%m%d}", node.archived is not None, False)
            if node.archived:
                yield Address(node.archived, "", True, False)
        elif isinstance(node, Document) and node.url:
            yield Address(node.url, f"{node.as_of.last:%Y%m%d}", False, False)
        elif url := getattr(node, "url", None):
            yield Address(url, "", False, False)
        yield from (Address(url, "", False, True) for url in downloads(node))
        for given in (getattr(node, "links", None) or {}).values():
            values = (claim.value for fact in given for claim in fact.claims)
            yield from (Address(value, "", False, False) for value in values if value)


def downloads(node: object) -> list[str]:
    """Addresses of weights and data of a record or a variant, as accepted, each once."""
    links = getattr(node, "links", None) or {}
    given = (fact.accepted.value for relation in ("weights", "data") for fact in links.get(relation, ()))
    return list(dict.fromkeys(value for value in given if value))


def downloads_of(record: object) -> list[str]:
    """Those of a record and of its variants, each once."""
    owners = (record, *getattr(record, "variants", {}).values())
    return list(dict.fromkeys(url for owner in owners for url in downloads(owner)))
