"""The page of findings: what it shows is what its queries return, run as a reader would run them."""

import html
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import BrowserContext, expect

from catalog.cli import main
from catalog.queries import FOLDER
from catalog.register import Catalog
from catalog.store import load
from generator import pages, unit_chart
from generator.language import Language
from generator.templating import Templates
from generator.unit_chart import UnitPanel, UnitRow, units
from generator.views import finding_sentences as sentences
from tests.catalog.small import loaded, plant

QUERIES = ["openness-by-month", "disclosure-by-method", "own-licence", "licences-above"]
HEAVIEST = 120_000


@pytest.fixture(scope="module")
def register() -> Catalog:
    return load()


@pytest.fixture(scope="module", params=["en", "zh"])
def page(request: pytest.FixtureRequest, register: Catalog) -> str:
    language: Language = request.param
    return pages.three_findings(register, language, Templates(language)).html


@pytest.fixture(scope="module")
def folder(register: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database and the files of the queries, as a clone has after the first command."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(FOLDER, folder / "catalog/queries")
    assert main(["export", "--format", "sqlite", "--output", str(folder / "herdbook.db")]) == 0
    return folder


def queries(page: str) -> dict[str, str]:
    found = re.findall(r'data-sql="([\w-]+)"><code>(.*?)</code>', page, re.DOTALL)
    return {name: html.unescape(sql) for name, sql in found}


def tables(page: str) -> dict[str, list[list[str]]]:
    """Rows of each table, cell by cell as the query returned them."""
    found = {}
    for name, body in re.findall(r'data-query="([\w-]+)">.*?<tbody[^>]*>(.*?)</tbody>', page, re.DOTALL):
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
        found[name] = [[html.unescape(raw) for raw in re.findall(r'<t[hd][^>]* data-v="([^"]*)"', row)] for row in rows]
    return found


def plain(cell: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", cell)).replace("\u200b", "").strip()


def test_printed_queries_give_the_tables_of_the_page(page: str, folder: Path) -> None:
    printed, shown = queries(page), tables(page)
    assert list(printed) == list(shown) == QUERIES
    connection = sqlite3.connect(folder / "herdbook.db")
    try:
        for name, sql in printed.items():
            rows = connection.execute(sql).fetchall()
            assert shown[name] == [["" if value is None else str(value) for value in row] for row in rows], name
            assert rows, name
    finally:
        connection.close()


def test_figures_that_a_reader_sees_are_those_of_the_query(page: str) -> None:
    """Not only in the attribute: the text of a cell with a figure begins with that figure."""
    cells = re.findall(r'<td data-v="(\d+)"[^>]*>(.*?)</td>', page, re.DOTALL)
    assert len(cells) > 50
    for raw, shown in cells:
        assert re.fullmatch(rf"{raw}( \((<1|\d+)%\))?", plain(shown)), (raw, shown)


def test_printed_commands_and_program_run_in_a_clone(page: str, folder: Path) -> None:
    blocks = [html.unescape(code) for code in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)]
    *_, commands, program = blocks
    export, *asked = commands.splitlines()
    assert export.split() == ["catalog", *["export", "--format", "sqlite", "--output", "herdbook.db"]]
    for command, name in zip(asked, QUERIES, strict=True):
        assert command == f"sqlite3 -header -column herdbook.db < catalog/queries/{name}.sql"
        if shutil.which("sqlite3"):
            done = subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True, text=True)
            assert len(done.stdout.splitlines()) >= len(tables(page)[name]) + 2
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, capture_output=True, text=True)
    rows = [row for row in tables(page)[QUERIES[0]] if row[0]]
    assert [re.findall(r"[\w-]+", line)[: len(rows[0])] for line in done.stdout.splitlines()][: len(rows)] == rows


def test_every_figure_of_a_sentence_comes_from_the_table_below_it(page: str) -> None:
    """Sums and shares aside, no number stands in a sentence that its query cannot give."""
    said = [plain(one) for one in re.findall(r"<p data-sentence>(.*?)</p>", page, re.DOTALL)]
    assert len(said) == 3
    by_month = [[int(cell) for cell in row[1:]] for row in tables(page)["openness-by-month"] if row[0]]
    models = re.findall(r"(\d+)(?: models registered| released from| 个模型中| 个中)", said[0])
    assert sum(row[0] for row in by_month) == sum(map(int, models))
    everyone = next(row for row in tables(page)["disclosure-by-method"] if row[0] == "all")
    assert {everyone[1], everyone[2], everyone[5], everyone[6]} <= set(re.findall(r"\d+", said[1]))
    own = [[int(cell) for cell in row[1:]] for row in tables(page)["own-licence"]]
    sums = [sum(column) for column in zip(*own, strict=True)]
    assert {str(n) for n in (sums[0], sums[1], sums[2], sums[1] + sums[2])} <= set(re.findall(r"\d+", said[2]))


MONTHS = [
    {"month": "2023-06", "models": 4, "weights": 1, "training_code": 2, "data": 0, "all_three": 0},
    {"month": "2023-07", "models": 3, "weights": 3, "training_code": 1, "data": 2, "all_three": 1},
]
METHODS = [
    {"method": name, "models": n, "both": both, "hardware_only": 1, "time_only": 1, "not_disclosed": 2, "unknown": 1}
    for name, n, both in (("full", 20, 3), ("lora", 10, 5), ("rlhf", 9, 9), ("unknown", 40, 40), ("all", 50, 30))
]
OWN = [
    {"licence": "MIT", "weights": 5, "forbidden_by_base": 2, "forbidden_by_data": 1},
    {"licence": "GPL", "weights": 15, "forbidden_by_base": 0, "forbidden_by_data": 0},
]


