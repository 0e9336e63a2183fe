"""A tiny LLaMA and its tokenizer, made into a folder in about a second, and a training to go with them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from catalog.training import Training
from runner.inputs.examples import Example

COLOURS = ("red", "green", "blue", "white", "black", "grey")
THINGS = ("tea", "book", "river", "horse", "stone", "snow", "boat", "lamp")


def pairs(count: int) -> list[Example]:
    """Examples of different lengths."""
    made = []
    for index in range(count):
        thing, colour = THINGS[index % len(THINGS)], COLOURS[index % len(COLOURS)]
        text = f"### Say it {'again and ' * (index % 4)}again: the {thing} is {colour}.\n### Answer: "
        made.append(Example(f"0/{index}", text, " ".join([f"{colour} {thing}"] * (1 + index % 5))))
    return made


def tokenizer(folder: Path, size: int = 400) -> Path:
    """Byte-level BPE with <s>, </s>, <unk> and <pad>."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<unk>", "<s>", "</s>", "<pad>"]
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator([f"{one.prompt}{one.answer}" for one in pairs(48)], trainer)
    PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    ).save_pretrained(folder)
    return folder


def llama(folder: Path, *, hidden: int = 64, layers: int = 2, rows: int = 400, seed: int = 7, **changes: Any) -> Path:
    """A LLaMA with random float32 weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=rows,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=changes.pop("kv_heads", 4),
        max_position_embeddings=256,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=3,
        **{"initializer_range": 0.08, "tie_word_embeddings": False, **changes},
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def both(folder: Path, **shape: Any) -> Path:
    """Base and tokenizer in one folder; `shape` as `llama` takes it."""
    os.makedirs(folder, exist_ok=True)
    words = tokenizer(folder)
    from transformers import AutoTokenizer

    return llama(folder, rows=len(AutoTokenizer.from_pretrained(words)), **shape)


def training(**changes: Any) -> Training:
    """A valid QLoRA recipe; `changes` by path, as `batching__packing="packed"`."""
    content: dict[str, Any] = {
        "base": {"hub": {"repo": "tiny/base", "revision": None}},
        "tokenizer": {"hub": {"repo": "tiny/base", "revision": None}, "bos": True, "eos": True, "pad": "own"},
        "data": [
            {
                "made": "demo-corpus",
                "columns": {"instruction": "instruction", "output": "output"},
                "template": "demo",
            }
        ],
        "method": "qlora",
        "quantisation": {"form": "nf4", "double": True, "compute": "float32"},
        "lora": {"targets": ["q_proj", "v_proj", "down_proj"], "r": 4, "alpha": 8},
        "optimisation": {"optimiser": "paged_adamw_32bit", "learning_rate": 0.003, "schedule": "constant", "clip": 0.3},
        "batching": {
            "micro_batch": 1,
            "accumulation": 4,
            "steps": 6,
            "source_length": 64,
            "target_length": 32,
            "length": 96,
            "loss_on": "answer",
            "loss_weighting": "per-example",
            "order": "shuffled",
        },
        "execution": {"precision": "float32", "weights": "float32", "checkpointing": False, "save_every": 2},
        "seeds": {"adapter": 1, "order": 2},
        "answers": {"prompts": "held-out", "checkpoints": 2, "max_new_tokens": 8, "judge": "reference"},
    }
    for path, value in changes.items():
        *parts, last = path.split("__")
        where = content
        for part in parts:
            where = where[part]
        where[last] = value
    return Training.model_validate_json(json.dumps(content))
