"""What the pages of every kind of record share: statements, corrections, disagreements, homonyms, links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.facts import Fact, LevelClaim
from catalog.walk import facts
from generator.setting_names import setting_name
from generator.views.citing import Ref
from generator.views.shown import FactView, Part, Shower, Shown, anchor
from generator.words import known


@dataclass(frozen=True)
class StatementView:
    """Something said in words."""

    kind: str
    text: str
    refs: tuple[Ref, ...]


@dataclass(frozen=True)
class CorrectionView:
    """A claim and what holds instead."""

    anchor: str
    kind: str
    claim: str
    said_refs: tuple[Ref, ...]
    correction: str
    refs: tuple[Ref, ...]
    confidence: str


@dataclass(frozen=True)
class DisputeView:
    """One fact on which sources disagree."""

    anchor: str
    label: str
    accepted: Shown
    reason: str
    others: tuple[Shown, ...]


@dataclass(frozen=True)
class HomonymView:
    """Another entry of a similar name."""

    entry: Part
    why: str


def statements(show: Shower, record: Any) -> tuple[StatementView, ...]:
    """Statements in the order of the record."""
    return tuple(
        StatementView(
            show.word(f"statement.{s.kind}"), str(getattr(s.text, show.language)), show.citations.cite(s.from_)
        )
        for s in record.statements
    )


_CONFIDENCE = {"high": ("", ""), "medium": ("medium confidence", "把握中等"), "low": ("low confidence", "把握较低")}


def corrections(show: Shower, record: Any) -> tuple[CorrectionView, ...]:
    """Corrections in the order of the record."""
    return tuple(
        CorrectionView(
            (c.id or f"correction-{n}").lower(),
            show.word(c.kind),
            str(getattr(c.claim, show.language)),
            show.citations.cite(c.from_),
            str(getattr(c.correction, show.language)),
            show.citations.cite(c.evidence),
            _CONFIDENCE[c.confidence][show.language == "zh"],
        )
        for n, c in enumerate(record.corrections, 1)
    )


def disputes(show: Shower, record: Any) -> tuple[DisputeView, ...]:
    """Every fact with more than one claim; openness cells have a table of their own."""
    found = []
    for path, fact in facts(record):
        if len(fact.claims) < 2 or (isinstance(fact.accepted, LevelClaim) and "openness" in path):
            continue
        name = str(path[-1]) if not isinstance(path[-1], int) else str(path[-2])
        others = tuple(show.claim(name, claim) for claim in fact.claims if claim is not fact.accepted)
        reason = show.text(fact.accepted.accepted) or ""
        where = ".".join(str(part) for part in path)
        found.append(
            DisputeView(anchor(where), _label(show, record, path), show.claim(name, fact.accepted), reason, others)
        )
    return tuple(found)


def _label(show: Shower, record: Any, path: tuple[str | int, ...]) -> str:
    """`Alpaca 7B, sft, Hardware`: the path in words."""
    parts: list[str] = []
    for before, part in zip(("", *path), path, strict=False):
        if part in ("variants", "training", "inference", "settings", "licences") or isinstance(part, int):
            continue
        if before == "variants":
            parts.append(str(getattr(record.variants[part].name, show.language)))
        else:
            parts.append(show.word(str(part)) if known(str(part)) else setting_name(str(part), show.language))
    return show.comma.join(parts)


def homonyms(show: Shower, record: Any) -> tuple[HomonymView, ...]:
    """Names that look alike, each with the difference."""
    return tuple(HomonymView(show.reference(h.entry), str(getattr(h.why, show.language))) for h in record.confused_with)


_RELATIONS = {
    "code": ("Code", "代码"), "weights": ("Weights", "权重"), "data": ("Data", "数据"), "paper": ("Paper", "论文"),
    "report": ("Report", "报告"), "model-card": ("Model card", "模型卡"), "demo": ("Demo", "演示"),
    "documentation": ("Documentation", "文档"), "blog": ("Blog", "博客"), "homepage": ("Home page", "主页"),
    "app": ("App", "应用"),
}  # fmt: skip


def links(show: Shower, record: Any) -> tuple[FactView, ...]:
    """Addresses by relation."""
    return tuple(
        FactView(
            _RELATIONS[relation][show.language == "zh"], tuple(show.claim("links", fact.accepted) for fact in found)
        )
        for relation, found in record.links.items()
    )


def simple_facts(show: Shower, record: Any, names: tuple[str, ...]) -> tuple[FactView, ...]:
    """The named facts of a record, with "unknown" where one is absent."""
    found = []
    for name in names:
        value = getattr(record, name)
        many = value if isinstance(value, tuple) else (value,) if isinstance(value, Fact) else ()
        paths = [f"{name}.{number}" if isinstance(value, tuple) else name for number in range(len(many))]
        shown = tuple(show.fact(name, fact, path) for fact, path in zip(many, paths, strict=True))
        kept = tuple(one for one in shown if one)
        if kept:
            found.append(FactView(show.word(name), kept))
    return tuple(found)
