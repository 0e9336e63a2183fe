"""Matrices over the players of a tournament: who beat whom, and how often they met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.results import Pairs
from generator.language import Language
from generator.views.shown import Part
from generator.words import word


@dataclass(frozen=True)
class HeatCell:
    """`step` 0 to 8 is the strength of its shade; None where the two never met."""

    text: str
    step: int | None


@dataclass(frozen=True)
class HeatView:
    """A matrix over the players, row against column."""

    players: tuple[str, ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]


def wins(pairs: Pairs, players: Mapping[str, Part], language: Language) -> HeatView:
    """Share of the points that the row made against the column."""

    def cell(row: int, column: int) -> HeatCell:
        met, score = pairs.battles[row][column], pairs.score[row][column]
        if not met or score is None:
            return HeatCell(word("never_met", language) if row != column else "", None)
        return HeatCell(f"{score / met:.0%}", round(8 * score / met))

    return _heat(pairs, players, cell)


def met(pairs: Pairs, players: Mapping[str, Part]) -> HeatView:
    """How many valid battles each two had."""
    most = max((count or 0 for row in pairs.battles for count in row), default=0) or 1

    def cell(row: int, column: int) -> HeatCell:
        count = pairs.battles[row][column] or 0
        return HeatCell(f"{count:.0f}" if row != column else "", round(8 * count / most) if row != column else None)

    return _heat(pairs, players, cell)


def _heat(pairs: Pairs, players: Mapping[str, Part], cell: Callable[[int, int], HeatCell]) -> HeatView:
    """Rows and columns from the player with the largest share of points down."""
    size = range(len(pairs.models))

    def share(at: int) -> float:
        met = sum(count or 0 for count in pairs.battles[at])
        return sum(points or 0 for points in pairs.score[at]) / met if met else 0.0

    order = sorted(size, key=share, reverse=True)
    names = tuple(players[pairs.models[at]].text if pairs.models[at] in players else pairs.models[at] for at in order)
    rows = tuple(tuple(cell(row, column) for column in order) for row in order)
    return HeatView(names, tuple(zip(names, rows, strict=True)))
