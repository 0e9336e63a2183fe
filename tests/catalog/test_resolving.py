"""A variant filled in, the changes of a mode made, and every fault at the place that has to be mended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.recipes import Recipe, digest
from catalog.resolving import Unresolved, deviations, modes, resolve, resolved_training, training, training_of
from tests.catalog.small import loaded, marked, plant
from tests.catalog.small_recipe import PATH, REVISION, edited, recipe, recipe_file


@pytest.fixture
def small(tmp_path: Path) -> Recipe:
    return recipe(tmp_path)


def test_variant_has_what_it_names_and_all_else_of_the_other(small: Recipe) -> None:
    big, other = training(small, "big"), training(small, "small")
    assert big.base.hub is not None
    assert (big.base.hub.repo, big.base.shape) == ("farm/ram-13b", None)
    assert big.lora is not None
    assert big.lora.targets == ("q_proj", "k_proj")
    assert (big.batching.steps, big.batching.epochs) == (None, 3.0)
    assert big.data[0].split is not None
    assert big.data[0].split.held_out == 100
    assert big.tokenizer == other.tokenizer
    assert big.from_ == other.from_
    assert [text.en for text in big.deviations] == ["Newer libraries.", "Not the same card."]
    assert list(big.assumed) == ["seeds.adapter"]


def test_fast_mode_changes_what_it_names_and_nothing_else(small: Recipe) -> None:
    faithful, fast = training(small, "small"), training(small, "small", "fast")
    assert fast.quantisation is not None
    assert (fast.execution.precision, fast.quantisation.compute, fast.batching.packing) == (
        "bfloat16",
        "bfloat16",
        "packed",
    )
    assert fast.model_copy(
        update={name: getattr(faithful, name) for name in ("execution", "quantisation", "batching")}
    ) == (faithful)
    assert faithful.batching.packing == "none"


def test_variant_has_the_fast_mode_of_the_other(small: Recipe) -> None:
    fast = training(small, "big", "fast")
    assert (fast.batching.packing, fast.optimisation.learning_rate) == ("packed", 2e-4)
    assert modes(small, "big") == ("faithful", "fast")


def test_variant_of_a_variant(tmp_path: Path) -> None:
    text = edited(("claims:\n", "  huge: {like: big, changes: {lora.r: 64}}\nclaims:\n"))
    huge = training(recipe(tmp_path, text), "huge")
    assert huge.lora is not None
    assert (huge.lora.r, huge.lora.targets, huge.batching.epochs) == (64, ("q_proj", "k_proj"), 3.0)


def test_deviations_of_a_fast_run_are_its_differences_too(small: Recipe) -> None:
    assert [text.en for text in deviations(small, "small")] == ["Newer libraries."]
    assert [text.model_dump() for text in deviations(small, "big", "fast")][2:] == [
        {"en": "Rounder numbers.", "zh": "数值更粗。"},
        {"en": "No padding.", "zh": "没有填充。"},
    ]


FAULTS = [
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lora.rank: 8\n", "`lora` has no `rank`"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lorra.r: 9\n", "did you mean `lora`"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲seeds: 9\n", "`seeds` is a part, not a setting"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lora.r.x: 9\n", "it is a setting itself"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲data.1.template: alpaca\n", "`data` has no `1`"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲answers.k: 8\n", "there is no `answers.k` to change"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲modes.fast: null\n", "is not a part with settings"),
    ("      lora.targets: [q_proj, k_proj]\n", '      ▲lora.r: "16"\n', "this must be a whole number"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lora.r: 16.5\n", "whole number"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lora.r: true\n", "this must be a whole number"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lora.r: 0\n", "greater than or equal to 1"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lora.r: null\n", "whole number"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲batching.order: random\n", "not a word of this list"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lora.r: 8\n", "`lora.r` is 8 without this change"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲lora.alpha: 16\n", "without this change"),
    (
        "      lora.targets: [q_proj, k_proj]\n",
        "      ▲lora.targets: [q_proj, v_proj]\n",
        "without this change",
    ),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲execution.checkpointing: true\n", "without this change"),
    ("      batching.epochs: 3\n", "      batching.length: 256\n", "exactly one of `steps`, `epochs`"),
    ("      lora.targets: [q_proj, k_proj]\n", "      ▲method: full\n", "belongs to `method: qlora`"),
    ("    like: small\n", "    ▲like: smal\n", "did you mean `small`"),
    ("    like: small\n", "    ▲like: big\n", "in a circle: big -> big"),
]


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=[f"{new.strip()}: {says}" for _, new, says in FAULTS])
def test_fault_of_a_variant_names_its_place(old: str, new: str, says: str, tmp_path: Path) -> None:
    text, at = marked(edited((old, new)))
    file = recipe_file(tmp_path, text)
    with pytest.raises(Unresolved) as caught:
        training_of(file, "big")
    assert says in f"{caught.value.why} {caught.value.hint}"
    if "▲" in new and "method: full" not in new:  # that rule is over several settings
        assert caught.value.where == f"{file.path}:{at.line}:{at.column}"
    assert caught.value.exit_code == 2


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = edited(("lora.targets: [q_proj, k_proj]", "lora.rank: 8"), ("data.0.split.held_out: 100", "seeds.x: 1"))
    found, faults = resolve(recipe(tmp_path, text), "big")
    assert found is None
    assert [fault.path[-1] for fault in faults] == ["lora.rank", "seeds.x"]


def test_circle_of_two_variants_is_told(tmp_path: Path) -> None:
    text = edited(("    like: small\n", "    like: bigger\n"), ("claims:\n", "  bigger: {like: big}\nclaims:\n"))
    with pytest.raises(Unresolved, match="`big` cannot be resolved") as caught:
        training(recipe(tmp_path, text), "big")
    assert caught.value.why == "the variants lead in a circle: big -> bigger -> big"


def test_unknown_training_and_mode_are_told(small: Recipe, tmp_path: Path) -> None:
    with pytest.raises(Unresolved) as caught:
        training(small, "smal")
    assert (caught.value.where, caught.value.hint) == ("training", "did you mean `small`?")
    text = edited(("    modes:\n", "    modes: {}\n    x:\n"))
    without = text[: text.index("    x:\n")] + text[text.index("    assumed:\n") :]
    with pytest.raises(Unresolved, match="`small` cannot be resolved"):
        training(recipe(tmp_path / "without", without), "small", "fast")
    assert modes(recipe(tmp_path / "again", without), "small") == ("faithful",)


def of(folder: Path, text: str, name: str = "small", mode: str = "faithful") -> str:
    catalog = loaded(plant(folder, {PATH: text}))
    record = catalog.recipes["ewe"].record
    assert isinstance(record, Recipe)
    return digest(resolved_training(catalog.models["ewe"], record, name, mode))  # type: ignore[arg-type]


REWORDED = [
    ("en: The small one, zh: 小的", "en: The little one, zh: 小小的"),
    ("en: By form., zh: 须申请。", "en: On application., zh: 须填表。"),
    ("en: None was given., zh: 未给出。", "en: Nobody said., zh: 无人说明。"),
    ("en: Newer libraries., zh: 使用较新的库。", "en: Newer tools., zh: 使用较新的工具。"),
    ("en: Rounder numbers., zh: 数值更粗。", "en: Coarser., zh: 更粗。"),
    ("en: Said so., zh: 如其所述。", "en: It says so., zh: 原文如此。"),
    ("access: gated, licence: NC", "access: gone, licence: MIT"),
    ("        rows: 52000\n", "        rows: 52002\n"),
    ("    from: script#L1\n", "    from: script#L9\n"),
    ("    from: script#L2\n", "    from: script#L8\n"),
]
DECIDING = [
    ("r: 8", "r: 16"),
    ("dropout: 0.05", "dropout: 0.1"),
    ("betas: [0.9, 0.999]", "betas: [0.9, 0.99]"),
    ("filters: [drop-empty-output]", "filters: []"),
    ("template: alpaca", "template: alpaca-cn"),
    ("ab" * 32, "cd" * 32),
    ("seeds: {adapter: 1", "seeds: {adapter: 3"),
    ("tolerance: 0.5", "tolerance: 0.6"),
    ("published: 3", "published: 4"),
    ("direction: at-most", "direction: within"),
]


@pytest.mark.parametrize(("old", "new"), REWORDED)
def test_reworded_text_leaves_the_hash(old: str, new: str, tmp_path: Path) -> None:
    assert of(tmp_path / "a", edited()) == of(tmp_path / "b", edited((old, new)))


@pytest.mark.parametrize(("old", "new"), DECIDING)
def test_whatever_decides_the_outcome_changes_the_hash(old: str, new: str, tmp_path: Path) -> None:
    assert of(tmp_path / "a", edited()) != of(tmp_path / "b", edited((old, new)))


def test_each_training_and_mode_has_its_own_hash(tmp_path: Path) -> None:
    hashes = [of(tmp_path / f"{name}-{mode}", edited(), name, mode)  # one folder each
              for name in ("small", "big") for mode in ("faithful", "fast")]  # fmt: skip
    assert len(set(hashes)) == 4


def test_variant_written_out_has_the_settings_of_the_variant(small: Recipe, tmp_path: Path) -> None:
    pairs = [
        ("targets: [q_proj, v_proj]", "targets: [q_proj, k_proj]"),
        ("learning_rate: 1e-4", "learning_rate: 2e-4"),
        ("      steps: 1000\n", "      epochs: 3\n"),
        ("held_out: 200", "held_out: 100"),
        (f"ram-7b, revision: {REVISION}, access: gated", "ram-13b, revision: null, access: gated"),
    ]
    text = edited(*pairs)
    variant, claims = text.index("  big:\n"), text.index("claims:\n")
    alone = recipe(tmp_path / "alone", text[:variant] + text[claims:])
    entry = loaded(plant(tmp_path)).models["ewe"]
    assert resolved_training(entry, small, "big")["settings"] == resolved_training(entry, alone, "small")["settings"]


def test_resolved_training_is_plain_and_without_what_is_empty(small: Recipe, tmp_path: Path) -> None:
    told = resolved_training(loaded(plant(tmp_path)).models["ewe"], small, "small", "fast")
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["training"], told["mode"]) == ("small", "fast")
    assert told["settings"]["base"] == {"hub": {"repo": "farm/ram-7b", "revision": REVISION, "files": {}}}
    assert told["settings"]["batching"]["packing"] == "packed"
    assert "epochs" not in told["settings"]["batching"]
    assert "modes" not in told["settings"]
    assert told["claims"] == [
        {
            "id": "time", "metric": "hours", "published": 3.0, "direction": "at-most", "tolerance": 0.5,
            "hardware": "card-8gb", "count": 1,
        }
    ]  # fmt: skip
