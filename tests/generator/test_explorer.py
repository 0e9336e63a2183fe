"""The explorer in a browser: facets, sorting, columns, the address as state, saving, and all of it without scripts."""

import csv
import json
import re
from itertools import groupby
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def explorer(page: Page, home: str) -> Page:
    page.goto(home + "explorer/")
    return page


def rows(page: Page) -> list[str]:
    return page.eval_on_selector_all("tbody tr:not([hidden])", "rows => rows.map(row => row.dataset.slug)")  # type: ignore[no-any-return]


def state(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def tick(page: Page, facet: str, value: str) -> None:
    """As a reader does: opens the group and ticks the box."""
    group = page.locator(f"[data-facet={facet}]")
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    group.locator(f"input[value='{value}']").check()


def counts(page: Page, facet: str) -> dict[str, int]:
    script = """labels => Object.fromEntries(labels.map(
        label => [label.querySelector('input').value, +label.querySelector('.c').textContent]))"""
    return page.eval_on_selector_all(f"[data-facet={facet}] label", script)  # type: ignore[no-any-return]


def test_counts_of_the_other_facets_follow_the_choice(explorer: Page) -> None:
    before, openness = counts(explorer, "commercial"), counts(explorer, "weights")
    every = rows(explorer)
    tick(explorer, "weights", "open")
    shown = rows(explorer)
    assert 0 < len(shown) == openness["open"] < len(every)
    assert counts(explorer, "weights") == openness, "a choice does not change the counts of its own group"
    after = counts(explorer, "commercial")
    assert after != before
    for value, number in after.items():
        explorer.goto(explorer.url.split("?")[0] + f"?weights=open&commercial={value}")
        assert len(rows(explorer)) == number, value


def test_search_box_narrows_and_says_how_many(explorer: Page) -> None:
    explorer.fill("[name=q]", "alpaca")
    shown = rows(explorer)
    assert "alpaca" in shown
    assert "dolly" not in shown
    total = explorer.locator("tbody tr").count()
    expect(explorer.locator(".hb-bar output")).to_have_text(f"{len(shown)} of {total} entries")
    explorer.fill("[name=q]", "nothing is called so")
    expect(explorer.locator(".hb-empty")).to_be_visible()


def test_sorting_goes_both_ways_with_the_unknown_last(explorer: Page) -> None:
    head = explorer.locator("th[data-k=parameters]")
    values = "rows => rows.map(row => row.querySelector('[data-c=parameters]').dataset.v)"
    for direction in ("ascending", "descending"):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == direction
        found = explorer.eval_on_selector_all("tbody tr", values)
        known = [float(value) for value in found if value]
        assert known == sorted(known, reverse=direction == "descending")
        assert found[: len(known)] == [value for value in found if value]
    assert explorer.locator("th[aria-sort=ascending], th[aria-sort=descending]").count() == 1


def test_state_stands_in_the_address_and_the_address_brings_it_back(explorer: Page) -> None:
    tick(explorer, "weights", "open")
    explorer.fill("[name=q]", "a")
    explorer.click("th[data-k=name] button")
    explorer.click(".hb-pop > summary")
    explorer.uncheck("[data-col=hardware]")
    shown, address = rows(explorer), explorer.url
    assert state(explorer) == {"weights": ["open"], "q": ["a"], "sort": ["name"], "hide": ["base.hardware"]}
    other = explorer.context.new_page()
    other.goto(address)
    assert rows(other) == shown
    assert other.locator("th[data-c=hardware]").is_hidden()
    assert other.locator("th[data-k=name]").get_attribute("aria-sort") == "ascending"
    assert other.input_value("[name=q]") == "a"


def test_back_button_undoes_one_step_and_forward_does_it_again(explorer: Page) -> None:
    first = rows(explorer)
    tick(explorer, "weights", "open")
    second = rows(explorer)
    explorer.locator("[name=q]").press_sequentially("llama")
    third = rows(explorer)
    explorer.click("th[data-k=name] button")
    assert first != second != third
    for expected in (sorted(third), second, first):
        explorer.go_back()
        assert sorted(rows(explorer)) == sorted(expected)
    assert rows(explorer) == first, "the order is that of the beginning again"
    assert state(explorer) == {}
    assert explorer.locator("[data-facet=weights] input:checked").count() == 0
    explorer.go_forward()
    assert rows(explorer) == second


def test_chip_removes_its_choice_and_keeps_the_focus_near(explorer: Page) -> None:
    every = rows(explorer)
    tick(explorer, "weights", "open")
    explorer.locator(".hb-chips button").click()
    assert rows(explorer) == every
    assert explorer.evaluate("document.activeElement !== document.body")


def test_unknown_values_in_the_address_do_no_harm(explorer: Page) -> None:
    explorer.goto(explorer.url + "?weights=%22%5D&sort=%5B%22&hide=..nothing&q=&zzz=1&__proto__=1")
    assert len(rows(explorer)) == explorer.locator("tbody tr").count()


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_saved_file_holds_what_is_shown(explorer: Page, tmp_path: Path, kind: str) -> None:
    tick(explorer, "weights", "open")
    explorer.click(".hb-pop > summary")
    explorer.uncheck("[data-col=hardware]")
    with explorer.expect_download() as download:
        explorer.click(f"[data-hb-save={kind}]")
    download.value.save_as(tmp_path / "saved")
    text = (tmp_path / "saved").read_text("utf-8")
    saved = list(csv.DictReader(text.splitlines())) if kind == "csv" else json.loads(text)
    assert download.value.suggested_filename == f"herdbook.{kind}"
    assert [row["id"] for row in saved] == rows(explorer)
    assert "hardware" not in saved[0]
    assert {row["weights"] for row in saved} == {"open"}


def test_saved_cells_are_no_formulas(explorer: Page, tmp_path: Path) -> None:
    explorer.eval_on_selector("tbody tr td[data-c=method] span", "span => { span.textContent = '=1+1\"' }")
    with explorer.expect_download() as download:
        explorer.click("[data-hb-save=csv]")
    download.value.save_as(tmp_path / "saved")
    assert """"'=1+1\"\"\"""" in (tmp_path / "saved").read_text("utf-8")


def long_explorer(page: Page, home: str, times: int) -> None:
    """The explorer with every row so many times, as a large register has it."""

    def repeated(route: Route) -> None:
        html = route.fetch().text()
        before, body, after = html.partition('<tbody role="rowgroup">')
        rows, end, rest = after.partition("</tbody>")
        copies = "".join(re.sub('data-slug="', f'data-slug="{number}-', rows) for number in range(times))
        route.fulfill(body=before + body + copies + end + rest, content_type="text/html")

    page.route("**/explorer/", repeated)
    page.goto(home + "explorer/")


def test_rows_of_a_long_table_are_counted_saved_and_printed_before_all_are_laid_out(
    page: Page, home: str, tmp_path: Path
) -> None:
    page.add_init_script("window.requestAnimationFrame = () => 0")  # no frame after the first
    long_explorer(page, home, 10)
    total = page.locator("tbody tr").count()
    assert page.locator("tbody tr:visible").count() < total
    tick(page, "weights", "open")
    shown = rows(page)
    assert page.locator("tbody tr:visible").count() < len(shown) < total
    expect(page.locator(".hb-bar output")).to_have_text(f"{len(shown)} of {total} entries")
    with page.expect_download() as download:
        page.click("[data-hb-save=json]")
    download.value.save_as(tmp_path / "saved")
    assert [row["id"] for row in json.loads((tmp_path / "saved").read_text("utf-8"))] == shown
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("tbody tr:visible").count() == len(shown)


def test_rows_of_a_long_table_all_come_in_order(page: Page, home: str) -> None:
    long_explorer(page, home, 10)
    page.click("th[data-k=name] button")
    tick(page, "weights", "open")
    expect(page.locator(".hb-late")).to_have_count(0)
    names = page.eval_on_selector_all("tbody tr:not([hidden]) th", "cells => cells.map(cell => cell.dataset.v)")
    assert page.locator("tbody tr:visible").count() == len(names) > 60
    assert [name for name, _ in groupby(names)] == list(dict.fromkeys(names)), "the copies of a row stand together"
    latin = [name for name in dict.fromkeys(names) if name.isascii() and name.isalpha()]
    assert latin == sorted(latin)


def test_phone_shows_cards_and_the_filter_opens(page: Page, home: str) -> None:
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.goto(home + "zh/explorer/")
    assert page.locator("tbody tr").first.evaluate("row => getComputedStyle(row).display") == "grid"
    assert page.locator("[name=q]").is_hidden()
    page.click(".hb-filter > summary")
    page.fill("[name=q]", "alpaca")
    assert "alpaca" in rows(page)


def test_table_is_complete_without_javascript(plain: Page, home: str, site: Path) -> None:
    plain.goto(home + "explorer/")
    entries = [path for kind in ("models", "frameworks") for path in (site / "api/v1" / kind).glob("*.json")]
    hrefs = {link.get_attribute("href") or "" for link in plain.locator("tbody th a").all()}
    known = {f"../{path.parent.name}/{path.stem}/" for path in entries}
    assert hrefs <= known
    assert len(hrefs) > 0.8 * len(known), "data and closed models that only others refer to are left out"
    assert plain.locator("thead th:visible").count() == plain.locator("thead th").count() == 12
    assert not plain.locator(".hb-facets").is_visible()
    assert plain.locator("[data-hb-save=csv]").get_attribute("href") == "../api/v1/models.csv"
