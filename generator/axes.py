"""What every chart shares: the frame of a drawing, and axes with few round ticks."""

from __future__ import annotations

import math

from markupsafe import Markup


def scale(low: float, high: float, least: float = 1.0) -> tuple[float, float, float]:
    """Round ends and a step that leaves three to six ticks; never over less than `least`."""
    span = max(high - low, least)
    rough = span / 4
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return math.floor(low / step) * step, math.ceil(high / step) * step or step, step


def drawing(name: str, key: str, wide: int, high: float, title: str, description: str, body: Markup) -> Markup:
    """One SVG with its title and description; `key` is unique on the page, `name` says for which width it is."""
    return Markup(
        '<svg data-search-exclude class="hb-svg {0}" viewBox="0 0 {1} {2:.0f}" role="img"'
        ' aria-labelledby="{3}-t {3}-d">'
        '<title id="{3}-t">{4}</title><desc id="{3}-d">{5}</desc>{6}</svg>'
    ).format(name, wide, high, key, title, description, body)
