"""Whether torch and bitsandbytes work here: `python -m runner.learning.check` prints one JSON object.

A process of its own, so that a library that crashes on this machine takes nobody with it.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def check() -> dict[str, Any]:
    """`cuda`, `card`, `capability`, and of each device the NF4 error or what went wrong."""
    import torch

    for name in ("transformers", "peft", "accelerate"):
        importlib.import_module(name)
    found: dict[str, Any] = {"torch": torch.__version__, "cuda": torch.version.cuda, "cards": [], "nf4": {}}
    devices = ["cpu"]
    if torch.cuda.is_available():
        devices.append("cuda")
        for index in range(torch.cuda.device_count()):
            about = torch.cuda.get_device_properties(index)
            told = {"name": about.name, "bytes": about.total_memory, "capability": f"{about.major}.{about.minor}"}
            found["cards"].append({**told, "bfloat16": torch.cuda.is_bf16_supported()})
    for device in devices:
        try:
            found["nf4"][device] = round_trip(device)
        except Exception as error:  # whatever it is, it is what the user has to know
            found["nf4"][device] = f"{type(error).__name__}: {error}"[:300]
    return found


def round_trip(device: str) -> float:
    """Relative error of Gaussian weights that were packed to NF4 and unpacked again."""
    from runner.learning.determinism import without_hub_kernels

    with without_hub_kernels():
        import bitsandbytes.functional as packing
    import torch

    weights = torch.randn(256, 256, generator=torch.Generator().manual_seed(0)).to(device)
    packed, state = packing.quantize_4bit(weights, quant_type="nf4", compress_statistics=True)
    again = packing.dequantize_4bit(packed, state)
    return float((again - weights).norm() / weights.norm())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(check()) + "\n")
