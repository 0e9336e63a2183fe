"""Every page of one language, as data: knows nothing of MkDocs, of the clock or of the disk."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.register import KINDS, Catalog
from generator import api, pages
from generator.language import LANGUAGES, Language
from generator.page import Page, Site
from generator.templating import Templates

__all__ = ["LANGUAGES", "Catalog", "Language", "Page", "Site", "render"]


def render(catalog: Catalog, language: Language) -> Site:
    """All pages of one language; the English site also carries the data files that have no language."""
    data = api.files(catalog) if language == "en" else {}
    return Site(tuple(_pages(catalog, language)), {**data, **pages.compare_data(catalog, language)})


def _pages(catalog: Catalog, language: Language) -> Iterator[Page]:
    templates = Templates(language)
    for page in (pages.home, pages.explorer_page, pages.timeline_page, pages.family_page, pages.compare_page):
        yield page(catalog, language, templates)
    for kind in KINDS:
        if kind != "models" and any(file.kind == kind for file in catalog.files):
            yield pages.list_page(catalog, kind, language, templates)
    yield pages.api_page(language, templates)
    for file in catalog.files:
        yield pages.record_page(catalog, file, language, templates)
