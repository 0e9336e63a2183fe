"""The questions that the shape of a record must answer without a special case, asked of the real records."""

from __future__ import annotations

from typing import Any

import pytest

from catalog import licences
from catalog.export import entry
from catalog.facts import Fact
from catalog.records import Entry, Variant
from catalog.register import Catalog


def variant(register: Catalog, name: str) -> Variant:
    return register.variants[name][1]


def number(fact: Fact[Any] | None) -> int | float | None:
    assert fact is not None
    assert fact.accepted.value is not None
    result: int | float | None = fact.accepted.value.number
    return result


def values(fact: Fact[Any] | None) -> list[Any]:
    assert fact is not None
    return [getattr(claim.value, "said", claim.value) for claim in fact.claims]


def test_four_sizes_of_llama_have_two_token_counts(register: Catalog) -> None:
    runs = {name: v.training["pre-training"] for name, v in register.models["llama"].variants.items()}
    assert {name: number(run.tokens) for name, run in runs.items()} == {
        "llama-7b": 1_000_000_000_000,
        "llama-13b": 1_000_000_000_000,
        "llama-33b": 1_400_000_000_000,
        "llama-65b": 1_400_000_000_000,
    }


def test_only_the_65b_llama_tells_how_many_cards_and_days(register: Catalog) -> None:
    runs = {name: v.training["pre-training"] for name, v in register.models["llama"].variants.items()}
    counts = {
        n: run.hardware.accepted.value.count for n, run in runs.items() if run.hardware and run.hardware.accepted.value
    }
    assert counts == {"llama-7b": None, "llama-13b": None, "llama-33b": None, "llama-65b": 2048}
    assert [name for name, run in runs.items() if run.duration] == ["llama-65b"]
    assert number(runs["llama-65b"].duration) == 21 * 24


def test_one_cell_of_the_survey_for_three_models_belongs_to_none_of_them(register: Catalog) -> None:
    cell = register.frameworks["fastchat"].training["sft"]
    assert cell.hardware is not None
    assert cell.hardware.accepted.value is not None
    assert (cell.hardware.accepted.value.count, cell.hardware.accepted.value.card, number(cell.duration)) == (
        8,
        "a100",
        24,
    )
    for name, cards in {"vicuna-7b": 8, "vicuna-13b": 8, "fastchat-t5-3b": 4}.items():
        run = variant(register, name).training["sft"]
        assert run.hardware is not None
        assert run.hardware.accepted.value is not None
        assert run.hardware.accepted.value.count == cards
        assert run.duration is None or run.duration.accepted.status == "not-disclosed"
    assert any(c.id == "C23" and c.about == "training.sft" for c in register.frameworks["fastchat"].corrections)


def test_two_dollies_under_one_name_keep_base_data_and_licence_apart(register: Catalog) -> None:
    v1, v2 = variant(register, "dolly-v1-6b"), variant(register, "dolly-v2-12b")
    assert [(values(v.base), v.training["sft"].data[0].dataset) for v in (v1, v2)] == [
        (["gpt-j-6b"], "alpaca-52k"),
        (["pythia-12b"], "databricks-dolly-15k"),
    ]
    assert licences.effective(register, "dolly-v1-6b").answer == "no"
    assert licences.effective(register, "dolly-v2-12b").answer != "no"
    assert v1.training["sft"].framework is not None
    assert register.models["dolly"].variants.keys() >= {"dolly-v1-6b", "dolly-v2-12b"}


def test_moss_keeps_70b_beside_the_700b_it_believes(register: Catalog) -> None:
    run = variant(register, "moss-moon-003-base").training["pre-training"]
    assert run.words is not None
    assert [claim.value.number for claim in run.words.claims if claim.value] == [70_000_000_000, 700_000_000_000]
    assert number(run.words) == 700_000_000_000
    assert run.words.accepted.accepted is not None
    assert number(run.tokens) == 700_000_000_000


def test_13b_of_stablelm_is_another_model_by_another_publisher(register: Catalog) -> None:
    other = variant(register, "stablevicuna-13b")
    assert values(other.base) == ["vicuna-13b"]
    assert other.note is not None
    assert "Not a StableLM" in other.note.en
    assert all(v.base is None or "vicuna" not in str(values(v.base)) for n, v in
               register.models["stablelm"].variants.items() if n.startswith("stablelm"))  # fmt: skip


