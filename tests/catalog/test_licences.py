"""May it be used commercially, and which link of the chain decides? Asked of small made-up catalogs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.facts import Text
from catalog.licences import Answer, Effective, effective, of_entry, outside_source
from catalog.records import Dataset, LicenceTerms, Model, Outside
from catalog.register import Catalog, File
from tests.catalog.small import EWE, HAY, RAM, changed, loaded, plant

TEXT = {"en": "Text.", "zh": "文字。"}
TERMS: dict[str, str] = {"free": "allowed", "form": "conditions", "nc": "forbidden", "unread": "unknown"}
ANSWER: dict[str | None, Answer] = {
    "free": "yes",
    "form": "conditions",
    "nc": "no",
    "unread": "unknown",
    None: "unknown",
}
WORSE: dict[Answer, int] = {"yes": 0, "conditions": 1, "unknown": 2, "no": 3}


def said(value: str) -> dict[str, str]:
    return {"value": value, "from": "readme"}


def model(weights: str | None, base: str | None, data: list[str], code: str | None = None) -> Model:
    licences = {key: said(value) for key, value in (("weights", weights), ("code", code)) if value}
    variant: dict[str, Any] = {"name": "V", "licences": licences}
    if base:
        variant["base"] = said(base)
    if data:
        variant["training"] = {"sft": {"data": [{"dataset": name, "from": "readme"} for name in data]}}
    return Model.model_validate(
        {"name": "M", "publisher": said("farm"), "summary": TEXT, "released": said("2023"), "variants": {"v": variant}}
    )


def dataset(licence: str | None, generated: list[str], derived: list[str]) -> Dataset:
    fields: dict[str, Any] = {"name": "D", "publisher": said("farm"), "summary": TEXT, "kind": "instructions"}
    if licence:
        fields["licence"] = said(licence)
    fields["generated_by"] = [said(name) for name in generated]
    fields["derived_from"] = [said(name) for name in derived]
    return Dataset.model_validate(fields)


def outside(licence: str | None, output_terms: str | None, base: str | None = None, kind: str = "model") -> Outside:
    given = {"licence": licence, "output_terms": output_terms, "base": base}
    return Outside.model_validate(
        {"name": "O", "kind": kind, "by": "Meadow"} | {key: said(value) for key, value in given.items() if value}
    )


def register(**records: Model | Dataset | Outside) -> Catalog:
    """A catalog of these records; a model's one variant is called as the model itself."""
    files: list[File] = []
    side: list[File] = []
    for name, record in records.items():
        if isinstance(record, Model):
            record = record.model_copy(update={"variants": {name: record.variants["v"]}})
        kind: Any = {Model: "models", Dataset: "datasets", Outside: "outside"}[type(record)]
        (side if isinstance(record, Outside) else files).append(File(kind, name, "", "", None, record))
    terms = {
        key: LicenceTerms(name=Text(en=key, zh=key), commercial=commercial, openness="open")  # type: ignore[arg-type]
        for key, commercial in TERMS.items()
    }
    return Catalog(Path(), tuple(files), licences=terms, side_files=tuple(side))


def deciding(result: Effective) -> list[tuple[str, str]]:
    return [(link.id, link.part) for link in result.deciding]


@pytest.mark.parametrize("licence", [*TERMS, None])
def test_alone_its_own_licence_decides(licence: str | None) -> None:
    result = effective(register(m=model(licence, None, [])), "m")
    assert (result.answer, deciding(result)) == (ANSWER[licence], [("m", "weights")])


def test_permissive_all_along_is_free() -> None:
    catalog = register(m=model("free", "b", ["d"], "free"), b=model("free", None, []), d=dataset("free", [], []))
    result = effective(catalog, "m")
    assert result.answer == "yes"
    assert {(link.id, link.distance) for link in result.chain} == {("m", 0), ("b", 1), ("d", 1)}


def test_non_commercial_base_decides_over_permissive_weights() -> None:
    catalog = register(m=model("free", "b", []), b=model("nc", None, []))
    assert (effective(catalog, "m").answer, deciding(effective(catalog, "m"))) == ("no", [("b", "weights")])


def test_non_commercial_base_two_steps_away_decides() -> None:
    catalog = register(m=model("free", "b", []), b=model("free", "c", []), c=model("nc", None, []))
    [link] = effective(catalog, "m").deciding
    assert (link.id, link.distance, link.licence, link.owner) == ("c", 2, "nc", "models/c")


def test_non_commercial_data_decide() -> None:
    catalog = register(m=model("free", None, ["d"]), d=dataset("nc", [], []))
    assert deciding(effective(catalog, "m")) == [("d", "data")]


def test_data_derived_from_non_commercial_data_decide() -> None:
    catalog = register(m=model("free", None, ["d"]), d=dataset("free", [], ["e"]), e=dataset("nc", [], []))
    assert deciding(effective(catalog, "m")) == [("e", "data")]


