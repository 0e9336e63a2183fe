"""The demonstration's tokenizer, read back by the library that everybody uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from runner.demo import tokenizer
from runner.demo.corpus import corpus


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    tokenizer.make(corpus(0, texts=500, rows=10).texts, 400, folder)
    return folder


def test_special_tokens_have_the_ids_of_llama(made: Path) -> None:
    found = AutoTokenizer.from_pretrained(made, local_files_only=True)
    assert (found.unk_token_id, found.bos_token_id, found.eos_token_id) == (0, 1, 2)


@pytest.mark.parametrize("text", ["small cat sees red horse", "小猫见红马", "a = 猫", "\n🦙 naïve\tx", " "])
def test_every_text_comes_back_as_it_was(made: Path, text: str) -> None:
    found = AutoTokenizer.from_pretrained(made, local_files_only=True)
    assert found.decode(found(text, add_special_tokens=False)["input_ids"]) == text


def test_no_token_holds_two_chinese_characters(made: Path) -> None:
    found = AutoTokenizer.from_pretrained(made, local_files_only=True)
    said = [found.decode([number]) for number in range(len(found))]
    assert [text for text in said if sum("\u4e00" <= c <= "\u9fff" for c in text) > 1] == []


def test_the_same_texts_give_the_same_files(made: Path, tmp_path: Path) -> None:
    tokenizer.make(corpus(0, texts=500, rows=10).texts, 400, tmp_path)
    for path in made.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
