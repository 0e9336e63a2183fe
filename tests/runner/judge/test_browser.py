"""The page for annotators in a browser, opened from disk without a network: by mouse, by keys, on a phone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from runner.judge.sheets import read_key
from runner.judge_cli import main
from tests.runner.judge.conftest import rows, write_rows
from tests.runner.judge.test_human import pages, verdicts

pytestmark = pytest.mark.browser

VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective))"
ATTACKS = (
    "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>",
    "</script><script>document.title='broken'</script><svg onload=\"document.title='broken'\">",
    "<style>body{display:none}</style><meta http-equiv=refresh content='0;url=https://example.org'>\u202e{item}",
)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_offline(True)
    yield context
    context.close()


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    given = rows()
    for row, attack in zip(given, ATTACKS, strict=False):
        row["answer"] = attack
    assert pages(write_rows(tmp_path / "answers.jsonl", given), tmp_path / "sheets") == 0
    return tmp_path / "sheets"


@pytest.fixture
def said() -> list[str]:
    """Errors of the page, broken policy included, and every request it makes."""
    return []


def opened(context: BrowserContext, path: Path, said: list[str]) -> Page:
    page = context.new_page()
    page.add_init_script(VIOLATIONS)
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if request.url != path.as_uri() else None)
    page.goto(path.as_uri())
    return page


def test_sheet_is_filled_by_mouse_and_keys_saved_and_imported(
    context: BrowserContext, sheets: Path, said: list[str], tmp_path: Path
) -> None:
    page = opened(context, sheets / "a.html", said)
    page.get_by_role("radio", name="Answer 2").check()
    page.get_by_role("button", name="Next", exact=True).click()
    for key in ("1", "ArrowRight", "3", "ArrowRight", "4", "ArrowRight", "2", "ArrowRight", "1"):
        page.keyboard.press(key)
    assert page.locator("#progress").inner_text() == "6 of 6, 6 decided"
    with page.expect_download() as download:
        page.get_by_role("button", name="Save verdicts").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "a.csv"
    assert main(["judge", "human", "import", str(path), "--key", str(sheets / "key.json")]) == 0
    assert [row["winner"] for row in verdicts(sheets)] == ["model_b", "model_a", "tie", "invalid", "model_b", "model_a"]
    assert [url for url in said if not url.startswith("blob:")] == []


def test_answers_are_shown_as_text_whatever_they_hold(context: BrowserContext, sheets: Path, said: list[str]) -> None:
    page = opened(context, sheets / "a.html", said)
    title, seen = page.title(), []
    for _ in range(6):
        seen += [page.locator(side).evaluate("e => e.textContent") for side in ("#first", "#second")]
        assert page.locator("main img, main svg, main script, main style, main meta").count() == 0
        assert page.locator("fieldset").is_visible()
        page.keyboard.press("ArrowRight")
    assert set(ATTACKS) <= set(seen)
    assert page.title() == title
    assert said == []


def test_policy_stops_what_escaping_would_have_let_through(
    context: BrowserContext, sheets: Path, said: list[str]
) -> None:
    """The second line of defence, tried on a page into which a script and a handler were written by hand."""
    path = sheets / "a.html"
    path.write_text(path.read_text().replace("</main>", f"{ATTACKS[0]}<img src='http://127.0.0.1:9/'></main>"))
    page = opened(context, path, said)
    page.wait_for_timeout(200)
    assert page.title() != "broken"
    assert any("policy script-src" in line for line in said)
    assert any("policy img-src" in line for line in said)


def test_choices_are_kept_when_the_page_is_closed(context: BrowserContext, sheets: Path, said: list[str]) -> None:
    page = opened(context, sheets / "a.html", said)
    page.keyboard.press("2")
    page.close()
    page = opened(context, sheets / "a.html", said)
    assert page.get_by_role("radio", name="Answer 2").is_checked()
    assert page.locator("#progress").inner_text() == "1 of 6, 1 decided"
    page.get_by_role("button", name="Next open one").click()
    assert page.locator("#progress").inner_text() == "2 of 6, 1 decided"
    other = opened(context, sheets / "b.html", said)
    assert other.locator("#progress").inner_text() == "1 of 6, 0 decided"


def test_senseless_storage_does_not_break_the_page(context: BrowserContext, sheets: Path, said: list[str]) -> None:
    page = opened(context, sheets / "a.html", said)
    sheet = read_key(sheets / "key.json").sheet("a")
    for value in ('{"1": "<b>", "99": "1", "x": "2", "2": "tie"}', "[", "null"):
        page.evaluate("([name, value]) => localStorage.setItem(name, value)", [f"herdbook-sheet-{sheet}", value])
        page.reload()
        assert page.locator("main").is_visible()
        assert "are kept" in page.locator("#kept").inner_text()
    assert not page.get_by_role("radio", name="Answer 1").is_checked()


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_page_never_scrolls_sideways_and_buttons_are_large_enough(
    browser: Browser, tmp_path: Path, said: list[str], width: int
) -> None:
    given = rows()
    given[0]["answer"] = "长" * 500 + "x" * 500 + "\n\t" + "word " * 200
    answers = write_rows(tmp_path / "answers.jsonl", given)
    assert pages(answers, tmp_path / "sheets", "--language", "zh") == 0
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme="dark")
    page = opened(context, tmp_path / "sheets" / "a.html", said)
    for _ in range(6):
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.keyboard.press("ArrowRight")
    heights = page.locator("button, label").evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")
    assert min(heights) >= 24
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    context.close()
    assert said == []


def test_without_scripts_the_page_says_what_it_needs(browser: Browser, sheets: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((sheets / "a.html").as_uri())
    assert page.get_by_text("This page needs JavaScript").is_visible()
    assert not page.locator("main").is_visible()
    context.close()


def test_models_are_nowhere_in_the_page(context: BrowserContext, sheets: Path, said: list[str]) -> None:
    page = opened(context, sheets / "a.html", said)
    known = page.evaluate("document.documentElement.outerHTML") + json.dumps(page.evaluate("({...localStorage})"))
    assert not any(model in known for model in ("alpha", "beta", "gamma"))
