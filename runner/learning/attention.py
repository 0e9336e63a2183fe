"""Attention in which packed examples cannot see each other: one causal product per example.

Position ids that start again keep packed examples apart only as long as no cache and no mask is passed; otherwise the
library's own attention lets them see each other, and nothing says so. This one has no such way to fail.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

NAME = "herdbook_packed"


def packed(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    lengths: tuple[int, ...] | None = None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Query [1, heads, tokens, size], key and value [1, kv heads, tokens, size] -> [1, tokens, heads, size].

    `lengths` are those of the examples in the row, behind one another. Raises ValueError where a mask is given or the
    lengths do not fill the row.
    """
    if attention_mask is not None:
        raise ValueError("packed attention takes no mask")
    if lengths is None or sum(lengths) != query.shape[2] or key.shape[2] != query.shape[2] or query.shape[0] != 1:
        raise ValueError("packed attention needs the lengths of the examples, and they must fill the one row")
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    parts = zip(*(one.split(list(lengths), dim=2) for one in (query, key, value)), strict=True)
    seen = [
        scaled_dot_product_attention(q, k, v, dropout_p=dropout, scale=scaling, is_causal=True) for q, k, v in parts
    ]
    return torch.cat(seen, dim=2).transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, packed)
