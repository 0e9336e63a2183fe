"""The same on a card: `pytest -m gpu tests/runner/learning`. Skipped where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import bitsandbytes
import pytest
import torch

from runner.learning import base as loading
from runner.learning.adapter import attach
from runner.learning.attention import NAME
from runner.learning.collate import pack
from runner.learning.measure import paged_bytes
from runner.learning.steps import Row
from tests.runner import tiny
from tests.runner.learning import gradients as g
from tests.runner.learning.conftest import Train

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU"),
]
OUTPUTS = ("steps.csv", "trained.json", "adapter/adapter_model.safetensors")


def dense(model: torch.nn.Module) -> None:
    """Puts in place of each 4-bit layer a float32 one with the numbers that its weights stand for."""
    for name, module in list(model.named_modules()):
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            plain = torch.nn.Linear(module.in_features, module.out_features, bias=False, device=module.weight.device)
            plain.weight.data = bitsandbytes.functional.dequantize_4bit(
                module.weight.data, module.weight.quant_state
            ).float()
            model.set_submodule(name, plain)


def test_nf4_forward_and_backward_equal_a_dense_float32_reference(base: Path) -> None:
    training = tiny.training()

    def gradients(make_dense: bool) -> tuple[torch.Tensor, g.Gradients]:
        model = loading.load_base(training, base)
        if make_dense:
            dense(model)
            model.hf_quantizer = None
            model.is_quantized = model.is_loaded_in_4bit = False
        adapted = attach(model, training, 1).train()
        ids = torch.arange(10, 60, device="cuda")[None]
        out = adapted(input_ids=ids, labels=ids, use_cache=False)
        out.loss.backward()
        return out.logits.detach(), {n: p.grad for n, p in adapted.named_parameters() if p.grad is not None}

    (logits, found), (wanted_logits, wanted) = gradients(False), gradients(True)
    assert float((logits - wanted_logits).abs().max()) < 1e-3
    assert g.difference(found, wanted) < 1e-3


def test_packed_logits_and_gradients_equal_unpacked(base: Path, tmp_path: Path) -> None:
    settings = {"batching__accumulation": 16, "optimisation__clip": None}
    alone = g.ours(tiny.training(**settings), base, tmp_path / "alone")
    packed = g.ours(tiny.training(**settings, batching__packing="packed"), base, tmp_path / "packed")
    assert g.difference(packed, alone) < 1e-4
    training = tiny.training(**settings)
    examples = g.step_of(training, base, tmp_path)
    batch = {key: value.cuda() if isinstance(value, torch.Tensor) else value
             for key, value in pack(Row(tuple(examples), (1.0,) * len(examples))).items()}  # fmt: skip
    with torch.no_grad():
        row = loading.load_base(training, base, attention=NAME)(
            input_ids=batch["input_ids"], position_ids=batch["position_ids"], lengths=batch["lengths"], use_cache=False
        ).logits[0]
        model = loading.load_base(training, base)
        each = [model(input_ids=torch.tensor([one.ids]).cuda(), use_cache=False).logits[0] for one in examples]
    assert float((row - torch.cat(each)).abs().max()) < 1e-4


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("packing", ["none", "packed"])
def test_a_run_goes_on_in_the_same_bits(fine_tune: Train, cut_and_gone_on: Train, precision: str, packing: str) -> None:
    training = tiny.training(
        batching__packing=packing, execution__precision=precision, execution__weights=precision,
        quantisation__compute=precision, execution__checkpointing=True, lora__r=32,
    )  # fmt: skip
    whole, cut = fine_tune(training, "whole"), cut_and_gone_on(training, "cut")
    assert [(cut / name).read_bytes() for name in OUTPUTS] == [(whole / name).read_bytes() for name in OUTPUTS]


def test_memory_is_measured_with_paged_states(fine_tune: Train, tmp_path: Path) -> None:
    wide = tiny.both(tmp_path / "wide", hidden=1024, layers=1)
    training = tiny.training(lora__r=128, batching__steps=3, answers=None)
    figures = json.loads((fine_tune(training, base=wide) / "measured.json").read_bytes())
    trainable = json.loads((tmp_path / "out-run" / "trained.json").read_bytes())["trainable"]
    assert figures["peak_allocated"] > trainable * 4
    assert figures["device"] == torch.cuda.get_device_name()
    weight = torch.nn.Parameter(torch.ones(1024, 1024, device="cuda"))
    weight.grad = torch.ones_like(weight)
    optimizer = bitsandbytes.optim.PagedAdamW32bit([weight])
    optimizer.step()
    assert paged_bytes(optimizer) == 2 * 4 * 1024 * 1024


def test_tf32_is_switched_on_for_its_recipe_alone(fine_tune: Train) -> None:
    fine_tune(tiny.training(execution__precision="tf32", answers=None), "tf32")
    assert torch.get_float32_matmul_precision() == "high"
    fine_tune(tiny.training(answers=None), "float32")
    assert torch.get_float32_matmul_precision() == "highest"


def test_liger_kernels_change_little(fine_tune: Train) -> None:
    pytest.importorskip("liger_kernel")
    fused = fine_tune(tiny.training(batching__packing="packed"), "fused")
    plain = fine_tune(tiny.training(), "plain")

    def losses(out: Path) -> list[float]:
        return [float(line.split(",")[1]) for line in (out / "steps.csv").read_text().splitlines()[1:]]

    assert losses(fused) == pytest.approx(losses(plain), abs=1e-3)
