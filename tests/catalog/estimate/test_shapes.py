"""Shapes: what is on record adds up to what was published."""

from __future__ import annotations

import pytest

from catalog.estimate import Training, adapter_parameters, llama, shape_of, shape_source, shapes
from catalog.estimate.training import QUERY_VALUE
from catalog.store import load


@pytest.mark.parametrize("name", sorted(shapes()))
def test_matrices_and_embeddings_add_up_to_the_parameters(name: str) -> None:
    """What is left over are norms and biases, less than a thousandth."""
    shape = shapes()[name]
    embeddings = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
    rest = shape.parameters - shape.linear - embeddings
    assert 0 < rest < shape.parameters / 1000
    assert shape_source(name)


@pytest.mark.parametrize("name", ["llama-7b", "llama-13b", "llama-33b", "llama-65b"])
def test_parameters_of_the_design_are_counted(name: str) -> None:
    s = shapes()[name]
    assert llama(s.name, s.layers, s.hidden, s.intermediate, s.heads, s.vocabulary).parameters == s.parameters


def test_grouped_keys_are_counted() -> None:
    """LLaMA 2 70B: 68,976,648,192, as its checkpoint holds."""
    assert llama("LLaMA 2 70B", 80, 8192, 28672, 64, 32000, kv_heads=8).parameters == 68_976_648_192


@pytest.mark.parametrize(
    ("name", "millions"), [("llama-7b", 159.9), ("llama-13b", 250.3), ("llama-33b", 487.6), ("llama-65b", 799.5)]
)
def test_lora_of_rank_64_on_every_matrix(name: str, millions: float) -> None:
    count = adapter_parameters(shapes()[name], Training("qlora", lora_rank=64))
    assert round(count / 1e6, 1) == millions


def test_adapter_of_chinese_vicuna() -> None:
    """4,194,304, as its adapter file holds: rank 8 on queries and values of 32 layers."""
    training = Training("lora-8bit", lora_rank=8, lora_targets=QUERY_VALUE)
    assert adapter_parameters(shapes()["llama-7b"], training) == 4_194_304


def test_every_id_beside_a_shape_is_known_to_the_register() -> None:
    catalog = load()
    for shape in shapes().values():
        assert shape_of(shape.id) is shape
    for name in ("llama-7b", "bloomz-7b1-mt", "gpt-j-6b", "pythia-12b", "moss-moon-003-base"):
        assert shape_of(name), name
        assert catalog.resolve(name), name
    assert shape_of("promptclue-large") is None


@pytest.mark.parametrize(("heads", "kv_heads"), [(3, 3), (4, 3), (0, 1), (4, 0)])
def test_a_shape_that_cannot_be_is_refused(heads: int, kv_heads: int) -> None:
    with pytest.raises((ValueError, ZeroDivisionError)):
        llama("Odd", 2, 64, 128, heads, 100, kv_heads=kv_heads)
