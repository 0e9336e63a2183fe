"""Selection, counts, win rates, score ratios, order bias, agreement and warnings."""

import json
from pathlib import Path

import pytest

from catalog.errors import UserError
from runner.battles import of, read
from runner.rating import Settings, rate
from runner.rating.agreement import cohen, fleiss
from runner.rating.intervals import rank_intervals, ranks
from runner.rating.winrate import verdict
from tests.runner.samples import ANIMA, GOOD, QLORA, battles_of

WIN_RATES = {
    "gpt-4": 91.51,
    "guanaco-65b": 54.69,
    "guanaco-33b": 50.04,
    "vicuna-13b": 47.54,
    "chatgpt": 46.43,
    "guanaco-13b": 38.99,
    "bard": 36.95,
    "guanaco-7b": 33.69,
}


def test_json_has_exactly_the_agreed_keys(tmp_path: Path) -> None:
    found = rate(battles_of(tmp_path, GOOD), Settings()).to_json()
    assert list(found) == [
        "method", "settings", "battles", "ratings", "pairs", "order_bias", "agreement", "warnings", "trace",
    ]  # fmt: skip
    keys = ["model", "rating", "sd", "ci", "rank", "rank_ci", "battles", "wins", "ties", "losses"]
    assert [list(row) for row in found["ratings"]] == [keys] * 3
    assert found["battles"] == {"total": 4, "valid": 3, "ties": 1, "invalid": 1, "dropped": 0}
    assert found["ratings"][0]["sd"] is None
    assert found["ratings"][0]["ci"] is None
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_every_default_is_written(tmp_path: Path) -> None:
    settings = rate(battles_of(tmp_path, GOOD), Settings()).settings
    assert settings == {
        "method": "elo", "k": 32.0, "init": 1000.0, "scale": 400.0, "base": 10.0, "start": None, "order": "recorded",
        "orderings": 0, "bootstrap": 0, "cluster": "question_id", "ci": 95.0, "ties": "half", "merge_orders": "none",
        "category": None, "seed": 0, "anchor": None, "order_term": False, "trace": False,
    }  # fmt: skip


@pytest.mark.parametrize("method", ["elo", "bt", "winrate"])
def test_every_row_is_counted_once(method: str) -> None:
    for settings in (
        Settings(method=method),  # type: ignore[arg-type]
        Settings(method=method, ties="drop"),  # type: ignore[arg-type]
        Settings(method=method, merge_orders="agree-or-tie"),  # type: ignore[arg-type]
        Settings(method=method, ties="drop", merge_orders="agree-or-tie"),  # type: ignore[arg-type]
    ):
        rating = rate(read(QLORA), settings)
        counts = rating.battles
        assert counts.total == counts.valid + counts.invalid + counts.dropped == 4480
        assert sum(row.battles for row in rating.rows) == 2 * counts.valid
        assert all(row.battles == row.wins + row.ties + row.losses for row in rating.rows)
        assert sum(row.ties for row in rating.rows) == 2 * counts.ties


def test_ties_are_dropped_where_asked(tmp_path: Path) -> None:
    rating = rate(battles_of(tmp_path, GOOD), Settings(ties="drop"))
    assert (rating.battles.valid, rating.battles.ties, rating.battles.dropped) == (2, 0, 1)
    assert [row.model for row in rating.rows] == ["x", "y"]


def test_only_the_asked_category_is_rated(tmp_path: Path) -> None:
    text = "model_a,model_b,winner,category\nx,y,model_a,code\nx,z,model_a,prose\ny,x,invalid,code\n"
    rating = rate(battles_of(tmp_path, text), Settings(category="code"))
    assert [row.model for row in rating.rows] == ["x", "y"]
    assert rating.battles.to_json() == {"total": 3, "valid": 1, "ties": 0, "invalid": 1, "dropped": 1}
    with pytest.raises(UserError, match="there is no category `poems`"):
        rate(battles_of(tmp_path, text), Settings(category="poems"))


def test_orders_are_merged_to_the_winner_both_agree_on(tmp_path: Path) -> None:
    text = (
        "question_id,model_a,model_b,winner\n"
        "1,x,y,model_a\n1,y,x,model_b\n"  # both say x
        "2,x,y,model_a\n2,y,x,model_a\n"  # whoever is first
        "3,x,y,model_a\n3,y,x,tie\n"
        "4,x,y,model_a\n4,y,x,invalid\n"
        "5,y,x,model_a\n"
    )
    rating = rate(battles_of(tmp_path, text), Settings(method="winrate", merge_orders="agree-or-tie"))
    assert {row.model: (row.wins, row.ties, row.losses) for row in rating.rows} == {"x": (1, 2, 1), "y": (1, 2, 1)}
    assert rating.battles.to_json() == {"total": 9, "valid": 4, "ties": 2, "invalid": 1, "dropped": 4}
    assert {"orders-merged", "half-invalid", "one-order"} <= {notice.code for notice in rating.warnings}
    assert rating.agreement is not None
    assert rating.agreement["swapped"]["to_first"] == 1


