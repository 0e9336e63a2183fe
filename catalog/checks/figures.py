"""Figures that differ by 1e4 or between the languages are slips of 万, 亿, K or M."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.register import File
from catalog.units import Quantity

_ZH = {"千亿": 11, "百亿": 10, "万亿": 12, "千万": 7, "百万": 6, "亿": 8, "万": 4}
_EN = {"trillion": 12, "billion": 9, "million": 6, "thousand": 3, "K": 3, "k": 3, "M": 6, "B": 9, "T": 12}
_NUMBER = r"(?<![\w.\-])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_IN_ZH = re.compile(_NUMBER + r"\s*(千亿|百亿|万亿|千万|百万|亿|万|trillion|billion|million|[KkMBT](?![A-Za-z]))?")
_IN_EN = re.compile(_NUMBER + r"[\s-]*(trillion|billion|million|thousand|[KkMBT](?![A-Za-z]))?")


@check("HB221")
def ten_thousand_slip(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Two claims of one fact that differ by exactly 1e4 or 1e8: one was read with 万 or 亿 wrong."""
    for path, fact in context.walk(file).facts:
        readings = [(n, c.value) for n, c in enumerate(fact.claims) if isinstance(c.value, Quantity) and c.value.low]
        for (_, first), (number, second) in itertools.combinations(readings, 2):
            if first.low is None or second.low is None:
                continue
            ratio = max(first.low / second.low, second.low / first.low)
            if ratio in (Decimal(10) ** 4, Decimal(10) ** 8):
                what = f"`{second.said}` and `{first.said}` differ by exactly {ratio:.0e}"
                place = at(file, (*path, "claims", number, "value"))
                yield place, what.replace("e+0", "e"), "万 is 1e4 and 亿 is 1e8: read the source again"


@check("HB222")
def languages_disagree(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """A figure with a scale word (5.2 万, 52 thousand) in one language stands in the other too."""
    for path, text in context.walk(file).texts:
        if text.en == text.zh:
            continue
        en, zh = _figures(_IN_EN, text.en, _EN), _figures(_IN_ZH, text.zh, {**_EN, **_ZH})
        for scaled, other, said in ((zh, en, "zh"), (en, zh, "en")):
            for value, (written, has_scale) in scaled.items():
                if not has_scale or value in other:
                    continue
                near = next((w for v, (w, _) in other.items() if _power_of_ten(v, value)), None)
                if near:
                    what = f"`{written}` in {said} and `{near}` in the other language are not the same number"
                    yield at(file, (*path, said)), what, "1 万 = 10 thousand, 1 亿 = 100 million, 1 万亿 = 1 trillion"


def _figures(pattern: re.Pattern[str], text: str, scales: dict[str, int]) -> dict[Decimal, tuple[str, bool]]:
    found = {}
    for match in pattern.finditer(text):
        value = Decimal(match[1].replace(",", "")) * 10 ** (scales[match[2]] if match[2] else 0)
        found[value.normalize()] = (match[0].strip(), bool(match[2]))
    return found


def _power_of_ten(one: Decimal, other: Decimal) -> bool:
    if not one or not other:
        return False
    ratio = max(one / other, other / one)
    return ratio > 1 and ratio == Decimal(10) ** ratio.adjusted()
