"""Claims whose inputs were gathered by hand, row by row: what each implies, and what it comes to by the fixed rules."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from catalog.claims.verdicts import is_slow, of_tied, of_utilisation
from catalog.estimate import Range, card_of, utilisation
from catalog.store import load

ROWS = list(csv.DictReader((Path(__file__).with_name("plausibility.csv")).open(encoding="utf-8")))
REGISTER = load()
CARDS = {
    "A100": "a100-80gb", "V100": "v100-32gb", "A6000": "a6000", "RTX2080Ti(fp16,fp32acc)": "rtx-2080-ti",
    "RTX4090(fp16,fp32acc)": "rtx-4090",
}  # fmt: skip


def share(row: dict[str, str]) -> float:
    flop = float(row["flop_per_param_token"]) * float(row["params_N"]) * float(row["tokens_D"])
    spent = float(row["gpu_count"]) * float(row["hours"])
    hardware = REGISTER.hardware[CARDS[row["gpu"]]]
    return utilisation(flop, spent, card_of("", hardware).peak("fp16")).low


def shares(entity: str, run: str) -> Range:
    found = [share(row) for row in ROWS if row["entity"] == entity and run in row["run"]]
    assert found
    return Range(min(found), max(found))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['entity']}: {row['run']}")
def test_share_of_the_peak(row: dict[str, str]) -> None:
    """The peaks are those of the register's cards."""
    assert share(row) * 100 == pytest.approx(float(row["implied_MFU_pct"]), abs=0.06, rel=0.002)


def test_llama_65b_on_2048_cards_in_21_days() -> None:
    found = shares("llama", "2048 A100, 21 days")
    assert found.low * 100 == pytest.approx(47, abs=0.5)
    assert of_utilisation(found) == "consistent"


def test_llama_by_the_papers_gpu_hours() -> None:
    found = Range(min(s.low for s in _papers()), max(s.high for s in _papers()))
    assert (round(found.low * 100), round(found.high * 100)) == (43, 51)
    assert {of_utilisation(one) for one in _papers()} == {"consistent"}


def _papers() -> list[Range]:
    return [shares("llama", f"{size} (paper") for size in ("7B", "13B", "33B", "65B")]


def test_alpaca_in_three_hours_is_slow() -> None:
    found = shares("alpaca", "8xA100 3h")
    assert (round(found.low * 100), round(found.high * 100)) == (3, 12)
    assert of_utilisation(found) == "plausible"
    assert is_slow(found)


def test_vicuna_13b() -> None:
    found = shares("vicuna-13b", "8xA100 24h")
    assert found.low * 100 == pytest.approx(20, abs=0.5)
    assert of_utilisation(found) == "consistent"


def test_chinese_vicuna_in_200_hours_on_one_card() -> None:
    found = shares("chinese-vicuna", "1x2080Ti 200h")
    assert (round(found.low * 100), round(found.high * 100)) == (20, 37)
    assert of_utilisation(found) == "consistent"


def test_400_thousand_steps_are_thirty_times_the_peak() -> None:
    found = shares("chinese-vicuna", "40w step")
    assert 30 < found.low < 36
    assert of_utilisation(found) == "contradicted"


@pytest.mark.parametrize(("words", "verdict"), [(70e9, "contradicted"), (700e9, "consistent")])
def test_words_of_moss_against_its_own_compute(words: float, verdict: str) -> None:
    assert of_tied(Range.exact(6.67e22), Range.exact(6 * 16e9 * words)) == verdict


def test_every_timed_cell_of_deepspeed_chat() -> None:
    found = [share(row) for row in ROWS if row["entity"] == "deepspeed-chat"]
    assert len(found) == 23
    assert (round(min(found) * 100, 1), round(max(found) * 100, 1)) == (4.7, 25.0)
    verdicts = [of_utilisation(Range.exact(one)) for one in found]
    assert set(verdicts) == {"plausible", "consistent"}
    assert all(
        (verdict == "plausible") == is_slow(Range.exact(one)) for verdict, one in zip(verdicts, found, strict=True)
    )
