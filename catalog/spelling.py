"""What a misspelt word was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a misspelt word; empty where nothing is near."""
    meant = nearest(word, list(known))
    return f"did you mean `{meant}`?" if meant else ""


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that one slip of the pen turns into this one, else the one most like it, else None."""
    word = word.lower()
    slips = [one for one in known if is_one_slip(word, one.lower())]
    near = difflib.get_close_matches(word, slips or known, n=1, cutoff=0 if slips else 0.6)
    return near[0] if near else None


def is_one_slip(word: str, other: str) -> bool:
    """Whether one letter was left out, put in, changed, or swapped with its neighbour; not for equal words."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    rest, meant = word[start:], other[start:]
    return (
        rest[1:] == meant  # put in
        or rest == meant[1:]  # left out
        or rest[1:] == meant[1:]  # changed
        or (rest[1:2] + rest[:1] == meant[:2] and rest[2:] == meant[2:] and len(rest) > 1)  # swapped
    )
