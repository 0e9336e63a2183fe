"""Records full of markup, scripts, control characters and endless words, through the real build and a real browser.

What the checks refuse is asserted as refused. The same and worse, put into records behind the checks' back, must change
nothing outside its own place: the pages have the elements of the untouched site, run nothing and do not grow wider.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser
from pydantic import BaseModel

from catalog.facts import Text
from catalog.register import Catalog
from catalog.store import load, read_catalog
from generator.build import build
from generator.citation import citation
from generator.tame import LONGEST, outward, spoken, tame

from .conftest import DESK, PHONE, ROOT, served

# Short enough to be read, with everything that ends a context: HTML, attribute, script, SVG, template, JSON, CDATA, TeX.
MARKUP = """</td></table></title></script></svg></style>"><script>window.ran=1</script><img src=x onerror=window.ran=1>"""
MARKUP += """<svg onload=window.ran=1>' onfocus='window.ran=1' {{ 7*7 }}{% for x in y %}${7*7}&lt;b&gt;]]>--></textarea>"""
MARKUP += """<base href=//evil.example><a href="javascript:window.ran=1">javascript:window.ran=1</a>\\end{document} \u202egnp\u2066"""
ENDLESS = "W" * 100_000
POISONED = {"models/alpaca", "frameworks/fastchat", "datasets/alpaca-52k", "hardware/a100-80gb", "terms/lora", "sources/survey"}
POISONED |= {"models/vicuna"}


class Poison:
    """Puts hostile text into a record; every text gets another, so that none is taken for the same as its neighbour."""

    def __init__(self) -> None:
        self.number = 0

    def text(self) -> str:
        self.number += 1
        return f"{MARKUP} {self.number} {ENDLESS}"

    def into(self, value: Any, field: str = "") -> Any:
        if isinstance(value, Text):
            return Text.model_construct(en=self.text(), zh=self.text())
        if isinstance(value, BaseModel):
            changed = {name: self.into(getattr(value, name), name) for name in type(value).model_fields}
            return value.model_copy(update=changed)
        if isinstance(value, tuple):
            return tuple(self.into(item, field) for item in value)
        if isinstance(value, dict):
            return {key: self.into(item, field) for key, item in value.items()}
        if isinstance(value, str) and field in ("url", "archived") and value:
            return f"javascript:window.ran={self.number}"
        return value


def poisoned(catalog: Catalog) -> Catalog:
    poison = Poison()
    files = []
    for file in catalog.files:
        record: Any = file.record
        if f"{file.kind}/{file.slug}" in POISONED:
            record = poison.into(record)
            if hasattr(record, "aliases"):
                record = record.model_copy(update={"aliases": (*record.aliases, "../../x", MARKUP, "..", "a/../../b")})
        files.append(type(file)(**{**vars(file), "record": record}))
    kept = {name: getattr(catalog, name) for name in ("root", "publishers", "licences", "side_files", "translations")}
    return Catalog(files=tuple(files), **kept)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.build.load_catalog", lambda: poisoned(load(ROOT / "catalog")))
        build(ROOT, folder / "herdbook", strict=True)
    return folder


@pytest.fixture(scope="module")
def hostile_home(hostile: Path) -> Iterator[str]:
    with served(hostile) as address:
        yield address


# Everything but the text: names, in order, of all elements of the page.
SHAPE = "Array.from(document.querySelectorAll('body *:not(svg *)')).map(e => e.localName + (e.id ? '#' + e.id : ''))"
OTHERS = """slugs => Array.from(document.querySelectorAll('tbody tr')).filter(row => !slugs.includes(row.dataset.slug))
    .map(row => row.innerText)"""
PAGES = sorted(f"{path}/" for path in POISONED)
PAGES += ["", "explorer/", "timeline/", "lineage/", "compare/", "results/", "models/dolly/"]
PAGES += [f"{kind}/" for kind in ("datasets", "frameworks", "hardware", "terms", "sources")]


@pytest.mark.browser
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_hostile_records_change_nothing_but_their_own_text(
    browser: Browser, home: str, hostile_home: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page, wrong = context.new_page(), []
    page.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    page.on("console", lambda said: said.type == "error" and wrong.append(f"{page.url}: {said.text}"))
    page.on("request", lambda asked: asked.url.startswith("http://127.0.0.1") or wrong.append(asked.url))
    for path in PAGES:
        page.goto(home + path)
        clean = page.evaluate(SHAPE)
        page.goto(hostile_home + path)
        found = page.evaluate(SHAPE)
        # Chinese in an English page has a span of its own, and what leads elsewhere than to https is no link.
        clean, found = ([one for one in names if one not in ("span", "a")] for names in (clean, found))
        if width == DESK:
            assert Counter(found) == Counter(clean), path
        if page.evaluate("window.ran !== undefined"):
            wrong.append(f"{path}: a script ran")
        if strange := page.evaluate("""Array.from(document.querySelectorAll('body *')).filter(e =>
                Array.from(e.attributes).some(a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)) ||
                ['BASE', 'IFRAME', 'OBJECT', 'IMG'].includes(e.tagName)).map(e => e.outerHTML.slice(0, 100))"""):
            wrong.append(f"{path}: {strange}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{path}: scrolls sideways")
    context.close()
    assert wrong == []


@pytest.mark.browser
def test_rows_of_other_entries_read_as_before(browser: Browser, home: str, hostile_home: str) -> None:
    slugs = [path.partition("/")[2] for path in POISONED]
    page = browser.new_page(viewport={"width": DESK, "height": 900})
    read = []
    for address in (home, hostile_home):
        page.goto(address + "explorer/")
        texts = page.evaluate(OTHERS, slugs)
        read.append(sorted(text for text in texts if "javascript" not in text))
    page.close()
    assert set(read[1]) <= set(read[0])
    assert len(read[1]) > 0.4 * len(read[0]), "the others name none of the poisoned"