def test_terms_on_output_reach_the_weights_through_the_data() -> None:
    catalog = register(m=model("free", None, ["d"]), d=dataset("free", ["gpt"], []), gpt=outside("nc", "form"))
    result = effective(catalog, "m")
    assert (result.answer, deciding(result)) == ("conditions", [("gpt", "output")])


def test_output_of_a_model_without_terms_on_it_binds_nobody() -> None:
    catalog = register(m=model("free", None, ["d"]), d=dataset("free", ["gpt"], []), gpt=outside("nc", None))
    assert effective(catalog, "m").answer == "yes"


def test_base_of_a_model_whose_output_was_used_binds_nobody() -> None:
    chain: dict[str, Any] = {
        "d": dataset("free", ["o"], []),
        "o": outside("free", "free", "p"),
        "p": outside("nc", None),
    }
    assert effective(register(m=model("free", None, ["d"]), **chain), "m").answer == "yes"
    assert effective(register(m=model("free", "o", ["d"]), **chain), "m").answer == "no"


def test_model_that_is_base_and_author_of_the_data_binds_as_both() -> None:
    both: dict[str, Any] = {"d": dataset("free", ["gpt"], []), "gpt": outside("free", "nc")}
    assert effective(register(m=model("free", None, ["d"]), **both), "m").answer == "no"
    result = effective(register(m=model("free", "gpt", ["d"]), **both), "m")
    assert (result.answer, deciding(result)) == ("no", [("gpt", "output")])


def test_unknown_is_not_free_and_less_than_forbidden() -> None:
    unknown: dict[str, Model | Dataset | Outside] = {"d": dataset(None, [], [])}
    assert effective(register(m=model("free", None, ["d"]), **unknown), "m").answer == "unknown"
    assert effective(register(m=model("form", None, ["d"]), **unknown), "m").answer == "unknown"
    assert effective(register(m=model("nc", None, ["d"]), **unknown), "m").answer == "no"


def test_base_outside_the_register_without_a_licence_is_unknown() -> None:
    catalog = register(m=model("free", "o", []), o=outside(None, None))
    assert deciding(effective(catalog, "m")) == [("o", "weights")]


def test_base_that_nothing_is_called_is_unknown() -> None:
    assert effective(register(m=model("free", "gone", [])), "m").answer == "unknown"


def test_base_of_an_outside_model_counts() -> None:
    catalog = register(m=model("free", "o", []), o=outside("free", None, "p"), p=outside("nc", None))
    assert deciding(effective(catalog, "m")) == [("p", "weights")]


@pytest.mark.parametrize("form", ["delta", "adapter", "merged", "quantised"])
def test_delta_is_bound_by_the_weights_it_needs(form: str, tmp_path: Path) -> None:
    files = {
        EWE: changed(EWE, "form: {value: full", f"form: {{value: {form}"),
        RAM: changed(RAM, "weights: {value: MIT", "weights: {value: NC"),
    }
    result = effective(loaded(plant(tmp_path, files)), "ewe-7b")
    assert (result.answer, deciding(result)) == ("no", [("ram-7b", "weights")])


def test_circle_of_bases_ends_and_counts_each_once() -> None:
    catalog = register(a=model("free", "b", []), b=model("form", "a", []))
    result = effective(catalog, "a")
    assert (result.answer, sorted(link.id for link in result.chain)) == ("conditions", ["a", "b"])


def test_code_licence_counts_for_the_entry_itself_and_not_for_its_base() -> None:
    assert effective(register(m=model("free", None, [], "nc")), "m").answer == "no"
    catalog = register(m=model("free", "b", []), b=model("free", None, [], "nc"))
    assert effective(catalog, "m").answer == "yes"


def test_use_of_data_that_is_not_believed_does_not_count() -> None:
    record = model("free", None, ["d"])
    use = record.variants["v"].training["sft"].data[0].model_copy(update={"rejected": Text(en="No.", zh="否。")})
    run = record.variants["v"].training["sft"].model_copy(update={"data": (use,)})
    variant = record.variants["v"].model_copy(update={"training": {"sft": run}})
    catalog = register(m=record.model_copy(update={"variants": {"v": variant}}), d=dataset("nc", [], []))
    assert effective(catalog, "m").answer == "yes"


def test_licence_that_the_table_lacks_is_unknown() -> None:
    assert effective(register(m=model("Unheard-of", None, [])), "m").answer == "unknown"


def test_deciding_links_stand_first() -> None:
    catalog = register(m=model("free", "b", ["d"]), b=model("free", None, []), d=dataset("nc", [], []))
    assert effective(catalog, "m").chain[0].id == "d"