def test_licence_that_changed_twice_in_two_days_keeps_its_history(register: Catalog) -> None:
    fact = register.datasets["alpaca-52k"].licence
    assert fact is not None
    dated = {str(claim.as_of): claim.value for claim in fact.claims}
    assert dated == {"2023-03-13": "ODC-By-1.0", "2023-05-29": "Apache-2.0", "2023-03-14": "CC-BY-NC-4.0"}
    assert fact.accepted.value == "CC-BY-NC-4.0"
    assert fact.accepted.accepted is not None


def test_weights_by_application_are_gated(register: Catalog) -> None:
    assert register.models["llama"].openness["base_weights"].accepted.level == "gated"


def test_weights_for_business_after_a_form_are_conditions_since_then(register: Catalog) -> None:
    chatglm = register.models["chatglm-6b"]
    assert chatglm.licences.weights is not None
    terms = [register.licences[claim.value].commercial for claim in chatglm.licences.weights.claims if claim.value]
    assert terms == ["forbidden", "conditions"]
    assert chatglm.licences.weights.accepted.value == "LicenseRef-ChatGLM-6B-2023-07"
    assert str(chatglm.licences.weights.accepted.as_of) == "2023-07-08"


@pytest.mark.parametrize(
    ("name", "form"),
    [("alpaca-7b", "delta"), ("vicuna-7b", "delta"), ("vicuna-13b", "delta"), ("anima33b", "adapter"),
     ("anima33b-merged", "merged"), ("chatglm-6b-int8", "quantised"), ("llama-7b", "full"), ("robin-65b", "none"),
     ("alpaca-13b", "none")],
)  # fmt: skip
def test_form_of_the_weights_is_told(name: str, form: str, register: Catalog) -> None:
    fact = variant(register, name).form
    assert fact is not None
    assert fact.accepted.value == form


def test_alpaca_lora_hands_out_adapters_only(register: Catalog) -> None:
    forms = {v.form.accepted.value for v in register.models["alpaca-lora"].variants.values() if v.form}
    assert forms == {"adapter"}


def test_data_that_are_gone_since_keep_the_claim_that_they_were_there(register: Catalog) -> None:
    fact = register.models["guanaco-josephuscheung"].openness["tuning_data"]
    assert [claim.level for claim in fact.claims] == ["open", "closed"]
    assert fact.accepted.level == "closed"
    assert fact.claims[0].as_of is not None
    assert fact.accepted.as_of is not None
    assert fact.claims[0].as_of.last < fact.accepted.as_of.first


def durations(entry: Entry) -> list[Any]:
    return [run.duration.accepted for v in entry.variants.values() for run in v.training.values() if run.duration]


def test_several_hours_are_hours_without_a_number(register: Catalog) -> None:
    [several] = [c for c in durations(register.models["alpaca-lora"]) if c.value and c.value.qualifier == "several"]
    assert (several.value.said, several.value.number, several.value.unit) == ("several hours", None, "hours")


def test_about_9g_is_gpu_memory_with_its_doubt(register: Catalog) -> None:
    found = [
        run.memory["int8"].accepted.value
        for v in register.models["chinese-vicuna"].variants.values()
        for run in v.training.values()
        if "int8" in run.memory
    ]
    assert ("about", 9_000_000_000, "memory") in [(v.qualifier, v.number, v.dimension) for v in found if v]


def test_less_than_500_dollars_keeps_its_bound(register: Catalog) -> None:
    cost = register.datasets["alpaca-52k"].cost
    assert cost is not None
    assert cost.accepted.value is not None
    assert (cost.accepted.value.qualifier, cost.accepted.value.number, cost.accepted.value.unit) == (
        "less than",
        500,
        "USD",
    )


def test_52k_examples_20_gb_of_text_and_tokens_are_different_questions(register: Catalog) -> None:
    alpaca = variant(register, "alpaca-7b").training["sft"]
    llama = variant(register, "llama-65b").training["pre-training"]
    chinese = register.models["chinese-llama-alpaca"]
    every = [*chinese.training.values(), *(run for v in chinese.variants.values() for run in v.training.values())]
    text = [run for run in every if run.bytes]
    assert (number(alpaca.examples), alpaca.tokens, alpaca.bytes) == (52_000, None, None)
    assert (number(llama.tokens), llama.examples, llama.bytes) == (1_400_000_000_000, None, None)
    assert {number(run.bytes) for run in text} == {20_000_000_000}
    assert {run.tokens for run in text} == {None}


