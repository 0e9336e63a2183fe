"""Which record a person means by a name."""

from __future__ import annotations

from catalog.register import Catalog, File


def find(catalog: Catalog, name: str) -> File | None:
    """The record that `name` leads to: a slug, a variant, or any alias, whatever its case and spaces."""
    folded = "".join(name.lower().split())
    for file in catalog.files:
        record = file.record
        spellings = {file.slug, *getattr(record, "variants", {}), *getattr(record, "aliases", ())}
        for variant in getattr(record, "variants", {}).values():
            spellings |= {*variant.aliases, variant.name.en}
        if folded in {"".join(spelling.lower().split()) for spelling in spellings}:
            return file
    alias = catalog.aliases.get(name)
    return next((f for f in catalog.files if alias and f.slug == alias.entry), None)
