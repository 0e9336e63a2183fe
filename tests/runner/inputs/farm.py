"""A small model and its data on the hub of the tests, and trainings that start from them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import UserError
from catalog.training import Training
from catalog.training_results import TrainingInput
from runner.inputs.fetch import Fetched, fetch
from tests.hub_server import Hub, Repo, safetensors
from tests.runner.inputs.trainings import data, rows, training

WEIGHTS = bytes(safetensors({"w": ("F32", [64, 64])}))  # type: ignore[arg-type]
MODEL = {
    "config.json": b'{"model_type": "llama"}',
    "model.safetensors": WEIGHTS,
    "tokenizer.json": b'{"version": "1.0"}',
    "tokenizer_config.json": b"{}",
    "README.md": b"hello",
    "pytorch_model.bin": b"pickle",
    "modeling_ewe.py": b"raise SystemExit",
    "training_args.bin": b"x",
}
ROWS = json.dumps(rows(20)).encode()


def sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def model(hub: Hub) -> Repo:
    return hub.repos["models", "farm/ewe-7b"]


def pinned(hub: Hub, **files: bytes) -> Training:
    """At the commit of now, with hashes of some of the model's files."""
    of_hub = {
        "repo": "farm/ewe-7b",
        "revision": model(hub).commits[-1].sha,
        "files": {name.replace("_", "."): sha(raw) for name, raw in files.items()},
    }
    at = hub.repos["datasets", "farm/notes"].commits[-1].sha
    return training(
        base={"hub": of_hub},
        tokenizer={"hub": {**of_hub, "files": {}}, "bos": True, "eos": True, "pad": "unk"},
        data=(data(hub={"repo": "farm/notes", "revision": at, "files": {"notes.json": sha(ROWS)}}),),
    )


def of_web(url: str, sha256: str | None = None) -> Training:
    """Data at an address, which here may lack https."""
    made = training(data=(data(hub=None, web={"url": "https://example.org/x", "sha256": sha256}),))
    [item] = made.data
    assert item.web is not None
    web = item.web.model_copy(update={"url": url})
    return made.model_copy(update={"data": (item.model_copy(update={"web": web}),)})


def inputs_of(found: Fetched) -> dict[str, dict[str, Any]]:
    """By name; each fits the type of a result's input."""
    for one in found.inputs:
        TrainingInput.model_validate(one)
    return {one["name"]: one for one in found.inputs}


def failing(training: Training, cache: Path, **options: Any) -> UserError:
    with pytest.raises(UserError) as error:
        fetch(training, cache, **options)
    assert str(cache) not in str(error.value)
    return error.value
