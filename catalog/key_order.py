"""The order in which the keys of a record are written: what a reader asks first comes first."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from catalog.facts import Fact, LevelClaim, Said
from catalog.records import Dataset, Document, Entry, Hardware, Outside, Statement, Term, Variant
from catalog.shape import field_names
from catalog.training import Difference

_HEAD = ("name", "aliases", "kind", "publisher", "summary", "released", "languages")
_TAIL = ("statements", "corrections", "confused_with")

# A type that is not listed is written in the order of its fields, and so is a field that is not listed, after the rest.
_ORDER: tuple[tuple[type[BaseModel], tuple[str, ...]], ...] = (
    (Entry, (*_HEAD, "sources", "links", "reported", "openness", "licences", "uses", "parameters", "variants",
             "training", "inference", "published", "serves", *_TAIL)),
    (Dataset, ("name", "aliases", "publisher", "summary", "kind", "released", "languages", "examples", "tokens",
               "words", "bytes", "access", "licence", "generated_by", "derived_from", "cost", "settings", "sources",
               "links", *_TAIL)),
    (Hardware, ("name", "aliases", "family", "vendor", "summary", "memory", "bandwidth", "fp16", "fp16_fast", "bf16",
                "tf32", "fp32", "int8", "power", "released", "sources", "links", *_TAIL)),
    (Term, ("name", "aliases", "summary", "definition", "related", "sources", "links", *_TAIL)),
    (Document, ("title", "summary", "kind", "language", "as_of", "accessed", "sha256", "lines", "url", "note",
                "sources", "statements", "corrections")),
    (Outside, ("name", "kind", "by", "url", "licence", "output_terms", "base", "parameters", "tokens", "released",
               "statements", "sources", "corrections", "note")),
    (Variant, ("name", "aliases", "released", "parameters", "base", "form", "architecture", "context", "vocabulary",
               "openness", "licences", "links", "training", "inference", "note")),
    (Statement, ("kind", "text", "figures", "from", "as_of")),
    (LevelClaim, ("level", "as_of", "from", "accepted", "note")),
    (Said, ("value", "status", "as_of", "from", "accepted", "note")),
    (Difference, ("of", "en", "zh")),
    (Fact, ("claims",)),
)  # fmt: skip


def order_of(model: type[BaseModel]) -> list[str]:
    """Every key of the type, in the order of writing."""
    fields = field_names(model)
    listed = next((order for kind, order in _ORDER if issubclass(model, kind)), ())
    return [*(name for name in listed if name in fields), *(name for name in fields if name not in listed)]


def sorted_keys(keys: Sequence[str], models: Sequence[type[BaseModel]]) -> list[str]:
    """The keys in the order of the type they fit best; an unknown key stays behind the key it stands behind."""
    if not models:
        return list(keys)
    best = max(models, key=lambda model: len(set(keys) & set(field_names(model))))
    rank = {name: number for number, name in enumerate(order_of(best))}
    ranked, latest = [], -1
    for number, key in enumerate(keys):
        latest = rank.get(key, latest)
        ranked.append((latest, number, key))
    return [key for _, _, key in sorted(ranked)]
