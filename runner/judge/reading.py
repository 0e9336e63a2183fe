"""A judge's reply to its verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from runner.judge.base import Winner

OFFERED: Mapping[str, Winner] = MappingProxyType({"A": "model_a", "B": "model_b", "TIE": "tie"})

# Finding is loose, so that a bad last verdict does not revive an earlier one; taking it at its word is strict, so that
# a sentence or quotation about a verdict is none.
_MENTION = re.compile(r"verdict[\s*_`]*[:：]", re.IGNORECASE)
_VERDICT = re.compile(r"verdict[*_`]*\s*[:：][\s*_`]*(a|b|tie)", re.IGNORECASE)
_DECORATION = " \t*_`"


def read_verdict(reply: str) -> Winner | None:
    """Who wins by the last line with a `VERDICT:`; None when there is none or it was not on offer.

    Markdown around the line is let pass; a quotation mark, a bracket or another word is not.
    """
    said = [line for line in reply.splitlines() if _MENTION.search(line)]
    if not said:
        return None
    match = _VERDICT.fullmatch(said[-1].strip(_DECORATION))
    return OFFERED[match[1].upper()] if match else None
