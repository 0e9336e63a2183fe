"""How many numbers a safetensors file holds, from its head alone.

Format: 8 bytes little-endian length, then JSON {tensor: {dtype, shape, data_offsets}}; see the safetensors README.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable

MAX_HEAD = 25_000_000
"""Bytes; the format's own limit is 100 MB, huggingface_hub's 25 MB."""
FIRST_READ = 100_000
"""Holds the whole head of most files."""
WHOLE = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"}
"""Types of which one element is one parameter; packed integers are not."""


def elements(read: Callable[[int, int], bytes]) -> dict[str, int]:
    """Elements by data type; `read(first, end)` gives bytes of the file. ValueError where the head makes no sense."""
    start = read(0, FIRST_READ)
    length = int.from_bytes(start[:8], "little")
    if len(start) < 8 or not 2 <= length <= MAX_HEAD:
        raise ValueError("this is no safetensors file")
    raw = start[8 : 8 + length]
    if len(raw) < length:
        raw += read(8 + len(raw), 8 + length)
    if len(raw) != length:
        raise ValueError("the head is cut off")
    return _counted(raw)


def _counted(raw: bytes) -> dict[str, int]:
    try:
        head = json.loads(raw)
        counts: dict[str, int] = {}
        for name, tensor in head.items():
            if name == "__metadata__":
                continue
            shape = tensor["shape"]
            if not all(type(side) is int and 0 <= side < 2**40 for side in shape) or len(shape) > 16:
                raise ValueError("a tensor has an impossible shape")
            dtype = str(tensor["dtype"])[:20]
            counts[dtype] = counts.get(dtype, 0) + math.prod(shape)
    except (KeyError, TypeError, AttributeError, RecursionError, UnicodeDecodeError):
        raise ValueError("the head is not the JSON of a safetensors file") from None
    if len(counts) > 50 or sum(counts.values()) > 10**15:
        raise ValueError("more numbers than any model has")
    return counts
