"""Columns of text as the different texts and where each stands: what a million rows say a hundred times over."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runner.compiled import load, pointer

LIBRARY = load(Path(__file__).parent, "_cells", 1)


@dataclass(frozen=True, eq=False)
class Cells:
    """Row i says `texts[codes[i]]`; texts in order of their first appearance."""

    texts: Sequence[str]
    codes: npt.NDArray[np.int32]


class _Numbers(dict[str, int]):
    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number


def numbered(cells: Sequence[str]) -> Cells:
    """The cells of one column."""
    numbers = _Numbers()
    codes = np.fromiter(map(numbers.__getitem__, cells), np.int32, len(cells))
    return Cells(tuple(numbers), codes)


def plain(raw: bytes, width: int, picks: Mapping[str, int]) -> dict[str, Cells] | None:
    """The picked columns of a block of lines of CSV in UTF-8.

    None where something is quoted, or a line has not `width` cells.
    """
    return _plain(raw, width, picks) if LIBRARY is None else _compiled(LIBRARY, raw, width, picks)


def _plain(raw: bytes, width: int, picks: Mapping[str, int]) -> dict[str, Cells] | None:
    """Where every line has as many cells, commas and line ends stand in a fixed pattern."""
    if b'"' in raw or b"\r" in raw:
        return None
    letters = np.frombuffer(raw, np.uint8)
    marks = letters[(letters == ord(",")) | (letters == ord("\n"))]
    if marks.size % width:
        return None
    grid = marks.reshape(-1, width)
    if not (grid[:, -1] == ord("\n")).all() or not (grid[:, :-1] == ord(",")).all():
        return None
    cells = raw.decode()[:-1].replace("\n", ",").split(",")
    return {name: numbered(cells[at::width]) for name, at in picks.items()}


def _compiled(library: ctypes.CDLL, raw: bytes, width: int, picks: Mapping[str, int]) -> dict[str, Cells] | None:
    rows, wanted = raw.count(b"\n"), len(picks)
    places = np.full(width, -1, np.int32)
    places[list(picks.values())] = np.arange(wanted)
    codes, lengths = np.empty((2, wanted, rows), np.int32)
    starts, counts = np.empty((wanted, rows), np.int64), np.empty(wanted, np.int32)
    library.herd_cells.restype = ctypes.c_int64
    size = ctypes.c_int64(len(raw))
    arrays = [pointer(array) for array in (codes, starts, lengths, counts)]
    head = (size, raw, ctypes.c_int32(width), pointer(places), ctypes.c_int32(wanted), ctypes.c_int64(rows))
    found = library.herd_cells(*head, *arrays)
    if found == -2:
        raise MemoryError
    if found < 0:
        return None
    columns = {}
    for at, name in enumerate(picks):
        begins, ends = starts[at, : counts[at]], starts[at, : counts[at]] + lengths[at, : counts[at]]
        texts = [raw[begin:end].decode() for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        columns[name] = Cells(texts, codes[at])
    return columns
