"""The fourteen components: judged, derived, counted; the survey's three columns; the class of the framework."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.facts import Level
from catalog.openness import LEVELS, Cell, cells, columns, framework_class, score, tally
from catalog.register import Catalog
from catalog.vocabulary import COMPONENTS, Component
from tests.catalog.small import EWE, changed, loaded, plant

OPEN = dict.fromkeys(COMPONENTS, "open")


def made(**levels: str) -> dict[Component, Cell]:
    """Fourteen cells, unknown but for those given."""
    return {c: Cell(c, levels.get(c, "unknown")) for c in COMPONENTS}  # type: ignore[arg-type]


def test_every_entry_has_fourteen_cells_in_one_order(register: Catalog) -> None:
    for slug, entry in register.entries.items():
        for variant in (None, *entry.variants):
            assert tuple(cells(register, slug, variant)) == COMPONENTS
    assert len(COMPONENTS) == 14


def test_component_nobody_judged_is_unknown(tmp_path: Path) -> None:
    found = cells(loaded(plant(tmp_path)), "ewe")
    assert (found["paper"].level, found["paper"].fact) == ("unknown", None)
    assert found["training_code"].level == "open"
    assert [str(item) for item in found["training_code"].evidence] == ["readme#L5"]


def test_cell_of_a_variant_stands_before_its_entrys(tmp_path: Path) -> None:
    own = "    name: Ewe 7B\n    openness: {training_code: {level: closed, as_of: 2023-03-13, from: readme}}\n"
    catalog = loaded(plant(tmp_path, {EWE: changed(EWE, "    name: Ewe 7B\n", own)}))
    assert cells(catalog, "ewe", "ewe-7b")["training_code"].level == "closed"
    assert cells(catalog, "ewe")["training_code"].level == "open"


@pytest.mark.parametrize(
    ("licence", "level"),
    [("{value: MIT, from: readme}", "open"), ("{value: NC, from: readme}", "partial"),
    ("{value: Terms, from: readme}", "closed"),
     ("{status: not-disclosed, from: readme}", "closed"), ("{status: not-applicable}", "not-applicable"),
     ("{status: unknown}", "unknown")],
)  # fmt: skip
def test_licence_cell_is_derived_from_the_licence(licence: str, level: str, tmp_path: Path) -> None:
    text = changed(EWE, "weights: {value: MIT, from: readme#L6}", f"weights: {licence}")
    assert cells(loaded(plant(tmp_path, {EWE: text})), "ewe")["licence_weights"].level == level


def test_licence_that_is_not_on_record_is_unknown(tmp_path: Path) -> None:
    assert cells(loaded(plant(tmp_path)), "ewe")["licence_data"].level == "unknown"


HARDWARE = "        hardware: {value: 8 x card-8gb, from: [readme#L11, notes#L3]}\n"
TIME = "        duration: {value: 3 h, from: readme#L12}\n"
UNDISCLOSED = "{status: not-disclosed, from: readme}\n"


@pytest.mark.parametrize(
    ("hardware", "time", "level"),
    [
        (HARDWARE, TIME, "open"),
        (HARDWARE, "        gpu_hours: {value: 24 GPU-h, from: readme}\n", "open"),
        (HARDWARE, "", "partial"),
        ("", TIME, "partial"),
        (HARDWARE, f"        duration: {UNDISCLOSED}", "partial"),
        (f"        hardware: {UNDISCLOSED}", f"        duration: {UNDISCLOSED}", "closed"),
        (f"        hardware: {UNDISCLOSED}", "", "closed"),
        ("        hardware: {status: unknown}\n", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_disclosure_of_hardware_and_time_is_derived(hardware: str, time: str, level: str, tmp_path: Path) -> None:
    text = changed(EWE, HARDWARE + TIME, hardware + time)
    assert cells(loaded(plant(tmp_path, {EWE: text})), "ewe")["hardware_and_time"].level == level


def test_example_for_users_discloses_nothing_of_the_released_weights(tmp_path: Path) -> None:
    text = changed(EWE, "      sft:\n", "      sft:\n        role: example\n")
    assert cells(loaded(plant(tmp_path, {EWE: text})), "ewe")["hardware_and_time"].level == "unknown"


@pytest.mark.parametrize(
    ("level", "points"),
    [("open", 1), ("partial", 0.5), ("gated", 0.5), ("closed", 0), ("unknown", 0), ("not-applicable", 0)],
)
def test_level_counts_its_points(level: str, points: float) -> None:
    assert score(made(paper=level)) == points
    assert score(made(**dict.fromkeys(COMPONENTS, level))) == 14 * points


@given(st.fixed_dictionaries({c: st.sampled_from(LEVELS) for c in COMPONENTS}))
def test_score_and_tally_agree_and_stay_in_bounds(levels: dict[str, Any]) -> None:
    found, counts = made(**levels), tally(made(**levels))
    assert sum(counts.values()) == 14
    assert score(found) == counts["open"] + (counts["partial"] + counts["gated"]) / 2
    assert 0 <= score(found) <= 14


@given(st.fixed_dictionaries({c: st.sampled_from(LEVELS) for c in COMPONENTS}), st.sampled_from(COMPONENTS))
def test_opening_a_component_never_lowers_score_or_class(levels: dict[str, Any], component: Component) -> None:
    before, after = made(**levels), made(**{**levels, component: "open"})
    order = (None, "III", "II", "I")
    assert score(after) >= score(before)
    for evaluated in (True, False):
        first, second = (framework_class(found, evaluated=evaluated).reached for found in (before, after))
        assert order.index(second) >= order.index(first)


@pytest.mark.parametrize(
    ("training", "inference", "code"),
    [("open", "open", "open"), ("open", "closed", "partial"), ("closed", "closed", "closed"),
    ("open", "not-applicable", "open"),
     ("unknown", "open", "open"), ("closed", "unknown", "closed"),
     ("not-applicable", "not-applicable", "not-applicable"),
     ("unknown", "unknown", "unknown"), ("partial", "open", "partial"), ("gated", "closed", "partial")],
)  # fmt: skip
def test_column_of_code_joins_training_and_inference(training: Level, inference: Level, code: Level) -> None:
    assert columns(made(training_code=training, inference_code=inference)).code == code


def test_column_of_data_is_the_tuning_data_or_else_the_pretraining_data() -> None:
    assert columns(made(tuning_data="open", pretraining_data="closed")).data == "open"
    assert columns(made(tuning_data="not-applicable", pretraining_data="closed")).data == "closed"


@pytest.mark.parametrize(
    ("tuned", "adapters", "base", "weights"),
    [("partial", "not-applicable", "gated", "partial"), ("closed", "open", "gated", "open"),
    ("closed", "closed", "open", "closed"),
     ("not-applicable", "not-applicable", "gated", "gated"), ("unknown", "gated", "open", "gated")],
)  # fmt: skip
def test_column_of_weights_is_the_best_that_is_handed_out(tuned: str, adapters: str, base: str, weights: str) -> None:
    assert columns(made(tuned_weights=tuned, adapters=adapters, base_weights=base)).weights == weights


def test_class_is_the_highest_whose_components_are_all_open() -> None:
    assert framework_class(made(**OPEN), evaluated=True).reached == "I"
    assert framework_class(made(**{**OPEN, "pretraining_data": "closed"}), evaluated=True).reached == "II"
    assert framework_class(made(**{**OPEN, "training_code": "partial"}), evaluated=True).reached == "III"
    result = framework_class(made(**{**OPEN, "paper": "closed", "datasheet": "unknown"}), evaluated=True)
    assert (result.reached, set(result.missing)) == (None, {"paper", "datasheet"})


def test_class_is_never_granted_without_published_evaluation() -> None:
    assert framework_class(made(**OPEN), evaluated=False).reached is None


def test_what_does_not_apply_does_not_bar_a_class() -> None:
    assert framework_class(made(**{**OPEN, "tuned_weights": "not-applicable"}), evaluated=True).reached == "I"


def test_llama_and_alpaca_are_judged_as_the_register_tells_it(register: Catalog) -> None:
    llama, alpaca = columns(cells(register, "llama")), columns(cells(register, "alpaca"))
    assert (llama.data, llama.weights) == ("closed", "gated")
    assert alpaca.code == "partial"
    assert cells(register, "alpaca", "alpaca-13b")["tuned_weights"].level == "closed"