def test_win_rates_of_qlora() -> None:
    found = {row.model: 100 * (row.rating or 0) for row in rate(read(QLORA), Settings(method="winrate")).rows}
    assert found == pytest.approx(WIN_RATES, abs=0.005)


def test_win_rate_is_wins_and_half_the_ties_by_weight() -> None:
    battles = of([("a", "b", 1.0), ("b", "a", 0.5), ("a", "b", 0.0)], weights=[3, 2, 1])
    assert rate(battles, Settings(method="winrate")).rows[0].rating == (3 + 1) / 6


@pytest.mark.parametrize(("share", "said"), [(0.551, "better"), (0.55, "level"), (0.45, "level"), (0.449, "worse")])
def test_verdict_is_that_of_the_model_card(share: float, said: str) -> None:
    assert verdict(share) == said


def test_pairs_tell_average_highest_and_lowest_of_the_annotators() -> None:
    battles = of(
        [("a", "b", 1.0), ("a", "b", 0.0), ("b", "a", 0.0), ("a", "b", 1.0)], annotator=["one", "one", "two", "two"]
    )
    [pair] = rate(battles, Settings(method="winrate")).pairs
    assert (pair["model"], pair["opponent"], pair["rate"], pair["verdict"]) == ("a", "b", 0.75, "better")
    assert pair["annotators"] == {"count": 2, "average": 0.75, "maximum": 1.0, "minimum": 0.5}


def test_score_ratio_sums_both_orders_and_tells_each(tmp_path: Path) -> None:
    text = "model_a,model_b,score_a,score_b\nx,ref,8,10\nref,x,5,9\nx,ref,-1,-1\ny,x,3,4\n"
    rating = rate(battles_of(tmp_path, text), Settings(method="ratio", anchor=("ref", 100)))
    rows = {row.model: row for row in rating.rows}
    assert rows["x"].rating == pytest.approx(100 * 17 / 15)
    assert rows["ref"].rating == 100
    assert rows["y"].rating is None
    assert rows["y"].rank is None
    assert "no-reference" in [notice.code for notice in rating.warnings]
    assert rating.order_bias is not None
    [x, y] = [row for row in rating.order_bias["by_order"] if row["model"] != "ref"]
    assert (x["first"], x["second"], x["mean"]) == pytest.approx((80, 180, 130))
    assert y["mean"] is None


@pytest.mark.parametrize(
    ("anchor", "path", "what"),
    [
        (("gpt-4", 100.0), QLORA, "--method ratio needs the columns score_a and score_b"),
        (None, ANIMA, "--method ratio needs a reference"),
        (("claude", 100.0), ANIMA, "--anchor names `claude`, which has no battle"),
    ],
)
def test_ratio_says_what_it_needs(anchor: tuple[str, float] | None, path: Path, what: str) -> None:
    with pytest.raises(UserError) as caught:
        rate(read(path), Settings(method="ratio", anchor=anchor))
    assert caught.value.what == what
    assert caught.value.exit_code == 2


def test_order_bias_of_qlora() -> None:
    rating = rate(read(QLORA), Settings())
    assert rating.order_bias is not None
    assert rating.agreement is not None
    assert rating.order_bias["first_share"] == pytest.approx(0.650, abs=0.0005)
    assert rating.order_bias["first_mean"] == pytest.approx(0.630, abs=0.0005)
    assert rating.order_bias["order_term"] == {"points": pytest.approx(118.5, abs=0.05), "ci": None}
    swapped = rating.agreement["swapped"]
    assert [swapped[key] for key in ("pairs", "to_first", "to_second", "one_tie")] == [2227, 437, 19, 404]
    assert swapped["consistency"] == pytest.approx(0.614, abs=0.0005)
    assert swapped["cohen_kappa"] == pytest.approx(0.395, abs=0.0005)
    assert [notice.code for notice in rating.warnings] == ["order-bias"]


