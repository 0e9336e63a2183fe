"""What the register already knows by another name: ids of the hub, owners, licences as the hub spells them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.new.told import clean
from catalog.records import Dataset, Entry
from catalog.register import Catalog
from catalog.spelling import did_you_mean
from catalog.store import is_slug

_ON_HUB = re.compile(r"https://huggingface\.co/(?:datasets/)?([\w.-]+/[\w.-]+)/?$")
# As the hub's list of licences spells what the register calls otherwise.
_LICENCES = {
    "bigscience-bloom-rail-1.0": "BigScience-RAIL-1.0",
    "creativeml-openrail-m": "LicenseRef-CreativeML-OpenRAIL-M",
    "odc-by": "ODC-By-1.0",
    "gpl": "GPL-3.0",
    "agpl": "AGPL-3.0",
    "cc0": "CC0-1.0",
}


class Known:
    """Look-ups over one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._by_hub_id = dict(_hub_ids(catalog))

    def thing(self, hub_id: str) -> str | None:
        """The id in the register of what the hub calls `hub_id`."""
        return self._by_hub_id.get(hub_id.lower())

    def near(self, hub_id: str) -> str | None:
        """An id that has the same name, which may be the same thing from elsewhere."""
        name = slug_of(hub_id.rpartition("/")[2])
        return name if name and self.catalog.resolve(name) else None

    def publisher(self, owner: str) -> str | None:
        """The publisher that an owner on the hub or on GitHub is."""
        folded = owner.lower()
        for name, publisher in self.catalog.publishers.items():
            addresses = [publisher.url.lower().rstrip("/")] if publisher.url else []
            if folded == name or any(
                a.endswith((f"huggingface.co/{folded}", f"github.com/{folded}")) for a in addresses
            ):
                return name
        return None

    def licence(self, word: str) -> str | None:
        """The licence that the hub, or SPDX, calls by this word."""
        by_lower = {name.lower(): name for name in self.catalog.licences}
        word = word.lower()
        spdx = word.removesuffix("-only").removesuffix("-or-later")
        for spelling in (word, spdx):
            name = by_lower.get(spelling) or _LICENCES.get(spelling)
            if name in self.catalog.licences:
                return name
        return None

    def licence_hint(self, word: str) -> str:
        """Where a licence that is not known belongs."""
        near = did_you_mean(word, [name.lower() for name in self.catalog.licences])
        return f"`{clean(word, 60)}` is not in licences.yaml: add it there{f', or {near}' if near else ''}"


def slug_of(name: str) -> str | None:
    """A slug out of a name; None where nothing is left of it."""
    slug = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
    slug = re.sub(r"[.-]{2,}", "-", slug)
    return slug if is_slug(slug) else None


def _hub_ids(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """(id on the hub in lower case, id here): aliases say it outright, links to weights and data by their address."""
    for file in catalog.files:
        record = file.record
        if isinstance(record, Entry | Dataset):
            yield from _links(record.links, file.slug, "weights" if isinstance(record, Entry) else "data")
        for name, variant in getattr(record, "variants", {}).items():
            yield from _links(variant.links, name, "weights")
            yield from _aliases(variant.aliases, name)
        yield from _aliases(getattr(record, "aliases", ()), file.slug)
    for name, outside in catalog.outside.items():
        if outside.url and (match := _ON_HUB.match(outside.url)):
            yield match[1].lower(), name


def _aliases(aliases: tuple[str, ...], name: str) -> Iterator[tuple[str, str]]:
    for alias in aliases:
        if re.fullmatch(r"[\w.-]+/[\w.-]+", alias):
            yield alias.lower(), name


def _links(links: object, name: str, relation: str) -> Iterator[tuple[str, str]]:
    for link in getattr(links, "get", lambda *_: ())(relation, ()):
        for claim in link.claims:
            if claim.value and (match := _ON_HUB.match(claim.value)):
                yield match[1].lower(), name
