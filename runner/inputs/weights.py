"""Which files of a model's repository are taken, and whether a folder of weights is whole. Nothing that runs code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.training import Shape

_WEIGHTS = re.compile(r"^model(?:-\d{5}-of-\d{5})?\.safetensors$")
INDEX = "model.safetensors.index.json"
_BASE = frozenset({"config.json", "generation_config.json", INDEX})
_TOKENIZER = frozenset({
    "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "vocab.txt",
})  # fmt: skip
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
ALLOWED = (".safetensors", ".json", ".jsonl", ".parquet", ".model", ".txt")
_MAX_HEADER = 100_000_000


def base_files(names: Iterable[str], pinned: Iterable[str], where: str) -> list[str]:
    """Configuration and safetensors. UserError where there are none, or the recipe names a file that is not allowed."""
    there = set(names)
    wanted = {name for name in there if name in _BASE or _WEIGHTS.fullmatch(name)}
    wanted |= {name for name in pinned if not is_tokenizer_file(name)}
    refuse_forbidden(wanted, where)
    if not any(name.endswith(".safetensors") for name in wanted):
        raise no_safetensors(there, where)
    if "config.json" not in there:
        raise UserError(f"`{where}` has no config.json", why="it says what shape the weights are", exit_code=2)
    return sorted(wanted)


def tokenizer_files(names: Iterable[str], where: str) -> list[str]:
    """The tokenizer's files. UserError where there is no vocabulary."""
    there = set(names)
    wanted = {name for name in there if is_tokenizer_file(name)}
    if not wanted & {"tokenizer.json", "tokenizer.model"} and not {"vocab.json", "merges.txt"} <= wanted:
        raise UserError(f"`{where}` has no tokenizer", why="neither tokenizer.json nor tokenizer.model", exit_code=2)
    # Some tokenizers are told by the model's configuration which one they are.
    return sorted(wanted | (there & {"config.json"}))


def is_tokenizer_file(name: str) -> bool:
    """Whether it belongs to the tokenizer alone."""
    return name in _TOKENIZER


def refuse_forbidden(names: Iterable[str], where: str) -> None:
    """UserError where a recipe asks for a file of a kind that is never taken."""
    if bad := sorted(name for name in names if not name.endswith(ALLOWED)):
        why = f"files taken end in {', '.join(ALLOWED)}"
        raise UserError(f"`{bad[0]}` of `{where}` is of a kind that is never taken", why=why, exit_code=2)


def no_safetensors(names: Iterable[str], where: str) -> UserError:
    """Weights that can run code when they are opened, or no weights."""
    pickled = sorted(name for name in names if name.endswith(_PICKLED))
    if not pickled:
        return UserError(f"`{where}` has no weights", why="no file ends in .safetensors", exit_code=2)
    code = "from transformers import AutoModelForCausalLM as M; M.from_pretrained('OLD').save_pretrained('NEW')"
    return UserError(
        f"`{where}` has no safetensors",
        why=f"`{pickled[0]}` is a pickle, which can run any code when it is opened",
        hint=f'if you trust whoever made it, convert it once and give the new folder with --base: python -c "{code}"',
        exit_code=2,
    )


def check_whole(folder: Path, names: Iterable[str]) -> None:
    """Every shard that the index names is there, and every safetensors file is as long as its header says.

    UserError (exit code 2) names the file.
    """
    there = set(names)
    if INDEX in there:
        lacking = sorted(_shards(folder / INDEX) - there)
        if lacking:
            hint = "copy or download it too"
            raise UserError(
                f"`{lacking[0]}` is missing", where=folder.name, why=f"`{INDEX}` names it", hint=hint, exit_code=2
            )
    for name in sorted(there):
        if name.endswith(".safetensors"):
            _check_length(folder / name)


def check_shape(folder: Path, shape: Shape | None) -> None:
    """The base has the shape that the recipe tells: what was trained on another would pass for a run of the recipe.

    UserError (exit code 2) names the first figure that differs. What config.json does not say is not compared.
    """
    if shape is None:
        return
    config = _json(folder / "config.json")
    told = {
        "num_hidden_layers": shape.layers, "hidden_size": shape.hidden, "intermediate_size": shape.intermediate,
        "num_attention_heads": shape.heads, "num_key_value_heads": shape.kv_heads or shape.heads,
    }  # fmt: skip
    for name, wanted in told.items():
        if name in config and config[name] != wanted:
            raise UserError(
                "the base is not the one of the recipe",
                where=f"{folder.name}/config.json",
                why=f"`{name}` is {str(config[name])[:40]}, the recipe says {wanted}",
                hint="give the base that the recipe names",
                exit_code=2,
            )


def _shards(index: Path) -> set[str]:
    named = _json(index).get("weight_map")
    if not isinstance(named, dict):
        raise UserError(f"`{index.name}` cannot be read", where=index.parent.name, why="no `weight_map`", exit_code=2)
    return {str(name) for name in named.values()}


def _json(path: Path) -> dict[str, Any]:
    """An object in a file. UserError where there is none."""
    try:
        if path.stat().st_size <= _MAX_HEADER and isinstance(found := json.loads(path.read_bytes()), dict):
            return found
    except (OSError, ValueError, RecursionError):
        pass
    raise UserError(f"`{path.name}` cannot be read", where=path.parent.name, why="it is no JSON object", exit_code=2)


def _check_length(path: Path) -> None:
    """By the format: 8 bytes of length, a JSON header with offsets, then the data; https://github.com/huggingface/safetensors."""
    size = path.stat().st_size
    why = ""
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > min(size - 8, _MAX_HEADER):
                raise ValueError
            header = json.loads(file.read(length))
        ends = [int(tensor["data_offsets"][1]) for name, tensor in header.items() if name != "__metadata__"]
        should = 8 + length + max(ends, default=0)
        if size != should:
            why = f"it has {size:,} bytes, its header says {should:,}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        why = "its header cannot be read"
    if why:
        hint = "it is cut or damaged: copy or download it again"
        raise UserError(
            f"`{path.name}` is no whole safetensors file", where=path.parent.name, why=why, hint=hint, exit_code=2
        )
