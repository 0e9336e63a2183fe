"""Elo, Bradley-Terry and bootstraps agree with evalica on random battles: ties, invalid ones, weights, duplicates."""

import csv
import io
from pathlib import Path

import evalica
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from runner.battles import read
from runner.rating import Settings, rate
from runner.rating.play import play_exactly
from tests.runner.samples import WORDS, random_battles, rows, written

Row = tuple[str, str, str, float]
WINNERS = {"model_a": evalica.Winner.X, "model_b": evalica.Winner.Y, "tie": evalica.Winner.Draw}
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_csv(found: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["model_a", "model_b", "winner", "weight"])
    writer.writerows(found)
    return out.getvalue()


def theirs(found: list[Row]) -> tuple[list[str], list[str], list[evalica.Winner], list[float]]:
    valid = [row for row in found if row[2] != "invalid"]
    return [r[0] for r in valid], [r[1] for r in valid], [WINNERS[r[2]] for r in valid], [r[3] for r in valid]


@RELAXED
@given(rows)
def test_elo_agrees(tmp_path: Path, found: list[Row]) -> None:
    found = [(*row[:3], 1.0) for row in found]
    assume(any(row[2] != "invalid" for row in found))
    ours = {row.model: row.rating for row in rate(read(written(tmp_path, as_csv(found))), Settings()).rows}
    xs, ys, winners, _ = theirs(found)
    peer = evalica.elo(xs, ys, winners, k=32.0, initial=1000.0).scores
    assert ours == pytest.approx(peer.to_dict(), abs=1e-9)


@RELAXED
@given(rows)
def test_weighted_elo_is_a_pass_with_k_of_each_battle(tmp_path: Path, found: list[Row]) -> None:
    """evalica weighs the score but not the expectation, so a half-weight win over an equal would move nobody up."""
    assume(any(row[2] != "invalid" for row in found))
    ours = {row.model: row.rating for row in rate(read(written(tmp_path, as_csv(found))), Settings()).rows}
    expected: dict[str, float] = {}
    for a, b, winner, weight in found:
        if winner != "invalid":
            own, other = expected.setdefault(a, 1000.0), expected.setdefault(b, 1000.0)
            change = 32 * weight * (WORDS[winner] - 1 / (1 + 10 ** ((other - own) / 400)))
            expected[a], expected[b] = own + change, other - change
    assert ours == pytest.approx(expected, abs=1e-9)


@RELAXED
@given(rows)
def test_bradley_terry_agrees_where_it_exists(tmp_path: Path, found: list[Row]) -> None:
    # A round in which everybody wins once makes the maximum finite.
    found = [*found, *((a, b, "model_a", 1.0) for a, b in zip("vwxyz", "wxyzv", strict=True))]
    battles = read(written(tmp_path, as_csv(found)))
    ours = {row.model: row.rating or 0.0 for row in rate(battles, Settings(method="bt")).rows}
    xs, ys, winners, weights = theirs(found)
    peer = evalica.bradley_terry(xs, ys, winners, weights=weights, tolerance=1e-13, limit=1_000_000).scores
    # Theirs are strengths: their logarithm to base 10 times 400 is on our scale, but for a constant.
    points = 400 * np.log10(peer)
    points += 1000 - points.mean()
    assert ours == pytest.approx(points.to_dict(), abs=1e-5)


def test_spread_of_bradley_terry_bootstraps_agrees_within_monte_carlo_error() -> None:
    battles = random_battles(11, battles=300, models=4)
    ours = rate(battles, Settings(method="bt", bootstrap=2000, cluster="none"))
    names = battles.models
    xs, ys = [names[at] for at in battles.a], [names[at] for at in battles.b]
    words = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    winners = [words[score] for score in battles.score.tolist()]
    peer = evalica.bootstrap(
        evalica.bradley_terry, xs, ys, winners, n_resamples=600, bootstrap_method="percentile", random_state=0
    )
    points = 400 * np.log10(peer.distribution)
    points = points.sub(points.mean(axis=1), axis=0) + 1000
    for row in ours.rows:
        assert row.sd is not None
        assert row.ci is not None
        # The standard error of a standard deviation of 600 draws is 2.9%, of an end of the interval about 6% of it.
        assert row.sd == pytest.approx(points[row.model].std(), rel=0.13)
        assert row.ci[0] == pytest.approx(points[row.model].quantile(0.025), abs=0.3 * row.sd)
        assert row.ci[1] == pytest.approx(points[row.model].quantile(0.975), abs=0.3 * row.sd)


def test_spread_of_elo_bootstraps_agrees_with_a_plain_loop() -> None:
    battles = random_battles(13, battles=200, models=4)
    ours = rate(battles, Settings(bootstrap=4000, cluster="none", order="random"))
    rng = np.random.default_rng(0)
    finals = []
    for _ in range(1500):
        ratings = np.full(4, 1000.0)
        play_exactly(battles.take(rng.integers(0, 200, 200)), ratings, 32.0, 400.0, 10.0)
        finals.append(ratings)
    spread = np.array(finals)
    for row in ours.rows:
        at = battles.models.index(row.model)
        assert row.sd == pytest.approx(spread[:, at].std(), rel=0.1)
        assert row.ci == pytest.approx(np.quantile(spread[:, at], [0.025, 0.975]).tolist(), abs=0.25 * (row.sd or 0))


def test_averages_over_orderings_agree_with_a_plain_loop() -> None:
    battles = random_battles(17, battles=120, models=4)
    ours = rate(battles, Settings(orderings=4000))
    rng = np.random.default_rng(0)
    finals = []
    for _ in range(1500):
        ratings = np.full(4, 1000.0)
        play_exactly(battles.take(rng.permutation(120)), ratings, 32.0, 400.0, 10.0)
        finals.append(ratings)
    spread = np.array(finals)
    for row in ours.rows:
        at = battles.models.index(row.model)
        error = spread[:, at].std() * (1 / 1500 + 1 / 4000) ** 0.5
        assert row.rating == pytest.approx(spread[:, at].mean(), abs=5 * error)
        assert row.sd == pytest.approx(spread[:, at].std(), rel=0.1)
