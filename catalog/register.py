"""The loaded catalog: every record by kind and slug, and what any id in it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar

from catalog.facts import Text
from catalog.judgments import JudgmentTable
from catalog.recipes import Recipe
from catalog.records import (
    Alias,
    AnyRecord,
    Dataset,
    Document,
    Entry,
    Framework,
    Hardware,
    LicenceTerms,
    Model,
    Outside,
    Publisher,
    Source,
    Term,
    Variant,
)
from catalog.result_kinds import AnyResult
from catalog.result_tables import ResultTable

if TYPE_CHECKING:
    from catalog.links import LinkState

Kind = Literal[
    "models",
    "datasets",
    "frameworks",
    "hardware",
    "terms",
    "sources",
    "outside",
    "aliases",
    "recipes",
    "results",
    "demonstrations",
]
# What lies in a folder of its own; things outside the register share one file.
KINDS: dict[Kind, type[AnyRecord]] = {
    "models": Model,
    "datasets": Dataset,
    "frameworks": Framework,
    "hardware": Hardware,
    "terms": Term,
    "sources": Document,
}
TABLES: dict[str, type[Any]] = {"publishers": Publisher, "licences": LicenceTerms}


@dataclass(frozen=True)
class File:
    """A record together with the text it was read from."""

    kind: Kind
    slug: str
    path: str
    """As shown to people: below the current folder where it can be."""
    relative: str
    """Below the catalog's root, with forward slashes."""
    tree: Any
    record: AnyRecord | Outside | Alias | Recipe | AnyResult

    @property
    def name(self) -> Text:
        """What people call it: a document by its title, an alias by itself."""
        if isinstance(self.record, Document):
            return self.record.title
        if isinstance(self.record, Alias | Recipe | AnyResult):
            return Text(en=self.slug, zh=self.slug)
        return self.record.name

    @property
    def summary(self) -> Text | None:
        """One sentence about it, where the record has one."""
        return None if isinstance(self.record, Alias | Outside | Recipe | AnyResult) else self.record.summary


@dataclass(frozen=True)
class Target:
    """What an id means."""

    id: str
    kind: Literal["models", "variant", "datasets", "frameworks", "hardware", "terms", "outside"]
    entry: str
    """Slug of the entry's page; the id itself for what stands outside the register."""
    page_kind: Kind | None
    name: Text


