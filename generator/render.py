"""Every page of one language, as data: knows nothing of MkDocs, of the clock or of the disk."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.register import KINDS, Catalog
from catalog.tournaments import tournaments
from generator import api, pages, result_pages
from generator.feed import feed
from generator.language import LANGUAGES, Language
from generator.page import Page, Site
from generator.redirects import redirects
from generator.templating import Templates

__all__ = ["LANGUAGES", "Catalog", "Language", "Page", "Site", "render"]


def render(catalog: Catalog, language: Language, address: str = "") -> Site:
    """All pages of one language; the English site also carries the data files that have no language.

    `address` is the absolute address of this language's home page, empty where nobody knows it yet.
    """
    files = {
        **(api.files(catalog, address) if language == "en" else {}),
        **pages.compare_data(catalog, language),
        **pages.train_data(catalog, language),
        **redirects(catalog, language),
        "feed.xml": feed(catalog, language, address),
    }
    return Site(tuple(_pages(catalog, language, address)), files)


def _pages(catalog: Catalog, language: Language, address: str) -> Iterator[Page]:
    templates = Templates(language, address)
    for page in pages.OF_THE_WHOLE:
        yield page(catalog, language, templates)
    for kind in KINDS:
        if kind not in ("models", "demonstrations") and any(file.kind == kind for file in catalog.files):
            yield pages.list_page(catalog, kind, language, templates)
    yield pages.api_page(catalog, language, templates)
    yield pages.python_library_page(catalog, language, templates)
    for one in tournaments(catalog):
        yield pages.one_tournament(catalog, one, language, templates)
    for file in result_pages.trainings(catalog):
        yield result_pages.one_training(catalog, file, language, templates)
    for file in catalog.files:
        yield pages.record_page(catalog, file, language, templates)
