"""Arithmetic, time and cost: known sums, and what must hold whatever goes in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.estimate import (
    COEFFICIENTS,
    Card,
    Data,
    Range,
    Shape,
    Training,
    cost,
    flop_by_term,
    flop_per_parameter,
    flop_per_token,
    hours_at,
    processed_tokens,
    shapes,
    training_hours,
    training_seconds,
    utilisation,
)
from catalog.units import quantity
from tests.catalog.estimate.test_memory import card, some_shape, some_training

DATA = st.builds(Data, st.floats(0, 1e9), st.floats(0, 1e5), st.floats(0, 100))


@pytest.mark.parametrize(
    ("name", "plain", "again"),
    [("llama-7b", 28, 42), ("llama-13b", 54, 81), ("llama-33b", 135, 201), ("llama-65b", 270, 402)],
)
def test_gflop_a_token_of_qlora(name: str, plain: int, again: int) -> None:
    """Rank 64 on every matrix, 1,024 tokens: computed independently of this model."""
    training = Training("qlora", sequence=1024)
    assert round(flop_per_token(shapes()[name], replace(training, checkpointing=False)) / 1e9) == plain
    assert round(flop_per_token(shapes()[name], training) / 1e9) == again


def test_terms_tell_what_a_frozen_base_saves() -> None:
    shape = shapes()["llama-7b"]
    full = flop_by_term(shape, Training("full", checkpointing=False))
    lora = flop_by_term(shape, Training("lora", lora_rank=8, checkpointing=False))
    assert full["weight-gradients"] == 2 * shape.matmul
    assert lora["weight-gradients"] == 0
    assert full["adapter"] == 0 < lora["adapter"]
    assert full["recompute"] == 0


def test_multiples_of_the_size() -> None:
    assert flop_per_parameter(frozen=False) == 6
    assert flop_per_parameter(frozen=True) == 4
    assert flop_per_parameter(frozen=True, recompute=True) == 6


@pytest.mark.parametrize(("pack", "low", "high"), [(1, 0.9, 1.25), (16, 0.9, 1.25)])
def test_published_step_of_33b_on_an_h200(pack: int, low: float, high: float) -> None:
    """3,230 and 3,880 tokens a second were worked out for 790 TFLOP/s and 4.3 TB/s; at such shares so are ours."""
    shape, h200 = shapes()["llama-33b"], card("h200")
    shares = replace(
        COEFFICIENTS,
        utilisation=Range.exact(790e12 / h200.peak("bf16")),
        dequantise_share=Range.exact(4.3e12 / h200.bandwidth),
    )
    training = Training("qlora", sequence=1024, micro_batch=pack, packed=True)
    seconds = training_seconds(shape, training, Data(pack, 1024), h200, shares)
    rate = pack * 1024 / seconds.middle
    assert low < rate / {1: 3230, 16: 3880}[pack] < high


@given(some_shape(), some_training(), DATA, st.floats(1, 10))
def test_more_data_never_takes_less_time(shape: Shape, training: Training, data: Data, more: float) -> None:
    h200 = card("h200")
    before = training_seconds(shape, training, data, h200)
    for grown in (replace(data, examples=data.examples * more), replace(data, epochs=data.epochs * more)):
        after = training_seconds(shape, training, grown, h200)
        assert after.low >= before.low * (1 - 1e-12)
        assert after.high >= before.high * (1 - 1e-12)


@given(some_shape(), some_training(), DATA, st.floats(1, 10))
def test_a_faster_card_never_takes_longer(shape: Shape, training: Training, data: Data, more: float) -> None:
    slow = card("a100-40gb")
    fast = Card("fast", slow.memory, slow.bandwidth * more, {k: v * more for k, v in slow.peaks.items()})
    assert training_seconds(shape, training, data, fast).high <= training_seconds(shape, training, data, slow).high * (
        1 + 1e-12
    )


@given(some_shape(), some_training())
def test_computing_again_is_never_less(shape: Shape, training: Training) -> None:
    assert flop_per_token(shape, replace(training, checkpointing=True)) >= flop_per_token(
        shape, replace(training, checkpointing=False)
    )


@given(st.floats(1e12, 1e25), st.floats(1e-3, 1e7), st.sampled_from(["bf16", "tf32", "fp32"]))
def test_time_and_utilisation_are_each_others_inverse(flop: float, cards: float, compute: str) -> None:
    peak = card("a100-80gb").peak(compute)
    hours = hours_at(flop, cards, peak)
    assert utilisation(flop, hours.low * cards, peak).low == pytest.approx(COEFFICIENTS.utilisation.high)
    assert utilisation(flop, hours.high * cards, peak).low == pytest.approx(COEFFICIENTS.utilisation.low)


@given(st.floats(0.5, 4000), st.sampled_from([("h", 1.0), ("days", 24.0), ("min", 1 / 60), ("s", 1 / 3600)]))
def test_units_survive(amount: float, unit: tuple[str, float]) -> None:
    """Hours written in any unit of time give the same utilisation and the same cost."""
    name, factor = unit
    said = quantity(f"{amount:.6f} {name}", "duration")
    hours = float(said.low or 0)
    assert hours == pytest.approx(float(f"{amount:.6f}") * factor, rel=1e-9)
    by_hour = utilisation(1e18, amount * factor, 312e12).low
    assert utilisation(1e18, hours, 312e12).low == pytest.approx(by_hour, rel=1e-3)
    assert cost(Range.exact(hours), 8, 2.0).low == pytest.approx(hours * 16)


def test_padding_is_counted_only_where_there_is_any() -> None:
    data = Data(1000, 100, 3)
    assert processed_tokens(Training("qlora", sequence=512), data) == Range.exact(300_000)
    assert processed_tokens(Training("qlora", sequence=512, micro_batch=8, packed=True), data) == Range.exact(300_000)
    assert processed_tokens(Training("qlora", sequence=512, micro_batch=8), data) == Range(300_000, 1000 * 3 * 512)


def test_layers_spread_over_cards_compute_one_after_the_other() -> None:
    shape, data, a100 = shapes()["llama-33b"], Data(1000, 512), card("a100-40gb")
    one = training_hours(shape, Training("qlora"), data, a100)
    assert training_hours(shape, Training("qlora", cards=2, sharding="layers"), data, a100) == one
    assert training_hours(shape, Training("qlora", cards=2), data, a100).low == pytest.approx(one.low / 2)


def test_a_card_without_the_format_is_named() -> None:
    turing = card("rtx-2080-ti")
    assert turing.peak("bf16") == turing.peak("fp16")
    with pytest.raises(ValueError, match="odd has no peak for fp16"):
        Card("odd", 1e9, 1e9, {}).peak("fp16")
    with pytest.raises(ValueError, match="bandwidth"):
        training_seconds(shapes()["llama-7b"], Training("qlora"), Data(1, 1), Card("odd", 1e9, 0, {"fp16": 1e12}))


@pytest.mark.parametrize("ends", [(2.0, 1.0), (-1.0, 1.0), (0.0, float("inf")), (float("nan"), 1.0)])
def test_ends_that_are_none_are_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="range"):
        Range(*ends)
