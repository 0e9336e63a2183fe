"""Pictures: what they draw, what stands behind them, and which of two drawings a screen shows."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from catalog.claims.ledger import ledger
from catalog.records import Entry
from catalog.register import Catalog
from catalog.store import load
from catalog.tournaments import claims_found, tournaments
from generator.language import LANGUAGES, Language
from generator.table_chart import table_chart
from generator.views.citing import Citations
from generator.views.home import home_page
from generator.views.shown import Part, Shower
from generator.views.tables import Panel, TableRow, TableView, table_view

from .conftest import DESK, PHONE


@pytest.fixture(scope="module")
def register() -> Catalog:
    return load()


def views(catalog: Catalog, language: Language = "en") -> list[TableView]:
    return [
        table_view(Shower(catalog, Citations(catalog, file, language, "../../")), table, {file.slug})
        for file in catalog.files
        if isinstance(file.record, Entry)
        for table in file.record.published
    ]


def drawings(picture: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<figure>{picture.replace(' data-search-exclude', '')}</figure>"))


def small(
    figures: tuple[tuple[float, float, str] | None, ...], *, name: str = "a", from_zero: bool = True
) -> TableView:
    rows = tuple(TableRow(Part(f"{name}{number}"), None, (), ()) for number in range(len(figures)))
    panels = (Panel("score", "score", figures),)
    own = (True, *(False,) * (len(figures) - 1))
    return TableView("t", "Title", (), (), ("score",), (), rows, None, own, panels, from_zero)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_published_table_with_two_figures_to_compare_is_drawn(register: Catalog, language: Language) -> None:
    tables = views(register, language)
    drawn = [table for table in tables if table_chart(table, "d")]
    assert len(drawn) > 0.8 * len(tables)
    for table in drawn:
        broad, narrow = drawings(table_chart(table, "d"))
        assert (broad.get("class"), narrow.get("class")) == ("hb-svg hb-broad", "hb-svg hb-narrow")
        for drawing in (broad, narrow):
            assert drawing.get("role") == "img"
            names = str(drawing.get("aria-labelledby")).split()
            assert [child.get("id") for child in drawing[:2]] == names
            figures = sum(figure is not None for panel in table.panels for figure in panel.figures)
            assert len(drawing.findall(".//g/title")) == figures
            assert not re.search(r"(fill|stroke|style)=", ElementTree.tostring(drawing, "unicode")), "colours are CSS"


def test_bars_are_as_long_as_their_figures_and_the_own_one_is_marked() -> None:
    broad = drawings(table_chart(small(((10, 10, "10"), (40, 40, "40"), None, (20, 40, "20 to 40"))), "d"))[0]
    bars = [path for path in broad.iter("path") if str(path.get("class")).startswith("bar")]
    ends = [re.fullmatch(r"M([\d.]+) [\d.]+H([\d.]+)", str(bar.get("d"))) for bar in bars]
    spans = [(float(end[1]), float(end[2])) for end in ends if end]
    zero, full = spans[0][0], spans[1][1] - spans[1][0]
    assert spans[0][1] - zero == pytest.approx(full / 4, abs=0.2)
    assert spans[2] == (pytest.approx(zero + full / 2, abs=0.2), pytest.approx(zero + full, abs=0.2)), "a range"
    assert [bar.get("class") for bar in bars] == ["bar bar--own", "bar", "bar"]


def test_ratings_are_dots_since_their_zero_means_nothing() -> None:
    broad = drawings(table_chart(small(((1348, 1348, "1,348"), (902, 902, "902")), from_zero=False), "d"))[0]
    first, second = (float(str(dot.get("cx"))) for dot in broad.iter("circle"))
    assert first > second
    assert not [path for path in broad.iter("path") if path.get("class") == "bar"]


@pytest.mark.parametrize("figures", [((0, 0, "0"), (0, 0, "0")), ((-3, -3, "-3"), (2, 2, "2")), ((5, 5, "5"),) * 2])
@pytest.mark.parametrize("from_zero", [True, False])
def test_figures_that_are_alike_zero_or_negative_stay_in_the_picture(
    figures: tuple[tuple[float, float, str], ...], from_zero: bool
) -> None:
    for drawing in drawings(table_chart(small(figures, from_zero=from_zero), "d")):
        wide = float(str(drawing.get("viewBox")).split()[2])
        numbers = re.findall(r"(?:M|H|cx=\"|x=\")([\d.]+)", ElementTree.tostring(drawing, "unicode"))
        assert all(0 <= float(number) <= wide for number in numbers)


def test_names_in_a_picture_are_text() -> None:
    picture = table_chart(small(((1, 1, "<b>"), (2, 2, "2")), name="</svg><script>x</script>" + "W" * 999), "d")
    assert "<script" not in picture
    assert "<b>" not in picture
    assert max(len(element.text or "") for drawing in drawings(picture) for element in drawing.iter("text")) < 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_home_shows_one_claim_of_each_verdict_there_is(register: Catalog, language: Language) -> None:
    every = {str(found.verdict) for one in tournaments(register) for found in claims_found(one) if found.verdict}
    every |= {row.verdict for row in ledger(register) if row.accepted}
    shown = [tested.verdict for tested in home_page(register, language).ledger]
    assert sorted(shown) == sorted(every)
    assert len(shown) > 3


@pytest.mark.browser
@pytest.mark.parametrize("path", ["timeline/", "zh/timeline/", "models/gpt4all/", "findings/", ""])
def test_phone_has_a_drawing_of_its_own(page: Page, home: str, path: str) -> None:
    for width, shown, hidden in ((DESK, "hb-broad", "hb-narrow"), (PHONE, "hb-narrow", "hb-broad")):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(home + path)
        expect(page.locator(f"figure svg.{shown}").first).to_be_visible()
        assert page.locator(f"figure svg.{hidden}:visible").count() == 0
        if width == PHONE:
            drawn = page.locator(f"figure svg.{shown}").first.bounding_box()
            assert drawn
            assert drawn["width"] <= PHONE


@pytest.mark.browser
def test_time_runs_down_on_a_phone_and_the_table_has_the_same_entries(page: Page, home: str) -> None:
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.goto(home + "timeline/")
    drawing = page.locator("svg.hb-narrow")
    box = drawing.bounding_box()
    assert box
    assert box["height"] > 2 * box["width"]
    names = page.locator("tbody th a").all_inner_texts()
    assert len(names) == page.locator("tbody td[data-l=Released]").count() > 30
    heights = {}
    for mark in drawing.locator("g:has(> title)").all():
        name, place = mark.locator("title").text_content(), mark.bounding_box()
        assert name
        assert place
        heights[name.partition(",")[0]] = place["y"]
    undated = page.locator("figcaption a").all_inner_texts()
    assert set(names) - set(undated) == set(heights)
    assert all(heights[a] < heights[b] for a, b in pairwise(("LLaMA", "Alpaca", "Vicuna", "Anima 33B")))
