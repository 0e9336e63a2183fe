"""The different rows of some columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from runner.battles import Floats


def different(*columns: npt.NDArray[Any]) -> tuple[list[Floats], npt.NDArray[np.intp]]:
    """The different rows, column by column and sorted, and the number of the one that each row is."""
    code = np.zeros(len(columns[0]), np.intp)
    known: list[Floats] = []
    for column in columns:
        values, place = _unique(column)
        # Renumbered after each column: the code stays below the number of rows times that of values.
        found, code = _unique(code * len(values) + place)
        known = [other[found // len(values)] for other in known]
        known.append(values[found % len(values)].astype(float))
    return known, code


def _unique(column: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """As `np.unique` with the inverse, without sorting where the values are small whole numbers."""
    if column.dtype.kind == "i" and len(column):
        low, high = int(column.min()), int(column.max())
        if low >= 0 and high < 4 * len(column) + 1024:
            present = np.zeros(high + 1, np.bool_)
            present[column] = True
            return np.flatnonzero(present), (np.cumsum(present) - 1)[column]
    values, place = np.unique(column, return_inverse=True)
    return values, place.reshape(-1)
