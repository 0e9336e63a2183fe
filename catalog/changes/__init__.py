"""What differs between two states of the register, as data. Pure: both catalogs are given, nothing is read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog import licences, openness
from catalog.claims.ledger import ledger
from catalog.facts import Fact, Said
from catalog.recipes import plain
from catalog.records import Document
from catalog.register import Catalog, File
from catalog.show import value_text
from catalog.tournaments import claims_found, tournaments
from catalog.walk import facts

What = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class RecordChange:
    """A record that is new, gone or different."""

    record: str
    """`kind/slug`."""
    name: str
    what: What


@dataclass(frozen=True)
class Change:
    """One answer before and after; None where there was none."""

    record: str
    about: str
    """Path of the fact, component, variant or claim."""
    before: str | None
    after: str | None
    why: str = ""
    """Evidence of a fact, or the licences that decide."""


@dataclass(frozen=True)
class PageChange:
    """A rendered page that is new, gone or different; made by whoever renders."""

    address: str
    title: str
    what: What
    lines_added: int = 0
    lines_removed: int = 0


@dataclass(frozen=True)
class Changes:
    """Everything that differs, by what a reviewer asks."""

    records: tuple[RecordChange, ...] = ()
    facts: tuple[Change, ...] = ()
    """Accepted answers that differ; where only other claims or evidence differ, `before` and `after` are equal."""
    verdicts: tuple[Change, ...] = ()
    openness: tuple[Change, ...] = ()
    licences: tuple[Change, ...] = ()
    """May it be used commercially?"""
    texts: tuple[Change, ...] = ()
    """Everything else that a record says: names, summaries, sources, statements, corrections, tables."""
    notes: tuple[str, ...] = field(default=())
    """What could not be compared."""


def compare(before: Catalog, after: Catalog, notes: Iterable[str] = ()) -> Changes:
    """What `after` changes."""
    old, new = _files(before), _files(after)
    records: list[RecordChange] = []
    fact_changes: list[Change] = []
    texts: list[Change] = []
    for name in sorted(old | new):
        one, other = old.get(name), new.get(name)
        found = list(_facts(name, one, other))
        said = list(_texts(name, one, other))
        if one is None or other is None or found or said:
            what: What = "added" if one is None else "removed" if other is None else "changed"
            file = other or one
            records.append(RecordChange(name, file.name.en if file else name, what))
        fact_changes += found
        texts += said if one and other else []
    for table in ("publishers", "licences"):
        texts += _table(table, getattr(before, table), getattr(after, table))
    return Changes(
        tuple(records),
        tuple(fact_changes),
        tuple(_pairs(_verdicts(before), _verdicts(after))),
        tuple(_pairs(_levels(before), _levels(after))),
        tuple(_pairs(_answers(before), _answers(after), _deciding(after))),
        tuple(texts),
        tuple(notes),
    )


def _files(catalog: Catalog) -> dict[str, File]:
    every = (*catalog.files, *catalog.side_files, *catalog.attached)
    return {f"{file.kind}/{file.slug}": file for file in every}


def _facts(name: str, one: File | None, other: File | None) -> Iterator[Change]:
    old, new = _by_path(one), _by_path(other)
    for path in [*old, *(path for path in new if path not in old)]:
        before, after = old.get(path), new.get(path)
        if before == after:
            continue
        source = after or before
        evidence = ", ".join(map(str, source.accepted.evidence)) if source else ""
        yield Change(name, path, _answer(before), _answer(after), evidence)


def _by_path(file: File | None) -> dict[str, Fact[Said]]:
    return {".".join(map(str, path)): fact for path, fact in facts(file.record)} if file else {}


def _answer(fact: Fact[Any] | None) -> str | None:
    if fact is None:
        return None
    others = len(fact.claims) - 1
    return value_text(fact.accepted) + (f" ({others} other claim{'s' if others > 1 else ''})" if others else "")


def _texts(name: str, one: File | None, other: File | None) -> Iterator[Change]:
    """Items of lists are compared whole and without their order, so that one put first does not change them all."""
    old, new = _said(one), _said(other)
    for path in [*old, *(path for path in new if path not in old)]:
        gone = list((old.get(path, Counter()) - new.get(path, Counter())).elements())
        come = list((new.get(path, Counter()) - old.get(path, Counter())).elements())
        for number in range(max(len(gone), len(come))):
            first = gone[number] if number < len(gone) else None
            second = come[number] if number < len(come) else None
            yield Change(name, path, first, second)


def _said(file: File | None) -> dict[str, Counter[str]]:
    """Path -> what the file says there, without its facts."""
    if file is None:
        return {}
    paths = {path for path, _ in facts(file.record)} if not isinstance(file.record, Document) else set()
    within = paths | {path[:-1] for path in paths if isinstance(path[-1], int)}
    found: dict[str, Counter[str]] = {}
    for path, said in _leaves(plain(file.tree), (), within):
        found.setdefault(path, Counter())[said] += 1
    return found


def _leaves(node: Any, path: tuple[str | int, ...], left_out: set[tuple[str | int, ...]]) -> Iterator[tuple[str, str]]:
    if path in left_out:
        return
    if isinstance(node, dict):
        for key, item in node.items():
            yield from _leaves(item, (*path, key), left_out)
    elif isinstance(node, list):
        for item in node:
            yield ".".join(map(str, path)), _flat(item)
    else:
        yield ".".join(map(str, path)), _flat(node)


def _flat(node: Any) -> str:
    return node if isinstance(node, str) else json.dumps(node, ensure_ascii=False)


def _table(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        before, after = (
            _flat(table[key].model_dump(mode="json", exclude_none=True)) if key in table else None
            for table in (old, new)
        )
        if before != after:
            yield Change(f"{name}.yaml", key, before, after)


_Answers = dict[tuple[str, str], str]


def _pairs(old: _Answers, new: _Answers, why: _Answers | None = None) -> Iterator[Change]:
    for key in [*old, *(key for key in new if key not in old)]:
        if old.get(key) != new.get(key):
            yield Change(*key, old.get(key), new.get(key), (why or {}).get(key, ""))


def _verdicts(catalog: Catalog) -> _Answers:
    """Of published claims, by what was claimed, and of the figures of tournaments."""
    claims = {(f"{row.kind}/{row.entry}", f"{row.fact}: {row.value.said}"): str(row.verdict) for row in ledger(catalog)}
    rated = {
        (f"models/{one.entry}", claim.id): claim.verdict or "not computed"
        for one in tournaments(catalog)
        for claim in claims_found(one)
    }
    return claims | rated


def _levels(catalog: Catalog) -> _Answers:
    found: _Answers = {}
    for slug in catalog.entries:
        cells = openness.cells(catalog, slug)
        record = f"{'models' if slug in catalog.models else 'frameworks'}/{slug}"
        found |= {(record, str(component)): str(cell.level) for component, cell in cells.items()}
        found[record, "score"] = f"{openness.score(cells):g} of 14"
    return found


def _answers(catalog: Catalog) -> _Answers:
    return {key: result.answer for key, result in _chains(catalog)}


def _deciding(catalog: Catalog) -> _Answers:
    return {
        key: ", ".join(f"{link.id} {link.part}: {link.licence or 'none on record'}" for link in result.deciding[:4])
        for key, result in _chains(catalog)
    }


def _chains(catalog: Catalog) -> Iterator[tuple[tuple[str, str], licences.Effective]]:
    for slug, entry in catalog.entries.items():
        record = f"{'models' if slug in catalog.models else 'frameworks'}/{slug}"
        yield (record, "entry"), licences.of_entry(catalog, slug)
        for name in entry.variants:
            yield (record, name), licences.effective(catalog, name)
