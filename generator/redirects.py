"""Pages that lead from other spellings to an entry: aliases and variants, as `models/stanford-alpaca/`."""

from __future__ import annotations

import re

from markupsafe import escape

from catalog.records import Entry
from catalog.register import Catalog
from generator.language import Language

_PLAIN = re.compile(r"[a-z0-9]+(?:[.\-][a-z0-9]+)*")


def redirects(catalog: Catalog, language: Language) -> dict[str, bytes]:
    """path of a page -> its bytes; a spelling that is an entry's own slug, or leads to two entries, has none."""
    wanted: dict[str, set[str]] = {}
    for file in catalog.files:
        if file.kind in ("sources", "terms"):
            continue
        spellings = {_slugged(alias): "" for alias in getattr(file.record, "aliases", ())}
        if isinstance(file.record, Entry):
            for name, variant in file.record.variants.items():
                spellings |= {_slugged(alias): f"#v-{name}" for alias in variant.aliases} | {
                    _slugged(name): f"#v-{name}"
                }
        for spelling, fragment in spellings.items():
            if spelling and (file.kind, spelling) not in catalog.by_key:
                wanted.setdefault(f"{file.kind}/{spelling}", set()).add(f"../{file.slug}/{fragment}")
    return {f"{path}/index.html": _page(next(iter(to)), language) for path, to in wanted.items() if len(to) == 1}


def _slugged(text: str) -> str:
    """`tatsu-lab/alpaca` -> tatsu-lab-alpaca; empty where nothing plain is left."""
    plain = re.sub(r"[\s_/]+", "-", text.lower()).strip("-.")
    return plain if _PLAIN.fullmatch(plain) else ""


def _page(target: str, language: Language) -> bytes:
    address = escape(target)
    words = "已移至" if language == "zh" else "This page is at"
    return (
        f'<!doctype html><html lang="{"zh-Hans" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={address}"><meta name="robots" content="noindex">'
        f'<title>Herdbook</title></head><body><p>{words} <a href="{address}">{address}</a></p></body></html>\n'
    ).encode()
