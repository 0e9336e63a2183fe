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
    rule => rule.nodes.slice(0, 3).map(node => `${rule.id} at ${node.target.join(" ")}: ${node.html.slice(0, 120)}`)))"""
EVERYTHING = {"resultTypes": ["violations"]}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
SCHEMES = {"light": "default", "dark": "slate"}


def first_model(site: Path) -> str:
    return f"models/{min(path.name for path in (site / 'models').iterdir())}/"


def watch(page: Page, home: str, path: str, wrong: list[str]) -> None:
    """Notes errors in the console, policy violations and requests to other hosts."""
    page.on("console", lambda said: said.type == "error" and wrong.append(f"{path}: {said.text}"))
    page.on("pageerror", lambda error: wrong.append(f"{path}: {error}"))
    page.on("request", lambda asked: asked.url.startswith((home, "blob:")) or wrong.append(f"{path}: {asked.url}"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_is_quiet_fits_and_has_no_axe_violation(
    browser: Browser, home: str, site: Path, language: str, width: int, scheme: Any
) -> None:
    """Every kind of page. A scheme changes colours alone, so the dark one is judged by the rule on contrast."""
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.add_init_script(VIOLATIONS)
    context.add_init_script(AXE)
    wrong: list[str] = []
    kinds = [path for path in one_of_each_kind(site) if path.startswith("zh/") == (language == "zh")]
    assert len(kinds) > 15
    for path in kinds:
        page = context.new_page()
        watch(page, home, path, wrong)
        page.goto(home + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{path}: scrolls sideways")
        if page.evaluate("document.body.dataset.mdColorScheme") != SCHEMES[scheme]:
            wrong.append(f"{path}: not {scheme}")
        found = page.evaluate(AXE_RUN, EVERYTHING if scheme == "light" else COLOURS)
        wrong += [f"{path}: {violation}" for violation in found]
        page.close()
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
