"""Random weights, layer by layer: the same model as the library loads from a file of the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from catalog.estimate import Shape, llama
from catalog.training import Quantisation, Training
from runner.learning.base import load_base
from runner.learning.determinism import settle
from runner.probe.ask import Method, training_of_method
from runner.probe.weights import DoesNotFit, build, config_of, draw, matrix, weight_bytes

CPU = torch.device("cpu")
TINY = llama("LLaMA tiny", 2, 64, 128, 4, 300)
OTHERS = (
    Shape("gpt-j-tiny", "GPT-J tiny", 2, 64, 256, 4, 4, 300, 300_000, gated=False),
    Shape("bloom-tiny", "BLOOM tiny", 2, 64, 256, 4, 4, 300, 300_000, gated=False, tied=True),
    Shape("pythia-tiny", "Pythia tiny", 2, 64, 256, 4, 4, 300, 300_000, gated=False),
)
NF4 = Quantisation(form="nf4", double=True)
INT8 = Quantisation(form="int8", threshold=6.0)


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=torch.arange(3, 40)[None], use_cache=False).logits  # type: ignore[no-any-return]


def saved(shape: Shape, seed: int, folder: Path) -> Path:
    """The same weights as an ordinary checkpoint."""
    from transformers import LlamaForCausalLM

    model = LlamaForCausalLM(config_of(shape, "llama")).to(torch.float32)
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.Linear):
                leaf = f"{name}.weight" if name == "lm_head" else name
                out, into = module.out_features, module.in_features
                module.weight.copy_(matrix(leaf.removesuffix(".weight"), out, into, shape.layers, seed, CPU))
            elif isinstance(module, torch.nn.Embedding):
                module.weight.copy_(draw(f"{name}.weight", tuple(module.weight.shape), 1.0, seed, CPU))
    model.save_pretrained(folder)
    return folder


@pytest.fixture(autouse=True)
def settled() -> None:
    settle(0, 2)


@pytest.mark.parametrize(("method", "quantisation"), [("qlora", NF4), ("lora8", INT8), ("full", None)])
def test_the_same_logits_as_from_a_file_of_the_same_weights(
    method: Method, quantisation: Quantisation | None, tmp_path: Path
) -> None:
    training: Training = training_of_method(TINY, method, "faithful", 32, 2)
    execution = training.execution.model_copy(update={"precision": "float32", "weights": "float32"})
    training = training.model_copy(update={"quantisation": quantisation, "execution": execution})
    loaded = load_base(training, saved(TINY, 3, tmp_path))
    made = build(TINY, quantisation, torch.float32, seed=3, device=CPU)
    assert torch.equal(logits(made), logits(loaded))


def test_a_matrix_depends_on_its_name_and_the_seed_alone() -> None:
    one, other = (build(TINY, NF4, torch.float32, seed=seed, device=CPU) for seed in (1, 2))
    assert not torch.equal(logits(one), logits(other))
    assert torch.equal(logits(one), logits(build(TINY, NF4, torch.float32, seed=1, device=CPU)))


@pytest.mark.parametrize("shape", OTHERS, ids=lambda shape: shape.id)
@pytest.mark.parametrize("quantisation", [NF4, None], ids=["nf4", "plain"])
def test_other_architectures_are_built_whole(shape: Shape, quantisation: Quantisation | None) -> None:
    model = build(shape, quantisation, torch.float32, seed=0, device=CPU)
    assert [name for name, one in [*model.named_parameters(), *model.named_buffers()] if one.is_meta] == []
    assert torch.isfinite(logits(model)).all()


@pytest.mark.parametrize("quantisation", [NF4, INT8, None])
def test_what_the_weights_take_is_known_before_they_are_made(quantisation: Quantisation | None) -> None:
    model = build(TINY, quantisation, torch.float32, seed=0, device=CPU)
    held = 0
    for parameter in model.parameters():
        state = getattr(parameter, "quant_state", None)
        held += parameter.numel() * parameter.element_size()
        if state is not None:
            held += state.absmax.numel() * state.absmax.element_size()
    assert weight_bytes(TINY, quantisation, torch.float32) == pytest.approx(held, rel=0.02)


def test_a_model_that_is_too_large_says_so_with_the_numbers() -> None:
    with pytest.raises(DoesNotFit) as refused:
        build(TINY, NF4, torch.float32, seed=0, device=CPU, budget=50_000)
    assert refused.value.stage == "loading"
    assert refused.value.available == 50_000
    assert (refused.value.wanted or 0) > 50_000
