"""What is learnt of an example, and what is cut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sentencepiece

from catalog.errors import UserError
from runner.inputs.examples import Example
from runner.learning.collate import shifted
from runner.learning.loss import IGNORED
from runner.learning.tokens import Tokenised, Words, load_words
from runner.learning.train import lengths
from tests.runner import tiny

ONE = Example("0/0", "### Say it again: the tea is red.\n### Answer: ", "red tea")
BOS, EOS = 1, 2


def words(base: Path, **changes: object) -> Words:
    return load_words(tiny.training(**changes), base)


def test_prompt_is_seen_and_answer_with_eos_is_learnt(base: Path) -> None:
    found = words(base).tokenise(ONE)
    assert (found.ids[0], found.ids[-1], found.cut) == (BOS, EOS, False)
    assert words(base).text(list(found.ids[: found.learnt_from])) == ONE.prompt
    assert words(base).text(list(found.ids[found.learnt_from :])) == ONE.answer
    assert found.targets == len(found.ids) - found.learnt_from
    assert shifted(found)[found.learnt_from - 1] == found.ids[found.learnt_from]  # the last of the prompt foretells
    assert shifted(found)[-1] == IGNORED


def test_everything_can_be_learnt_but_the_first_token(base: Path) -> None:
    found = words(base, batching__loss_on="everything").tokenise(ONE)
    assert (found.learnt_from, found.targets) == (0, len(found.ids) - 1)
    assert shifted(found) == [*found.ids[1:], IGNORED]


def test_without_bos_and_eos_there_are_none(base: Path) -> None:
    found = words(base, tokenizer__bos=False, tokenizer__eos=False).tokenise(ONE)
    assert not {BOS, EOS} & set(found.ids)


def test_prompt_and_answer_are_cut_from_the_right_each_to_its_own_length(base: Path) -> None:
    whole = words(base).tokenise(ONE)
    prompt, answer = whole.ids[: whole.learnt_from], whole.ids[whole.learnt_from :]
    found = words(base, batching__source_length=5, batching__target_length=3).tokenise(ONE)
    assert (found.ids, found.learnt_from, found.cut) == (prompt[:5] + answer[:3], 5, True)
    assert found.ids[-1] != EOS  # a cut answer does not end


def test_one_length_for_both_cuts_the_end(base: Path) -> None:
    one_length = {"batching__source_length": None, "batching__target_length": None}
    whole = words(base, **one_length).tokenise(ONE)
    found = words(base, **one_length, batching__length=len(whole.ids) - 1).tokenise(ONE)
    assert (found.ids, found.learnt_from, found.cut) == (whole.ids[:-1], whole.learnt_from, True)
    nothing_left = words(base, **one_length, batching__length=4).tokenise(ONE)
    assert (len(nothing_left.ids), nothing_left.targets) == (4, 0)


def test_with_one_length_prompt_and_answer_are_one_text(base: Path) -> None:
    """As the scripts that have no lengths of their own do it: the border may lie within what was one token."""
    joined = Example("0/1", "the riv", "er is red")
    one = words(base, batching__source_length=None, batching__target_length=None)
    assert list(one.tokenise(joined).ids[1:-1]) == one._ids("the river is red")
    two = words(base)
    assert list(two.tokenise(joined).ids[1:-1]) == two._ids("the riv") + two._ids("er is red")
    assert one.tokenise(joined).ids != two.tokenise(joined).ids


def test_an_empty_example_is_a_row_that_teaches_nothing(base: Path) -> None:
    found = words(base, tokenizer__bos=False, tokenizer__eos=False).tokenise(Example("0/0", "", ""))
    assert found == Tokenised((3,), 0, False)
    assert found.targets == 0


@pytest.mark.parametrize(("pad", "token"), [("unk", 0), ("eos", 2), ("own", 3), ("new", 0)])
def test_padding_is_the_token_that_the_recipe_names(base: Path, pad: str, token: int) -> None:
    assert words(base, tokenizer__pad=pad).pad == token


def test_padding_with_eos_leaves_eos_to_be_learnt(base: Path) -> None:
    assert words(base, tokenizer__pad="eos").tokenise(ONE).ids[-1] == EOS


def test_a_token_that_lacks_is_named(tmp_path: Path) -> None:
    folder = tiny.tokenizer(tmp_path / "words")
    text = (folder / "tokenizer_config.json").read_text()
    (folder / "tokenizer_config.json").write_text(text.replace('"bos_token": "<s>",', "").replace('"pad_token"', '"x"'))
    with pytest.raises(UserError, match="no BOS token"):
        words(folder)
    with pytest.raises(UserError, match="pad with"):
        words(folder, tokenizer__bos=False)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LLaMA tokenizer as repositories of 2023 hold it: a `tokenizer.model` of sentencepiece and nothing else."""
    folder = tmp_path_factory.mktemp("pieces")
    lines = [f"{one.prompt}{one.answer}" for one in tiny.pairs(48)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_prefix=str(folder / "tokenizer"), vocab_size=300, model_type="bpe",
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, minloglevel=2,
    )  # fmt: skip
    names = {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(names))
    return folder


@pytest.mark.parametrize(("legacy", "kept"), [(None, True), (True, True), (False, False)])
def test_text_after_bos_is_split_as_the_recipes_tokenizer_did(pieces: Path, legacy: bool | None, kept: bool) -> None:
    """The old LLaMA tokenizer set a space before the first word even after a BOS written as text; the later not."""
    known = sentencepiece.SentencePieceProcessor(model_file=str(pieces / "tokenizer.model"))
    found = words(pieces, tokenizer__legacy=legacy, tokenizer__pad="unk").question(ONE)
    expected = [known.bos_id(), *known.encode(ONE.prompt)]
    assert (found == expected) == kept
    if not kept:
        assert known.decode(found[1:]) == ONE.prompt


@pytest.mark.parametrize(
    ("changes", "grouped_by"),
    [
        ({"batching__order": "shuffled"}, "nothing"),
        ({"batching__order": "grouped-by-length"}, "characters"),
        ({"batching__order": "grouped-by-length", "batching__source_length": None, "batching__target_length": None},
         "tokens"),
    ],
)  # fmt: skip
def test_examples_are_grouped_by_what_the_script_counted(
    base: Path, changes: dict[str, object], grouped_by: str
) -> None:
    made, examples = words(base, **changes), tiny.pairs(5)
    counts = {
        "nothing": [1] * 5,
        "characters": [len(one.prompt + one.answer) for one in examples],
        "tokens": [len(made.tokenise(one).ids) for one in examples],
    }
    assert lengths(made, examples) == counts[grouped_by]


@pytest.mark.parametrize("broken", ["{", "[]", '{"model": 3}'])
def test_a_broken_tokenizer_is_one_clear_error(tmp_path: Path, broken: str) -> None:
    folder = tiny.tokenizer(tmp_path / "words")
    (folder / "tokenizer.json").write_text(broken)
    with pytest.raises(UserError, match="tokenizer cannot be read"):
        words(folder)
