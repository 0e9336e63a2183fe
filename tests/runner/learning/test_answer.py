"""Answers: the same whenever and in whatever pieces they are asked for."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from catalog.errors import UserError
from catalog.training import Training
from runner.learning import models
from runner.learning.answer import answer, batched
from runner.learning.base import load_base
from runner.learning.stopping import Stopped
from runner.learning.tokens import load_words
from runner.progress import silent
from tests.runner import tiny
from tests.runner.learning.conftest import Train

Ask = Callable[..., list[tuple[str, str, str]]]
QUESTIONS = tiny.pairs(40)


@pytest.fixture
def learnt(fine_tune: Train) -> Path:
    return fine_tune(tiny.training(optimisation__learning_rate=0.02))


@pytest.fixture
def ask(base: Path, tmp_path: Path, learnt: Path) -> Ask:
    """`ask(training, "work")` -> the rows of answers.csv."""

    def call(training: Training | None = None, work: str = "work", **changes: object) -> list[tuple[str, str, str]]:
        adapters = {"base": None, "step-3": learnt / "checkpoints" / "3", "step-6": learnt / "checkpoints" / "6"}
        settings = {"questions": QUESTIONS, "adapters": adapters, "base": base} | changes
        answer(
            training or tiny.training(), settings["base"], base, settings["adapters"], settings["questions"],
            tmp_path / f"answers-{work}", tmp_path / work, threads=1, progress=silent,
        )  # type: ignore[arg-type]  # fmt: skip
        rows = list(csv.reader((tmp_path / f"answers-{work}" / "answers.csv").open(newline="")))
        assert rows[0] == ["question_id", "model", "answer"]
        return [tuple(row) for row in rows[1:]]  # type: ignore[misc]

    return call


def test_every_model_answers_every_question_in_order(ask: Ask) -> None:
    rows = ask()
    assert [row[:2] for row in rows] == [(one.id, model) for model in ("base", "step-3", "step-6") for one in QUESTIONS]
    by_model = {model: [row[2] for row in rows if row[1] == model] for model in ("base", "step-3", "step-6")}
    assert by_model["base"] != by_model["step-6"]


def test_answers_are_those_of_each_prompt_alone(ask: Ask, base: Path, learnt: Path) -> None:
    """Greedy, without the padding that a batch brings."""
    training, words = tiny.training(), load_words(tiny.training(), base)
    model = models.adapted(load_base(training, base), learnt / "checkpoints" / "6")
    rows = {row[0]: row[2] for row in ask() if row[1] == "step-6"}
    for one in QUESTIONS[::5]:
        ids = words.question(one)
        for _ in range(8):
            with torch.no_grad():
                following = int(model(torch.tensor([ids]), use_cache=False).logits[0, -1].argmax())
            if following == words.eos:
                break
            ids.append(following)
        assert rows[one.id] == words.text(ids[len(words.question(one)) :])


def test_what_was_answered_is_not_asked_again(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ask()
    monkeypatch.setattr(models, "load_base", lambda *_, **__: pytest.fail("the base was loaded again"))
    assert ask() == rows


def test_killed_between_batches_it_goes_on_and_says_the_same(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for training in (tiny.training(), tiny.training(answers__temperature=0.9)):
        name = f"at-{training.answers.temperature if training.answers else None}"
        whole, calls = ask(training, f"{name}-whole"), []
        plain = models.Models.answers

        def cut(self: models.Models, *arguments: object) -> list[str]:
            calls.append(1)  # noqa: B023
            if len(calls) == 5:  # noqa: B023
                raise RuntimeError("power cut")
            return plain(self, *arguments)  # type: ignore[arg-type]  # noqa: B023

        with monkeypatch.context() as patch:
            patch.setattr(models.Models, "answers", cut)
            with pytest.raises(RuntimeError, match="power cut"):
                ask(training, name)
        assert ask(training, name) == whole


def test_sampled_answers_differ_from_greedy_ones_and_repeat_with_their_seed(ask: Ask) -> None:
    greedy = ask(work="greedy")
    warm = ask(tiny.training(answers__temperature=1.0), "warm")
    assert warm != greedy
    assert ask(tiny.training(answers__temperature=1.0), "again") == warm
    assert ask(tiny.training(answers__temperature=1.0, answers__seed=43), "other") != warm


def test_answers_of_other_adapters_or_settings_are_not_taken_over(ask: Ask, learnt: Path) -> None:
    swapped = {"base": None, "step-3": learnt / "checkpoints" / "6", "step-6": learnt / "checkpoints" / "3"}
    ask()
    assert ask(adapters=swapped) == ask(work="fresh", adapters=swapped)
    longer = tiny.training(answers__max_new_tokens=12)
    assert ask(longer) == ask(longer, "fresh")


def test_the_bases_own_way_of_decoding_does_not_slip_in(ask: Ask, base: Path, tmp_path: Path) -> None:
    import json
    import shutil

    other = Path(shutil.copytree(base, tmp_path / "other"))
    hot = {"do_sample": True, "temperature": 5.0, "repetition_penalty": 9.0, "max_new_tokens": 2, "num_beams": 3}
    (other / "generation_config.json").write_text(json.dumps(hot))
    assert ask(base=other, adapters={"base": None}) == ask(work="plain", adapters={"base": None})


def test_torn_and_foreign_files_are_asked_anew(ask: Ask, tmp_path: Path) -> None:
    rows = ask()
    for number, content in enumerate(("", "[]", '{"key": 1}', '{"key": "x", "answers": {}}')):
        sorted((tmp_path / "work").glob("*.json"))[number].write_text(content)
    assert ask() == rows


def test_a_full_fine_tune_answers_too(fine_tune: Train, ask: Ask) -> None:
    training = tiny.training(method="full", lora=None, quantisation=None, optimisation__optimiser="adamw_torch")
    out = fine_tune(training, "full")
    rows = ask(training, "full", adapters={"base": None, "step-6": out / "checkpoints" / "6"})
    assert len({row[1] for row in rows}) == 2


def test_a_signal_ends_it_after_the_batch(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import signal

    plain = models.Models.answers
    with monkeypatch.context() as patch:
        patch.setattr(
            models.Models, "answers",
            lambda self, *rest: (os.kill(os.getpid(), signal.SIGTERM), plain(self, *rest))[1],
        )  # fmt: skip
        with pytest.raises(Stopped, match="after 1 of 9 batches"):
            ask()
    assert len(ask()) == 120


def test_batches_are_the_same_whatever_the_order_of_questions(base: Path) -> None:
    words = load_words(tiny.training(), base)
    assert batched(words, QUESTIONS) == batched(words, QUESTIONS[::-1])


def test_what_cannot_be_answered_is_said(ask: Ask, learnt: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="asks for no answers"):
        ask(tiny.training(answers=None))
    with pytest.raises(UserError, match="same id"):
        ask(questions=QUESTIONS + QUESTIONS[:1])
    torn = tmp_path / "torn"
    torn.mkdir()
    (torn / "adapter_config.json").write_text((learnt / "adapter" / "adapter_config.json").read_text())
    with pytest.raises(UserError, match="holds no adapter"):
        ask(adapters={"x": torn})
    (torn / "adapter_model.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(UserError, match="does not fit"):
        ask(adapters={"x": torn})
