"""The compiled lanes and their twins in numpy have the same bits, however many lanes run together."""

import numpy as np
import pytest

from runner.rating import kernels, lanes, play, streams
from runner.rating.bt import cells
from runner.rating.elo import initial, kinds
from runner.rating.native import LIBRARY
from tests.runner.samples import random_battles


def test_lanes_are_compiled_where_there_is_a_compiler() -> None:
    import shutil

    assert (LIBRARY is not None) or shutil.which("cc") is None


def test_exponential_is_within_two_units_of_the_last_place() -> None:
    x = np.linspace(-690, 690, 200_001)
    assert np.max(np.abs(lanes.exp(x) / np.exp(x) - 1)) < 5e-16
    assert lanes.exp(np.zeros(1))[0] == 1.0


@pytest.mark.parametrize("count", [1, 7, 64, 70])
def test_shuffle_and_play_have_the_same_bits(count: int) -> None:
    battles = random_battles(1, battles=150, weighted=True)
    table, of_battle = kinds(battles, 32.0)
    lengths = np.array([150 - lane % 50 for lane in range(count)], np.int32)
    found = []
    for module in (kernels, lanes):
        items = np.repeat(of_battle[:, None], count, axis=1)
        module.shuffle(items, lengths, streams.states(9, streams.SHUFFLE, 100, count))
        ratings = np.repeat(initial(battles, {}, 1000.0)[:, None], count, axis=1)
        module.play(items, table, np.log(10) / 400, ratings)
        found.append((items, ratings))
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])


def test_a_lane_does_not_depend_on_its_neighbours() -> None:
    items = np.repeat(np.arange(40, dtype=np.uint32)[:, None], 5, axis=1)
    alone = items[:, :1].copy()
    kernels.shuffle(items, np.full(5, 40, np.int32), streams.states(1, streams.SHUFFLE, 3, 5))
    kernels.shuffle(alone, np.full(1, 40, np.int32), streams.states(1, streams.SHUFFLE, 3, 1))
    assert np.array_equal(items[:, :1], alone)


@pytest.mark.parametrize("order_term", [False, True])
@pytest.mark.parametrize("count", [1, 8, 19])
def test_fits_have_the_same_bits(order_term: bool, count: int) -> None:
    found = cells(random_battles(2, models=6), order_term)
    rng = np.random.default_rng(0)
    wins, losses = (
        values[:, None] * rng.uniform(0.5, 1.5, (len(values), count)) for values in (found.wins, found.losses)
    )
    start = np.zeros((6 + order_term, count))
    compiled, twin = (module.solve(found.pairs, wins, losses, start) for module in (kernels, lanes))
    assert compiled[1].all()
    assert np.array_equal(compiled[0], twin[0])
    assert np.array_equal(compiled[1], twin[1])


def test_sums_have_the_same_bits() -> None:
    rng = np.random.default_rng(0)
    value, times = rng.normal(size=300), rng.integers(0, 4, (20, 9)).astype(float)
    cluster, target = rng.integers(0, 20, 300), rng.integers(0, 6, 300)
    assert np.array_equal(*(module.sum_up(value, cluster, target, times, 7) for module in (kernels, lanes)))


def test_exact_pass_has_the_same_bits() -> None:
    battles = random_battles(4, weighted=True)
    battles.score[::17] = np.nan
    found = []
    for function in (kernels.play_exactly, play.play_exactly):
        ratings, trace = initial(battles, {"m1": 1100.0}, 1000.0), np.empty((len(battles), 5))
        function(battles, ratings, 24.0, 300.0, 8.0, trace)
        found.append((ratings, trace))
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])
    assert np.array_equal(found[0][1][-1], found[0][0])


def test_every_order_is_as_likely() -> None:
    lanes_of_three = 60_000
    items = np.repeat(np.arange(3, dtype=np.uint32)[:, None], lanes_of_three, axis=1)
    lengths = np.full(lanes_of_three, 3, np.int32)
    kernels.shuffle(items, lengths, streams.states(0, streams.SHUFFLE, 0, lanes_of_three))
    _, counts = np.unique(items[0] * 9 + items[1] * 3 + items[2], return_counts=True)
    assert len(counts) == 6
    # Chi-squared with 5 degrees of freedom: 1 in 100,000 exceeds 30.9.
    assert float(((counts - 10_000) ** 2 / 10_000).sum()) < 30.9


def test_streams_are_those_of_splitmix64() -> None:
    # First outputs of SplitMix64 from state 0 (Vigna's splitmix64.c).
    state = np.array([0], np.uint64) + np.arange(1, 4, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    assert [hex(word) for word in streams.mix(state).tolist()] == [
        "0xe220a8397b1dcdaf",
        "0x6e789e6aa1b965f4",
        "0x6c45d188009454f",
    ]


def test_draws_are_below_their_bound_and_even() -> None:
    drawn = streams.draws(streams.states(0, streams.DRAW, 0, 50), 2000, 10)
    assert drawn.min() == 0
    assert drawn.max() == 9
    counts = np.bincount(drawn.ravel())
    assert float(((counts - 10_000) ** 2 / 10_000).sum()) < 40
