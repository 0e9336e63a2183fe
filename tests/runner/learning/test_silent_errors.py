"""Nine errors that no library reports. Each has a guard, and beside it stands what happens without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bitsandbytes
import peft
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Trainer

from catalog.errors import UserError
from runner.learning import base as loading
from runner.learning.adapter import attach, in_float32, lora_config
from runner.learning.attention import NAME
from runner.learning.determinism import settle, without_hub_kernels
from runner.learning.measure import held, must_fit, paged_bytes
from tests.runner import tiny
from tests.runner.learning import gradients as g
from tests.runner.learning.conftest import Train

PACKS_ON_ITS_OWN = bitsandbytes.nn.modules.has_avx512bf16()
"""Only such CPUs pack 4-bit weights anew; elsewhere there is nothing to see of the first error."""


def after_an_eval_forward(base: Path, *, guarded: bool, monkeypatch: pytest.MonkeyPatch) -> float:
    """How far the gradients are off after the model answered once in eval mode."""

    def gradient(asked_before: bool) -> torch.Tensor:
        settle(0, 1)
        with monkeypatch.context() as patch:
            if not guarded:
                patch.setattr(loading, "keep_weights_as_they_are", lambda model: None)
            model = attach(loading.load_base(tiny.training(), base), tiny.training(), 1)
        ids = torch.arange(20)[None] + 10
        if asked_before:
            with torch.no_grad():
                model.eval()(input_ids=ids)
        model.train()(input_ids=ids, labels=ids).loss.backward()
        learnt = [one for one in model.parameters() if one.requires_grad]
        return torch.cat([(torch.zeros_like(one) if one.grad is None else one.grad).flatten() for one in learnt])

    right, found = gradient(False), gradient(True)
    return float((found - right).norm() / right.norm())


def test_1_weights_stay_as_they_are_when_the_model_answers(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert after_an_eval_forward(base, guarded=True, monkeypatch=monkeypatch) == 0
    off = after_an_eval_forward(base, guarded=False, monkeypatch=monkeypatch)
    assert off > 0.01 if PACKS_ON_ITS_OWN else off == 0


def test_1_no_layer_is_left_that_would_pack(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bitsandbytes.nn.modules, "has_avx512bf16", lambda: True)  # as on such a CPU
    layers = [one for one in loading.load_base(tiny.training(), base).modules() if type(one).__name__ == "Linear4bit"]
    assert len(layers) == 14
    assert not any(one.support_avx512bf16_for_cpu for one in layers)


def seen_across_examples(base: Path, attention: str, **passed: object) -> float:
    """How much the second example's logits change when it stands behind another one."""
    model = loading.load_base(tiny.training(), base, attention=attention)
    first, second = torch.arange(10, 31)[None], torch.arange(40, 57)[None]
    row, places = torch.cat([first, second], 1), torch.cat([torch.arange(21), torch.arange(17)])[None]
    with torch.no_grad():
        alone = loading.load_base(tiny.training(), base)(input_ids=second, use_cache=False).logits
        packed = model(input_ids=row, position_ids=places, **passed).logits[:, 21:]
    return float((packed - alone).abs().max())


def test_2_packed_examples_do_not_see_each_other(base: Path) -> None:
    assert seen_across_examples(base, NAME, lengths=(21, 17), use_cache=False) < 1e-5
    assert seen_across_examples(base, NAME, lengths=(21, 17), use_cache=True) < 1e-5
    assert seen_across_examples(base, "sdpa", use_cache=True) > 0.1
    assert seen_across_examples(base, "sdpa", use_cache=False, attention_mask=torch.ones(1, 38)) > 0.1


@pytest.mark.parametrize(
    "passed", [{"attention_mask": torch.ones(1, 1, 38, 38)}, {"lengths": (21, 16)}, {"lengths": None}]
)
def test_2_what_packed_attention_cannot_keep_apart_it_refuses(base: Path, passed: dict[str, object]) -> None:
    model = loading.load_base(tiny.training(), base, attention=NAME)
    with pytest.raises(ValueError, match="packed attention"):
        model(input_ids=torch.arange(38)[None], use_cache=False, **{"lengths": (21, 17)} | passed)


