"""Trees as pictures: boxes in columns joined by lines, dashed for data. A nested list stands behind."""

from __future__ import annotations

from markupsafe import Markup

from generator.charts import clipped, text, text_width
from generator.views.family import Node

_BOX, _BROAD, _HIGH, _GAP, _ROW = 172, 236, 42, 36, 52


def pedigree(root: Node, title: str, description: str) -> Markup:
    """One entry at the right, what it was made from to its left."""
    columns = root.depth
    wide = columns * _BOX + (columns - 1) * _GAP
    rows = [0]
    parts: list[Markup] = []
    _grow(root, 0, columns, _BOX, rows, parts, leftward=True)
    return _svg("ped", wide, rows[0] * _ROW - (_ROW - _HIGH) + 2, title, description, parts)


def family(root: Node, key: str, title: str, description: str) -> Markup:
    """A base at the left, what was made from it to its right."""
    columns = root.depth
    least, box = (3, _BROAD) if columns < 4 else (4, _BOX)
    wide = max(columns, least) * box + (max(columns, least) - 1) * _GAP
    rows = [0]
    parts: list[Markup] = []
    _grow(root, 0, columns, box, rows, parts, leftward=False)
    return _svg(key, wide, rows[0] * _ROW - (_ROW - _HIGH) + 2, title, description, parts)


def _grow(
    node: Node, level: int, columns: int, box: int, rows: list[int], parts: list[Markup], *, leftward: bool
) -> float:
    """Draw the node and all below it; returns the middle of its box. Leaves take rows from top to bottom."""
    middles = [_grow(child, level + 1, columns, box, rows, parts, leftward=leftward) for child in node.children]
    if middles:
        middle = (middles[0] + middles[-1]) / 2
    else:
        middle = rows[0] * _ROW + _HIGH / 2 + 1
        rows[0] += 1
    left = ((columns - 1 - level) if leftward else level) * (box + _GAP) + 0.5
    for child, at in zip(node.children, middles, strict=True):
        start, end = (left - _GAP, left) if leftward else (left + box, left + box + _GAP)
        from_y, to_y = (at, middle) if leftward else (middle, at)
        bend = (start + end) / 2
        dashed = " edge--data" if child.data else ""
        parts.append(
            Markup(
                '<path class="edge{0}" d="M{1:.1f} {2:.1f}C{3:.1f} {2:.1f} {3:.1f} {4:.1f} {5:.1f} {4:.1f}"/>'
            ).format(dashed, start, from_y, bend, to_y, end)
        )
    parts.append(_box(node, left, middle - _HIGH / 2, box, this=level == 0 and leftward))
    return middle


def _box(node: Node, x: float, y: float, wide: int, *, this: bool) -> Markup:
    kind = " node--this" if this else " node--data" if node.data else ""
    on = " on" if this else ""
    box = Markup('<rect class="node{0}" x="{1:.1f}" y="{2:.1f}" width="{3}" height="{4}" rx="4"/>').format(
        kind, x, y, wide - 1, _HIGH - 1
    )
    name = text(x + 10, y + (18 if node.detail else 25), _fit(node.name, wide - 20), f"b{on}", "start")
    detail = text(x + 10, y + 33, _fit(node.detail, wide - 20, bold=False), f"sm{on or ' mut'}", "start")
    return Markup("<g><title>{0}</title>{1}</g>").format(
        clipped(node.name, 100), box + name + (detail if node.detail else "")
    )


def _fit(label: str, room: float, *, bold: bool = True) -> str:
    """The label cut to the room there is; the whole name is the box's title and stands in the list."""
    label = clipped(label, 60)
    if text_width(label, bold=bold) <= room:
        return label
    while label and text_width(label + "…", bold=bold) > room:
        label = label[:-1]
    return label.rstrip() + "…"


def _svg(key: str, wide: float, high: float, title: str, description: str, parts: list[Markup]) -> Markup:
    return Markup(
        '<svg data-search-exclude class="hb-svg hb-tree hb-broad" viewBox="0 0 {0:.0f} {1:.0f}"'
        ' width="{0:.0f}" height="{1:.0f}" role="img" aria-labelledby="{2}-t {2}-d">'
        '<title id="{2}-t">{3}</title><desc id="{2}-d">{4}</desc>{5}</svg>'
    ).format(wide, high, key, clipped(title, 200), clipped(description, 2000), Markup("").join(parts))
