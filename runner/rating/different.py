"""The different rows of some columns, and the different pairs of models."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from runner.battles import Battles, Floats


def different(*columns: npt.NDArray[Any]) -> tuple[list[Floats], npt.NDArray[np.intp]]:
    """The different rows, column by column and sorted, and the number of the one that each row is."""
    code = np.zeros(len(columns[0]), np.intp)
    known: list[Floats] = []
    for column in columns:
        values, place = unique(column)
        # Renumbered after each column: the code stays below the number of rows times that of values.
        found, code = unique(code * len(values) + place)
        known = [other[found // len(values)] for other in known]
        known.append(values[found % len(values)].astype(float))
    return known, code


def pairs(battles: Battles) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Every two models that met, as lower number * models + higher, ascending; and the pair of each battle."""
    low, high = np.minimum(battles.a, battles.b), np.maximum(battles.a, battles.b)
    return unique(low.astype(np.int64) * len(battles.models) + high)


def unique(column: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """As `np.unique` with the inverse, without sorting where the values are small whole numbers or halves."""
    if column.dtype.kind == "f":
        doubled = (column * 2).astype(np.int64)
        if (doubled == column * 2).all():
            found, place = unique(doubled)
            return found / 2, place
    if column.dtype.kind == "i" and len(column):
        low, high = int(column.min()), int(column.max())
        if low >= 0 and high < 4 * len(column) + 1024:
            present = np.zeros(high + 1, np.bool_)
            present[column] = True
            return np.flatnonzero(present), (np.cumsum(present) - 1)[column]
    values, place = np.unique(column, return_inverse=True)
    return values, place.reshape(-1)
