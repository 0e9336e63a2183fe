"""Pages of trainings, probes and demonstrations in a real browser, some of them of hostile records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from catalog.register import Catalog, File
from catalog.store import load
from generator.build import build

from .conftest import DESK, PHONE, ROOT, served
from .results import ENTRY, planted
from .test_browser import AXE, AXE_RUN, COLOURS, EVERYTHING, VIOLATIONS, watch
from .test_training_pages import poison

pytestmark = pytest.mark.browser


def hostile(file: File) -> File:
    """The demonstration's results and every probe, with markup and endless words in all their free text."""
    if file.kind == "results" and (file.slug.startswith("demo/") or "/probe-" in file.slug):
        return type(file)(**{**vars(file), "record": poison(file.record)})
    return file


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trainings")
    catalog = planted(load(ROOT / "catalog").root, folder)
    kept = {key: value for key, value in vars(catalog).items() if key in Catalog.__dataclass_fields__ and key != "kept"}
    changed = Catalog(**{**kept, "attached": tuple(map(hostile, catalog.attached))})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.build.load_catalog", lambda: changed)
        build(ROOT, folder / "herdbook", strict=True)
    return folder


@pytest.fixture(scope="module")
def there(built: Path) -> Iterator[str]:
    with served(built) as address:
        yield address


def paths(built: Path) -> list[str]:
    results = [f"models/{slug}/results/" for slug in (ENTRY, "demo")]
    pages = [f"{path}{one.name}/" for path in results for one in sorted((built / "herdbook" / path).iterdir())]
    return [*pages, f"models/{ENTRY}/", "models/demo/", "measured/"]


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("language", ["", "zh/"])
def test_page_is_quiet_fits_and_has_no_axe_violation(
    browser: Browser, there: str, built: Path, language: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme="light")
    context.add_init_script(VIOLATIONS)
    context.add_init_script(AXE)
    page, wrong = context.new_page(), []
    watch(page, there, wrong)
    found = paths(built)
    assert len(found) >= 6
    for path in found:
        page.emulate_media(color_scheme="light")
        page.goto(there + language + path)
        page.evaluate("document.querySelectorAll('main details, article details').forEach(one => one.open = true)")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{path}: scrolls sideways")
        if page.evaluate("window.ran !== undefined"):
            wrong.append(f"{path}: a script ran")
        wrong += [f"{path}: {violation}" for violation in page.evaluate(AXE_RUN, EVERYTHING)]
        page.emulate_media(color_scheme="dark")
        page.locator("body[data-md-color-scheme=slate]").wait_for()
        wrong += [f"{path} dark: {violation}" for violation in page.evaluate(AXE_RUN, COLOURS)]
    context.close()
    assert wrong == []


def test_a_training_is_readable_without_scripts(browser: Browser, there: str, built: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": PHONE, "height": 844})
    page = context.new_page()
    page.goto(there + paths(built)[0])
    assert page.locator("h1").is_visible()
    assert page.locator("figure svg.hb-narrow").first.is_visible()
    assert not page.locator("figure svg.hb-broad").first.is_visible()
    page.locator("summary", has_text="as a table").first.click()
    assert page.locator("details[open] table").first.is_visible()
    context.close()


def test_downloads_of_a_training_are_the_files_on_record(browser: Browser, there: str, built: Path) -> None:
    page = browser.new_page()
    page.goto(there + paths(built)[0])
    links = page.locator(".hb-head .hb-btn").all()
    addresses = [link.evaluate("link => link.href") for link in links]
    assert len({address.rsplit(".", 1)[-1] for address in addresses}) == 2
    for address in addresses:
        reply = page.request.get(address)
        name = address.rsplit("/", 1)[-1]
        assert reply.body() == (built / "catalog" / "models" / ENTRY / "results" / name).read_bytes()
    page.close()