@dataclass(frozen=True)
class Catalog:
    """Every record, whole. Reading never changes it."""

    root: Path
    files: tuple[File, ...] = ()
    publishers: Mapping[str, Publisher] = field(default_factory=dict)
    licences: Mapping[str, LicenceTerms] = field(default_factory=dict)
    side_files: tuple[File, ...] = ()
    """What stands in outside.yaml and aliases.yaml, each item with its part of the text."""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    attached: tuple[File, ...] = ()
    """Recipes and results, which lie beside the models."""
    judgments: Mapping[str, JudgmentTable] = field(default_factory=dict)
    """Recorded verdicts by their path below the catalog's root."""
    tables: Mapping[str, ResultTable] = field(default_factory=dict)
    """Tables beside results by their path below the catalog's root."""
    links: Mapping[str, LinkState] = field(default_factory=dict)
    """What was found at each cited address; an address that is not here was never checked."""
    kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Results of the functions marked `once`."""

    @cached_property
    def models(self) -> dict[str, Model]:
        return {f.slug: f.record for f in self.files if isinstance(f.record, Model) and f.kind == "models"}

    @cached_property
    def demonstrations(self) -> dict[str, Model]:
        """Entries that show how the runner works. They lie beside the models and are none of them."""
        return {f.slug: f.record for f in self.files if isinstance(f.record, Model) and f.kind == "demonstrations"}

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        return {f.slug: f.record for f in self.files if isinstance(f.record, Dataset)}

    @cached_property
    def frameworks(self) -> dict[str, Framework]:
        return {f.slug: f.record for f in self.files if isinstance(f.record, Framework)}

    @cached_property
    def hardware(self) -> dict[str, Hardware]:
        return {f.slug: f.record for f in self.files if isinstance(f.record, Hardware)}

    @cached_property
    def terms(self) -> dict[str, Term]:
        return {f.slug: f.record for f in self.files if isinstance(f.record, Term)}

    @cached_property
    def documents(self) -> dict[str, Document]:
        return {f.slug: f.record for f in self.files if isinstance(f.record, Document)}

    @cached_property
    def outside(self) -> dict[str, Outside]:
        return {f.slug: f.record for f in self.side_files if isinstance(f.record, Outside)}

    @cached_property
    def aliases(self) -> dict[str, Alias]:
        return {f.slug: f.record for f in self.side_files if isinstance(f.record, Alias)}

    @cached_property
    def recipes(self) -> dict[str, File]:
        """Slug of the entry -> its recipe with its text."""
        return {f.slug: f for f in self.attached if isinstance(f.record, Recipe)}

    @cached_property
    def results(self) -> dict[str, list[File]]:
        """Slug of the entry -> its results of every kind, in order of their names."""
        found: dict[str, list[File]] = {}
        for file in self.attached:
            if isinstance(file.record, AnyResult):
                found.setdefault(file.slug.partition("/")[0], []).append(file)
        return found

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Models and frameworks by slug."""
        return {**self.models, **self.frameworks}

    @cached_property
    def reproducible(self) -> dict[str, Entry]:
        """Whatever may have a recipe and results: entries and demonstrations."""
        return {**self.entries, **self.demonstrations}

    @cached_property
    def by_key(self) -> dict[tuple[str, str], File]:
        return {(f.kind, f.slug): f for f in self.files}

    @cached_property
    def variants(self) -> dict[str, tuple[str, Variant]]:
        """Variant id -> slug of its entry and the variant."""
        return {name: (slug, v) for slug, entry in self.entries.items() for name, v in entry.variants.items()}

    @cached_property
    def families(self) -> dict[str, list[str]]:
        """Hardware family -> slugs of its cards."""
        found: dict[str, list[str]] = {}
        for slug, card in self.hardware.items():
            found.setdefault(card.family, []).append(slug)
        return found

    def resolve(self, name: str) -> Target | None:
        """What `name` means: a variant first, then an entry, a data set, a card or its family, then the outside."""
        if name in self.variants:
            slug, variant = self.variants[name]
            kind: Kind = "models" if slug in self.models else "frameworks"
            return Target(name, "variant", slug, kind, variant.name)
        if name in self.models:
            return Target(name, "models", name, "models", self.models[name].name)
        if name in self.frameworks:
            return Target(name, "frameworks", name, "frameworks", self.frameworks[name].name)
        if name in self.datasets:
            return Target(name, "datasets", name, "datasets", self.datasets[name].name)
        if name in self.hardware:
            return Target(name, "hardware", name, "hardware", self.hardware[name].name)
        if name in self.families:
            shown = name.upper()
            return Target(name, "hardware", self.families[name][0], "hardware", Text(en=shown, zh=shown))
        if name in self.terms:
            return Target(name, "terms", name, "terms", self.terms[name].name)
        if name in self.outside:
            return Target(name, "outside", name, None, self.outside[name].name)
        return None

    def ids(self) -> Iterator[str]:
        """Every id that a record may refer to."""
        yield from self.variants
        yield from self.entries
        yield from self.datasets
        yield from self.hardware
        yield from self.families
        yield from self.terms
        yield from self.outside

    def source(self, file: File, name: str) -> Source | Document | None:
        """The source that `name` means in this record: its own, or a document of the register."""
        own: Mapping[str, Source] = getattr(file.record, "sources", {})
        return own.get(name) or self.documents.get(name)


_P = ParamSpec("_P")
_R = TypeVar("_R")


def once(work: Callable[Concatenate[Catalog, _P], _R]) -> Callable[Concatenate[Catalog, _P], _R]:
    """Works each answer out once a catalog, which never changes; callers share the answer and leave it as it is."""

    @wraps(work)
    def kept(catalog: Catalog, /, *args: _P.args, **named: _P.kwargs) -> _R:
        key = (work, args, *named.items())
        if key not in catalog.kept:
            catalog.kept[key] = work(catalog, *args, **named)
        answer: _R = catalog.kept[key]
        return answer

    return kept
