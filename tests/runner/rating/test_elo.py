"""Published tournaments to the last bit, averages over orderings within their Monte Carlo error."""

import csv
import os
import subprocess
import sys

import numpy as np
import pytest

from runner.battles import read
from runner.rating import Settings, rate
from runner.rating.elo import replay
from tests.runner.samples import ANIMA, ANIMA_STATES, QLORA, random_battles

BEFORE_86 = {
    "anima": 1052.1544857639185,
    "cn_vicuna": 737.8488670411527,
    "belle": 1022.8048634682953,
    "chatgpt": 1187.191783726634,
}
PUBLISHED = {
    "gpt-4": 1348,
    "guanaco-65b": 1022,
    "guanaco-33b": 992,
    "vicuna-13b": 974,
    "chatgpt": 966,
    "guanaco-13b": 916,
    "bard": 902,
    "guanaco-7b": 879,
}
RESIDUALS_AT_32 = dict(zip(PUBLISHED, (27.3, -0.6, -2.6, -3.2, -2.8, -5.2, -5.5, -6.5), strict=True))


def published_states() -> dict[tuple[int, str], float]:
    with open(ANIMA_STATES, encoding="utf-8") as file:
        return {(int(row["round"]), row["model"]): float(row["rating"]) for row in csv.DictReader(file)}


def test_every_published_state_of_anima_is_replayed_bit_for_bit() -> None:
    battles, states = read(ANIMA), published_states()
    assert len(battles) == 215
    assert len(states) == 215 * 4
    assert battles.round is not None
    trace = replay(battles, BEFORE_86, 32, 400, 10)
    differences = [
        trace[at, number] - states[int(number_of_round), model]
        for at, number_of_round in enumerate(battles.round)
        for number, model in enumerate(battles.models)
    ]
    assert set(differences) == {0.0}


def test_trace_of_a_rating_is_the_replay() -> None:
    rating = rate(read(ANIMA), Settings(start=BEFORE_86, trace=True))
    states = published_states()
    assert rating.trace is not None
    assert rating.trace.rounds == tuple(range(86, 301))
    for number, ratings in zip(rating.trace.rounds, rating.trace.ratings.tolist(), strict=True):
        assert {states[number, model] for model in rating.trace.models} == set(ratings)
    assert {row.model: row.rating for row in rating.rows} == {model: states[300, model] for model in BEFORE_86}


@pytest.mark.parametrize("seed", [0, 1])
def test_qlora_at_k_4_is_within_its_tolerance_of_every_published_figure(seed: int) -> None:
    rating = rate(read(QLORA), Settings(k=4, orderings=10_000, seed=seed))
    assert {row.model for row in rating.rows} == set(PUBLISHED)
    for row in rating.rows:
        assert row.rating == pytest.approx(PUBLISHED[row.model], abs=0.8)


def test_qlora_at_k_32_keeps_the_ranking_and_the_stated_residuals() -> None:
    rating = rate(read(QLORA), Settings(orderings=10_000))
    assert [row.model for row in rating.rows] == list(PUBLISHED)
    for row in rating.rows:
        assert row.rating is not None
        assert row.rating - PUBLISHED[row.model] == pytest.approx(RESIDUALS_AT_32[row.model], abs=1.5)
    assert (rating.battles.total, rating.battles.valid, rating.battles.ties, rating.battles.invalid) == (
        4480,
        4467,
        600,
        13,
    )


@pytest.mark.parametrize(
    "settings",
    [
        Settings(orderings=300),
        Settings(bootstrap=300, order="random"),
        Settings(method="bt", bootstrap=300),
        Settings(method="bt", bootstrap=300, cluster="none", order_term=True),
        Settings(method="winrate", bootstrap=300),
    ],
    ids=lambda settings: f"{settings.method}-{settings.orderings}-{settings.cluster}",
)
def test_same_seed_gives_the_same_on_one_and_two_threads(settings: Settings) -> None:
    battles = random_battles(3)
    assert rate(battles, settings, threads=1).to_json() == rate(battles, settings, threads=2).to_json()


def test_same_seed_gives_the_same_bytes_on_one_and_two_processors() -> None:
    line = [sys.executable, "-m", "runner.rate_cli", "rate", str(QLORA), "--orderings", "500", "--format", "json"]
    printed = []
    for processors in ("1", "2"):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": processors, "HERDBOOK_THREADS": processors}
        printed.append(subprocess.run(line, check=True, capture_output=True, env=environment).stdout)
    assert printed[0] == printed[1]


def test_another_seed_gives_another_mean_within_its_error() -> None:
    battles = random_battles(5)
    one, two = (rate(battles, Settings(orderings=2000, seed=seed)) for seed in (1, 2))
    assert one.rows[0].rating != two.rows[0].rating
    other = {row.model: row for row in two.rows}
    for row in one.rows:
        assert row.rating is not None
        assert row.sd is not None
        assert row.rating == pytest.approx(other[row.model].rating, abs=6 * row.sd / np.sqrt(2000))


def test_ratings_of_a_bootstrap_are_those_of_all_battles() -> None:
    battles = random_battles(7)
    plain, drawn = rate(battles, Settings()), rate(battles, Settings(bootstrap=100))
    assert [row.rating for row in plain.rows] == [row.rating for row in drawn.rows]
    assert plain.rows[0].ci is None
    assert drawn.rows[0].ci is not None


def test_models_that_are_not_named_start_at_init() -> None:
    battles = random_battles(1, battles=1, models=2)
    rating = rate(battles, Settings(start={"m0": 1200.0, "stranger": 5.0}, init=900.0))
    assert sum(row.rating or 0 for row in rating.rows) == pytest.approx(2100)
    assert [notice.code for notice in rating.warnings if notice.code.startswith("start")] == ["start-without-battles"]


def test_weight_scales_the_change() -> None:
    light, heavy = random_battles(1, battles=1, models=2), random_battles(1, battles=1, models=2)
    heavy.weight[:] = 2.0
    one, two = (rate(battles, Settings()).rows[0].rating or 0 for battles in (light, heavy))
    assert two - 1000 == 2 * (one - 1000)


def test_odds_beyond_all_numbers_are_certain() -> None:
    battles = random_battles(1, battles=50, models=2)
    rating = rate(battles, Settings(start={"m0": 1e6}, scale=1.0))
    assert rating.rows[0].rating is not None
    assert np.isfinite(rating.rows[0].rating)
