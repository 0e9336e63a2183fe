"""All published tables of the register, by what they measure; never on one scale."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.records import Entry
from catalog.register import Catalog
from generator.language import Language
from generator.words import word


@dataclass(frozen=True)
class TableLink:
    """One table and where it stands."""

    title: str
    href: str
    entry: str
    entry_href: str
    judge: str
    rows: int


@dataclass(frozen=True)
class PublishedPage:
    """Everything `published.html` shows: (kind of table, tables)."""

    groups: tuple[tuple[str, str, tuple[TableLink, ...]], ...]
    count: int


def published(catalog: Catalog, language: Language, home: str) -> PublishedPage:
    """Grouped by kind of table, in the order of entries."""
    found: dict[str, list[TableLink]] = {}
    for file in catalog.files:
        if isinstance(file.record, Entry):
            page = f"{home}{file.kind}/{file.slug}/"
            for table in file.record.published:
                title, name = str(getattr(table.title, language)), str(getattr(file.name, language))
                link = TableLink(title, f"{page}#{table.id}", name, page, table.judge or "", len(table.rows))
                found.setdefault(table.kind, []).append(link)
    groups = tuple((kind, word(f"table.{kind}", language), tuple(found[kind])) for kind in sorted(found))
    return PublishedPage(groups, sum(len(links) for links in found.values()))
