"""One valid training, to change a thing or two in."""

from __future__ import annotations

from typing import Any

from catalog.training import Training

REVISION = "0123456789abcdef0123456789abcdef01234567"


def training(**changes: Any) -> Training:
    """A QLoRA of a small LLaMA; `changes` go over its parts."""
    hub = {"repo": "farm/ewe-7b", "revision": None}
    parts: dict[str, Any] = {
        "base": {"hub": hub},
        "tokenizer": {"hub": hub, "bos": True, "eos": True, "pad": "unk"},
        "data": (data(),),
        "method": "qlora",
        "quantisation": {"form": "nf4", "double": True},
        "lora": {"targets": ("q_proj",), "r": 8, "alpha": 16.0},
        "optimisation": {"optimiser": "adamw_torch", "learning_rate": 1e-4, "schedule": "constant"},
        "batching": {
            "micro_batch": 1, "accumulation": 4, "steps": 10, "length": 64, "loss_on": "answer",
            "loss_weighting": "per-token", "order": "shuffled",
        },
        "execution": {"precision": "float32", "checkpointing": False, "save_every": 5},
        "seeds": {"adapter": 1, "order": 2},
    }  # fmt: skip
    return Training.model_validate({**parts, **changes})


def data(**changes: Any) -> dict[str, Any]:
    """One item of `training.data`."""
    columns = {"instruction": "instruction", "input": "input", "output": "output"}
    return {
        "hub": {"repo": "farm/notes", "revision": None},
        "columns": columns,
        "template": "alpaca",
        **changes,
    }


def rows(count: int) -> list[dict[str, Any]]:
    """Rows as instruction data have them."""
    return [{"instruction": f"Count {n}", "input": "", "output": f"It is {n}"} for n in range(count)]
