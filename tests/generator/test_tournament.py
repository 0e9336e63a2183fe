"""Pages of tournaments: what they show with a result, without one, and with hostile names."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.register import Catalog
from catalog.store import load, read_catalog
from catalog.tournaments import tournament
from generator.axes import scale
from generator.language import LANGUAGES, Language
from generator.pages import OF_THE_WHOLE, benchmarks_page, one_tournament
from generator.templating import Templates
from generator.views.rating_figures import plain_number, signed
from generator.views.tournament import tournament_page
from runner.reproduce import Asked, reproduce
from tests.runner import small


@pytest.fixture(scope="module")
def register() -> Catalog:
    return load()


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return small.write(tmp_path)


def html(catalog: Catalog, slug: str, language: Language = "en") -> str:
    one = tournament(catalog, slug)
    assert one is not None
    return one_tournament(catalog, one, language, Templates(language)).html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", ["anima33b", "guanaco"])
def test_a_page_shows_every_player_claim_and_download(register: Catalog, slug: str, language: Language) -> None:
    one = tournament(register, slug)
    assert one is not None
    assert one.found is not None
    page = tournament_page(register, one, language, "../../../../")
    text = html(register, slug, language)
    assert len(page.claims) == len(one.claims)
    for row in page.runs[0].rows:
        assert row.player.text in text
        assert row.shown in text
    assert f"api/v1/{page.judgments}" in text
    assert f"api/v1/{page.result}" in text
    assert "runner extract" in text
    assert ("the arithmetic, not the judging" if language == "en" else "仅计算，不含裁判") in text


def test_animas_missing_rounds_and_its_start_are_told(register: Catalog) -> None:
    text = html(register, "anima33b")
    assert "Rounds 1 to 85 of 300 were never published" in text
    assert "inverting the update of round 86" in text
    assert "215 equal to the last bit" in text


def test_qloras_page_states_both_factors_as_measured(register: Catalog) -> None:
    one = tournament(register, "guanaco")
    assert one is not None
    claims = {claim.id: claim for claim in tournament_page(register, one, "en", "").claims}
    assert (claims["ratings-k32"].verdict, claims["ratings-k4"].verdict) == ("contradicted", "consistent")
    assert "largest difference +27.0" in claims["ratings-k32"].found
    assert "chosen because it fits" in html(register, "guanaco")
    first = tournament_page(register, one, "en", "").claims[0].figures[0]
    assert (first.published, first.verdict) == ("1,348", "contradicted")


def test_the_entry_shows_the_panel_and_leads_to_the_page(register: Catalog) -> None:
    from generator.pages import record_page

    page = record_page(register, register.by_key["models", "anima33b"], "en", Templates("en")).html
    assert 'id="repeated"' in page
    assert "models/anima33b/tournament/elo-vicuna80-zh/" in page
    other = record_page(register, register.by_key["models", "alpaca"], "en", Templates("en")).html
    assert 'id="repeated"' not in other


@pytest.mark.parametrize("language", LANGUAGES)
def test_benchmarks_list_every_tournament_by_itself(register: Catalog, language: Language) -> None:
    assert benchmarks_page in OF_THE_WHOLE
    text = benchmarks_page(register, language, Templates(language)).html
    for slug in ("anima33b", "guanaco"):
        one = tournament(register, slug)
        assert one is not None
        assert text.count(f'id="{one.table.id}"') == 1
        assert f"models/{slug}/tournament/{one.table.id}/" in text
    assert ("not on one scale" if language == "en" else "不可跨场比较") in text


def test_without_a_result_the_page_says_not_yet_and_how(tiny: Path) -> None:
    text = html(read_catalog(tiny.parents[1]).catalog, "tiny")
    assert "not yet" in text
    assert "runner reproduce tiny --only rate" in text


def renamed(tiny: Path, name: str) -> None:
    """Call the player `north` otherwise, in every file."""
    for path in [tiny / "recipe.yaml", *(tiny / "judgments").iterdir()]:
        path.write_text(path.read_text("utf-8").replace("north", name), "utf-8")
    small.change(tiny / "model.yaml", "players: {north: north", f"players: {{{name}: north")
    for name, old in (("elo-tiny.csv", small.battles_csv()), ("elo-tiny.states.csv", small.states_csv())):
        text = (tiny / "judgments" / name).read_text("utf-8")
        small.change(tiny / "recipe.yaml", small.sha256(old), small.sha256(text))


def test_names_are_shown_as_text(tiny: Path) -> None:
    """The players' names come from a stranger's file."""
    renamed(tiny, "a&lt b")
    small.change(tiny / "model.yaml", "players: {a&lt b: north, ", "players: {")  # so the recorded name itself is shown
    assert reproduce(Asked("tiny", only=("rate",))).results[0].placed is not None
    catalog = read_catalog(tiny.parents[1]).catalog
    text = html(catalog, "tiny")
    assert "a&amp;lt b" in text
    assert "a&lt b" not in text


@pytest.mark.parametrize("name", ["<b>x", "a<script>", "=x()", "@x"])
def test_names_that_would_be_markup_or_a_formula_are_refused(tiny: Path, name: str) -> None:
    renamed(tiny, "renamed")
    table = tiny / "judgments" / "elo-tiny.csv"
    table.write_text(table.read_text("utf-8").replace("renamed", name), "utf-8")
    assert {finding.code for finding in read_catalog(tiny.parents[1]).findings} == {"HB263"}


def test_figures_read_as_a_person_writes_them() -> None:
    assert [signed(value) for value in (27.0056, -0.4256, 0.004811, 0.0, None)] == [
        "+27.01",
        "−0.43",
        "+0.0048",
        "0",
        "",
    ]
    assert [plain_number(value) for value in (1348.0, 1341.98, 0.005, None)] == ["1,348", "1,341.98", "0.005", ""]


@pytest.mark.parametrize(("low", "high"), [(623.6, 1342.0), (0.0, 0.0), (-3.0, 2.0), (999.9, 1000.1), (871.0, 1375.0)])
def test_scales_hold_what_they_show_with_few_ticks(low: float, high: float) -> None:
    start, end, step = scale(low, high)
    assert start <= low
    assert end >= high
    assert end > start
    assert 2 <= round((end - start) / step) + 1 <= 8
