"""Pictures of the claims ledger: what share of the peak each claim of time implies, on a scale of powers of ten."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from catalog.claims.verdicts import CONSISTENT
from generator.charts import clipped, text
from generator.views.claims import Bar

_ROW, _TOP = 24, 34
_TICKS = (0.01, 0.1, 1.0, 10.0)


def shares(bars: Sequence[Bar], title: str, description: str, words: tuple[str, str]) -> Markup:
    """One drawing for a desk and one for a phone; `words` name the band and the line at the peak."""
    return _shares(bars, title, description, words, 720, "hb-broad") + _shares(
        bars, title, description, words, 350, "hb-narrow"
    )


def _shares(bars: Sequence[Bar], title: str, description: str, words: tuple[str, str], wide: int, name: str) -> Markup:
    beside = 250 if wide > 400 else 0
    pitch = _ROW if beside else _ROW + 14
    low = min([0.01, *(bar.share.low for bar in bars)])
    high = max([2.0, *(bar.share.high for bar in bars)])
    span = math.log10(high * 1.2) - math.log10(low / 1.2)

    def x(share: float) -> float:
        return beside + (math.log10(share) - math.log10(low / 1.2)) / span * (wide - beside - 8)

    bottom = _TOP + pitch * len(bars)
    parts = [
        Markup('<rect class="lane" x="{0:.1f}" y="{1}" width="{2:.1f}" height="{3}"/>').format(
            x(CONSISTENT.low), _TOP - 8, x(CONSISTENT.high) - x(CONSISTENT.low), bottom - _TOP + 8
        ),
        text(x(CONSISTENT.middle) - 12, 12, words[0], "mut sm", "middle"),
        text(x(1.0), 26, words[1], "mut sm", "middle"),
    ]
    for tick in _TICKS:
        if low / 1.2 <= tick <= high * 1.2:
            kind = "axis" if tick == 1.0 else "grid"
            parts.append(Markup('<path class="{0}" d="M{1:.1f} {2}V{3}"/>').format(kind, x(tick), _TOP - 8, bottom))
            parts.append(text(x(tick), bottom + 16, f"{tick * 100:g}%", "mut sm num", "middle"))
    for number, bar in enumerate(bars):
        y = _TOP + pitch * number + pitch / 2
        if beside:
            parts.append(text(beside - 10, y + 4, str(clipped(bar.label, 40)), "sm", "end"))
        else:
            parts.append(text(0, y - 6, str(clipped(bar.label, 46)), "sm", "start"))
        parts.append(_bar(bar, x, y if beside else y + 8))
    return Markup(
        '<svg data-search-exclude class="hb-svg {0}" viewBox="0 0 {1} {2:.0f}" role="img"'
        ' aria-labelledby="{0}-share-t {0}-share-d"><title id="{0}-share-t">{3}</title>'
        '<desc id="{0}-share-d">{4}</desc>{5}</svg>'
    ).format(name, wide, bottom + 24, title, description, Markup("").join(parts))


def _bar(bar: Bar, place: Callable[[float], float], y: float) -> Markup:
    left, right = place(bar.share.low), place(bar.share.high)
    kind = "under" if bar.verdict == "under-determined" else bar.verdict
    drawn = Markup('<g class="vd-{0}"><path class="l" d="M{1:.1f} {2:.1f}H{3:.1f}"/>').format(kind, left, y, right)
    for end in dict.fromkeys((left, right)):
        drawn += Markup('<circle class="f" cx="{0:.1f}" cy="{1:.1f}" r="4"/>').format(end, y)
    if bar.measured is not None:
        drawn += Markup('<path class="s" d="M{0:.1f} {1:.1f}l5 5l-5 5l-5 -5Z"/>').format(place(bar.measured), y - 5)
    return drawn + Markup("</g>")
