"""Checks of a recipe's trainings, each seen red at its place, and what a malformed recipe is told.

`▲` marks in the changed text where the finding belongs; it is taken out before the text is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.small import MARK, marked
from tests.catalog.small_recipe import RECIPE, edited, findings

TARGETS = "      lora.targets: [q_proj, k_proj]\n"


@dataclass(frozen=True)
class Case:
    code: str
    says: str
    old: str
    new: str
    words: str = ""
    """Part of the message or hint."""


RED = [
    Case("HB210", "a base that nothing is called", "entry: ram-7b", "entry: ▲ram-8b", "did you mean `ram-7b`"),
    Case("HB210", "a base that is a card", "entry: ram-7b", "entry: ▲card-8gb", "is in `hardware`"),
    Case("HB210", "data that nothing is called", "entry: hay", "entry: ▲oats", "nothing here is called"),
    Case("HB210", "a card that nothing is called", "hardware: card-8gb", "hardware: ▲card-9gb", "did you mean"),
    Case("HB211", "a licence of the base that is not on the list", "licence: NC", "licence: ▲NCC", "did you mean `NC`"),
    Case("HB211", "a licence of the data that is not on the list", "licence: Apache-2.0", "licence: ▲apache", ""),
    Case("HB201", "a source that is not declared", "    from: script#L1\n", "    from: ▲scrip#L1\n", "`script`"),
    Case("HB243", "like a training that is not there", "like: small", "▲like: smal", "did you mean `small`"),
    Case("HB243", "a path that is not there", TARGETS, "      ▲lora.rank: 8\n", "`lora` has no `rank`"),
    Case("HB243", "a value of the wrong type", TARGETS, "      ▲lora.r: many\n", "whole number"),
    Case("HB243", "a change that changes nothing", TARGETS, "      ▲lora.r: 8\n", "without this change"),
    Case("HB243", "a fast mode with a path that is not there", "          batching.packing: packed\n",
    "          batching.packing: packed\n          ▲batching.packed: true\n", "did you mean `packing`"),
    Case("HB243", "a fast mode that changes nothing", "execution.precision: bfloat16\n",
    "execution.precision: bfloat16\n          ▲batching.accumulation: 16\n", "without this change"),
    Case("HB244", "a claim about no training", "training: small\n    metric", "training: ▲smol\n    metric",
    "did you mean `small`"),
    Case("HB245", "an assumption about nothing", "      seeds.adapter:", "      ▲seeds.adaptor:",
    "did you mean `seeds.adapter`"),
    Case("HB245", "an assumption about what is said, not set", "      seeds.adapter:", "      ▲modes.fast:",
    "there is no setting"),
    Case("HB246", "a change that nothing tells of", "[execution.precision, quantisation.compute]",
    "[execution.precision]", "nothing tells what `quantisation.compute` changes"),
    Case("HB246", "a difference of what is not changed", "of: [batching.packing]", "of: [batching.packing, ▲lora.r]",
    "does not change `lora.r`"),
    Case("HB247", "a template that does not come with the runner", "template: alpaca", "template: ▲alpacca",
    "did you mean `alpaca`"),
    Case("HB247", "a template without its column", "columns: {instruction: instruction, output: output}",
    "▲columns: {output: output}", "needs the column `instruction`"),
    Case("HB247", "a template set by a change", TARGETS, "      data.0.template: ▲chat\n",
    "there is no template `chat`"),
    Case("HB248", "more passes than anybody makes", "steps: 1000\n", "steps: ▲1000000\n", "308 times the data"),
    Case("HB248", "a warm-up as long as the training", "schedule: constant\n",
    "schedule: linear\n      warmup: ▲1000\n", "as long as the training"),
    Case("HB248", "a warm-up that a constant schedule has not", "schedule: constant\n",
    "schedule: constant\n      warmup: ▲0.03\n", "constant_with_warmup"),
    Case("HB248", "a rate of a slip", "learning_rate: 1e-4", "learning_rate: ▲1e4", "a thousand times the usual"),
    Case("HB248", "an example longer than its parts", "      length: 512\n",
    "      length: ▲512\n      source_length: 16\n      target_length: 128\n", "at most 144 tokens"),
    Case("HB248", "heads that do not divide", "heads: 4,", "heads: ▲7,", "cannot be cut into 7 heads"),
    Case("HB248", "more held out than there is", "held_out: 200,", "held_out: ▲52000,", "the data have 52,000 rows"),
    Case("HB248", "a step of too many", "accumulation: 16\n", "accumulation: ▲100000\n", "a step has 100,000"),
]  # fmt: skip


def text_of(case: Case) -> str:
    """A change in `HB246` of `of` alone belongs to the changed setting, which stands lines above."""
    text = edited((case.old, case.new))
    if MARK in case.new:
        return text
    setting = "          quantisation.compute: bfloat16"
    assert text.count(setting) == 1
    return text.replace(setting, setting.replace("quantisation", f"{MARK}quantisation"))


@pytest.mark.parametrize("case", RED, ids=lambda case: f"{case.code}: {case.says}")
def test_fault_is_found_where_it_stands(case: Case, tmp_path: Path) -> None:
    text = text_of(case)
    _, at = marked(text)
    of_code = [f for f in findings(tmp_path, text) if f.code == case.code]
    assert (case.code, at) in [(f.code, f.at) for f in of_code]
    assert any(f.at == at and case.words in f"{f.message} {f.hint}" for f in of_code)


def test_small_recipe_has_nothing_to_mend(tmp_path: Path) -> None:
    assert findings(tmp_path, RECIPE) == []


def test_fault_of_the_other_is_told_once(tmp_path: Path) -> None:
    text = edited(("learning_rate: 1e-4", "learning_rate: 1e4"), ("      optimisation.learning_rate: 2e-4\n", ""))
    assert [f.code for f in findings(tmp_path, text)] == ["HB248"]


def test_implausible_change_is_found_in_the_variant(tmp_path: Path) -> None:
    text = edited(("optimisation.learning_rate: 2e-4", "optimisation.learning_rate: ▲2e4"))
    _, at = marked(text)
    assert [(f.code, f.at, f.severity) for f in findings(tmp_path, text)] == [("HB248", at, "warning")]


def test_assumption_of_a_variant_is_looked_up_in_the_variant(tmp_path: Path) -> None:
    wrong = "    assumed: {▲batching.step: {en: Guessed., zh: 猜测。}}\n"
    text = edited(("  big:\n    like: small\n", f"  big:\n    like: small\n{wrong}"))
    _, at = marked(text)
    assert [(f.code, f.at) for f in findings(tmp_path, text)] == [("HB245", at)]


def test_family_of_cards_and_data_without_rows_pass(tmp_path: Path) -> None:
    text = edited(("hardware: card-8gb", "hardware: card"), ("        rows: 52000\n", ""))
    assert findings(tmp_path, text) == []


MALFORMED = [
    Case("HB110", "a key of a training", "    method: qlora\n", "    ▲metod: qlora\n", "did you mean `method`"),
    Case("HB110", "a key of a part", "dropout: 0.05", "▲drop: 0.05", "did you mean `dropout`"),
    Case("HB110", "a key of a variant", "    like: small\n", "    like: small\n    ▲chanegs: {lora.r: 4}\n",
    "did you mean `changes`"),
    Case("HB110", "a part of a training in a variant", "    like: small\n",
    "    like: small\n    ▲lora: {r: 4}\n", "known here: assumed, base, changes"),
    Case("HB110", "a key of a claim of a metric", "    direction: at-most\n", "    ▲directoin: at-most\n",
    "did you mean `direction`"),
    Case("HB110", "a key of ratings in a claim of a metric", "    direction: at-most\n", "    ▲run: k32\n",
    "unknown key `run`"),
    Case("HB110", "a training's key in a list", "        entry: hay\n", "        ▲entri: hay\n",
    "did you mean `entry`"),
    Case("HB111", "a part that lacks", "    seeds: {adapter: 1, order: 2}\n", "", "`seeds` is missing"),
    Case("HB111", "a setting that lacks", "{adapter: 1, order: 2}", "▲{adapter: 1}", "`order` is missing"),
    Case("HB111", "a claim without its figure", "    published: 3\n", "", "`published` is missing"),
    Case("HB113", "a metric that is not on the list", "metric: hours", "metric: ▲days", "`tokens-per-second`"),
    Case("HB113", "a claim that forgot to say what it compares", "    compares: metric\n    training: small\n",
    "    compares: ▲metrics\n    training: small\n", "not a word of this list: `metric`"),
    Case("HB112", "a number in quotes", "r: 8, alpha", 'r: ▲"8", alpha', "whole number"),
    Case("HB112", "a word for a list", "targets: [q_proj, v_proj]", "targets: ▲q_proj", "must be a list"),
    Case("HB112", "a word for a mapping", "    lora: {targets: [q_proj, v_proj], r: 8, alpha: 16, dropout: 0.05}\n",
    "    lora: ▲all\n", "must be a mapping"),
    Case("HB112", "a number not finite", "learning_rate: 1e-4", "learning_rate: ▲.inf", "finite"),
    Case("HB112", "three betas", "[0.9, 0.999]", "▲[0.9, 0.99, 0.999]", "at most 2"),
    Case("HB113", "a revision that is a branch", "{repo: farm/ram-13b, revision: null}",
    "{repo: farm/ram-13b, revision: ▲main}", "does not have the form"),
    Case("HB113", "a file that climbs", "tokenizer.model:", "▲../../tokenizer.model:", "does not have the form"),
    Case("HB113", "a change that is a mapping", TARGETS, "      lora.r: ▲{value: 8}\n", "a setting is a number"),
    Case("HB113", "a path that is no path", TARGETS, "      ▲Lora R: 8\n", "does not have the form"),
    Case("HB113", "an address that is not safe", "- hub: {repo: farm/hay, revision: null, licence: Apache-2.0}",
    '- web: {url: ▲"http://example.org/x", sha256: null}', "is not an https address"),
    Case("HB113", "two origins", "    base: {hub: {repo: farm/ram-13b, revision: null}}\n",
    "    base: ▲{hub: {repo: farm/ram-13b, revision: null}, made: {shape: {layers: 2, hidden: 64, intermediate: 128, "
    "heads: 4, vocabulary: 512}, seed: 1}}\n", "give exactly one of `hub`, `made`"),
    Case("HB113", "full with an adapter", "method: qlora", "method: full", "`lora` belongs to"),
    Case("HB113", "markup in a text", "en: None was given.", "en: ▲<script>", "markup"),
    Case("HB112", "a training that is a number", "claims:\n", "  odd: ▲7\nclaims:\n", "must be a mapping"),
]  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: f"{case.code}: {case.says}")
def test_malformed_recipe_is_told_once_and_where(case: Case, tmp_path: Path) -> None:
    text = edited((case.old, case.new))
    told = [f for f in findings(tmp_path, text) if f.code.startswith("HB11")]
    expected = 2 if case.code == "HB110" and case.says == "a key of a training" else 1  # `method` is missing, too
    assert len(told) == expected
    assert (told[-1].code if expected == 1 else "HB110") == case.code
    assert any(case.words in f"{f.message} {f.hint}" for f in told)
    if MARK in case.new:
        _, at = marked(text)
        assert at in [f.at for f in told]
    assert not any("a training" in f.message or "a variant" in f.message or "a claim of" in f.message for f in told)


LINES = RECIPE.split("\n")


@settings(max_examples=150)
@given(
    at=st.integers(0, len(LINES) - 2),
    damage=st.sampled_from(["delete", "twice", "indent", "outdent", "list", "null", "number", "text", "swap"]),
)
def test_no_accident_with_a_line_makes_lint_raise(
    at: int, damage: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    line = LINES[at]
    key = line.partition(":")[0]
    damaged = {
        "delete": [],
        "twice": [line, line],
        "indent": [f"  {line}"],
        "outdent": [line.removeprefix("  ")],
        "list": [f"{key}: [1, a, null]"],
        "null": [f"{key}: null"],
        "number": [f"{key}: -1e99"],
        "text": [f"{key}: {'x' * 500}"],
        "swap": [LINES[at + 1], line],
    }[damage]
    folder = tmp_path_factory.mktemp("accident")
    for finding in findings(folder, "\n".join([*LINES[:at], *damaged, *LINES[at + 1 :]])):
        assert finding.at.line <= len(LINES) + 1
        assert finding.message
