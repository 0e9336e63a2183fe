"""The register's own questions in SQL: what they count, asked of a small catalog and counted again over the records."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from catalog import licences, openness
from catalog.facts import Day
from catalog.lineage import base_line, edges_from
from catalog.queries import FOLDER, Answers, answers
from catalog.register import Catalog
from tests.catalog.small import EWE, HAY, RAM, changed, loaded, plant

LICENCE = "  weights: {value: MIT, from: readme}"


@pytest.fixture(scope="module")
def asked(register: Catalog) -> Answers:
    return answers(register)


def small(tmp_path: Path, changes: dict[str, str] | None = None) -> dict[str, list[dict[str, Any]]]:
    found = answers(loaded(plant(tmp_path, changes))).of
    return {name: answer.records for name, answer in found.items()}


def test_every_question_says_what_it_counts_and_has_rows(asked: Answers) -> None:
    assert sorted(asked.of) == sorted(path.stem for path in FOLDER.glob("*.sql"))
    for answer in asked.of.values():
        assert answer.sql.startswith("-- ")
        assert answer.rows
        assert len(set(answer.columns)) == len(answer.columns)


def test_months_count_models_with_a_month_and_the_rest_stand_last(tmp_path: Path) -> None:
    rows = small(tmp_path)["openness-by-month"]
    nothing = {"data": 0, "weights": 0, "all_three": 0}
    assert rows == [
        {"month": "2023-02", "models": 1, "training_code": 0, **nothing},
        {"month": "2023-03", "models": 1, "training_code": 1, **nothing},
    ]
    for said in ("2023", "2023-02 to 2023-05"):
        text = changed(RAM, "released: {value: 2023-02,", f"released: {{value: {said},")
        assert [row["month"] for row in small(tmp_path, {RAM: text})["openness-by-month"]] == ["2023-03", None]


def test_method_counts_what_its_released_runs_say(tmp_path: Path) -> None:
    ewe = {"method": "lora", "models": 1, "both": 1, "hardware_only": 0, "time_only": 0, "not_disclosed": 0}
    ram = {"method": "unknown", "models": 1, "both": 0, "hardware_only": 0, "time_only": 0, "not_disclosed": 0}
    rows = small(tmp_path)["disclosure-by-method"]
    assert rows == [
        {**ewe, "unknown": 0},
        {**ram, "unknown": 1},
        {**ram, "method": "all", "models": 2, "both": 1, "unknown": 1},
    ]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("duration: {value: 3 h, from: readme#L12}", "gpu_hours: {value: 24 GPU-hours, from: readme#L12}", "both"),
        (
            "duration: {value: 3 h, from: readme#L12}",
            "duration: {status: not-disclosed, from: readme}",
            "hardware_only",
        ),
        ("hardware: {value: 8 x card-8gb, from: [readme#L11, notes#L3]}", "hardware: {status: unknown}", "time_only"),
        ("method: {value: lora,", "role: example\n        method: {value: lora,", None),
    ],
)
def test_one_change_of_a_run_moves_it_to_its_column(tmp_path: Path, old: str, new: str, column: str | None) -> None:
    rows = {row["method"]: row for row in small(tmp_path, {EWE: changed(EWE, old, new)})["disclosure-by-method"]}
    if column is None:
        assert "lora" not in rows
        assert rows["all"]["models"] == 2, "a model without a released run is still one"
    else:
        assert [name for name in rows["lora"] if rows["lora"][name] and name not in ("method", "models")] == [column]


def test_qlora_counts_as_lora_and_a_gap_somebody_looked_into_as_not_disclosed(tmp_path: Path) -> None:
    text = changed(EWE, "{value: lora,", "{value: qlora,")
    text = text.replace("duration: {value: 3 h, from: readme#L12}", "duration: {status: not-disclosed, from: readme}")
    text = text.replace("{value: 8 x card-8gb, from: [readme#L11, notes#L3]}", "{status: unknown}")
    rows = small(tmp_path, {EWE: text})["disclosure-by-method"]
    assert (rows[0]["method"], rows[0]["not_disclosed"], rows[0]["unknown"]) == ("lora", 1, 0)


@pytest.mark.parametrize(
    ("base", "data", "column", "through", "forbidding"),
    [
        ("MIT", "MIT", "nothing_against_it", None, None),
        ("NC", "MIT", "forbidden_by_base", "base", "ram-7b (NC)"),
        ("MIT", "NC", "forbidden_by_data", "data", "hay (NC)"),
        ("NC", "NC", "forbidden_by_base", "base", "hay (NC); ram-7b (NC)"),
        ("Unread", "MIT", "unknown_above", None, None),
        ("Form", "MIT", "nothing_against_it", None, None),
    ],
)
def test_licence_above_decides_where_a_set_of_weights_is_counted(
    tmp_path: Path, base: str, data: str, column: str, through: str | None, forbidding: str | None
) -> None:
    found = small(tmp_path, {RAM: changed(RAM, LICENCE, LICENCE.replace("MIT", base)), HAY: hay(data)})
    mit = next(row for row in found["own-licence"] if row["licence"] == "MIT")
    own = {"Form": 1, "MIT": 1}.get(base, 0)  # the base permits commercial use itself, and nothing stands above it
    assert mit["weights"] == 1 + (base == "MIT")
    assert sum(row["weights"] for row in found["own-licence"]) == 1 + own
    assert mit[column] == 1 + (base == "MIT" and column == "nothing_against_it")
    rows = found["licences-above"]
    assert [(row["id"], row["weights"], row["through"], row["forbidding"]) for row in rows] == (
        [("ewe", 1, through, forbidding)] if through else []
    )


def hay(licence: str) -> str:
    return changed(HAY, "licence: {value: Apache-2.0,", f"licence: {{value: {licence},")


def test_weights_that_were_never_released_are_not_counted(tmp_path: Path) -> None:
    text = changed(EWE, "form: {value: full,", "form: {value: none,")
    found = small(tmp_path, {EWE: text, RAM: changed(RAM, LICENCE, LICENCE.replace("MIT", "NC"))})
    assert found["own-licence"] == found["licences-above"] == []


def test_months_are_those_of_the_records(register: Catalog, asked: Answers) -> None:
    counted: Counter[str | None] = Counter()
    weights: Counter[str | None] = Counter()
    for slug, model in register.models.items():
        day = model.released.accepted.value
        exact = isinstance(day, Day) and (day.first.year, day.first.month) == (day.last.year, day.last.month)
        month = f"{day.first:%Y-%m}" if exact and isinstance(day, Day) else None
        counted[month] += 1
        weights[month] += openness.columns(openness.cells(register, slug)).weights == "open"
    rows = asked.of["openness-by-month"].records
    assert {row["month"]: row["models"] for row in rows} == counted
    assert {row["month"]: row["weights"] for row in rows} == {month: weights[month] for month in counted}


def test_disclosure_of_all_models_is_the_component_of_that_name(register: Catalog, asked: Answers) -> None:
    levels = Counter(openness.cells(register, slug)["hardware_and_time"].level for slug in register.models)
    [row] = [row for row in asked.of["disclosure-by-method"].records if row["method"] == "all"]
    one = row["hardware_only"] + row["time_only"]
    assert (row["both"], one, row["not_disclosed"], row["unknown"]) == tuple(
        levels[name] for name in ("open", "partial", "closed", "unknown")
    )
    assert row["models"] == len(register.models)


def test_forbidden_weights_are_those_whose_effective_answer_is_no(register: Catalog, asked: Answers) -> None:
    """The whole chain forbids what the own licence of the weights allows, the code's licence aside."""
    by_base, by_data = set(), set()
    for name, (slug, variant) in register.variants.items():
        form = variant.form.accepted.value if variant.form else None
        chain = licences.effective(register, name).chain
        own = [link.answer for link in chain if link.distance == 0 and link.part == "weights"]
        against = {link.id for link in chain if link.distance and link.answer == "no"}
        if slug in register.models and form != "none" and own[0] in ("yes", "conditions") and against:
            (by_base if against & bases(register, name) else by_data).add(name)
    rows = asked.of["own-licence"].records
    assert sum(row["forbidden_by_base"] for row in rows) == len(by_base) > 0
    assert sum(row["forbidden_by_data"] for row in rows) == len(by_data) > 0
    listed = asked.of["licences-above"].records
    assert sum(row["weights"] for row in listed) == len(by_base | by_data)
    assert {row["id"] for row in listed} == {register.variants[name][0] for name in by_base | by_data}


def bases(register: Catalog, name: str) -> set[str]:
    """Straight up, one base after the other."""
    above = [edge.parent for edge in edges_from(register, name) if edge.relation == "base"]
    return set(above).union(*(bases(register, parent) for parent in above))


def test_line_of_bases_leaves_data_out_and_ends_in_circles(register: Catalog, tmp_path: Path) -> None:
    assert base_line(register, "alpaca-7b") == {"llama-7b"}
    text = changed(RAM, "    parameters: {value: 7B, from: readme}", "    base: {value: ewe-7b, from: readme}")
    assert base_line(loaded(plant(tmp_path, {RAM: text})), "ewe-7b") == {"ram-7b"}
