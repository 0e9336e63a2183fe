"""The register as data: numbers in base units, every claim, nothing that is not JSON,
nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.export import _inert, entry, export, models_csv, quantity_json, to_json
from catalog.register import Catalog
from catalog.units import quantity
from tests.catalog.small import EWE, changed, loaded, plant


@pytest.fixture(scope="session")
def data(register: Catalog) -> Any:
    return json.loads(to_json(export(register)))


def walk(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, item in items:
        yield from walk(item, (*path, key))


def test_every_record_is_exported_under_its_kind(register: Catalog, data: Any) -> None:
    assert {(kind, slug) for kind in data if kind != "outside" for slug in data[kind]} == set(register.by_key)
    assert set(data["outside"]) == set(register.outside)
    assert data["models"]["alpaca"]["path"] == "catalog/models/alpaca/model.yaml"


def test_numbers_are_whole_json_numbers_in_base_units(data: Any) -> None:
    llama = data["models"]["llama"]["variants"]["llama-65b"]["training"]["pre-training"]["tokens"]
    moss = data["models"]["moss"]["variants"]["moss-moon-003-base"]["training"]["pre-training"]["words"]
    assert (llama["value"], llama["said"], llama["unit"]) == (1_400_000_000_000, "1.4T tokens", "tokens")
    assert (moss["value"], moss["unit"]) == (700_000_000_000, "words")
    assert type(llama["value"]) is type(moss["value"]) is int


def test_numbers_are_printed_without_an_exponent(register: Catalog) -> None:
    text = to_json(entry(register, register.by_key["models", "moss"]))
    assert '"value": 700000000000,' in text
    assert '"value": 1400000000000,' in to_json(entry(register, register.by_key["models", "llama"]))


def test_percentage_is_exported_as_printed() -> None:
    assert quantity_json(quantity("85.2%", "percent")) == {
        "value": 85.2, "said": "85.2%", "unit": "%", "qualifier": "exactly", "noun": "%",
    }  # fmt: skip


def test_range_has_two_ends_and_no_value() -> None:
    result = quantity_json(quantity("10 to 20 GB", "memory"))
    assert (result["value"], result["low"], result["high"]) == (None, 10_000_000_000, 20_000_000_000)


def test_several_hours_have_null_for_every_number(data: Any) -> None:
    runs = [v["training"] for v in data["models"]["alpaca-lora"]["variants"].values() if "training" in v]
    found = [
        r["duration"] for run in runs for r in run.values() if r.get("duration", {}).get("said") == "several hours"
    ]
    assert found
    assert {(f["value"], f["low"], f["high"], f["unit"]) for f in found} == {(None, None, None, "hours")}


def test_every_quantity_says_how_it_was_printed_and_in_which_unit(data: Any) -> None:
    found = [node for _, node in walk(data) if isinstance(node, dict) and "qualifier" in node]
    assert len(found) > 300
    for node in found:
        assert node["said"]
        assert "unit" in node


def test_rejected_claims_are_there_and_marked(data: Any) -> None:
    form = data["models"]["alpaca"]["variants"]["alpaca-13b"]["form"]
    assert [(claim["value"], claim["accepted"]) for claim in form["claims"]] == [("full", False), ("none", True)]
    assert (form["value"], form["reason"]["en"][:14]) == ("none", "The repository")


def test_every_fact_has_exactly_one_accepted_claim_which_it_repeats(data: Any) -> None:
    facts = [node for _, node in walk(data) if isinstance(node, dict) and "claims" in node and "status" in node]
    assert len(facts) > 500
    for fact in facts:
        [accepted] = [claim for claim in fact["claims"] if claim["accepted"] is True]
        assert (fact["value"], fact["said"], fact["sources"]) == (
            accepted["value"],
            accepted["said"],
            accepted["sources"],
        )


def test_use_of_data_says_whether_and_why_it_is_believed(register: Catalog, data: Any) -> None:
    believed = [
        use for _, use in walk(data["models"]) if isinstance(use, dict) and "dataset" in use and "reason" in use
    ]
    assert believed
    assert all(use["accepted"] is True and use["reason"]["en"] for use in believed)


def test_missing_figure_is_null_with_its_reason_why(data: Any) -> None:
    cost = data["models"]["anima33b"]["variants"]["anima33b"]["training"]["sft"]["cost"]
    assert (cost["value"], cost["said"], cost["status"]) == (None, None, "not-disclosed")


def test_evidence_leads_to_an_address_or_a_document(data: Any) -> None:
    for path, node in walk(data):
        if path and path[-1] == "sources" and isinstance(node, list):
            for source in node:
                assert source.get("url") or source.get("document"), path


def test_figure_without_a_date_of_its_own_has_that_of_its_source(data: Any) -> None:
    hardware = data["models"]["alpaca"]["variants"]["alpaca-7b"]["training"]["sft"]["hardware"]
    assert hardware["as_of"] == "2023-03-13"


def test_export_is_json_without_nan_and_the_same_on_every_run(register: Catalog) -> None:
    first, second = to_json(export(register)), to_json(export(register))
    assert first == second

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(first, parse_constant=refuse)


def test_nan_is_refused_rather_than_printed() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json({"value": float("nan")})


def test_text_stays_text_and_is_not_escaped(register: Catalog) -> None:
    assert "斯坦福羊驼" in to_json(entry(register, register.by_key["models", "alpaca"]))


def test_setting_called_like_a_reference_stays_a_word(tmp_path: Path) -> None:
    text = changed(EWE, "        duration:", "        settings: {base: {value: 10, from: readme}}\n        duration:")
    catalog = loaded(plant(tmp_path, {EWE: text}))
    run = entry(catalog, catalog.by_key["models", "ewe"])["variants"]["ewe-7b"]["training"]["sft"]
    assert run["settings"]["base"]["value"] == "10"


def test_rows_of_csv_are_the_models_and_demonstrations_stay_out(register: Catalog, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(models_csv(register))))
    assert {row["id"] for row in rows} == {slug for slug, model in register.models.items() if model.kind == "model"}
    assert len({frozenset(row) for row in rows}) == 1
    demo = changed(EWE, "aliases:", "kind: demonstration\naliases:")
    ids = [row["id"] for row in csv.DictReader(io.StringIO(models_csv(loaded(plant(tmp_path, {EWE: demo})))))]
    assert ids == ["ram"]


def test_cell_of_csv_joins_what_the_variants_say(register: Catalog) -> None:
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(models_csv(register)))}
    assert rows["llama"]["parameters"] == "6.7B; 13B; 32.5B; 65.2B"
    assert rows["llama"]["base"] == "none"
    assert rows["alpaca"]["base"] == "llama-7b; llama-13b"
    assert rows["alpaca"]["commercial_use"] == "no"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " ="])
def test_cell_a_spreadsheet_would_run_is_inert(first: str, tmp_path: Path) -> None:
    escaped = json.dumps(f"{first}1+1")
    text = changed(EWE, "name: {en: Ewe, zh: 母羊}", f"name: {{en: {escaped}, zh: {escaped}}}")
    rows = csv.DictReader(io.StringIO(models_csv(loaded(plant(tmp_path, {EWE: text})))))
    assert {row["name"] for row in rows} == {f"'{first.strip()}1+1", "Ram"}


@given(st.text(max_size=10))
def test_no_cell_starts_a_formula_or_breaks_its_row(text: str) -> None:
    assert not _inert(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert _inert(text).removeprefix("'") in (" ".join(text.split()), " ".join(text.split()).removeprefix("'"))


def test_no_cell_of_the_real_csv_starts_a_formula(register: Catalog) -> None:
    for row in csv.reader(io.StringIO(models_csv(register))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