def test_3_each_example_weighs_alike_where_the_recipe_says_so(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"optimisation__clip": None, "quantisation": None, "method": "lora"}
    asked = tiny.training(**settings)
    alike = g.plain_trainer(asked, base, tmp_path, per_example=True)
    of_today = g.plain_trainer(asked, base, tmp_path, per_example=False)
    assert g.difference(alike, of_today) > 0.05
    assert g.difference(g.ours(asked, base, tmp_path / "1"), alike) < 1e-6
    by_token = tiny.training(**settings, batching__loss_weighting="per-token")
    assert g.difference(g.ours(by_token, base, tmp_path / "2"), of_today) < 1e-6

    # Not told that the loss is normalised, the Trainer divides it once more.
    plain = Trainer.__init__
    monkeypatch.setattr(Trainer, "__init__", lambda self, **kept: plain(self, **{**kept, "compute_loss_func": None}))
    assert g.difference(g.ours(asked, base, tmp_path / "3"), alike) > 0.5


def test_4_embedding_and_head_keep_their_type(base: Path) -> None:
    training = tiny.training(execution__weights="bfloat16", quantisation__compute="bfloat16")
    model = attach(loading.load_base(training, base), training, 1)
    kept = {name: one.dtype for name, one in model.named_parameters() if "embed_tokens" in name or "lm_head" in name}
    assert set(kept.values()) == {torch.bfloat16}
    assert len(kept) == 2
    bare = peft.prepare_model_for_kbit_training(loading.load_base(training, base))
    assert {bare.get_input_embeddings().weight.dtype, bare.lm_head.weight.dtype} == {torch.float32}


def test_4_activations_are_computed_again_and_the_gradients_are_the_same(base: Path, tmp_path: Path) -> None:
    def forwards(checkpointing: bool) -> tuple[int, g.Gradients]:
        training = tiny.training(execution__checkpointing=checkpointing, optimisation__clip=None)
        learner, catch, seen = g.learner_of(g.run(training, base, tmp_path / str(checkpointing))), g.Catch(), []
        learner.add_callback(catch)
        layer = learner.model.get_submodule("base_model.model.model.layers.0.self_attn.k_proj")
        layer.register_forward_hook(lambda *_: seen.append(1))
        learner.train()
        return len(seen), catch.found

    (once, kept), (twice, made_again) = forwards(False), forwards(True)
    assert (once, twice) == (4, 8)
    assert g.difference(made_again, kept) < 1e-6


def test_5_a_buffer_left_on_the_meta_device_is_found(base: Path) -> None:
    config = LlamaConfig.from_pretrained(base)
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    model.load_state_dict(LlamaForCausalLM.from_pretrained(base).state_dict(), assign=True)
    assert not any(one.is_meta for one in model.parameters())  # all weights are there, and nothing complains
    with pytest.raises(UserError) as caught:
        loading.whole(model, base)
    assert "inv_freq" in caught.value.why


def test_5_a_quantised_model_without_its_quantizer_is_found(base: Path) -> None:
    model = loading.load_base(tiny.training(), base)
    loading.whole(model, base)
    del model.hf_quantizer
    with pytest.raises(UserError, match="not whole"):
        loading.whole(model, base)


def test_6_paged_states_count_though_the_framework_does_not_see_them() -> None:
    weight = torch.nn.Parameter(torch.ones(100))
    weight.grad = torch.ones(100)
    optimizer = bitsandbytes.optim.PagedAdamW32bit([weight])
    optimizer.step()
    assert paged_bytes(optimizer) == 0  # on a CPU they are ordinary memory
    for state in optimizer.state[weight].values():
        if isinstance(state, torch.Tensor):
            state.is_paged = True  # as on a card
    assert paged_bytes(optimizer) == 800
    assert held(1000, 1500, paged_bytes(optimizer)) == {"allocated": 1800, "reserved": 2300}