def test_entry_is_as_free_as_its_freest_variant(tmp_path: Path) -> None:
    stricter = "  ram-1b: {name: Ram 1B, licences: {weights: {value: NC, from: readme}}}\n"
    text = changed(RAM, "variants:\n", f"variants:\n{stricter}")
    assert of_entry(loaded(plant(tmp_path / "a", {RAM: text})), "ram").answer == "yes"
    withheld = text.replace("    name: Ram 7B\n", "    name: Ram 7B\n    form: {value: none, from: readme}\n")
    assert of_entry(loaded(plant(tmp_path / "b", {RAM: withheld})), "ram").answer == "no"


def test_entry_without_variants_answers_for_itself(tmp_path: Path) -> None:
    assert of_entry(loaded(plant(tmp_path)), "fold").answer == "unknown"


def test_evidence_of_an_outside_licence_is_its_own_source(tmp_path: Path) -> None:
    grass = """\
grass:
  name: Grass
  kind: model
  by: Meadow
  output_terms: {value: Terms, from: t}
  sources: {t: {url: "https://example.org/t", as_of: 2023, accessed: 2026}}
shears: {name: Shears, kind: method, by: Meadow}
"""
    catalog = loaded(plant(tmp_path, {"outside.yaml": grass}))
    result = effective(catalog, "ewe-7b")
    [link] = result.deciding
    source = outside_source(catalog, link)
    assert (result.answer, link.id, link.part) == ("conditions", "grass", "output")
    assert source is not None
    assert source.url == "https://example.org/t"
    assert outside_source(catalog, replace(link, id="nobody")) is None


def test_licence_of_the_data_changes_the_answer_of_the_model(tmp_path: Path) -> None:
    assert effective(loaded(plant(tmp_path / "a")), "ewe-7b").answer == "yes"
    text = changed(HAY, "value: Apache-2.0", "value: NC")
    assert effective(loaded(plant(tmp_path / "b", {HAY: text})), "ewe-7b").answer == "no"
    text = changed(EWE, "dataset: hay\n", "dataset: hay\n            rejected: {en: It was not., zh: 并非如此。}\n")
    assert effective(loaded(plant(tmp_path / "c", {HAY: FORBIDDEN, EWE: text})), "ewe-7b").answer == "yes"


FORBIDDEN = changed(HAY, "value: Apache-2.0", "value: NC")
MODELS, SETS, OUTSIDE = ["m", "n"], ["d", "e"], ["o"]
LICENCE = st.sampled_from([*TERMS, None])
NODES = st.fixed_dictionaries(
    {
        **{n: st.tuples(LICENCE, st.sampled_from([*MODELS, *OUTSIDE, None]), st.lists(st.sampled_from(SETS),
        min_size=1, max_size=1)) for n in MODELS},
        **{n: st.tuples(LICENCE, st.lists(st.sampled_from([*MODELS, *OUTSIDE]), max_size=2, unique=True),
        st.lists(st.sampled_from(SETS), max_size=1)) for n in SETS},
        **{n: st.tuples(LICENCE, LICENCE, st.sampled_from([*OUTSIDE, None])) for n in OUTSIDE},
    }
)  # fmt: skip


def grown(nodes: dict[str, Any]) -> Catalog:
    made: dict[str, Any] = dict.fromkeys(MODELS, model) | dict.fromkeys(SETS, dataset) | dict.fromkeys(OUTSIDE, outside)
    return register(**{name: made[name](*parts) for name, parts in nodes.items()})


@settings(max_examples=300)
@given(NODES, st.data())
def test_no_further_link_makes_the_answer_freer(nodes: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*MODELS, *SETS]))
    licence, first, second = nodes[name]
    more: tuple[Any, ...]
    if name in MODELS and first is None and data.draw(st.booleans()):
        more = (licence, data.draw(st.sampled_from([*MODELS, *OUTSIDE])), second)
    elif name in MODELS:
        more = (licence, first, sorted({*second, data.draw(st.sampled_from(SETS))}))
    elif data.draw(st.booleans()):
        more = (licence, sorted({*first, data.draw(st.sampled_from([*MODELS, *OUTSIDE]))}), second)
    else:
        more = (licence, first, sorted({*second, data.draw(st.sampled_from(SETS))}))
    before, after = grown(nodes), grown({**nodes, name: more})
    for one in MODELS:
        assert WORSE[effective(after, one).answer] >= WORSE[effective(before, one).answer]


@settings(max_examples=100)
@given(NODES)
def test_answer_is_the_hardest_link_and_every_link_stands_once(nodes: dict[str, Any]) -> None:
    result = effective(grown(nodes), "m")
    assert WORSE[result.answer] == max(WORSE[link.answer] for link in result.chain)
    assert len({(link.id, link.part) for link in result.chain}) == len(result.chain)
    assert result.deciding


def test_real_catalog_answers_for_every_variant(register: Catalog) -> None:
    for name in register.variants:
        assert effective(register, name).chain
    assert effective(register, "alpaca-7b").answer == "no"
