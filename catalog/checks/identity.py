"""An id means one thing, and an alias leads to one entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.register import Catalog, File, once


@check("HB214")
def duplicate_id(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Slugs and variant ids are one name space; only an entry and its own variant may share a name."""
    owners = _owners(context.catalog)
    for name in _own_ids(file):
        others = sorted(owners[name] - {_label(file)})
        if others:
            place = at(file, ()) if name == file.slug else at(file, ("variants", name), key=True)
            yield place, f"the id `{name}` also belongs to {', '.join(others)}", "choose another"


@check("HB216")
def alias_of_two(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """An alias that is also another entry's slug or alias would lead readers astray."""
    aliases = _aliases(context.catalog)
    for number, alias in enumerate(getattr(file.record, "aliases", ())):
        others = sorted(aliases[_fold(alias)] - {_label(file)})
        if others:
            what = f"the alias `{alias}` also leads to {', '.join(others)}"
            yield at(file, ("aliases", number)), what, "name the difference in `confused_with` instead"


def _own_ids(file: File) -> set[str]:
    if file.kind in ("aliases", "recipes", "results"):
        return set()
    return {file.slug, *getattr(file.record, "variants", ())}


def _label(file: File) -> str:
    return f"{file.kind}/{file.slug}"


def _fold(text: str) -> str:
    return "".join(text.lower().split())


@once
def _owners(catalog: Catalog) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = {}
    for file in catalog.files:
        for name in _own_ids(file):
            owners.setdefault(name, set()).add(_label(file))
    for name in catalog.outside:
        owners.setdefault(name, set()).add(f"outside/{name}")
    counts = Counter(_label(file) for file in catalog.files)
    for label, count in counts.items():
        if count > 1:
            owners.setdefault(label.split("/")[1], set()).add(f"a second {label}")
    return owners


@once
def _aliases(catalog: Catalog) -> dict[str, set[str]]:
    leads: dict[str, set[str]] = {}
    for file in catalog.files:
        for alias in (file.slug, *getattr(file.record, "aliases", ())):
            leads.setdefault(_fold(alias), set()).add(_label(file))
    return leads
