"""Ways through the site in a browser: by keyboard alone, from other spellings, from a lost address."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import served

pytestmark = pytest.mark.browser


def tab_to(page: Page, selector: str, most: int = 400) -> None:
    """Presses Tab until an element that matches has the focus, and sees that the focus shows."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus on {selector} cannot be seen"
            return
    raise AssertionError(f"no way to {selector}")


@pytest.mark.parametrize("language", ["", "zh/"])
def test_keyboard_alone_leads_from_home_to_the_line_of_a_source(page: Page, home: str, language: str) -> None:
    page.goto(home + language)
    tab_to(page, ".hb-nav a[href$='explorer/']", 10)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{home}{language}explorer/")
    tab_to(page, "tbody th a[href$='/models/alpaca/']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{home}{language}models/alpaca/")
    place = page.locator(".hb-place:has(a[href*='/sources/'])").first.get_attribute("id")
    tab_to(page, f".hb-ref[href='#{place}']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"#{place}$"))
    tab_to(page, ".hb-place:target a", 1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/sources/[a-z-]+/#L\d+$"))
    expect(page.locator("tr:target")).to_be_in_viewport()


@pytest.mark.parametrize("path", ["lineage/", "zh/lineage/", "models/anima33b/"])
def test_picture_of_the_lineage_is_a_nested_list_to_the_keyboard(page: Page, home: str, path: str) -> None:
    page.goto(home + path)
    tab_to(page, "#main details.hb-more > summary")
    page.keyboard.press("Enter")
    tab_to(page, "details.hb-more[open] li li a", 30)
    leads_to = str(page.evaluate("document.activeElement.href"))
    page.keyboard.press("Enter")
    page.wait_for_url(leads_to)
    assert page.locator("h1").is_visible()


def test_buttons_of_an_entry_lead_to_its_file_and_its_citation(page: Page, home: str) -> None:
    page.goto(home + "models/alpaca/")
    page.click(".hb-btns a[href='#origin']")
    expect(page.locator("#origin")).to_be_in_viewport()
    assert "catalog/models/alpaca/model.yaml" in page.locator("#origin").inner_text()
    page.click(".hb-btns a[href='#cite']")
    expect(page.locator("#cite")).to_be_in_viewport()
    cited = page.locator("section:has(#cite)").inner_text()
    assert "@misc{herdbook-alpaca," in cited
    assert "Alpaca. In Herdbook" in cited


@pytest.mark.parametrize("language", ["", "zh/"])
@pytest.mark.parametrize(("spelling", "target"), [("stanford-alpaca", "alpaca/"), ("alpaca-7b", "alpaca/#v-alpaca-7b")])
def test_other_spelling_leads_to_the_entry(page: Page, home: str, language: str, spelling: str, target: str) -> None:
    page.goto(f"{home}{language}models/{spelling}/")
    page.wait_for_url(f"{home}{language}models/{target}")
    assert page.locator("h1").is_visible()


def test_lost_address_answers_in_both_languages(page: Page, addressed: Path) -> None:
    with served(addressed.parent) as home:
        for path in ("models/never/", "zh/terms/never/"):
            reply = page.goto(home + path)
            assert reply
            assert reply.status == 404
            links = page.locator("#main a").all()
            assert [link.get_attribute("href") for link in links] == ["/herdbook/", "/herdbook/zh/"]
            page.click("#main a[lang^=zh]")
            expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
        page.goto(f"{home}zh/404.html")
        assert page.locator("h1").inner_text() == "这个地址没有页面"


def test_first_tab_stop_skips_to_the_text(page: Page, home: str) -> None:
    page.goto(home)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.hb-skip')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