def test_order_of_anima_is_confounded_with_the_pair() -> None:
    rating = rate(read(ANIMA), Settings())
    assert "order-confounded" in [notice.code for notice in rating.warnings]
    assert rating.order_bias is not None
    assert rating.order_bias["one_sided"] == 42 / 215
    assert (rating.order_bias["first_wins"], rating.order_bias["second_wins"], rating.order_bias["ties"]) == (
        130,
        84,
        1,
    )
    assert rating.order_bias["order_term"]["points"] == pytest.approx(4, abs=0.5)


def test_judges_and_annotators_agree_as_their_kappas_say() -> None:
    rows = [("a", "b", 1.0), ("b", "a", 0.0), ("a", "b", 0.0), ("b", "a", 0.0), ("a", "b", 0.5), ("a", "b", 0.5)]
    battles = of(rows, question=["1", "1", "2", "2", "3", "3"], judge=["p", "q"] * 3)
    agreement = rate(battles, Settings()).agreement
    assert agreement is not None
    assert agreement["annotators"] is None
    judges = agreement["judges"]
    assert (judges["raters"], judges["items"]) == (["p", "q"], 3)
    # Shown in the other order, q says the same on 1; on 2 they differ; on 3 both say tie.
    [pair] = judges["cohen"]
    assert pair["agreement"] == pytest.approx(2 / 3)
    # Marginals: p has a, b, tie; q has a, a, tie. Chance: (1 * 2 + 1 * 0 + 1 * 1) / 9.
    assert pair["kappa"] == pytest.approx((2 / 3 - 1 / 3) / (1 - 1 / 3))


def test_cohen_of_a_known_table() -> None:
    import numpy as np

    # Two raters, 50 items: 20 both yes, 5 and 10 split, 15 both no; kappa 0.4.
    one = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    two = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    assert cohen(one, two) == pytest.approx(0.4)
    assert cohen(np.zeros(3, int), np.zeros(3, int)) is None


def test_fleiss_of_a_known_table() -> None:
    import numpy as np

    # Fleiss 1971 as restated in reference works: 10 items, 14 raters, 5 categories; kappa 0.210.
    table = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    assert fleiss(np.array(table)) == pytest.approx(0.210, abs=0.0005)


def test_few_battles_are_told(tmp_path: Path) -> None:
    [notice] = [n for n in rate(battles_of(tmp_path, GOOD), Settings()).warnings if n.code == "few-battles"]
    assert notice.message == "fewer than 20 battles: x (3), y (2), z (1)"


def test_equal_ratings_share_a_rank() -> None:
    import numpy as np

    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [1, 4, 1, 3]
    assert rank_intervals(np.array([[3.0, 1.0, 3.0], [3.0, 1.0, 2.0]]), 90) == [(1, 2), (3, 3), (1, 2)]


def test_more_figures_than_fit_the_memory_are_refused() -> None:
    battles = of([(f"m{n}", f"m{n + 1}", 0.5) for n in range(100)])
    with pytest.raises(UserError, match="too many replicates"):
        rate(battles, Settings(orderings=1_000_000))


def test_nothing_left_to_rate_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no battle is left to rate"):
        rate(battles_of(tmp_path, "model_a,model_b,winner\nx,y,invalid\n"), Settings())


@pytest.mark.parametrize(
    ("faulty", "what"),
    [
        ({"k": 0}, "--k must be above 0"),
        ({"k": float("nan")}, "--k must be above 0"),
        ({"base": 1}, "--base must be above 1"),
        ({"ci": 100}, "--ci must lie between"),
        ({"orderings": 1}, "--orderings must be 0 or between 2"),
        ({"bootstrap": -1}, "--bootstrap must be 0 or between 2"),
        ({"seed": -1}, "--seed must be"),
        ({"method": "bt", "orderings": 5}, "--orderings is for --method elo"),
        ({"order": "recorded", "orderings": 5}, "--orderings are random"),
        ({"order": "random", "trace": True}, "--trace needs --order recorded"),
        ({"method": "winrate", "anchor": ("x", 1.0)}, "--anchor has no meaning"),
        ({"order_term": True}, "--order-term is for --method bt"),
        ({"cluster": "weather"}, "--cluster `weather`"),
    ],
)
def test_impossible_settings_are_told(faulty: dict[str, object], what: str) -> None:
    with pytest.raises(UserError) as caught:
        Settings(**faulty)  # type: ignore[arg-type]
    assert caught.value.what.startswith(what)
    assert caught.value.exit_code == 2


def test_impossible_settings_are_told_together() -> None:
    with pytest.raises(UserError) as caught:
        Settings(k=-1, scale=0, ci=0)
    assert caught.value.why.count("; ") == 2
