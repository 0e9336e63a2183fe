"""Records full of markup, scripts, control characters and endless words, through the real build and a real browser.

What the checks refuse is asserted as refused. The same and worse, put into records behind the checks' back, must change
nothing outside its own place: the pages have the elements of the untouched site, run nothing and do not grow wider.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, expect
from pydantic import BaseModel

from catalog import citation
from catalog.cli import main
from catalog.facts import Text
from catalog.records import Term
from catalog.register import Catalog, File
from catalog.store import load
from generator.build import build
from generator.tame import LONGEST, outward, spoken, tame

from .conftest import DESK, PHONE, ROOT, served

# Short enough to be read, with everything that ends a context: HTML, attribute, script, SVG, template, JSON, TeX.
MARKUP = """</td></table> </title></script> </svg></style> "> <script>window.ran=1</script> """
MARKUP += """<img src=x onerror=window.ran=1> <svg onload=window.ran=1> ' onfocus='window.ran=1' """
MARKUP += """{{ 7*7 }} {% for x in y %} ${7*7} &lt;b&gt; ]]> --> </textarea> <base href=//evil.example> """
MARKUP += """<a href="javascript:window.ran=1"> javascript:window.ran=1</a> \\end{document} \u202egnp\u2066"""
ENDLESS = "W" * 100_000
POISONED = {"models/alpaca", "models/vicuna", "frameworks/fastchat", "datasets/alpaca-52k", "hardware/a100-80gb"}
POISONED |= {"terms/lora", "sources/survey", "models/zephyr-7b-beta"}  # the last is young enough for the feed


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
    kept |= {name: getattr(catalog, name) for name in ("attached", "judgments", "tables")}
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
PAGES = sorted(f"{path}/" for path in POISONED - {"models/vicuna", "frameworks/fastchat", "models/zephyr-7b-beta"})
PAGES += ["", "explorer/", "timeline/", "lineage/", "compare/", "results/", "models/dolly/"]
PAGES += ["datasets/", "findings/"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_hostile_records_run_nothing_and_stay_in_their_place(browser: Browser, hostile_home: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page, wrong = context.new_page(), []
    page.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    page.on("console", lambda said: said.type == "error" and wrong.append(f"{page.url}: {said.text}"))
    page.on("request", lambda asked: asked.url.startswith("http://127.0.0.1") or wrong.append(asked.url))
    for path in PAGES:
        page.goto(hostile_home + path)
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
def test_hostile_records_add_no_element(browser: Browser, home: str, hostile_home: str) -> None:
    page = browser.new_page()
    for path in PAGES:
        # Chinese in an English page has a span of its own, and what leads elsewhere than to https is no link.
        shapes = []
        for address in (home, hostile_home):
            page.goto(address + path, wait_until="commit")
            page.wait_for_load_state("domcontentloaded")
            shapes.append(Counter(name for name in page.evaluate(SHAPE) if name not in ("span", "a")))
        assert shapes[0] == shapes[1], path
    page.close()


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


@pytest.mark.browser
def test_search_shows_hostile_names_as_text(browser: Browser, hostile_home: str) -> None:
    page = browser.new_page(viewport={"width": DESK, "height": 900})
    page.goto(hostile_home)
    page.click(".md-search__input")
    page.keyboard.insert_text("fastchat vicuna evil")
    page.keyboard.press("End")
    page.locator(".md-search-result__item").nth(2).wait_for(timeout=20_000)
    assert "<script>" in page.locator(".md-search-result__list").inner_text()
    assert page.locator(".md-search-result__list").locator("script, img, base, [onload], [onfocus]").count() == 0
    assert page.evaluate("window.ran") is None
    page.close()


@pytest.mark.browser
def test_comparison_shows_hostile_names_as_text(browser: Browser, hostile_home: str) -> None:
    page = browser.new_page(viewport={"width": PHONE, "height": 844})
    page.goto(hostile_home + "compare/?m=alpaca&m=vicuna&m=fastchat&m=dolly")
    expect(page.locator("thead th")).to_have_count(4)
    assert "<script>" in page.locator("thead th").first.inner_text()
    assert page.locator("main").locator("img, script, base").count() == 0
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    page.close()


def test_feed_data_and_redirects_of_hostile_records_are_whole(hostile: Path) -> None:
    site = hostile / "herdbook"
    for feed in (site / "feed.xml", site / "zh/feed.xml"):
        titles = [element.text or "" for element in ElementTree.parse(feed).iter("{http://www.w3.org/2005/Atom}title")]
        assert any("<script>" in title for title in titles), "as text, in a file that still is XML"
    names = [entry["name"]["en"] for entry in json.loads((site / "api/v1/models.json").read_text("utf-8")).values()]
    assert any("<script>" in name for name in names), "data are given as they are on record"
    assert not any(path.name.startswith(".") for path in site.rglob("*"))
    assert sorted(path.name for path in hostile.iterdir()) == ["herdbook"]
    for page in site.rglob("index.html"):
        assert "<script>window" not in (html := page.read_text("utf-8")), page
        assert "\u202e" not in html


def test_citation_of_a_hostile_name_is_one_balanced_record() -> None:
    name = "A}, note = {\\input{/etc/passwd}\n@misc{y, %$#_^~" + MARKUP
    record = Term.model_construct(name=Text.model_construct(en=name, zh=name), sources={})
    cited = citation.bibtex(File("terms", "x", "", "", None, record), "en")
    assert cited.count("@misc{herdbook-x") == 1
    plain = cited.replace("\\{", "").replace("\\}", "")
    assert plain.count("{") == plain.count("}")
    assert "\\input" not in cited
    assert len(cited.splitlines()) == 6


@pytest.mark.parametrize(
    "line",
    [
        "summary: {en: 'A <script>x</script>', zh: 一}",
        "summary: {en: 'javascript:alert(1)', zh: 一}",
        "summary: {en: 'see [x](javascript:1)', zh: 一}",
        "summary: {en: 'A &lt;b&gt; name', zh: 一}",
        'summary: {en: "A \u202e name", zh: 一}',
        f"summary: {{en: {'W' * 100_000}, zh: 一}}",
        "aliases: ['<b>x']",
        "links: {code: {value: 'javascript:alert(1)', from: x}}",
        "name: &a x",
    ],
    ids=["script", "address", "markdown", "entity", "direction", "endless", "alias", "link", "anchor"],
)
def test_checks_refuse_what_a_stranger_may_send(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    term = (ROOT / "catalog/terms/lora.yaml").read_text("utf-8")
    field = line.partition(":")[0]
    block = re.compile(rf"^{field}:.*\n(?:[ -].*\n)*", re.MULTILINE)
    changed = block.sub("", term) + line + "\n"
    (tmp_path / "catalog/terms").mkdir(parents=True)
    (tmp_path / "catalog/terms/lora.yaml").write_text(changed, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["lint", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    found = found if isinstance(found, list) else found["findings"]
    assert changed.count("\n") in [finding["line"] for finding in found]


def test_template_syntax_is_text_to_the_checks_and_to_the_page(hostile: Path) -> None:
    html = (hostile / "herdbook/models/alpaca/index.html").read_text("utf-8")
    assert "{{ 7*7 }}" in html
    assert "49" not in re.findall(r"7\*7 \}\}(.{0,4})", html)


def test_text_is_tamed_and_addresses_are_left_alone() -> None:
    assert tame("a\u202eb\u200bc\x07") == "abc"
    assert str(tame("W" * 100_000)).replace("\u200b", "") == "W" * 99 + "…"
    assert tame("大" * 500) == "大" * 500
    assert tame("f" * LONGEST) == "f" * LONGEST
    address = "https://example.org/" + "a" * 300
    assert tame(address) == address == outward(address)
    assert outward("javascript:alert(1)") is outward("http://example.org/") is outward(None) is None
    assert spoken("Alpaca <b> 斯坦福") == 'Alpaca &lt;b&gt; <span lang="zh-Hans">斯坦福</span>'
