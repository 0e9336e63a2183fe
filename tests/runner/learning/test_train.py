"""What a run leaves behind, that it is the same twice, and what it refuses to begin."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from catalog.errors import UserError
from catalog.training_results import Measured, Trained
from tests.runner import tiny
from tests.runner.learning.conftest import Train

NAMES = ("steps.csv", "adapter/adapter_model.safetensors", "adapter/adapter_config.json", "trained.json")


def test_a_run_leaves_figures_adapters_and_a_row_a_step(fine_tune: Train) -> None:
    out = fine_tune(tiny.training())
    rows = list(csv.DictReader((out / "steps.csv").open()))
    assert list(rows[0]) == ["step", "loss", "learning_rate", "grad_norm", "tokens", "targets", "padding"]
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {row["learning_rate"] for row in rows} == {"0.003"}
    assert sorted(path.name for path in (out / "checkpoints").iterdir()) == ["3", "6"]
    assert sorted(path.name for path in (out / "adapter").iterdir()) == [
        "adapter_config.json", "adapter_model.safetensors",
    ]  # fmt: skip
    last = (out / "adapter" / "adapter_model.safetensors").read_bytes()
    assert (out / "checkpoints" / "6" / "adapter_model.safetensors").read_bytes() == last

    beside = {"file": "a-b-c.steps.csv", "sha256": "0" * 64, "rows": 6}
    trained = Trained.model_validate(json.loads((out / "trained.json").read_bytes()) | {"steps": beside})
    assert (trained.first_loss, trained.last_loss) == (float(rows[0]["loss"]), float(rows[-1]["loss"]))
    tensors = load_file(out / "adapter" / "adapter_model.safetensors")
    assert {str(one.dtype) for one in tensors.values()} == {"float32"}
    assert trained.trainable == sum(one.size for one in tensors.values())
    assert (trained.examples, trained.adapter_sha256 == trained.adapter_start_sha256) == (24, False)
    measured = Measured.model_validate_json(
        json.dumps(json.loads((out / "measured.json").read_bytes()) | {"claims": []})
    )
    assert (measured.resumes, measured.devices, measured.step.warmup) == (0, 1, 3)
    assert 0 < sum(1 for _ in rows) * measured.step.p10 < measured.seconds * 2


def test_nothing_of_this_machine_is_in_what_it_leaves(fine_tune: Train, tmp_path: Path) -> None:
    for training in (tiny.training(), tiny.training(method="full", lora=None, quantisation=None)):
        for file in fine_tune(training, training.method).rglob("*"):
            assert file.is_dir() or str(tmp_path.parent).encode() not in file.read_bytes(), file
    config = json.loads((tmp_path / "out-qlora" / "adapter" / "adapter_config.json").read_bytes())
    assert (config["base_model_name_or_path"], config["target_modules"]) == (
        "tiny/base", ["down_proj", "q_proj", "v_proj"],
    )  # fmt: skip


def test_the_same_seed_twice_gives_the_same_bytes_and_another_seed_others(fine_tune: Train) -> None:
    training = tiny.training(lora__dropout=0.1)
    first, second = ([(fine_tune(training, run) / name).read_bytes() for name in NAMES] for run in "ab")
    assert first == second
    other = fine_tune(training, "c", seed=1)
    assert [(other / name).read_bytes() == one for name, one in zip(NAMES, first, strict=True)] == [
        False, False, True, False,
    ]  # fmt: skip


def test_the_adapter_begins_as_its_own_seed_says(fine_tune: Train) -> None:
    """Not as whatever was drawn before it: the scripts of 2023 seeded after it was made."""

    def start(name: str, **changes: object) -> str:
        return json.loads((fine_tune(tiny.training(**changes), name) / "trained.json").read_bytes())[  # type: ignore
            "adapter_start_sha256"
        ]

    first = start("one")
    assert start("two", seeds__order=9, batching__accumulation=2) == first
    assert start("three", seeds__adapter=9) != first


def test_fewer_steps_are_the_beginning_of_the_whole_run(fine_tune: Train) -> None:
    """The schedule too: it ends where the recipe ends, not where the partial run does."""
    training = tiny.training(optimisation__schedule="cosine", optimisation__warmup=2)
    whole = (fine_tune(training, "whole") / "steps.csv").read_text().splitlines()
    part = fine_tune(training, "part", steps=3)
    assert (part / "steps.csv").read_text().splitlines() == whole[:4]
    assert sorted(path.name for path in (part / "checkpoints").iterdir()) == ["2", "3"]


@pytest.mark.parametrize(
    ("schedule", "warmup", "rates"),
    [
        ("constant", 0.5, [1, 1, 1, 1, 1, 1]),  # a constant rate knows no warmup, then as now
        ("constant_with_warmup", 2, [0, 0.5, 1, 1, 1, 1]),
        ("linear", 0.5, [0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3]),
        ("cosine", 0, [1, 0.933, 0.75, 0.5, 0.25, 0.067]),
    ],
)
def test_schedules(fine_tune: Train, schedule: str, warmup: float, rates: list[float]) -> None:
    training = tiny.training(
        optimisation__schedule=schedule, optimisation__warmup=warmup, optimisation__learning_rate=1.0, method="lora",
        quantisation=None, answers=None, optimisation__optimiser="adamw_torch",
    )  # fmt: skip
    rows = list(csv.DictReader((fine_tune(training) / "steps.csv").open()))
    assert [float(row["learning_rate"]) for row in rows] == pytest.approx(rates, abs=1e-3)


def test_the_gradient_is_clipped_and_its_norm_told_as_it_was(fine_tune: Train) -> None:
    def norms(clip: float | None) -> list[float]:
        training = tiny.training(optimisation__clip=clip, optimisation__optimiser="adamw_torch", answers=None)
        rows = csv.DictReader((fine_tune(training, str(clip)) / "steps.csv").open())
        return [float(row["grad_norm"]) for row in rows]

    assert norms(None)[0] == norms(0.01)[0] > 0.1


def test_what_was_done_otherwise_is_said(fine_tune: Train) -> None:
    said = json.loads((fine_tune(tiny.training(optimisation__optimiser="adamw_hf")) / "deviations.json").read_bytes())
    assert len(said) == 1
    assert all("adamw_hf" in said[0][language] for language in ("en", "zh"))
    plain = fine_tune(tiny.training(optimisation__optimiser="adamw_torch"), "plain")
    assert json.loads((plain / "deviations.json").read_bytes()) == []
    assert (plain / "steps.csv").read_bytes() == (plain.parent / "out-run" / "steps.csv").read_bytes()


@pytest.mark.parametrize("quantisation", [{"form": "nf4", "double": True}, {"form": "fp4"}, {"form": "int8"}, None])
def test_every_form_of_base_learns(fine_tune: Train, quantisation: dict[str, object] | None) -> None:
    method = "qlora" if quantisation and quantisation["form"] != "int8" else "lora"
    training = tiny.training(
        quantisation=quantisation, method=method, batching__steps=30, batching__order="as-given", answers=None,
        optimisation__learning_rate=0.01,
    )  # fmt: skip
    rows = list(csv.DictReader((fine_tune(training, examples=tiny.pairs(4)) / "steps.csv").open()))
    assert float(rows[-1]["loss"]) < 0.75 * float(rows[0]["loss"])


def refused(fine_tune: Train, **kept: object) -> UserError:
    changes = {name: kept.pop(name) for name in ("base", "steps", "examples") if name in kept}
    with pytest.raises(UserError, match="this cannot be trained") as caught:
        fine_tune(tiny.training(**kept), **changes)
    return caught.value


def test_all_that_cannot_work_is_told_together(fine_tune: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.learning.learn.load_base", lambda *_, **__: pytest.fail("weights were loaded"))
    error = refused(
        fine_tune, lora__targets=["q_proj", "c_attn"], batching__length=512, execution__precision="float16", steps=99
    )
    assert error.what == "this cannot be trained, for 4 reasons"
    for reason in ("no layer c_attn", "512, and the base has 256", "float16 needs a CUDA card", "99 steps"):
        assert reason in error.why
    assert "`lora.targets` can be: down_proj, gate_proj" in error.hint


def test_without_examples_there_is_nothing_to_learn(fine_tune: Train) -> None:
    assert "no examples" in refused(fine_tune, examples=[]).why


@pytest.mark.parametrize(
    ("rows", "size", "why"), [(300, 400, "only 300 rows"), (700, 400, "do not belong together"), (336, 400, None)]
)
def test_base_and_tokenizer_must_belong_together(
    fine_tune: Train, tmp_path: Path, rows: int, size: int, why: str | None
) -> None:
    base = tiny.llama(tiny.tokenizer(tmp_path / "mixed", size), rows=rows)
    if why:
        assert why in refused(fine_tune, base=base).why
    else:
        fine_tune(tiny.training(), base=base)  # rounded up


def copied(base: Path, tmp_path: Path, **config: object) -> Path:
    other = Path(shutil.copytree(base, tmp_path / "copied"))
    known = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(known | config))
    return other


def test_a_base_without_safetensors_is_refused(fine_tune: Train, base: Path, tmp_path: Path) -> None:
    other = copied(base, tmp_path)
    (other / "model.safetensors").rename(other / "pytorch_model.bin")
    assert "holds no *.safetensors" in refused(fine_tune, base=other).why


def test_a_base_that_is_quantised_already_is_refused(fine_tune: Train, base: Path, tmp_path: Path) -> None:
    other = copied(base, tmp_path, quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True})
    assert "quantised already" in refused(fine_tune, base=other).why


@pytest.mark.parametrize(
    "config", [{"num_hidden_layers": 10**9}, {"padding": "x" * 2**21}, {"hidden_size": "wide"}, {"model_type": []}]
)
def test_a_hostile_config_is_one_clear_error(
    fine_tune: Train, base: Path, tmp_path: Path, config: dict[str, object]
) -> None:
    with pytest.raises(UserError, match=r"describes no model|tokenizer cannot be read"):  # which also looks into it
        fine_tune(tiny.training(), base=copied(base, tmp_path, **config))


def test_code_of_a_repository_is_never_run(fine_tune: Train, base: Path, tmp_path: Path) -> None:
    other = copied(
        base, tmp_path, model_type="strange", auto_map={"AutoConfig": "evil.C", "AutoModelForCausalLM": "evil.M"}
    )
    (other / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass C: pass\nclass M: pass\n")
    with pytest.raises(UserError, match="describes no model"):
        fine_tune(tiny.training(), base=other)
    assert not (tmp_path / "ran").exists()


def test_a_weight_that_no_file_holds_is_not_made_up(fine_tune: Train, base: Path, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    other = copied(base, tmp_path)
    tensors = load_file(other / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, other / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="not whole") as caught:
        fine_tune(tiny.training(), base=other)
    assert "layers.1.mlp.up_proj" in caught.value.why


@pytest.mark.parametrize("content", [b"", b"\x10\x00\x00\x00\x00\x00\x00\x00{}", b"PK\x03\x04" * 99])
def test_broken_weights_are_one_clear_error(fine_tune: Train, base: Path, tmp_path: Path, content: bytes) -> None:
    other = copied(base, tmp_path)
    (other / "model.safetensors").write_bytes(content)
    with pytest.raises(UserError, match="base cannot be loaded"):
        fine_tune(tiny.training(), base=other)
