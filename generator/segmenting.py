"""Chinese words that the search must find whole: names of terms, and short names the dictionary would take apart."""

from __future__ import annotations

import re
from functools import lru_cache

import jieba

from catalog.register import Catalog

_HAN = re.compile(r"[\u3400-\u9fff]{2,12}")


def teach(catalog: Catalog) -> None:
    """Gives the segmenter, which a process has only once, these words and those it came with, and no others."""
    frequencies, total = _as_shipped()
    jieba.dt.FREQ, jieba.dt.total = dict(frequencies), total
    for word in words(catalog):
        jieba.add_word(word)


def words(catalog: Catalog) -> list[str]:
    """Sorted, so that what one word does to the next is the same each time."""
    found: set[str] = set()
    for file in catalog.files:
        record = file.record
        names = [file.name.zh, file.name.en, *getattr(record, "aliases", ())]
        runs = {run for name in names for run in _HAN.findall(name)}
        found |= runs if file.kind == "terms" else {run for run in runs if len(run) <= 4 and _is_taken_apart(run)}
    return sorted(found)


def _is_taken_apart(word: str) -> bool:
    """Whether single characters would be left: a search for the whole finds nothing then."""
    return any(len(piece) == 1 for piece in jieba.cut(word))


@lru_cache(maxsize=1)
def _as_shipped() -> tuple[dict[str, int], int]:
    jieba.initialize()
    return dict(jieba.dt.FREQ), jieba.dt.total
