"""Libraries that were compiled when the package was installed; None where there was no compiler."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import numpy.typing as npt

_TYPES: dict[str, Any] = {
    "f8": ctypes.c_double,
    "i4": ctypes.c_int32,
    "i8": ctypes.c_int64,
    "u1": ctypes.c_uint8,
    "u4": ctypes.c_uint32,
    "u8": ctypes.c_uint64,
}


def load(folder: Path, name: str, version: int) -> ctypes.CDLL | None:
    """The library `name` in the folder, if its functions are of this version: an older one is not used."""
    for path in sorted(folder.glob(f"{name}*")):
        if path.suffix in (".so", ".pyd", ".dylib"):
            try:
                library = ctypes.CDLL(str(path))
                if library.herd_version() == version:
                    return library
            except (OSError, AttributeError):
                continue
    return None


def pointer(array: npt.NDArray[Any]) -> Any:
    """Where the array begins; it has to be contiguous."""
    if not array.flags.c_contiguous:
        raise ValueError("compiled functions need contiguous arrays")
    return array.ctypes.data_as(ctypes.POINTER(_TYPES[array.dtype.str[1:]]))