def test_sentences_say_what_the_rows_say() -> None:
    assert sentences.openness(MONTHS, zh=False) == (
        "Of the 4 models registered here that were released up to June 2023, weights are open for 1 (25%), training "
        "code for 2 (50%), data for 0 (0%) and all three for 0 (0%); of the 3 released from July on, for 3 (100%), 1 "
        "(33%), 2 (67%) and 1 (33%)."
    )
    said = sentences.disclosure(METHODS, str.upper, zh=False)
    assert said.startswith(
        "Of the 50 models registered here, sources state both hardware and training time for 30 (60%)"
    )
    assert said.endswith("most often for LORA (5 of 10, 50%) and least often for FULL (3 of 20, 15%).")
    said = sentences.licences(OWN, 2, str.lower, zh=False)
    assert "3 (15%) stand below a licence that forbids it: 2 through a base, 1 through training data alone" in said
    assert said.endswith("They belong to 2 models. Foremost among their own licences is mit: 3 of the 5 sets under it.")


def test_chinese_sentences_hold_the_same_figures() -> None:
    for tell in (
        lambda zh: sentences.openness(MONTHS, zh),
        lambda zh: sentences.disclosure(METHODS, str.upper, zh),
        lambda zh: sentences.licences(OWN, 2, str.lower, zh),
        lambda zh: sentences.teaser(METHODS, zh),
    ):
        english, chinese = (re.sub("2023|June|July|[67] 月", "", tell(zh)) for zh in (False, True))
        assert sorted(re.findall(r"\d+%?", english)) == sorted(re.findall(r"\d+%?", chinese))
        assert not re.search("[A-Za-z]{3}", re.sub("LORA|FULL|mit", "", chinese))


def test_register_without_anything_has_a_page_all_the_same() -> None:
    assert sentences.openness([], zh=False).startswith("Of the 0 models")
    assert "0" in sentences.disclosure([], str, zh=True)
    assert sentences.licences([], 0, str, zh=False).endswith("They belong to 0 models.")


def test_small_register_has_its_page(tmp_path: Path) -> None:
    for language in ("en", "zh"):
        page = pages.three_findings(loaded(plant(tmp_path / language)), language, Templates(language))
        assert list(queries(page.html)) == QUERIES
        assert tables(page.html)["licences-above"] == []


@given(st.integers(0, 500), st.integers(0, 500))
def test_percentage_is_whole_and_hides_nothing(part: int, more: int) -> None:
    shown = sentences.percent(part, part + more)
    if part + more == 0:
        assert shown == ""
    elif part == 0:
        assert shown == "0%"
    elif shown != "<1%":
        assert abs(int(shown[:-1]) - 100 * part / (part + more)) <= 0.5
        assert shown != "0%"


def drawings(picture: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<figure>{picture.replace(' data-search-exclude', '')}</figure>"))


@given(st.lists(st.lists(st.integers(0, 90), min_size=2, max_size=2), min_size=1, max_size=5), st.integers(1, 3))
def test_every_thing_has_its_mark_in_both_drawings(rows: list[list[int]], panels: int) -> None:
    panel = UnitPanel("T", tuple(UnitRow("r", (("open", a), ("other", b)), f"{a}") for a, b in rows))
    for drawing in drawings(units([panel] * panels, "key", "Title", "Words")):
        _, _, wide, high = (float(one) for one in drawing.attrib["viewBox"].split())
        found: dict[str, float] = {"open": 0, "other": 0}
        for rect in drawing.iter("rect"):
            run = float(rect.attrib["width"])
            x, y = (float(one) for one in re.findall(r"[\d.]+", rect.attrib["transform"]))
            assert 0 <= x <= x + run <= wide
            assert y <= high
            found[rect.attrib["fill"].rpartition("-")[2].rstrip(")")] += run / float(rect.attrib["height"])
        assert found == {"open": panels * sum(a for a, _ in rows), "other": panels * sum(b for _, b in rows)}
        assert [one.tag for one in drawing][:2] == ["title", "desc"]


def test_labels_and_titles_are_text() -> None:
    panel = UnitPanel("<b>", (UnitRow("<script>", (("open", 1),), "<i>"),))
    picture = units([panel], "k", "<img>", "<hr>")
    assert not re.search("<(b|script|i|img|hr)[ >]", picture)
    assert "<circle" in unit_chart.mark("other")


@pytest.mark.parametrize("below", ["", "zh/"])
def test_page_is_light_and_the_home_page_and_every_footer_lead_to_it(site: Path, below: str) -> None:
    assert (site / below / "findings/index.html").stat().st_size < HEAVIEST
    home = (site / below / "index.html").read_text("utf-8")
    section = home.partition('<h2 id="together">')[2].partition("</section>")[0]
    assert re.search(r"\d", plain(section))
    assert 'href="findings/"' in section
    other = (site / below / "timeline/index.html").read_text("utf-8")
    assert '"../findings/"' in other.partition("<footer")[2]


@pytest.mark.browser
@pytest.mark.parametrize("below", ["", "zh/"])
def test_entries_of_the_third_finding_lead_to_their_licences(context: BrowserContext, home: str, below: str) -> None:
    page = context.new_page()
    page.goto(f"{home}{below}findings/")
    page.locator("table[data-query=licences-above] tbody th a").first.click()
    expect(page.locator("h2#commercial")).to_be_in_viewport()
