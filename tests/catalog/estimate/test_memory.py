"""Memory: known sums, and what must hold for any shape and method."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.estimate import (
    GIB,
    Card,
    Shape,
    Training,
    card_of,
    fit,
    inference_memory,
    kv_cache_bytes,
    llama,
    shapes,
    training_memory,
)
from catalog.estimate.training import COMPUTES, METHODS
from catalog.store import load

CATALOG = load()
ORDER = ("no", "unlikely", "paging", "narrowly", "fits")


def card(slug: str) -> Card:
    return card_of(slug, CATALOG.hardware[slug])


@st.composite
def some_shape(draw: st.DrawFn) -> Shape:
    heads = draw(st.sampled_from([1, 2, 8, 32]))
    return llama(
        "Any",
        layers=draw(st.integers(1, 100)),
        hidden=heads * draw(st.sampled_from([16, 64, 128])),
        intermediate=draw(st.integers(1, 30_000)),
        heads=heads,
        vocabulary=draw(st.integers(1, 300_000)),
        kv_heads=draw(st.sampled_from([k for k in (1, 2, 8, 32) if heads % k == 0 and k <= heads])),
    )


@st.composite
def some_training(draw: st.DrawFn) -> Training:
    return Training(
        draw(st.sampled_from(METHODS)),
        sequence=draw(st.integers(1, 8192)),
        micro_batch=draw(st.integers(1, 64)),
        packed=draw(st.booleans()),
        compute=draw(st.sampled_from(COMPUTES)),
        lora_rank=draw(st.integers(1, 256)),
        adapter=draw(st.sampled_from([None, "bf16", "fp32"])),
        optimiser_bits=draw(st.sampled_from([8, 32])),
        paged=draw(st.booleans()),
        sharding=draw(st.sampled_from(["none", "zero1", "zero2", "zero3", "layers"])),
        cards=draw(st.integers(1, 64)),
        checkpointing=draw(st.booleans()),
        flash_attention=draw(st.booleans()),
        chunked_loss=draw(st.booleans()),
    )


@pytest.mark.parametrize(
    ("name", "nf4", "rest", "adapter", "adam", "inputs"),
    [
        ("llama-7b", 3.11, 0.49, 1.19, 1.19, 0.25),
        ("llama-13b", 6.10, 0.61, 1.87, 1.87, 0.39),
        ("llama-33b", 15.42, 0.79, 3.63, 3.63, 0.76),
        ("llama-65b", 31.11, 0.98, 5.96, 5.96, 1.25),
    ],
)
def test_parts_of_qlora(name: str, nf4: float, rest: float, adapter: float, adam: float, inputs: float) -> None:
    """GiB for rank 64, 1,024 tokens: sizes computed independently of this model."""
    shape = shapes()[name]
    memory = training_memory(shape, Training("qlora", sequence=1024, adapter="fp32"))
    parts = {part: amount.high / GIB for part, amount in memory.parts.items()}
    assert parts["weights"] == pytest.approx(nf4 + rest, abs=0.011)
    assert parts["adapter"] + parts["gradients"] == pytest.approx(adapter, abs=0.006)
    assert parts["optimiser"] == pytest.approx(adam, abs=0.006)
    kept = shape.layers * shape.hidden * 2 * 1024
    assert kept / GIB == pytest.approx(inputs, abs=0.006)
    assert memory.parts["activations"].low > kept


def test_activations_of_33b_without_checkpointing() -> None:
    """14 to 17 GB for 1,024 tokens."""
    training = Training("qlora", sequence=1024, checkpointing=False)
    kept = training_memory(shapes()["llama-33b"], training).parts["activations"]
    assert 14e9 < kept.low < kept.high < 17e9


def test_state_of_full_training_is_sixteen_bytes_a_parameter() -> None:
    """fp32 throughout, or 16-bit weights with a master copy: 112 GB for 7B."""
    shape = shapes()["llama-7b"]
    for training in (Training("full", weights="fp32", compute="fp32"), Training("full", weights="bf16")):
        parts = training_memory(shape, training).parts
        state = sum(parts[p].high for p in ("weights", "gradients", "master", "optimiser"))
        assert state == pytest.approx(16 * shape.parameters)


@pytest.mark.parametrize("slug", ["rtx-3090", "rtx-4090"])
@pytest.mark.parametrize("sequence", [528, 1024])
def test_33b_in_24_gb_only_with_paging(slug: str, sequence: int) -> None:
    training = Training("qlora", sequence=sequence, paged=True)
    shape = shapes()["llama-33b"]
    assert fit(training_memory(shape, training), card(slug).usable()) == "paging"
    unpaged = training_memory(shape, replace(training, paged=False))
    assert fit(unpaged, card(slug).usable()) in ("unlikely", "no")


def test_65b_in_48_gb_narrowly() -> None:
    memory = training_memory(shapes()["llama-65b"], Training("qlora", sequence=1024))
    assert fit(memory, card("a6000").usable()) == "narrowly"
    assert fit(memory, card("a100-40gb").usable()) in ("unlikely", "no")
    assert fit(memory, card("a100-80gb").usable()) == "fits"


def test_33b_fits_two_cards_of_40_gb_each_holding_all() -> None:
    training = Training("qlora", sequence=1024, cards=2)
    assert fit(training_memory(shapes()["llama-33b"], training), card("a100-40gb").usable()) == "fits"


def test_weights_and_cache_of_moss() -> None:
    """16B in fp16 are 32 GB, which is the 30 GiB its README prints as 31 GB; a position takes 0.84 MB."""
    shape = shapes()["codegen-16b"]
    assert inference_memory(shape, "fp16").parts["weights"].low == pytest.approx(32.06e9, rel=0.001)
    assert kv_cache_bytes(shape, 1) == 2 * 34 * 6144 * 2


@given(some_shape(), some_training(), st.floats(1e6, 1e13), st.floats(0, 1e13))
def test_a_bigger_card_never_fits_less(shape: Shape, training: Training, bytes_: float, more: float) -> None:
    memory = training_memory(shape, training)
    assert ORDER.index(fit(memory, bytes_)) <= ORDER.index(fit(memory, bytes_ + more))


@given(some_shape(), some_training())
def test_no_part_is_negative_and_paging_never_takes_more(shape: Shape, training: Training) -> None:
    memory = training_memory(shape, training)
    assert all(0 <= amount.low <= amount.high for amount in memory.parts.values())
    assert memory.least.low <= memory.total.low
    assert memory.least.high <= memory.total.high


@given(some_shape(), some_training(), st.integers(1, 8192))
def test_longer_rows_never_take_less(shape: Shape, training: Training, more: int) -> None:
    longer = replace(training, sequence=training.sequence + more)
    assert training_memory(shape, longer).total.low >= training_memory(shape, training).total.low
    assert training_memory(shape, longer).total.high >= training_memory(shape, training).total.high


@given(some_shape(), st.integers(1, 64))
def test_states_spread_over_more_cards_never_take_more(shape: Shape, cards: int) -> None:
    order = ("none", "zero1", "zero2")
    states = [training_memory(shape, Training("full", sharding=s, cards=cards)).total.high for s in order]
    assert states == sorted(states, reverse=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"method": "full", "weights": "nf4"}, "cannot be trained"),
        ({"method": "qlora", "weights": "int8"}, "qlora with weights in int8"),
        ({"method": "lora", "lora_rank": 0}, "rank 0"),
        ({"method": "lora", "lora_targets": ()}, "without targets"),
        ({"method": "full", "sequence": 0, "cards": 0}, "cards is 0"),
    ],
)
def test_a_method_that_contradicts_itself_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Training(**wrong)  # type: ignore[arg-type]
