"""All that cannot work, found before a weight is loaded and told together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from catalog.errors import UserError
from catalog.training import Training
from runner.learning.order import steps_of
from runner.learning.tokens import Words

_LARGEST_CONFIG, _MOST_LAYERS = 2**20, 1000
"""Bytes and layers. The file is a stranger's: one number in it would fill the memory."""
_SPARE_ROWS = 0.02
"""Bases are padded to round numbers of rows: 64 rows without a token, or this share, are no sign of a mix-up."""


def check(training: Training, base: Path, words: Words, examples: int, steps: int | None, processes: int) -> int:
    """Parameters of the base. Raises one UserError that names every setting that cannot work here."""
    shape = skeleton(base)
    found = [
        *_weights(base, shape.config),
        *_vocabulary(words, shape),
        *_parts(training, shape),
        *_here(training, processes),
        *_amounts(training, shape.config, examples, steps),
    ]
    if found:
        raise UserError(
            "this cannot be trained" if len(found) == 1 else f"this cannot be trained, for {len(found)} reasons",
            where=str(base),
            why="\n       ".join(what for what, _ in found),
            hint="\n      ".join(dict.fromkeys(hint for _, hint in found)),
        )
    return sum(parameter.numel() for parameter in shape.parameters())


def skeleton(base: Path) -> PreTrainedModel:
    """The model that `config.json` describes, without numbers. Raises UserError where it describes none."""
    try:
        if (base / "config.json").stat().st_size > _LARGEST_CONFIG:
            raise ValueError("the file is too large to be one")
        config = AutoConfig.from_pretrained(base, local_files_only=True, trust_remote_code=False)
        if getattr(config, "num_hidden_layers", 0) > _MOST_LAYERS:
            raise ValueError(f"it asks for {config.num_hidden_layers} layers")
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, StrictDataclassError) as error:
        raise UserError(
            "the base's `config.json` describes no model that can be trained here",
            where=str(base / "config.json"),
            why=(str(error).strip() or type(error).__name__).splitlines()[0][:300],
            hint="no code of a repository is run: only architectures that transformers itself knows",
        ) from None


Found = Iterator[tuple[str, str]]
"""What does not work, and what to do about it."""


def _weights(base: Path, config: Any) -> Found:
    if not any(base.glob("*.safetensors")):
        yield (
            "the folder of the base holds no *.safetensors",
            "take a revision with safetensors, or convert it once: other formats may hold code and are not read",
        )
    if getattr(config, "quantization_config", None) is not None:
        yield "the base is quantised already", "take the base that the recipe names; the runner quantises it itself"


def _vocabulary(words: Words, shape: PreTrainedModel) -> Found:
    rows = shape.get_input_embeddings().weight.shape[0]
    highest = max(words.tokenizer.get_vocab().values())
    hint = "take base and tokenizer from the same repository and revision"
    if highest >= rows:
        yield f"the tokenizer has a token {highest}, and the base only {rows} rows", hint
    elif rows - highest - 1 > max(64, _SPARE_ROWS * rows):
        yield f"the base has {rows} rows and the tokenizer only {highest + 1} tokens: they do not belong together", hint


def _parts(training: Training, shape: PreTrainedModel) -> Found:
    if training.lora is not None:
        linear = {name.rsplit(".", 1)[-1] for name, one in shape.named_modules() if isinstance(one, torch.nn.Linear)}
        missing = [target for target in training.lora.targets if target not in linear]
        if missing:
            yield (
                f"the base has no layer {', '.join(missing)}",
                f"`lora.targets` can be: {', '.join(sorted(linear))}",
            )
    if training.batching.packing == "packed" and not getattr(shape, "_supports_attention_backend", False):
        yield f"{type(shape).__name__} takes no attention of ours", "set `batching.packing: none`"


def _here(training: Training, processes: int) -> Found:
    batching, execution = training.batching, training.execution
    if batching.accumulation % processes:
        yield (
            f"{batching.accumulation} micro-batches cannot be shared by {processes} processes",
            "start a number of processes that divides `batching.accumulation`",
        )
    quantisation = training.quantisation
    halves = execution.precision == "float16" or (quantisation is not None and quantisation.compute == "float16")
    if not torch.cuda.is_available():
        if halves:
            yield "training in float16 needs a CUDA card", "set `execution.precision: float32` to try it on a CPU"
    elif execution.precision == "bfloat16" and not torch.cuda.is_bf16_supported():
        yield "this card cannot compute in bfloat16", "set `execution.precision: float32`"


def _amounts(training: Training, config: Any, examples: int, steps: int | None) -> Found:
    batching = training.batching
    positions = getattr(config, "max_position_embeddings", None)
    if positions is not None and batching.length > positions:
        yield (
            f"`batching.length` is {batching.length}, and the base has {positions} positions",
            f"set `batching.length` to {positions} at most",
        )
    if examples == 0:
        yield "there are no examples to learn from", "look at the filters and the split of `data`"
    elif steps is not None and steps > steps_of(batching, examples):
        yield (
            f"{steps} steps were asked for, and the recipe has {steps_of(batching, examples)}",
            "leave --steps out for the whole run",
        )


def identity(base: Path, tokenizer: Path) -> dict[str, Any]:
    """What tells this base and tokenizer from others without reading gigabytes: names and sizes, small files whole."""
    found: dict[str, Any] = {}
    for folder in (base, tokenizer):
        for file in sorted(path for path in folder.iterdir() if path.is_file()):
            small = file.suffix == ".json" and file.stat().st_size < 64 * 2**20
            found[f"{folder == base}/{file.name}"] = (
                json.dumps(file.read_text("utf-8", "replace")) if small else file.stat().st_size
            )
    return found
