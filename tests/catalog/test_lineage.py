"""Who descends from whom, in the small catalog and in the real one."""

from __future__ import annotations

from pathlib import Path

from catalog.lineage import ancestors, circle, descendants, edges_from
from catalog.register import Catalog
from tests.catalog.small import EWE, FILES, RAM, STRAW, changed, loaded, plant


def edges(catalog: Catalog, name: str) -> set[tuple[str, str]]:
    return {(edge.relation, edge.parent) for edge in edges_from(catalog, name)}


def test_variant_descends_from_base_data_and_framework(tmp_path: Path) -> None:
    catalog = loaded(plant(tmp_path))
    assert edges(catalog, "ewe-7b") == {("base", "ram-7b"), ("data", "hay"), ("framework", "fold")}
    assert edges(catalog, "hay") == {("derived", "straw"), ("generated", "grass")}
    assert edges(catalog, "ram-7b") == edges(catalog, "grass") == edges(catalog, "nobody") == set()


def test_edge_carries_its_evidence(tmp_path: Path) -> None:
    [base] = [e for e in edges_from(loaded(plant(tmp_path)), "ewe-7b") if e.relation == "base"]
    assert [str(item) for item in base.evidence] == ["readme#L8"]


def test_entry_gathers_the_edges_of_its_variants_once(tmp_path: Path) -> None:
    more = "  ewe-1b:\n    name: Ewe 1B\n    base: {value: ewe-7b, from: readme}\npublished:"
    catalog = loaded(plant(tmp_path, {EWE: changed(EWE, "published:", more)}))
    assert edges(catalog, "ewe") == edges(catalog, "ewe-7b")
    assert edges(catalog, "ewe-1b") == {("base", "ewe-7b")}


def test_run_told_of_the_whole_entry_counts_for_variants_without_data_of_their_own(tmp_path: Path) -> None:
    whole = FILES[RAM] + "training: {sft: {data: [{dataset: straw, from: readme}]}}\n"
    assert edges(loaded(plant(tmp_path / "a", {RAM: whole})), "ram-7b") == {("data", "straw")}
    own = whole.replace("tokens: {value", "data: [{dataset: hay, from: readme}]\n        tokens: {value")
    assert edges(loaded(plant(tmp_path / "b", {RAM: own})), "ram-7b") == {("data", "hay")}


def test_example_runs_and_disbelieved_data_are_no_parents(tmp_path: Path) -> None:
    example = changed(EWE, "      sft:\n", "      sft:\n        role: example\n")
    assert edges(loaded(plant(tmp_path / "a", {EWE: example})), "ewe-7b") == {("base", "ram-7b")}
    rejected = changed(EWE, "dataset: hay\n", "dataset: hay\n            rejected: {en: It was not., zh: 并非。}\n")
    assert ("data", "hay") not in edges(loaded(plant(tmp_path / "b", {EWE: rejected})), "ewe-7b")


def test_accepted_base_is_the_parent_and_no_other(tmp_path: Path) -> None:
    accepted = "{value: ram-7b, from: readme, accepted: {en: Yes., zh: 是。}}"
    claims = f"base: {{claims: [{{value: grass, from: readme}}, {accepted}]}}"
    catalog = loaded(plant(tmp_path, {EWE: changed(EWE, "base: {value: ram-7b, from: readme#L8}", claims)}))
    assert ("base", "ram-7b") in edges(catalog, "ewe-7b")
    assert ("base", "grass") not in edges(catalog, "ewe-7b")


def test_ancestors_stand_nearest_first(tmp_path: Path) -> None:
    found = [edge.parent for edge in ancestors(loaded(plant(tmp_path)), "ewe-7b")]
    assert found[:3] == ["ram-7b", "hay", "fold"]
    assert set(found[3:]) == {"straw", "grass"}


def test_descendants_of_an_entry_are_those_of_its_variants(tmp_path: Path) -> None:
    catalog = loaded(plant(tmp_path))
    assert [(e.child, e.parent) for e in descendants(catalog, "ram")] == [("ewe-7b", "ram-7b")]
    assert [e.child for e in descendants(catalog, "straw")] == ["hay"]
    assert descendants(catalog, "fold") == []


def test_circle_names_its_members_and_ancestors_end_in_it(tmp_path: Path) -> None:
    ram = changed(RAM, "    name: Ram 7B\n", "    name: Ram 7B\n    base: {value: ewe-7b, from: readme}\n")
    catalog = loaded(plant(tmp_path, {RAM: ram}))
    assert circle(catalog, "ewe-7b") == ["ewe-7b", "ram-7b", "ewe-7b"]
    assert len(ancestors(catalog, "ewe-7b")) == 6
    straw = FILES[STRAW] + "derived_from: [{value: hay, from: readme}]\n"
    assert circle(loaded(plant(tmp_path / "b", {STRAW: straw})), "hay") == ["hay", "straw", "hay"]
    assert circle(loaded(plant(tmp_path / "c")), "hay") == []


def test_real_pedigree_has_no_circle_and_leads_from_alpaca_to_llama(register: Catalog) -> None:
    assert not any(circle(register, name) for name in [*register.variants, *register.datasets])
    assert ("base", "llama-7b") in edges(register, "alpaca-7b")
    assert {"llama-7b", "alpaca-52k", "text-davinci-003"} <= {e.parent for e in ancestors(register, "alpaca-7b")}
    assert {e.parent for e in ancestors(register, "anima33b-merged")} >= {"anima33b", "guanaco-33b", "llama-33b"}


def test_every_parent_of_the_real_catalog_is_known(register: Catalog) -> None:
    for name in [*register.variants, *register.entries, *register.datasets]:
        for edge in edges_from(register, name):
            assert register.resolve(edge.parent) is not None, edge
