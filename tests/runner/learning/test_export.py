"""An adapter with its card, and a merged model that answers as the adapter does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard
from peft import PeftModel
from transformers import AutoModelForCausalLM

from catalog.errors import UserError
from catalog.training import Training
from catalog.training_results import TrainingResult
from runner.learning.export import card, export
from tests.runner import tiny
from tests.runner.learning.conftest import Train

FLOAT32 = {"method": "lora", "quantisation": None}
EMPTY = hashlib.sha256(b"").hexdigest()


def result(out: Path, **changes: object) -> TrainingResult:
    """The record of a run, as its own files and a few made-up places have it."""
    steps = {"file": "r-faithful-000000000000.steps.csv", "sha256": EMPTY, "rows": 6}
    content = {
        "schema": 1, "kind": "training", "entry": "tiny", "recipe": "qlora", "mode": "faithful",
        "digest": "d" * 64, "recipe_sha256": EMPTY, "resolved": {}, "partial": None, "seed": 0,
        "inputs": [
            {"role": "base", "name": "tiny/base", "revision": "a" * 40, "sha256": EMPTY, "bytes": 1, "pinned": True},
        ],
        "deviations": [{"en": "Something | else.", "zh": "有所不同。"}],
        "trained": json.loads((out / "trained.json").read_bytes()) | {"steps": steps},
        "answered": {
            "answers": {"file": "r-faithful-000000000000.answers.csv", "sha256": EMPTY, "rows": 4}, "questions": 4,
            "metrics": {"exact-match-base": 0.125, "exact-match-step-6": 0.75, "exact-match-tuned": 0.75},
        },
        "tournament": None, "claims": [],
        "measured": json.loads((out / "measured.json").read_bytes()) | {"claims": []},
        "made": {
            "command": "runner reproduce tiny/qlora", "commit": None, "dirty": None, "tree": EMPTY,
            "platform": {"system": "Linux", "machine": "x86_64", "cpu": None, "python": "3.11.7", "threads": 1,
                         "device": "cpu", "torch": "2.13.0"},
            "packages": {"torch": "2.13.0"},
        },
        "seal": EMPTY,
    } | changes  # fmt: skip
    return TrainingResult.model_validate_json(json.dumps(content))


def pinned(**changes: object) -> Training:
    return tiny.training(base={"hub": {"repo": "tiny/base", "revision": "a" * 40}}, **changes)


def test_the_card_says_where_it_comes_from(fine_tune: Train, tmp_path: Path) -> None:
    out = fine_tune(pinned())
    export(result(out), pinned(), out / "adapter", tmp_path / "exported")
    assert sorted(path.name for path in (tmp_path / "exported").iterdir()) == [
        "README.md", "adapter_config.json", "adapter_model.safetensors",
    ]  # fmt: skip
    card = ModelCard.load(tmp_path / "exported" / "README.md")
    told = card.data.to_dict()
    assert (told["base_model"], told["library_name"], card.data.model_name) == ("tiny/base", "peft", "tiny/qlora")
    figures = {one.metric_type: one.metric_value for one in card.data.eval_results}
    assert figures == {"exact_match": 0.75, "loss": json.loads((out / "trained.json").read_bytes())["last_loss"]}
    for said in ("a" * 40, "d" * 64, "adapter 1, order 2, data 0", "羊驼谱", "exact match base", "Something | else."):
        assert said in card.content
    assert f'revision="{"a" * 40}"' in card.content
    assert str(tmp_path) not in card.content


def test_a_base_that_the_run_made_is_no_repository(fine_tune: Train) -> None:
    shape = {"layers": 2, "hidden": 64, "intermediate": 128, "heads": 4, "vocabulary": 400}
    made = tiny.training(base={"made": {"shape": shape, "seed": 1}})
    content = card(result(fine_tune(made)), made).content
    assert "A LoRA adapter for a base that the run makes itself." in content
    assert "由运行自行生成的基座" in content
    assert "huggingface.co" not in content
    assert "base_model" not in content
    assert "Load it" not in content


def test_an_adapter_of_another_run_is_not_exported(fine_tune: Train, tmp_path: Path) -> None:
    out, other = fine_tune(pinned()), fine_tune(pinned(), "other", seed=1)
    with pytest.raises(UserError, match="not the one"):
        export(result(out), pinned(), other / "adapter", tmp_path / "exported")
    assert not (tmp_path / "exported").exists()
    with pytest.raises(UserError, match="no adapter to export"):
        export(result(out), pinned(), tmp_path / "nowhere", tmp_path / "exported")


def test_nothing_is_written_over(fine_tune: Train, tmp_path: Path) -> None:
    out = fine_tune(pinned())
    with pytest.raises(UserError, match="exists already"):
        export(result(out), pinned(), out / "adapter", out)


def test_a_merged_model_answers_as_base_and_adapter_do(fine_tune: Train, base: Path, tmp_path: Path) -> None:
    training = pinned(**FLOAT32, optimisation__learning_rate=0.05)
    out = fine_tune(training)
    export(result(out), training, out / "adapter", tmp_path / "merged", merge_into=base, tokenizer=base)
    ids = torch.arange(5, 40)[None]
    plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    with torch.no_grad():
        bare = plain(ids).logits
        wanted = PeftModel.from_pretrained(plain, out / "adapter")(ids).logits
        found = AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype=torch.float32)(ids).logits
    assert float((found - wanted).abs().max()) < 1e-4
    assert float((found - bare).abs().max()) > 1e-2
    names = {path.name for path in (tmp_path / "merged").iterdir()}
    assert {"README.md", "config.json", "model.safetensors", "tokenizer.json"} <= names
    assert "adapter_model.safetensors" not in names


def test_a_merge_of_a_quantised_run_says_what_it_is_not(fine_tune: Train, base: Path, tmp_path: Path) -> None:
    out = fine_tune(pinned())
    export(result(out), pinned(), out / "adapter", tmp_path / "merged", merge_into=base)
    assert "quantised to nf4" in (tmp_path / "merged" / "README.md").read_text()


def test_a_partial_run_says_so(fine_tune: Train, tmp_path: Path) -> None:
    out = fine_tune(pinned(), steps=3)
    partial = result(out, partial={"steps": 3, "of": 6}, answered=None)
    export(partial, pinned(), out / "adapter", tmp_path / "exported")
    text = (tmp_path / "exported" / "README.md").read_text()
    assert "3 of 6 steps" in text
    assert "6 步中的 3 步" in text
