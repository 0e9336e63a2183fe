"""An id means one thing, and an alias leads to one entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.records import Entry
from catalog.register import Catalog, File


@check("HB214")
def duplicate_id(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Slugs and variant ids are one name space; only an entry and its own variant may share a name."""
    owners = _owners(context.catalog)
    for place, name in _own_ids(file):
        others = sorted(owners[name] - {_label(file)})
        if others:
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


def _own_ids(file: File) -> Iterator[tuple[Place, str]]:
    if file.kind == "aliases":
        return
    yield at(file, ()), file.slug
    if isinstance(file.record, Entry):
        for name in file.record.variants:
            if name != file.slug:
                yield at(file, ("variants", name), key=True), name


def _label(file: File) -> str:
    return f"{file.kind}/{file.slug}"


def _fold(text: str) -> str:
    return "".join(text.lower().split())


def _owners(catalog: Catalog) -> dict[str, set[str]]:
    cached = catalog.__dict__.get("_owners")
    if cached is None:
        cached = {}
        for file in catalog.files:
            for name in {name for _, name in _own_ids(file)}:
                cached.setdefault(name, set()).add(_label(file))
        for name in catalog.outside:
            cached.setdefault(name, set()).add(f"outside/{name}")
        counts = Counter(_label(file) for file in catalog.files)
        for label, count in counts.items():
            if count > 1:
                cached.setdefault(label.split("/")[1], set()).add(f"a second {label}")
        catalog.__dict__["_owners"] = cached
    return dict(cached)


def _aliases(catalog: Catalog) -> dict[str, set[str]]:
    cached = catalog.__dict__.get("_aliases")
    if cached is None:
        cached = {}
        for file in catalog.files:
            for alias in (file.slug, *getattr(file.record, "aliases", ())):
                cached.setdefault(_fold(alias), set()).add(_label(file))
        catalog.__dict__["_aliases"] = cached
    return dict(cached)
