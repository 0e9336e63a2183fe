"""`catalog lint` doubts a claim that arithmetic speaks against, with the arithmetic, and never fails for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.cli import main
from tests.catalog.small import CARD, EWE, FILES, changed, lint, marked, plant

FAST_CARD = FILES[CARD].replace("memory: {", "fp16: {value: 100 TFLOP/s, from: sheet}\nmemory: {", 1)


def ewe(duration: str, about: str = "") -> str:
    text = changed(EWE, "duration: {value: 3 h", f"duration: {{value: {duration}")
    return text.replace("about: variants.ewe-7b.training.sft.cost", f"about: {about}") if about else text


def test_a_time_beyond_the_peak_is_a_warning_with_its_arithmetic(tmp_path: Path) -> None:
    text, at = marked(ewe("▲10 s"))
    found = lint(plant(tmp_path, {EWE: text, CARD: FAST_CARD}))
    assert {(f.code, f.severity) for f in found} == {("HB225", "warning")}
    duration = next(f for f in found if f.at == at)
    assert "contradicted" in duration.message
    for part in ("52,000 × 1–3 × 100–600", "4 FLOP", "8 × 0.00278 h", "100 TFLOP/s", "times the peak"):
        assert part in duration.message


def test_a_time_within_reason_is_none(tmp_path: Path) -> None:
    assert lint(plant(tmp_path, {EWE: ewe("3 h"), CARD: FAST_CARD})) == []


@pytest.mark.parametrize("about", ["variants.ewe-7b.training.sft", "variants.ewe-7b.training"])
def test_a_correction_says_that_it_was_seen(about: str, tmp_path: Path) -> None:
    assert lint(plant(tmp_path, {EWE: ewe("10 s", about), CARD: FAST_CARD})) == []


def test_a_correction_of_another_fact_does_not(tmp_path: Path) -> None:
    found = lint(plant(tmp_path, {EWE: ewe("10 s", "variants.ewe-7b.parameters"), CARD: FAST_CARD}))
    assert {f.code for f in found} == {"HB225"}


def test_lint_warns_and_does_not_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plant(tmp_path, {EWE: ewe("10 s"), CARD: FAST_CARD})
    assert main(["lint", str(root / EWE)]) == 0
    printed = capsys.readouterr().out
    assert "HB225 warning" in printed
    assert "read the source again" in printed
    assert main(["lint", str(root / EWE), "--strict"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        ("duration: {value: 3 h", "lora_rank: {value: 0, from: readme#L9}\n        duration: {value: 3 h"),
        ("duration: {value: 3 h", "epochs: {value: -3, from: readme#L9}\n        duration: {value: 3 h"),
        ("duration: {value: 3 h", "steps: {value: 0, from: readme#L9}\n        batch: {value: 0, from: readme#L9}\n"
         "        duration: {value: 3 h"),
        ("duration: {value: 3 h", "settings: {micro-batch: {value: \"0\", from: readme#L9}, trainable: {value: "
         + "9" * 300 + "%, from: readme#L9}}\n        memory: {nf4: {value: 1 GB, from: readme#L9}}\n"
         "        duration: {value: 3 h"),
        ("8 x card-8gb", "999999 x 999999 x 999999 x card-8gb"),
        ("8 x card-8gb", "card-8gb"),
        ("duration: {value: 3 h", "duration: {value: several hours"),
        ("value: ram-7b, from", "value: ewe-7b, from"),
        ("value: ram-7b, from", "value: nothing, from"),
    ],
)  # fmt: skip
def test_odd_figures_are_no_fault_of_ours(change: tuple[str, str], tmp_path: Path) -> None:
    """Whatever a stranger writes, lint says something about the record and never breaks."""
    for card in (FAST_CARD, FAST_CARD.replace("value: 8 GB", "value: 8 to 16 GB")):
        lint(plant(tmp_path / str(len(card)), {EWE: changed(EWE, *change), CARD: card}))