@pytest.mark.parametrize(
    ("optimiser", "free", "fits"),
    [
        ("paged_adamw_32bit", 800, True),
        ("paged_adamw_32bit", 799, False),
        ("paged_adamw_8bit", 200, True),
        ("paged_adamw_8bit", 199, False),
        ("adamw_torch", 0, True),  # torch itself says when it has no more
    ],
)
def test_6_no_more_managed_memory_is_asked_for_than_is_free(optimiser: str, free: int, fits: bool) -> None:
    if fits:
        must_fit(100, optimiser, free)  # type: ignore[arg-type]
    else:
        with pytest.raises(UserError, match="out of memory"):
            must_fit(100, optimiser, free)  # type: ignore[arg-type]


def test_7_the_machines_own_number_of_threads_changes_nothing(
    fine_tune: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = tiny.both(tmp_path / "wide", hidden=512, layers=1)
    training = tiny.training(method="full", lora=None, quantisation=None, batching__steps=2, answers=None,
                             optimisation__optimiser="adamw_torch")  # fmt: skip

    def weights(name: str, threads: int) -> bytes:
        torch.set_num_threads(threads)
        return (fine_tune(training, name, base=wide) / "model" / "model.safetensors").read_bytes()

    one = weights("one", 1)
    assert weights("two", 2) == one
    pin = torch.set_num_threads
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: pin(2))
    fine_tune(training, "free", base=wide)
    assert (tmp_path / "out-free" / "model" / "model.safetensors").read_bytes() != one


HUB_KERNELS = """
import pathlib
def get_kernel(*args, **kwargs):
    pathlib.Path(__file__).with_name("asked").touch()
    raise RuntimeError("no network")
"""


@pytest.mark.parametrize("guarded", [True, False])
def test_8_bitsandbytes_asks_the_hub_for_no_code(tmp_path: Path, guarded: bool) -> None:
    package = tmp_path / "kernels"
    package.mkdir()
    (package / "__init__.py").write_text(HUB_KERNELS)
    act = "from runner.learning.determinism import settle; settle(0, 1)" if guarded else "import bitsandbytes"
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {act}; import kernels"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert (package / "asked").exists() == (PACKS_ON_ITS_OWN and not guarded)


def test_8_within_the_guard_there_are_no_hub_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bitsandbytes")
    with without_hub_kernels(), pytest.raises(ImportError):
        __import__("kernels")
    assert "kernels" not in sys.modules


def test_9_what_is_learnt_is_float32_beside_a_base_in_16_bits(base: Path) -> None:
    training = tiny.training(execution__weights="bfloat16", quantisation__compute="bfloat16")
    assert training.lora is not None
    bare = peft.get_peft_model(
        loading.load_base(training, base), lora_config(training.lora, training), autocast_adapter_dtype=False
    )
    learnt = [one for one in bare.parameters() if one.requires_grad]
    for one in learnt:
        one.data = one.data.bfloat16()  # as TRL does
    in_float32(bare)
    assert {one.dtype for one in learnt} == {torch.float32}
    ours = attach(loading.load_base(training, base), training, 1)
    assert {one.dtype for one in ours.parameters() if one.requires_grad} == {torch.float32}


def test_9_a_run_in_16_bits_goes_on_in_the_same_bits(fine_tune: Train, cut_and_gone_on: Train) -> None:
    training = tiny.training(
        execution__weights="bfloat16", execution__precision="bfloat16", quantisation__compute="bfloat16"
    )
    whole, cut = fine_tune(training, "whole"), cut_and_gone_on(training, "cut")
    assert (cut / "steps.csv").read_bytes() == (whole / "steps.csv").read_bytes()
    learnt = "adapter/adapter_model.safetensors"
    assert (cut / learnt).read_bytes() == (whole / learnt).read_bytes()
