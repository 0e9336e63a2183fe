"""The adapter: made from its own seed, kept in float32, saved to the same bytes every time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save
from transformers import PreTrainedModel

from catalog.training import Lora, Training
from runner.learning.determinism import draw_from
from runner.pipeline import write_atomically

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


def attach(model: PreTrainedModel, training: Training, seed: int) -> PreTrainedModel | PeftModel:
    """The model with what is to be learnt: a LoRA adapter on frozen weights, or for `full` all its own.

    Embedding, head and norms keep the type in which they were loaded; PEFT's own preparation would make them float32
    and so double them.
    """
    if training.execution.checkpointing:
        # Before the adapter exists: PEFT looks at it when it wraps the model.
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if training.lora is None:
        return model.requires_grad_(True)
    draw_from(seed)  # the first draws after this are the adapter's
    adapted = get_peft_model(model, lora_config(training.lora, training))
    in_float32(adapted)
    return adapted


def lora_config(lora: Lora, training: Training) -> LoraConfig:
    """Named after the repository it belongs to, never after a folder on this machine."""
    hub = training.base.hub
    return LoraConfig(
        r=lora.r,
        lora_alpha=int(lora.alpha) if float(lora.alpha).is_integer() else lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=sorted(lora.targets),
        bias="none",
        task_type="CAUSAL_LM",
        base_model_name_or_path=hub.repo if hub else None,
        revision=hub.revision if hub else None,
    )


def in_float32(model: torch.nn.Module) -> None:
    """Whatever is learnt beside a frozen base is float32; in 16 bits small steps are lost and a resume differs."""
    for parameter in model.parameters():
        if parameter.requires_grad and parameter.dtype != torch.float32:
            parameter.data = parameter.data.float()


def adapter_bytes(model: PeftModel) -> bytes:
    """The safetensors file: the same tensors give the same bytes."""
    state = get_peft_model_state_dict(model, save_embedding_layers=False)  # "auto" would ask the hub
    return save({name: state[name].detach().cpu().contiguous() for name in sorted(state)}, metadata={"format": "pt"})


def adapter_sha256(model: PeftModel) -> str:
    """Of the file that `save_adapter` would write."""
    return hashlib.sha256(adapter_bytes(model)).hexdigest()


def save_adapter(model: PeftModel, training: Training, folder: Path) -> None:
    """`adapter_config.json` and `adapter_model.safetensors`; no path of this machine in either."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / WEIGHTS, adapter_bytes(model))
    write_atomically(folder / CONFIG, config_bytes(training))


def config_bytes(training: Training) -> bytes:
    """What PEFT needs to load the adapter again, keys in order."""
    if training.lora is None:
        raise ValueError("a full fine-tune has no adapter")
    config: dict[str, Any] = lora_config(training.lora, training).to_dict()
    config["inference_mode"] = True
    config["target_modules"] = sorted(training.lora.targets)  # PEFT keeps a set, whose order changes
    return (json.dumps(config, indent=1, sort_keys=True, default=str) + "\n").encode()
