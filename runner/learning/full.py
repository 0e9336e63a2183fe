"""Saving a model all of whose weights were learnt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

from runner.pipeline import write_atomically

_OF_THIS_MACHINE = ("_name_or_path", "transformers_version")


def save_full(model: PreTrainedModel, folder: Path) -> None:
    """`config.json` and safetensors; no path of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    file = folder / "config.json"
    config: dict[str, Any] = json.loads(file.read_text("utf-8"))
    kept = {key: value for key, value in config.items() if key not in _OF_THIS_MACHINE}
    write_atomically(file, (json.dumps(kept, indent=1, sort_keys=True) + "\n").encode())
