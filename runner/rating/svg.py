"""A small writer of pictures: SVG text that needs nothing else, legible on light and on dark paper.

Colours stand in classes only. A file opened alone takes them from its own style, by the reader's preference for light
or dark; the classes are those of the site's charts, whose style wins where a picture is put into a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

_COLOURS = {
    "ink": ("#1c1b18", "#eae7de"),
    "second": ("#55524a", "#b3afa4"),
    "rule": ("#e3ded2", "#34332d"),
    "axis": ("#8d8778", "#7b776c"),
    "sunk": ("#f6f3ec", "#1e1e1a"),
    "blue": ("#0b5c8e", "#74bdec"),
    "rust": ("#a53a1b", "#f29070"),
    "green": ("#1d4d3c", "#93cdb0"),
    "amber": ("#8f5f00", "#e3b455"),
    "grey": ("#6a665c", "#a39f94"),
    "violet": ("#6b3f8f", "#c7a5e8"),
    "paper": ("#fdfcf9", "#161613"),
}
"""On light and on dark paper."""

_RULES = (
    ("", "background", "paper"),
    (" text", "fill", "ink"),
    (" .mut", "fill", "second"),
    (" .grid", "stroke", "rule"),
    (" .axis", "stroke", "axis"),
    (" .ci", "stroke", "blue"),
    (" .est", "fill", "blue"),
    (" .none", "fill", "sunk"),
    (" .cool", "fill", "blue"),
    (" .warm", "fill", "rust"),
    *((f" .s{at}", "color", name) for at, name in enumerate(("blue", "rust", "green", "amber", "grey", "violet"))),
)

_FIXED = """\
.hb-svg{color-scheme:light dark}
.hb-svg text{font:13px system-ui,"Noto Sans","PingFang SC","Microsoft YaHei",sans-serif}
.hb-svg .sm{font-size:12px}.hb-svg .b{font-weight:600}.hb-svg .num{font-variant-numeric:tabular-nums}
.hb-svg .ci{stroke-width:6;opacity:.38}.hb-svg .line{fill:none;stroke:currentColor;stroke-width:1.6}
"""


def _style() -> str:
    """Each colour for light paper, which old viewers take, then by the reader's preference."""
    rules = []
    for selector, name, colour in _RULES:
        light, dark = _COLOURS[colour]
        rules.append(f".hb-svg{selector}{{{name}:{light};{name}:light-dark({light},{dark})}}")
    return _FIXED + "\n".join(rules)


SERIES = 6
"""Colours of lines, `s0` to `s5`; with more lines the dashes tell them apart."""


def document(width: float, height: float, title: str, description: str, parts: Sequence[str]) -> str:
    """A whole file, with the title and the description that a screen reader tells."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="hb-svg" viewBox="0 0 {number(width)} {number(height)}" '
        f'width="{number(width)}" height="{number(height)}" role="img" aria-labelledby="t d">'
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(description)}</desc>'
        f"<style>{_style()}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def number(value: float) -> str:
    """Two decimals at most; never `-0`."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text(x: float, y: float, content: str, name: str = "", anchor: str = "start") -> str:
    """A line of text that starts, ends or has its middle at x."""
    return (
        f'<text class={quoteattr(name)} x="{number(x)}" y="{number(y)}" text-anchor="{anchor}">{escape(content)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> str:
    """A straight line."""
    return f'<path class={quoteattr(name)} d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"/>'


def path(points: Sequence[tuple[float, float]], name: str, dashes: str = "") -> str:
    """A line through points."""
    d = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path class={quoteattr(name)}{dashed} d="{d}"/>'


def circle(x: float, y: float, radius: float, name: str) -> str:
    """A disc."""
    return f'<circle class={quoteattr(name)} cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def box(
    x: float, y: float, width: float, height: float, name: str, opacity: float | None = None, title: str = ""
) -> str:
    """A rectangle; `title` is told where a pointer rests on it."""
    shade = "" if opacity is None else f' opacity="{number(opacity)}"'
    inside = f"<title>{escape(title)}</title>" if title else ""
    size = f'width="{number(width)}" height="{number(height)}"'
    return f'<rect class={quoteattr(name)} x="{number(x)}" y="{number(y)}" {size}{shade}>{inside}</rect>'


def breadth(content: str) -> float:
    """About how wide a text is: a Chinese character is as wide as it is high."""
    return sum(13.0 if ord(letter) > 0x2E80 else 8.0 for letter in content)
