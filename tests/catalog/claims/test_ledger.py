"""The ledger over the real register: what it must say, and that it says something of everything."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from catalog.claims.export import claims
from catalog.claims.ledger import Row, ledger, with_measurements
from catalog.claims.measured import Measured
from catalog.claims.verdicts import VERDICTS
from catalog.register import Catalog

VICUNA = "variants.chinese-vicuna-7b.training"
MOSS = "variants.moss-moon-003-base.training.pre-training"


def rows(register: Catalog, entry: str, fact: str, said: str = "") -> list[Row]:
    return [
        row
        for row in ledger(register)
        if row.entry == entry and row.fact == fact and said in str(getattr(row.value, "said", ""))
    ]


@pytest.mark.parametrize(
    ("entry", "fact", "said", "verdict", "low", "high"),
    [
        ("llama", "variants.llama-65b.training.pre-training.duration", "21 days", "consistent", 47, 48),
        ("llama", "variants.llama-7b.training.pre-training.gpu_hours", "", "consistent", 43, 44),
        ("llama", "variants.llama-13b.training.pre-training.gpu_hours", "", "consistent", 51, 52),
        ("llama", "variants.llama-33b.training.pre-training.gpu_hours", "", "consistent", 45, 46),
        ("llama", "variants.llama-65b.training.pre-training.gpu_hours", "", "consistent", 47, 48),
        ("alpaca", "variants.alpaca-7b.training.sft.duration", "3 h", "plausible", 3.2, 12.1),
        ("vicuna", "variants.vicuna-13b.training.sft.hardware", "8 x", "consistent", 20, 22.6),
        ("chinese-vicuna", f"{VICUNA}.sft.duration", "200 h", "consistent", 20, 37.5),
        ("chinese-vicuna", f"{VICUNA}.sft.duration", "70 h", "consistent", 19, 36),
        ("chinese-vicuna", f"{VICUNA}.sft-checkpoint-3000.steps", "40w", "contradicted", 3300, 6100),
        ("chinese-vicuna", f"{VICUNA}.sft-checkpoint-3000.steps", "3,000", "consistent", 24, 46),
    ],
)
def test_share_of_the_peak(
    register: Catalog, entry: str, fact: str, said: str, verdict: str, low: float, high: float
) -> None:
    [row] = rows(register, entry, fact, said)
    assert row.judged.share
    assert low <= row.judged.share.low * 100 <= row.judged.share.high * 100 <= high
    assert row.verdict == verdict


def test_slow_is_said(register: Catalog) -> None:
    [row] = rows(register, "alpaca", "variants.alpaca-7b.training.sft.duration")
    assert any("Slow" in line.en and "偏慢" in line.zh for line in row.judged.lines)


def test_words_of_moss(register: Catalog) -> None:
    assert [row.verdict for row in rows(register, "moss", f"{MOSS}.words")] == ["contradicted", "consistent"]
    [compute] = rows(register, "moss", f"{MOSS}.compute")
    assert compute.verdict == "consistent"


def test_times_and_prices_of_deepspeed_chat(register: Catalog) -> None:
    table = [r for r in ledger(register) if r.run == "published.rlhf-time-and-cost"]
    times = [row for row in table if row.name == "duration"]
    assert len(times) == 23
    assert {row.verdict for row in times} == {"consistent", "plausible"}
    prices = [float(re.findall(r"= ([\d.]+) USD", row.judged.lines[0].en)[0]) for row in table if row.name == "cost"]
    assert len(prices) == 9
    assert (min(prices), max(prices)) == (4.0, 4.03)


def test_a_rejected_claim_is_not_judged_by_what_its_rivals_say(register: Catalog) -> None:
    """Three hours belong to the eight cards; the README's four have no time."""
    [four] = rows(register, "alpaca", "variants.alpaca-7b.training.sft.hardware", "4 x")
    assert four.verdict == "under-determined"
    assert any("Missing: the time" in line.en for line in four.judged.lines)


@pytest.mark.parametrize(
    ("entry", "fact", "verdict"),
    [
        ("alpaca", "variants.alpaca-7b.training.sft.memory.naive", "consistent"),
        ("guanaco", "variants.guanaco-65b.training.sft.memory.nf4", "consistent"),
        ("moss", "inference.memory.fp16", "consistent"),
        ("moss", "inference.memory.int4", "consistent"),
        ("vicuna", "variants.vicuna-7b.inference.memory.fp16", "consistent"),
        ("qlora", "training.65b.memory.full-16bit", "consistent"),
        ("openchatkit", "variants.gpt-neoxt-chat-base-20b.inference.memory.fast", "under-determined"),
    ],
)
def test_memory(register: Catalog, entry: str, fact: str, verdict: str) -> None:
    [row] = rows(register, entry, fact)
    assert row.verdict == verdict


def test_every_claim_is_there_once_with_its_arithmetic(register: Catalog) -> None:
    found = claims(register)
    assert len(found) > 150
    for one in found:
        assert list(one) == [
            "entry", "fact", "claimed", "derived", "measured", "verdict", "arithmetic", "sources",
        ]  # fmt: skip
        assert one["verdict"] in VERDICTS
        assert one["arithmetic"]["en"]
        assert len(one["arithmetic"]["en"]) == len(one["arithmetic"]["zh"])
        assert all(one["arithmetic"]["zh"])
        assert one["sources"]
        if one["verdict"] == "under-determined" and one["derived"] is None:
            assert any("Missing" in line for line in one["arithmetic"]["en"])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    keys = [(one["entry"], one["fact"], one["claimed"]["said"], str(one["sources"])) for one in found]
    assert len(keys) == len(set(keys))


def test_nothing_is_reproduced_that_was_not_measured(register: Catalog) -> None:
    """No result measures training yet."""
    assert {row.measured for row in ledger(register)} == {None}
    assert "reproduced" not in {row.verdict for row in ledger(register)}


FACT = "variants.alpaca-7b.training.sft.duration"


def measured(value: float, **more: Any) -> Measured:
    return Measured("alpaca", "duration", value, "hours", "models/alpaca/results/x.yaml", **more)


@pytest.mark.parametrize("verdict", ["reproduced", "contradicted"])
@pytest.mark.parametrize("where", [{"fact": FACT}, {"published": 3.0}])
def test_a_measurement_decides(register: Catalog, verdict: Any, where: dict[str, Any]) -> None:
    found = with_measurements(ledger(register), [measured(2.9, verdict=verdict, tolerance=0.5, **where)])
    [row] = [r for r in found if r.measured]
    assert (row.entry, row.fact, row.verdict) == ("alpaca", FACT, verdict)
    assert "Measured: 2.9 hours, ± 0.5" in row.judged.lines[-1].en
    assert row.judged.lines[:-1] == next(r for r in ledger(register) if r.fact == FACT).judged.lines


def test_a_measurement_without_a_verdict_stands_beside_the_derived_one(register: Catalog) -> None:
    found = with_measurements(ledger(register), [measured(2.9, fact=FACT)])
    [row] = [r for r in found if r.measured]
    assert row.verdict == "plausible"


@pytest.mark.parametrize(
    "other",
    [
        {"fact": "variants.alpaca-13b.training.sft.duration"},
        {"published": 4.0},
        {},
    ],
)
def test_a_measurement_of_something_else_stands_nowhere(register: Catalog, other: dict[str, Any]) -> None:
    assert not [r for r in with_measurements(ledger(register), [measured(3.0, **other)]) if r.measured]


def test_a_measurement_in_another_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="hours, not in minutes"):
        Measured("a", "duration", 180, "minutes", "r")
