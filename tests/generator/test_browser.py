"""The built site in a browser, below a sub-path: what a reader sees, and whom the pages talk to."""

import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from .conftest import DESK, PHONE, one_of_each_kind

pytestmark = pytest.mark.browser

VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective))"
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
AXE_RUN = """options => axe.run(document, options).then(found => found.violations.flatMap(
    rule => rule.nodes.slice(0, 3).map(node => `${rule.id} at ${node.target.join(" ")}: ${node.html.slice(0, 99)}`)))"""
EVERYTHING = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}


def first_model(site: Path) -> str:
    """An entry's page; an alias has one too, which only leads there."""
    names = sorted(path.name for path in (site / "models").iterdir())
    pages = (
        name for name in names if 'http-equiv="refresh"' not in (site / "models" / name / "index.html").read_text()
    )
    return f"models/{next(pages)}/"


def watch(page: Page, home: str, wrong: list[str]) -> None:
    """Notes errors in the console, policy violations and requests to other hosts, with the page they are of."""
    page.on("console", lambda said: said.type == "error" and wrong.append(f"{page.url}: {said.text}"))
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("request", lambda asked: asked.url.startswith((home, "blob:")) or wrong.append(f"{page.url}: {asked.url}"))


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_is_quiet_fits_and_has_no_axe_violation(
    browser: Browser, home: str, site: Path, language: str, width: int
) -> None:
    """Every kind of page.

    Axe judges what does not depend on the language once at a desk, and contrast, which is all that a scheme changes,
    again in the dark.
    """
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme="light")
    context.add_init_script(VIOLATIONS)
    context.add_init_script(AXE)
    page, wrong = context.new_page(), []
    watch(page, home, wrong)
    kinds = [path for path in one_of_each_kind(site) if path.startswith("zh/") == (language == "zh")]
    assert len(kinds) > 15
    for path in kinds:
        page.emulate_media(color_scheme="light")
        page.goto(home + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{path}: scrolls sideways")
        if language == "en" or width == PHONE:
            wrong += [f"{path}: {violation}" for violation in page.evaluate(AXE_RUN, EVERYTHING)]
        if language == "en":
            page.emulate_media(color_scheme="dark")
            page.locator("body[data-md-color-scheme=slate]").wait_for()
            wrong += [f"{path} dark: {violation}" for violation in page.evaluate(AXE_RUN, COLOURS)]
    context.close()
    assert wrong == []


@pytest.mark.parametrize(("scheme", "name"), [("light", "default"), ("dark", "slate")])
def test_page_opens_in_the_scheme_of_the_reader_and_stays_quiet(
    browser: Browser, home: str, scheme: Any, name: str
) -> None:
    context = browser.new_context(viewport={"width": PHONE, "height": 844}, color_scheme=scheme)
    context.add_init_script(VIOLATIONS)
    page, wrong = context.new_page(), []
    watch(page, home, wrong)
    for path in ("", "zh/explorer/", "models/alpaca/", "zh/timeline/"):
        page.goto(home + path)
        assert page.evaluate("document.body.dataset.mdColorScheme") == name
    context.close()
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_without_scripts_shows_its_text_in_the_reader_s_scheme(
    browser: Browser, home: str, site: Path, scheme: str
) -> None:
    options = {"java_script_enabled": False, "color_scheme": scheme, "viewport": {"width": PHONE, "height": 844}}
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(home + first_model(site))
    assert page.locator("h1").is_visible()
    assert not page.locator(".md-search").is_visible()
    context.close()


def test_every_kind_of_page_is_there_without_scripts(browser: Browser, home: str, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": PHONE, "height": 844})
    page = context.new_page()
    for path in one_of_each_kind(site):
        page.goto(home + path)
        assert page.locator("main h1").is_visible(), path
        assert page.locator(".hb-jsonly:visible, .md-search:visible").count() == 0, path
        box = page.locator("main").bounding_box()
        assert box, path
        assert box["width"] <= PHONE, path
    context.close()


@pytest.mark.parametrize("path", ["", "methodology/", "MODEL"])
def test_language_switch_stays_on_the_page(page: Page, home: str, site: Path, path: str) -> None:
    path = path.replace("MODEL", first_model(site))
    page.goto(home + path)
    page.click(".hb-tool--lang")
    page.wait_for_url(f"{home}zh/{path}")
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    page.click(".hb-tool--lang")
    page.wait_for_url(home + path)
    assert page.evaluate("document.documentElement.lang") == "en"


def test_chosen_scheme_holds_in_the_other_language(page: Page, home: str) -> None:
    page.goto(home, wait_until="networkidle")  # the theme's script answers the clicks
    for _ in range(2):
        page.click("[data-md-component=palette] label:visible")
    assert page.get_attribute("body", "data-md-color-scheme") == "slate"
    page.click(".hb-tool--lang")
    page.wait_for_url(f"{home}zh/")
    assert page.get_attribute("body", "data-md-color-scheme") == "slate"


def test_header_of_each_language_fits_a_phone(page: Page, home: str) -> None:
    page.set_viewport_size({"width": PHONE, "height": 844})
    for path in ("", "zh/"):
        page.goto(home + path)
        boxes = [item.bounding_box() for item in page.locator(".hb-brand, .hb-tool:visible").all()]
        assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE for box in boxes)
        assert len({round(box["y"] + box["height"] / 2, -1) for box in boxes if box}) == 1, "wraps"


def test_print_is_dark_on_light_without_the_controls(page: Page, home: str, site: Path) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(home + first_model(site))
    assert not page.locator(".hb-header").is_visible()
    red, green, blue = map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).color"))[:3])
    assert red + green + blue < 150