def test_unknown_not_disclosed_and_does_not_apply_are_three_answers(register: Catalog) -> None:
    anima = variant(register, "anima33b").training["sft"]
    assert anima.cost is not None
    assert (anima.cost.accepted.status, anima.cost.accepted.value) == ("not-disclosed", None)
    assert anima.cost.accepted.evidence, "not disclosed means that somebody looked"
    chat = register.frameworks["deepspeed-chat"]
    assert chat.parameters is not None
    assert chat.parameters.accepted.status == "unknown"
    assert register.models["llama"].openness["tuning_data"].accepted.status == "not-applicable"
    assert "unknown" in {
        f.openness["model_card"].accepted.level for f in register.entries.values() if "model_card" in f.openness
    }


@pytest.mark.parametrize("slug", ["lmflow", "deepspeed-chat"])
def test_framework_with_a_row_in_the_survey_answers_like_a_model(slug: str, register: Catalog) -> None:
    framework = register.frameworks[slug]
    assert slug not in register.models
    assert framework.reported is not None
    assert framework.reported.weights is not None
    assert framework.openness["training_code"].accepted.evidence
    assert licences.of_entry(register, slug).chain


def test_framework_without_weights_of_its_own_needs_no_variant(register: Catalog) -> None:
    chat = register.frameworks["deepspeed-chat"]
    assert chat.variants == {}
    assert chat.openness["tuned_weights"].accepted.level == "closed"
    assert chat.openness["base_weights"].accepted.level == "not-applicable"


def test_cell_with_a_time_and_no_price_keeps_the_one_and_invents_no_other(register: Catalog) -> None:
    file = register.by_key["frameworks", "deepspeed-chat"]
    [table] = [t for t in entry(register, file)["published"] if t["id"] == "rlhf-time-and-cost"]
    rows = {row["name"]["en"]: row for row in table["rows"]}
    both, time_only, blank = (rows[name]["cells"] for name in ("8x A100 80G", "64x A100 80G", "1x V100 32G"))
    assert both["opt-13b"] == {
        "time": {"value": 9, "said": "9 h", "unit": "hours", "qualifier": "exactly", "noun": "h"},
        "cost": {"value": 290, "said": "290 USD", "unit": "USD", "qualifier": "exactly", "noun": "USD"},
    }
    assert list(time_only["opt-1.3b"]) == ["time"]
    assert time_only["opt-1.3b"]["time"]["value"] == pytest.approx(31 / 60)
    assert blank["opt-6.7b"] is None
    assert rows["64x A100 80G"]["count"] == 64
    assert rows["64x A100 80G"]["hardware" if "hardware" in rows["64x A100 80G"] else "entity"]["id"] == "a100-80gb"


def test_published_tournament_is_data_with_its_settings_and_players(register: Catalog) -> None:
    [table] = register.models["anima33b"].published
    assert {key: table.settings[key] for key in ("rounds", "k", "initial", "seed")} == {
        "rounds": 300, "k": 32, "initial": 1000, "seed": 42,
    }  # fmt: skip
    assert {row.entity: row.cells["elo"] for row in table.rows} == {
        "gpt-3.5-turbo": "1341.98", "anima33b": "1096.69", "belle": "937.71", "chinese-vicuna": "623.62",
    }  # fmt: skip
    assert all(register.resolve(name) for name in table.players.values())


def test_two_guanacos_are_two_entries_that_name_each_other(register: Catalog) -> None:
    assert {"guanaco", "guanaco-josephuscheung"} <= set(register.models)
    assert "guanaco" in {h.entry for h in register.models["guanaco-josephuscheung"].confused_with}


def test_what_a_rejected_claim_said_is_never_overwritten(register: Catalog) -> None:
    assert values(variant(register, "alpaca-7b").training["sft"].hardware) == [
        "8 x a100", "4 x a100-80gb", "8 x a100-80gb",
    ]  # fmt: skip
    assert values(variant(register, "llama-7b").parameters) == ["7B", "6.7B"]


def test_every_accepted_claim_among_several_gives_its_reason_in_both_languages(register: Catalog) -> None:
    from catalog.walk import facts

    for file in register.files:
        for path, fact in facts(file.record):
            if len(fact.claims) > 1:
                assert fact.accepted.accepted is not None, (file.path, path)


def test_variants_of_one_entry_inherit_what_is_told_of_the_whole(register: Catalog) -> None:
    from catalog.lineage import edges_from

    assert {e.parent for e in edges_from(register, "vicuna-7b") if e.relation == "data"} == {"sharegpt-70k"}


def test_example_recipes_are_no_part_of_the_pedigree(register: Catalog) -> None:
    from catalog.lineage import edges_from

    run = variant(register, "chatglm-6b").training["p-tuning"]
    assert run.role == "example"
    assert "p-tuning-v2" not in {edge.parent for edge in edges_from(register, "chatglm-6b")}
