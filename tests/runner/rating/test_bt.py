"""Bradley-Terry: known figures, order term, and sets of battles that allow no finite ratings."""

import numpy as np
import pytest

from catalog.errors import UserError
from runner.battles import Battles, of, read
from runner.rating import Settings, rate
from tests.runner.samples import QLORA, random_battles

# Fitted elsewhere from the same verdicts; mean 1000, ties half.
FITTED = {
    "gpt-4": 1366.30,
    "guanaco-65b": 1020.37,
    "guanaco-33b": 989.22,
    "vicuna-13b": 971.52,
    "chatgpt": 963.91,
    "guanaco-13b": 913.21,
    "bard": 899.20,
    "guanaco-7b": 876.27,
}


def codes(battles: Battles, settings: Settings) -> list[str]:
    return [notice.code for notice in rate(battles, settings).warnings]


def test_qlora_has_the_ratings_fitted_elsewhere() -> None:
    found = {row.model: row.rating for row in rate(read(QLORA), Settings(method="bt")).rows}
    assert found == pytest.approx(FITTED, abs=0.005)


def test_order_term_of_qlora_and_its_interval_by_question() -> None:
    rating = rate(read(QLORA), Settings(method="bt", order_term=True, bootstrap=400))
    assert rating.order_bias is not None
    term = rating.order_bias["order_term"]
    assert term["points"] == pytest.approx(118.5, abs=0.05)
    assert term["ci"] == pytest.approx([100, 138], abs=5)
    assert {row.model: row.rating for row in rating.rows}["gpt-4"] == pytest.approx(1395, abs=0.5)
    assert np.mean([row.sd for row in rating.rows if row.sd]) == pytest.approx(19.7, abs=1.5)


def test_battles_drawn_one_by_one_understate_the_width_by_half() -> None:
    settings = {"method": "bt", "bootstrap": 400}
    by_question, by_battle = (
        np.mean([row.sd or 0 for row in rate(read(QLORA), Settings(**settings, cluster=cluster)).rows])
        for cluster in (None, "none")
    )
    assert by_question / by_battle == pytest.approx(1.8, abs=0.3)


def test_perfect_record_stays_finite_and_is_told() -> None:
    battles = of([("a", "b", 1.0), ("a", "c", 1.0), ("b", "c", 1.0), ("c", "b", 1.0)])
    rating = rate(battles, Settings(method="bt"))
    assert rating.rows[0].model == "a"
    assert rating.rows[0].rating is not None
    assert 1000 < rating.rows[0].rating < 2000
    found = [notice.code for notice in rating.warnings]
    assert "perfect-record" in found
    assert "no-finite-ratings" in found


def test_groups_that_never_met_are_told() -> None:
    battles = of([("a", "b", 1.0), ("b", "a", 1.0), ("c", "d", 1.0), ("d", "c", 1.0), ("d", "e", 0.5)])
    [notice] = [notice for notice in rate(battles, Settings(method="bt")).warnings if notice.code == "disconnected"]
    assert notice.message.endswith("c, d, e; a, b")
    assert "disconnected" not in codes(random_battles(1), Settings(method="bt"))


def test_order_that_decides_everything_stays_finite() -> None:
    battles = of([("a", "b", 1.0), ("b", "a", 1.0)] * 20)
    rating = rate(battles, Settings(method="bt", order_term=True))
    assert rating.order_bias is not None
    assert 0 < rating.order_bias["order_term"]["points"] < 4000
    assert [row.rating for row in rating.rows] == pytest.approx([1000, 1000])


def test_resamples_without_finite_ratings_are_counted() -> None:
    battles = of([("a", "b", 1.0)] * 6 + [("b", "a", 1.0)] + [("a", "c", 0.5)] * 3)
    rating = rate(battles, Settings(method="bt", bootstrap=200))
    assert "propped-resamples" in [notice.code for notice in rating.warnings]
    assert all(row.ci is not None and np.isfinite(row.ci).all() for row in rating.rows)


@pytest.mark.parametrize("cluster", [None, "none"])
def test_whole_weights_are_repeated_battles(cluster: str | None) -> None:
    once = random_battles(3, battles=200)
    weights = np.arange(200) % 3
    repeated = once.take(np.repeat(np.arange(200), weights))
    once.weight[:] = weights
    weighted, plain = (rate(battles, Settings(method="bt", cluster=cluster)) for battles in (once, repeated))
    assert [row.rating for row in weighted.rows] == pytest.approx([row.rating for row in plain.rows], abs=1e-9)


def test_anchor_shifts_every_rating_and_keeps_every_width() -> None:
    battles = random_battles(3)
    plain, moved = (
        rate(battles, Settings(method="bt", bootstrap=50, anchor=anchor)) for anchor in (None, ("m2", 1500.0))
    )
    at = [row.model for row in plain.rows].index("m2")
    assert moved.rows[at].rating == 1500
    for one, two in zip(plain.rows, moved.rows, strict=True):
        assert one.sd == pytest.approx(two.sd)
        assert one.rank_ci == two.rank_ci


def test_names_and_order_of_rows_do_not_matter() -> None:
    battles = random_battles(3)
    other = battles.take(np.random.default_rng(0).permutation(len(battles)))
    one, two = (rate(each, Settings(method="bt")) for each in (battles, other))
    assert [row.rating for row in one.rows] == pytest.approx([row.rating for row in two.rows], abs=1e-9)


def test_too_many_models_are_refused() -> None:
    battles = of([(f"m{n}", f"m{n + 1}", 0.5) for n in range(1001)])
    with pytest.raises(UserError, match="too many models"):
        rate(battles, Settings(method="bt"))
