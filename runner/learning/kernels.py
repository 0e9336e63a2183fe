"""Fused kernels for the fast path: liger-kernel, only where it is installed and only on a card."""

from __future__ import annotations

import importlib.util
from typing import Any

import torch

from catalog.training import Training


def wanted(training: Training) -> bool:
    """Packed training on a card. They round differently, so what is to be replayed as it was never sees them."""
    there = torch.cuda.is_available() and importlib.util.find_spec("liger_kernel") is not None
    return there and training.batching.packing == "packed"


def fuse(model: Any) -> None:
    """Norms, rotary positions and the gate of a LLaMA's MLP; other architectures stay as they are. The loss is ours."""
    if model.config.model_type != "llama":
        return
    from liger_kernel.transformers import apply_liger_kernel_to_llama

    apply_liger_kernel_to_llama(
        rope=True, swiglu=True, rms_norm=True, cross_entropy=False, fused_linear_cross_entropy=False, model=model
    )
