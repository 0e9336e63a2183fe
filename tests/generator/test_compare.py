"""The comparison in a browser: by address, by picker, with a wrong address, and without JavaScript."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from .conftest import PHONE

pytestmark = pytest.mark.browser


def names(page: Page) -> list[str]:
    return page.locator("thead th").all_inner_texts()


def chosen(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get("m", [])


def add(page: Page, slug: str) -> None:
    page.select_option("select[name=add]", slug)
    page.click("form [type=submit]")


def test_address_names_the_entries(page: Page, home: str) -> None:
    page.goto(home + "compare/?m=vicuna&m=dolly")
    expect(page.locator("thead th")).to_have_count(2)
    assert names(page) == ["Vicuna", "Dolly"]
    assert page.locator("tr.same").count() > 0
    assert page.locator("tr.diff").count() > 5


def test_the_same_bases_read_the_same_whatever_their_order_on_record(page: Page, home: str) -> None:
    page.goto(home + "compare/?m=vicuna&m=alpaca")
    expect(page.locator("thead th")).to_have_count(2)
    row = page.locator("tbody tr", has=page.get_by_role("rowheader", name="Base same"))
    assert row.locator("td").all_inner_texts() == ["LLaMA 7B, LLaMA 13B"] * 2
    assert row.get_attribute("class") == "same"


def test_picker_adds_and_chips_remove_and_back_undoes(page: Page, home: str) -> None:
    page.goto(home + "compare/?m=vicuna&m=dolly")
    add(page, "alpaca")
    expect(page.locator("thead th")).to_have_count(3)
    assert chosen(page) == ["vicuna", "dolly", "alpaca"]
    page.locator(".hb-chips button", has_text="Vicuna").click()
    expect(page.locator("thead th")).to_have_count(2)
    assert names(page) == ["Dolly", "Alpaca"]
    page.go_back()
    expect(page.locator("thead th")).to_have_count(3)
    page.go_back()
    expect(page.locator("thead th")).to_have_count(2)
    assert names(page) == ["Vicuna", "Dolly"]


def test_four_is_the_most(page: Page, home: str) -> None:
    page.goto(home + "compare/?m=vicuna&m=dolly&m=alpaca&m=llama&m=belle&m=moss")
    expect(page.locator("thead th")).to_have_count(4)
    assert page.locator("form [type=submit]").is_disabled()
    expect(page.locator("[role=status]")).to_contain_text("Four is the most")
    page.locator(".hb-chips button").first.click()
    assert page.locator("form [type=submit]").is_enabled()


def test_only_what_differs_hides_the_same_and_stands_in_the_address(page: Page, home: str) -> None:
    page.goto(home + "compare/?m=vicuna&m=alpaca")
    expect(page.locator("thead th")).to_have_count(2)
    page.check("[data-hb-diff]")
    assert page.locator("tr.same:visible").count() == 0
    assert page.locator("tr.diff:visible").count() > 0
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("thead th")).to_have_count(2)
    assert other.locator("tr.same:visible").count() == 0
    other.uncheck("[data-hb-diff]")
    assert other.locator("tr.same:visible").count() > 0


def test_wrong_slug_is_named_and_the_right_ones_are_shown(page: Page, home: str) -> None:
    page.goto(home + "compare/?m=vicuna&m=%3Cimg%20src=x%20onerror=alert(1)%3E&m=constructor")
    expect(page.locator("thead th")).to_have_count(1)
    expect(page.locator("[role=status]")).to_contain_text("No such entry: <img src=x onerror=alert(1)>, constructor.")
    assert page.locator("[role=status] img").count() == 0


def test_one_entry_asks_for_another_and_none_shows_the_first_choice(page: Page, home: str) -> None:
    page.goto(home + "zh/compare/?m=dolly")
    expect(page.locator("[role=status]")).to_have_text("请选择二至四个条目。")
    page.goto(home + "zh/compare/?m=nothing")
    assert page.locator("thead th").count() == 3


def test_four_columns_fit_a_phone(page: Page, home: str) -> None:
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.goto(home + "compare/?m=vicuna&m=dolly&m=chinese-llama-alpaca&m=llama")
    expect(page.locator("thead th")).to_have_count(4)
    tops = {round(th.bounding_box()["y"]) for th in page.locator("thead th").all()}  # type: ignore[index]
    assert len(tops) == 1, "the names stand beside each other"
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_comparison_is_there_without_javascript(plain: Page, home: str) -> None:
    plain.goto(home + "compare/")
    assert names(plain) == ["Alpaca", "Chinese-Vicuna", "Vicuna"]
    assert plain.locator("tbody tr").count() > 20
    assert not plain.locator("select").is_visible()
