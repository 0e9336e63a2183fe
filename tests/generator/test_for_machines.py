"""What machines read: the feed, the description of the API, the sitemap and the heads of pages."""

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from .conftest import ADDRESS, pages_of

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


class Head(HTMLParser):
    """Language, titles, descriptions and alternates of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.descriptions: list[str] = []
        self.alternates: dict[str, str] = {}
        self.language = self.canonical = self.title = ""
        self.in_title = False
        self.feed(html.partition("</head>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.in_title = tag == "title"
        if tag == "html":
            self.language = named["lang"]
        if tag == "meta" and named.get("name") == "description":
            self.descriptions.append(named["content"])
        if tag == "link" and "hreflang" in named:
            self.alternates[named["hreflang"]] = named["href"]
        if tag == "link" and named.get("rel") == "canonical":
            self.canonical = named["href"]

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title += data


@pytest.fixture(scope="module")
def heads(addressed: Path) -> dict[str, Head]:
    return {path: Head((addressed / path / "index.html").read_text("utf-8")) for path in pages_of(addressed)}


def leads_to_a_file(site: Path, address: str) -> bool:
    path = site / unquote(address.removeprefix(ADDRESS).partition("#")[0])
    return (path / "index.html").is_file() if address.endswith("/") else path.is_file()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_feed_is_atom_and_its_links_exist(addressed: Path, site: Path, language: str) -> None:
    below = "zh/" if language == "zh" else ""
    root = ElementTree.parse(addressed / below / "feed.xml").getroot()
    assert root.tag == f"{ATOM}feed"
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) > 10
    ids = [element.text for element in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    for element in (root, *entries):
        assert all(element.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", element.findtext(f"{ATOM}updated") or "")
    for link in root.iter(f"{ATOM}link"):
        assert link.attrib["href"].startswith(ADDRESS + below)
        assert leads_to_a_file(addressed, link.attrib["href"]), link.attrib
    relative = ElementTree.parse(site / below / "feed.xml").getroot()
    assert all(leads_to_a_file(site, f"{below}{link.attrib['href']}") for link in relative.iter(f"{ATOM}link"))


@pytest.mark.parametrize("place", ["site", "addressed"])
def test_api_is_described_and_every_path_is_served(place: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(place) / "api/v1"
    description = json.loads((folder / "openapi.json").read_text("utf-8"))
    validate(description)
    described = {"openapi.json", "index.html"}
    for path, item in description["paths"].items():
        slugs = [slug for one in item.get("parameters", ()) for slug in one["schema"]["enum"]]
        described |= {path[1:].replace("{slug}", slug) for slug in slugs} if slugs else {path[1:]}
    served = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert described == served
    address = description["servers"][0]["url"]
    assert address == (f"{ADDRESS}api/v1" if place == "addressed" else ".")


def test_every_served_file_is_what_its_description_says(site: Path) -> None:
    """By a validator of others; a fact without its claims, or a record without its name, would be found."""
    folder = site / "api/v1"
    description = json.loads((folder / "openapi.json").read_text("utf-8"))
    checked = 0
    for path, item in description["paths"].items():
        content = item["get"]["responses"]["200"]["content"].get("application/json")
        if content is None:
            continue
        validator = Draft202012Validator({**content["schema"], "components": description["components"]})
        slugs = [slug for one in item.get("parameters", ()) for slug in one["schema"]["enum"]] or [""]
        for slug in slugs:
            data = json.loads((folder / path[1:].replace("{slug}", slug)).read_text("utf-8"))
            assert [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(data)] == [], (path, slug)
            checked += 1
    assert checked > 100


def test_description_of_the_api_refuses_what_is_not_so(site: Path) -> None:
    folder = site / "api/v1"
    components = json.loads((folder / "openapi.json").read_text("utf-8"))["components"]
    validator = Draft202012Validator({"$ref": "#/components/schemas/EntryModels", "components": components})
    good = json.loads((folder / "models/alpaca.json").read_text("utf-8"))
    assert validator.is_valid(good)
    run = good["variants"]["alpaca-7b"]["training"]["sft"]
    for broken in (
        {key: value for key, value in good.items() if key != "name"},
        {**good, "released": {**good["released"], "claims": []}},
        {**good, "variants": {"alpaca-7b": {"name": {"en": "A"}}}},
        {**good, "variants": {"a": {"name": good["name"], "training": {"sft": {**run, "duration": "3 h"}}}}},
        {**good, "sources": [1]},
        {**good, "derived": {**good["derived"], "openness": {"paper": "very"}}},
    ):
        assert not validator.is_valid(broken)


def test_every_page_names_itself_in_both_languages(heads: dict[str, Head], addressed: Path) -> None:
    for path, head in heads.items():
        plain = path.removeprefix("zh/")
        assert head.canonical == ADDRESS + path
        assert head.alternates == {"en": ADDRESS + plain, "zh-Hans": f"{ADDRESS}zh/{plain}"}, path
        assert all(leads_to_a_file(addressed, address) for address in head.alternates.values()), path
        assert head.language.startswith("zh" if path.startswith("zh/") else "en")


def test_every_page_has_one_description_and_a_title_of_its_own(heads: dict[str, Head]) -> None:
    for path, head in heads.items():
        assert len(head.descriptions) == 1, path
        least, most = (8, 160) if path.startswith("zh/") else (25, 160)
        assert least <= len(head.descriptions[0]) <= most, (path, head.descriptions[0])
    for language in ("en", "zh"):
        own = [head for path, head in heads.items() if path.startswith("zh/") == (language == "zh")]
        titles, descriptions = Counter(head.title for head in own), Counter(head.descriptions[0] for head in own)
        assert [title for title, number in titles.items() if number > 1] == []
        assert [text for text, number in descriptions.items() if number > 1] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sitemap_has_every_page_once_with_its_other_language(
    heads: dict[str, Head], addressed: Path, language: str
) -> None:
    root = ElementTree.parse(addressed / ("zh/sitemap.xml" if language == "zh" else "sitemap.xml")).getroot()
    found = [url.findtext(f"{SITEMAP}loc") for url in root]
    assert sorted(found, key=str) == sorted(
        ADDRESS + path for path in heads if path.startswith("zh/") == (language == "zh")
    )
    assert all(len([part for part in url if part.tag.endswith("link")]) == 2 for url in root)
