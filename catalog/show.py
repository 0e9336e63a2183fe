"""`catalog show`: one record for a terminal, every claim with its evidence, the accepted one first."""

from __future__ import annotations

import textwrap
from typing import Any

from catalog.facts import Fact
from catalog.register import Catalog, File
from catalog.walk import facts


def as_text(catalog: Catalog, file: File) -> str:
    """Name, summary, and a line for every claim."""
    record = file.record
    title, summary = file.name, file.summary
    lines = [f"{title.en}  {title.zh if title.zh != title.en else ''}".rstrip(), f"{file.path}", ""]
    if summary:
        lines += [*textwrap.wrap(summary.en, 100), *textwrap.wrap(summary.zh, 50), ""]
    for path, fact in facts(record):
        lines += _fact(".".join(str(part) for part in path), fact)
    return "\n".join(lines) + "\n"


def _fact(label: str, fact: Fact[Any]) -> list[str]:
    ordered = sorted(fact.claims, key=lambda claim: claim is not fact.accepted)
    return [
        _claim(label if n == 0 else f"{'':{len(label)}}", claim, accepted=n == 0) for n, claim in enumerate(ordered)
    ]


def _claim(label: str, claim: Any, *, accepted: bool) -> str:
    shown = value_text(claim)
    evidence = ", ".join(str(item) for item in claim.evidence)
    date = f", as of {claim.as_of}" if claim.as_of else ""
    mark = "" if accepted else "  (not accepted)"
    return f"{label}: {shown}{mark}  [{evidence or 'no source'}{date}]"


def value_text(claim: Any) -> str:
    """A claim's value as it was said, or why there is none."""
    value = claim.value
    if value is None:
        return str(claim.status)
    said = getattr(value, "said", None)
    return str(said) if said else ", ".join(value) if isinstance(value, tuple) else str(value)
