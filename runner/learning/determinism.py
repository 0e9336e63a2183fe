"""The same bits every time: seeds, threads and algorithms are fixed before anything is drawn or computed."""

from __future__ import annotations

import logging
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from catalog.training import Float


def settle(seed: int, threads: int) -> None:
    """Seeds everything that draws and fixes what may change the order of sums.

    Call it before the first model, and again before each thing that has a seed of its own. On a CPU the bits depend on
    the number of threads, so the machine's own number is never taken over.
    """
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    with without_hub_kernels():
        import bitsandbytes  # noqa: F401  imported here first, so that nobody imports it unguarded
    import torch

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())  # some CUDA kernels have no twin
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined] # it costs time only
    torch.backends.cudnn.benchmark = False
    multiply_as("float32")
    draw_from(seed)


def draw_from(seed: int) -> None:
    """Seeds Python, numpy and torch on every device."""
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)  # of the cards too


def multiply_as(precision: Float) -> None:
    """Float32 products on ten-bit mantissas for `tf32`, on a card; exact everywhere else."""
    import torch

    wanted = precision == "tf32" and torch.cuda.is_available()
    torch.set_float32_matmul_precision("high" if wanted else "highest")


@contextmanager
def without_hub_kernels() -> Iterator[None]:
    """Makes `import kernels` fail: where it is installed, bitsandbytes asks the hub for code while it is imported."""
    missing = object()
    before = sys.modules.get("kernels", missing)
    if "bitsandbytes" in sys.modules:
        yield
        return
    loaded: dict[str, Any] = sys.modules
    loaded["kernels"] = None  # so Python spells "not to be found"
    try:
        yield
    finally:
        if before is missing:
            del loaded["kernels"]
        else:
            loaded["kernels"] = before
