"""The search in a browser: what a reader types finds the page of that thing above the pages that mention it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import DESK, PHONE

pytestmark = pytest.mark.browser

# What is typed -> the pages of which one must come first; the other name, an alias, a card, a term.
WANTED = {
    "指令微调": {"terms/instruction-tuning/"},
    "羊驼": {"models/alpaca/"},
    "斯坦福羊驼": {"models/alpaca/"},
    "QLoRA": {"frameworks/qlora/"},
    "A100": {"hardware/a100-80gb/", "hardware/a100-40gb/"},
    "alpaca": {"models/alpaca/"},
    "stanford-alpaca": {"models/alpaca/"},
    "tatsu-lab/stanford_alpaca": {"models/alpaca/", "datasets/alpaca-52k/"},
    "llama": {"models/llama/"},
    "SFT": {"terms/instruction-tuning/"},
    "中文小羊驼": {"models/chinese-vicuna/"},
    "Vicuna 13B": {"models/vicuna/"},
}


@pytest.fixture(scope="module", params=["", "zh/"])
def searching(browser: Browser, home: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": DESK, "height": 900})
    page = context.new_page()
    page.goto(home + request.param)
    page.click(".md-search__input")
    expect(page.locator(".md-search-result__meta")).not_to_have_text(re.compile("Initializing|初始化"), timeout=20_000)
    yield page
    context.close()


def results(page: Page, text: str) -> list[str]:
    """Types the text and returns the pages found, in order."""
    page.fill(".md-search__input", "")
    page.keyboard.press("End")
    expect(page.locator(".md-search-result__meta")).to_have_text(re.compile("Type to start|键入以开始"))
    page.keyboard.insert_text(text)
    page.keyboard.press("End")  # the search listens to keys, not to text that an input method sets
    expect(page.locator(".md-search-result__meta")).to_have_text(re.compile(r"\d|No matching|没有找到"))
    links = "items => items.map(item => new URL(item.querySelector('a').href).pathname)"
    found = page.eval_on_selector_all(".md-search-result__item", links)
    return [re.sub(r"^/herdbook/(zh/)?", "", path) for path in found]


@pytest.mark.parametrize("text", WANTED)
def test_thing_comes_before_what_mentions_it(searching: Page, text: str) -> None:
    found = results(searching, text)
    assert found
    assert found[0] in WANTED[text]


def test_large_language_model_is_found_in_chinese(page: Page, home: str) -> None:
    page.goto(home + "zh/")
    page.click(".md-search__input")
    expect(page.locator(".md-search-result__meta")).not_to_have_text(re.compile("初始化"), timeout=20_000)
    assert len(results(page, "大语言模型")) > 3
    assert "语言" in page.locator(".md-search-result__item").first.inner_text().replace("\u200b", "")


@pytest.mark.parametrize("path", ["", "zh/models/alpaca/"])
def test_keyboard_alone_opens_a_result_on_a_phone(page: Page, home: str, path: str) -> None:
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.goto(home + path)
    page.focus("[data-hb-search]")
    page.keyboard.press("Enter")
    expect(page.locator(".md-search__input")).to_be_focused()
    expect(page.locator(".md-search-result__meta")).not_to_have_text(re.compile("Initializing|初始化"), timeout=20_000)
    page.keyboard.insert_text("QLoRA")
    page.keyboard.press("End")
    page.locator(".md-search-result__link").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("frameworks/qlora/"))


def test_escape_closes_the_search(page: Page, home: str) -> None:
    page.goto(home)
    page.click(".md-search__input")
    page.keyboard.press("Escape")
    assert not page.is_checked("#__search")
