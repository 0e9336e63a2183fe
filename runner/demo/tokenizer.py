"""A byte-level BPE tokenizer of the demonstration's own texts. Chinese characters are never merged with each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SPECIAL = ("<unk>", "<s>", "</s>")
"""Ids 0, 1, 2, as LLaMA's tokenizer has them."""


def make(texts: Sequence[str], vocabulary: int, folder: Path) -> int:
    """Write a tokenizer that `AutoTokenizer` loads; returns how many tokens it has (`vocabulary` at most)."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(r"\p{Han}"), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    unk, bos, eos = SPECIAL
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=unk, bos_token=bos, eos_token=eos, clean_up_tokenization_spaces=False
    ).save_pretrained(folder)
    return int(tokenizer.get_vocab_size())
