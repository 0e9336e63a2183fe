"""Plain lists: every record of one kind by name."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.register import Catalog
from generator.language import Language
from generator.views.citing import Citations
from generator.views.shown import Part, Shower
from generator.words import word


@dataclass(frozen=True)
class ListRow:
    """One line."""

    part: Part
    detail: str
    summary: str


@dataclass(frozen=True)
class ListPage:
    """Everything `list.html` shows."""

    kind: str
    title: str
    rows: tuple[ListRow, ...]


def listing(catalog: Catalog, kind: str, language: Language, home: str) -> ListPage:
    """By name; the publisher or vendor below it."""
    rows = []
    for file in catalog.files:
        if file.kind != kind:
            continue
        publisher = getattr(file.record, "publisher", None)
        show = Shower(catalog, Citations(catalog, file, language, home))
        detail = show.claim("publisher", publisher.accepted).text if publisher else getattr(file.record, "vendor", "")
        part = Part(str(getattr(file.name, language)), f"{home}{kind}/{file.slug}/")
        rows.append(ListRow(part, detail, str(getattr(file.summary, language))))
    title = word(kind if kind != "sources" else "documents", language)
    return ListPage(kind, title, tuple(sorted(rows, key=lambda row: row.part.text.lower())))
