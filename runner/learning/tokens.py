"""From an example to the tokens that are learnt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.training import Batching, Training
from catalog.training import Tokenizer as Rules
from runner.inputs.examples import Example


@dataclass(frozen=True)
class Tokenised:
    """An example as the model sees it."""

    ids: tuple[int, ...]
    learnt_from: int
    """Index of the first token that is learnt."""
    cut: bool
    """Whether anything was cut off."""

    @property
    def targets(self) -> int:
        """Tokens that are learnt, counted after the shift: the first token of all has nothing before it."""
        return max(0, len(self.ids) - max(1, self.learnt_from))


@dataclass(frozen=True)
class Words:
    """A tokenizer and what the recipe makes it do."""

    tokenizer: Any
    """A `PreTrainedTokenizerBase`."""
    rules: Rules
    batching: Batching
    bos: int | None
    eos: int | None
    pad: int
    """Fills rows; never learnt and never seen, so any token of the base does."""

    def tokenise(self, example: Example) -> Tokenised:
        """Prompt and answer each cut from the right to their own length, then both to `length`.

        With a length of their own, prompt and answer are tokenised apart, as scripts with two lengths do; without, as
        one text of which the prompt's share is counted, as scripts with one length do. A cut answer has no EOS.
        """
        rules, batching = self.rules, self.batching
        prompt = self._prompt(example.prompt)
        if batching.source_length is None and batching.target_length is None:
            whole = self._prompt(example.prompt + example.answer)
            prompt, answer = whole[: len(prompt)], whole[len(prompt) :]
        else:
            answer = self._ids(example.answer)
        if rules.eos and self.eos is not None:
            answer = [*answer, self.eos]
        kept, learnt = prompt[: batching.source_length], answer[: batching.target_length]
        ids = (kept + learnt)[: batching.length] or [self.pad]
        return Tokenised(
            tuple(ids),
            min(len(kept), len(ids)) if batching.loss_on == "answer" else 0,
            len(ids) < len(prompt) + len(answer),
        )

    def question(self, example: Example) -> list[int]:
        """Tokens of the prompt alone, cut as in training."""
        prompt = self._prompt(example.prompt)
        return prompt[: self.batching.source_length][: self.batching.length]

    def text(self, ids: list[int]) -> str:
        """What generated tokens say, special tokens left out."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))

    def _prompt(self, text: str) -> list[int]:
        if self.bos is None:
            return self._ids(text)
        if self.rules.legacy is False:
            # The scripts wrote BOS as text; what such a tokenizer then makes of the next word is part of the recipe.
            return self._ids(f"{self.tokenizer.bos_token}{text}")
        return [self.bos, *self._ids(text)]

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])


def load_words(training: Training, folder: Path) -> Words:
    """The tokenizer of a folder. Raises UserError where it cannot be read or lacks a token that the recipe needs."""
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoTokenizer

    rules = training.tokenizer
    legacy = {} if rules.legacy is None else {"legacy": rules.legacy}
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_fast=True, **legacy
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, StrictDataclassError) as error:
        raise UserError(
            "the tokenizer cannot be read", where=str(folder), why=_first_line(error), hint="fetch it again"
        ) from None
    for name, wanted in (("bos", rules.bos), ("eos", rules.eos)):
        if wanted and getattr(tokenizer, f"{name}_token_id") is None:
            raise UserError(
                f"the tokenizer has no {name.upper()} token",
                where=str(folder),
                why=f"the recipe says `tokenizer.{name}: true`",
                hint="take the tokenizer that the recipe names",
            )
    tokenizer.model_max_length = int(1e30)  # else it warns of long texts, which are cut here
    return Words(
        tokenizer,
        rules,
        training.batching,
        tokenizer.bos_token_id if rules.bos else None,
        tokenizer.eos_token_id if rules.eos else None,
        _pad(tokenizer, rules, folder),
    )


def _pad(tokenizer: Any, rules: Rules, folder: Path) -> int:
    """`new` adds a token at the end that no row of the base belongs to; as padding is never seen, 0 stands for it."""
    if rules.pad == "new":
        return 0
    found = {"unk": tokenizer.unk_token_id, "eos": tokenizer.eos_token_id, "own": tokenizer.pad_token_id}[rules.pad]
    if found is None:
        raise UserError(
            "the tokenizer has no such token to pad with", where=str(folder), why=f"`tokenizer.pad: {rules.pad}`"
        )
    return int(found)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
