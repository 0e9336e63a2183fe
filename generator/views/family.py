"""Pedigrees: the whole family as a tree of bases, and one entry's ancestors."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.lineage import edges_from
from catalog.register import Catalog
from generator.language import Language
from generator.tame import outward


@dataclass(frozen=True)
class Node:
    """One box of a pedigree: an entry, a data set, or something outside the register."""

    id: str
    name: str
    detail: str
    href: str | None
    data: bool = False
    children: tuple[Node, ...] = ()

    @property
    def size(self) -> int:
        """Leaves below this node."""
        return sum(child.size for child in self.children) or 1

    @property
    def below(self) -> int:
        """Nodes below this one, however far."""
        return sum(1 + child.below for child in self.children)

    @property
    def depth(self) -> int:
        """Levels below and with this node."""
        return 1 + max((child.depth for child in self.children), default=0)


@dataclass(frozen=True)
class LineagePage:
    """Everything `lineage.html` shows."""

    trees: tuple[Node, ...]
    """Bases with several models, the largest first."""
    others: tuple[Node, ...]
    """Bases of one model, and models trained from scratch that nothing here was made from."""
    count: int
    data_users: tuple[tuple[Node, tuple[Node, ...]], ...] = field(default=())
    """Data sets that more than one entry was trained on, with these entries."""


def lineage_page(catalog: Catalog, language: Language, home: str) -> LineagePage:
    """Every model under what it was made from; a model with several bases stands under the first."""
    parents = {slug: _bases(catalog, slug) for slug, model in catalog.models.items() if model.kind == "model"}
    roots = sorted(
        {base[0] for base in parents.values() if base} - set(parents) | {s for s, b in parents.items() if not b}
    )
    children: dict[str, list[str]] = {}
    for slug, bases in parents.items():
        if bases:
            children.setdefault(bases[0], []).append(slug)

    def grow(name: str, seen: frozenset[str]) -> Node:
        below = [grow(child, seen | {name}) for child in sorted(children.get(name, ())) if child not in seen]
        return _node(catalog, name, language, home, children=tuple(sorted(below, key=lambda n: (-n.size, n.name))))

    trees = tuple(sorted((grow(root, frozenset()) for root in roots), key=lambda n: (-n.size, n.name)))
    large = tuple(tree for tree in trees if tree.size > 1)
    others = tuple(tree for tree in trees if tree.size == 1)
    return LineagePage(large, others, len(parents), _shared_data(catalog, language, home))


def ancestors_tree(catalog: Catalog, slug: str, language: Language, home: str, *, most: int = 14) -> Node:
    """The entry with what it was made from as children, three levels up and at most `most` boxes in all."""
    budget = [most]

    def grow(name: str, level: int, seen: frozenset[str], data: bool) -> Node:
        found: list[Node] = []
        if level < 4:
            for parent, relation in _above(catalog, name):
                if parent in seen or budget[0] <= 0:
                    continue
                budget[0] -= 1
                found.append(grow(parent, level + 1, seen | {parent}, relation != "base"))
        return _node(catalog, name, language, home, data=data, children=tuple(found))

    return grow(slug, 1, frozenset({slug}), False)


def _above(catalog: Catalog, name: str) -> list[tuple[str, str]]:
    """(entry-level parent, relation), bases first; the variants of one entry are one box."""
    found: dict[str, str] = {}
    for edge in edges_from(catalog, name):
        if edge.relation == "framework":
            continue
        parent = catalog.variants[edge.parent][0] if edge.parent in catalog.variants else edge.parent
        if parent != name:
            found.setdefault(parent, edge.relation)
    return sorted(found.items(), key=lambda item: (item[1] != "base", item[0]))


def _bases(catalog: Catalog, slug: str) -> list[str]:
    """The entry whose weights the first variant started from; none where it was trained from scratch."""
    for variant in catalog.entries[slug].variants.values():
        base = variant.base.accepted.value if variant.base else None
        if base is None:
            return []
        return [catalog.variants[base][0] if base in catalog.variants else base]
    return []


def _node(
    catalog: Catalog, name: str, language: Language, home: str, *, data: bool = False, children: tuple[Node, ...] = ()
) -> Node:
    detail = _detail(catalog, name, language)
    if name in catalog.entries:
        kind = "models" if name in catalog.models else "frameworks"
        shown = str(getattr(catalog.entries[name].name, language))
        return Node(name, shown, detail, f"{home}{kind}/{name}/", data, children)
    target = catalog.resolve(name)
    if target is None:
        return Node(name, name, "", None, data, children)
    href = f"{home}{target.page_kind}/{target.entry}/" if target.page_kind else outward(catalog.outside[name].url)
    return Node(name, str(getattr(target.name, language)), detail, href, data, children)


def _detail(catalog: Catalog, name: str, language: Language) -> str:
    """Who made it, for the second line of a box."""
    if name in catalog.outside:
        return str(getattr(catalog.outside[name].by, language))
    entry = catalog.entries.get(name) or catalog.datasets.get(name)
    if entry is None or not entry.publisher.accepted.value:
        return ""
    publisher = catalog.publishers.get(entry.publisher.accepted.value[0])
    return str(getattr(publisher.name, language)) if publisher else ""


def _shared_data(catalog: Catalog, language: Language, home: str) -> tuple[tuple[Node, tuple[Node, ...]], ...]:
    users: dict[str, set[str]] = {}
    for slug, model in catalog.models.items():
        if model.kind == "model":
            for parent, relation in _above(catalog, slug):
                if relation == "data":
                    users.setdefault(parent, set()).add(slug)
    rows = [
        (
            _node(catalog, name, language, home, data=True),
            tuple(_node(catalog, s, language, home) for s in sorted(slugs)),
        )
        for name, slugs in users.items()
        if len(slugs) > 1
    ]
    return tuple(sorted(rows, key=lambda row: (-len(row[1]), row[0].name)))
