"""The base with one adapter after another on it, ready to answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import GenerationConfig, PreTrainedModel

from catalog.errors import UserError
from catalog.training import Answers, Training
from runner.learning.answer import settings_of
from runner.learning.base import DTYPES, load_base
from runner.learning.determinism import draw_from
from runner.learning.tokens import Words
from runner.learning.trouble import told


class Models:
    """The base is loaded once, and only when the first answer is wanted of it."""

    def __init__(self, training: Training, wanted: Answers, base: Path, words: Words) -> None:
        self._training, self._wanted, self._base, self._words = training, wanted, base, words
        self._loaded: tuple[str, Any] | None = None
        self._bare: PreTrainedModel | None = None

    def answers(self, name: str, folder: Path | None, prompts: Sequence[list[int]], batch: int) -> list[str]:
        """What the model says to each prompt, without the prompt. `batch` is the number of these prompts: they are
        answered alike whatever was asked before them."""
        with told("answers are written", self._training, self._base):
            model = self._model(name, folder)
            longest = max(len(prompt) for prompt in prompts)
            ids = torch.tensor([[self._words.pad] * (longest - len(prompt)) + prompt for prompt in prompts])
            mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
            settings = GenerationConfig(**settings_of(self._wanted, self._words))
            kind = model.device.type
            precision = DTYPES[self._training.execution.precision]
            draw_from(self._wanted.seed + batch)  # not earlier: putting an adapter on draws, too
            with torch.inference_mode(), torch.autocast(kind, dtype=precision, enabled=precision != torch.float32):
                told_ids = model.generate(
                    input_ids=ids.to(model.device), attention_mask=mask.to(model.device), generation_config=settings
                )
        return [self._words.text(self._said(one[longest:].tolist())) for one in told_ids]

    def _said(self, ids: list[int]) -> list[int]:
        """Up to the first EOS; what stands after it is filling."""
        eos = self._words.tokenizer.eos_token_id
        return ids[: ids.index(eos)] if eos in ids else ids

    def _model(self, name: str, folder: Path | None) -> Any:
        if self._loaded is not None and self._loaded[0] == name:
            return self._loaded[1]
        self._release()
        if folder is not None and not (folder / "adapter_config.json").exists():
            self._bare = None  # a full fine-tune: the base makes room
            model: Any = load_base(self._training, folder)
        else:
            if self._bare is None:
                self._bare = load_base(self._training, self._base)
            model = self._bare if folder is None else adapted(self._bare, folder)
        # No setting of the base's own generation_config.json may slip in beside ours.
        (model.get_base_model() if isinstance(model, PeftModel) else model).generation_config = GenerationConfig()
        self._loaded = (name, model.eval())
        return self._loaded[1]

    def _release(self) -> None:
        """Takes the last adapter off the base again."""
        if self._loaded is not None and isinstance(self._loaded[1], PeftModel):
            self._bare = self._loaded[1].unload()
        self._loaded = None


def adapted(base: PreTrainedModel, folder: Path) -> PeftModel:
    """The base with an adapter. Raises UserError where the folder holds none that fits."""
    if not (folder / "adapter_model.safetensors").exists():
        raise UserError("the folder holds no adapter", where=str(folder), why="`adapter_model.safetensors` is missing")
    try:
        return PeftModel.from_pretrained(base, folder, is_trainable=False, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise UserError(
            "the adapter does not fit this base", where=str(folder), why=str(error).strip().splitlines()[0][:300]
        ) from None
