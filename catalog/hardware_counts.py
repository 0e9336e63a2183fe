"""`8 x a100-80gb`: how many of which card. `2 x 8 x a100` is two machines of eight."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from catalog.errors import Impossible
from catalog.forms import SLUG
from catalog.units import Qualifier

_SHAPE = re.compile(rf"(?P<q>at least|at most|about)?\s*(?P<counts>(?:[0-9]{{1,6}}\s*[x×*]\s*)*)(?P<card>{SLUG})")


@dataclass(frozen=True)
class HardwareCount:
    """Cards of one kind."""

    said: str
    count: int | None
    """None where only the type of card was said."""
    card: str
    """A hardware slug, or a family (`a100`) where the memory size was not said."""
    qualifier: Qualifier = "exactly"


def hardware_count(said: str) -> HardwareCount:
    """Read `said`; raises ValueError."""
    if len(said) > 80 or not (match := _SHAPE.fullmatch(said.strip())):
        raise ValueError(f"`{said[:80]}` is not hardware: write `8 x a100-80gb`, count and slug of the card")
    counts = [int(number) for number in re.findall(r"\d+(?=\s*[x×*])", match["counts"])]
    if 0 in counts:
        raise Impossible("a count of 0 cards")
    qualifiers: dict[str | None, Qualifier] = {"at least": "at least", "at most": "at most", "about": "about"}
    return HardwareCount(
        said.strip(), math.prod(counts) if counts else None, match["card"], qualifiers.get(match["q"], "exactly")
    )
