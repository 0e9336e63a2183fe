"""The Atom feed of one language: entries by the day their record was last read at its sources."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from catalog.citation import newest_reading
from catalog.facts import Day
from catalog.records import Entry
from catalog.register import Catalog, File
from generator.language import Language
from generator.tame import tamed

_ATOM = "http://www.w3.org/2005/Atom"
MOST = 60


@dataclass(frozen=True)
class Item:
    """One entry of the feed."""

    file: File
    read: datetime.date


def feed(catalog: Catalog, language: Language, address: str) -> bytes:
    """Atom 1.0; links are absolute where the site's address is known, else relative to the feed."""
    zh = language == "zh"
    ElementTree.register_namespace("", _ATOM)
    spoken = {"{http://www.w3.org/XML/1998/namespace}lang": "zh-Hans" if zh else "en"}
    root = ElementTree.Element(f"{{{_ATOM}}}feed", spoken)
    _add(root, "title", "羊驼谱：登记册" if zh else "Herdbook: the register")
    _add(root, "id", f"tag:herdbook,2026:{language}/feed")
    _add(root, "link", rel="alternate", href=address or "./")
    _add(root, "link", rel="self", href=f"{address}feed.xml")
    items = list(_items(catalog))
    _add(root, "updated", _instant(max((item.read for item in items), default=datetime.date(2026, 1, 1))))
    author = ElementTree.SubElement(root, f"{{{_ATOM}}}author")
    _add(author, "name", "Herdbook")
    for item in items[:MOST]:
        path = f"{item.file.kind}/{item.file.slug}/"
        entry = ElementTree.SubElement(root, f"{{{_ATOM}}}entry")
        _add(entry, "title", str(getattr(item.file.name, language)))
        _add(entry, "id", f"tag:herdbook,2026:{language}/{path}")
        _add(entry, "link", rel="alternate", href=f"{address}{path}")
        _add(entry, "updated", _instant(item.read))
        summary = item.file.summary
        _add(entry, "summary", str(getattr(summary, language)) if summary else "")
    ElementTree.indent(root, " ")
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _items(catalog: Catalog) -> Iterator[Item]:
    """Youngest reading first, then youngest release."""
    found = []
    for file in catalog.files:
        read = newest_reading(file)
        if isinstance(file.record, Entry) and read and getattr(file.record, "kind", "model") == "model":
            released = file.record.released.accepted.value
            first = released.first if isinstance(released, Day) else datetime.date.min
            found.append((read, first, file))
    found.sort(key=lambda row: (row[0], row[1], row[2].slug), reverse=True)
    return (Item(file, read) for read, _, file in found)


def _instant(day: datetime.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _add(parent: ElementTree.Element, name: str, content: str | None = None, **attributes: str) -> None:
    element = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    if content is not None:
        element.text = tamed(content)
