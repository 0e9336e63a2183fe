"""Which pages two states of the register render differently."""

from __future__ import annotations

import difflib

from catalog.changes import PageChange
from catalog.register import Catalog
from generator.language import LANGUAGES
from generator.page import Page
from generator.render import render


def page_changes(before: Catalog, after: Catalog) -> list[PageChange]:
    """Of both languages, in order of their addresses; the address is that below the site's home page."""
    found: list[PageChange] = []
    for language in LANGUAGES:
        top = "" if language == "en" else f"{language}/"
        old, new = ({f"{top}{page.path}": page for page in render(one, language).pages} for one in (before, after))
        for address in sorted(old | new):
            found += _change(address, old.get(address), new.get(address))
    return found


def _change(address: str, before: Page | None, after: Page | None) -> list[PageChange]:
    if after is None:
        return [PageChange(address, before.title, "removed")] if before else []
    if before is None:
        return [PageChange(address, after.title, "added")]
    if (before.html, before.title, before.description) == (after.html, after.title, after.description):
        return []
    lines = list(difflib.unified_diff(before.html.splitlines(), after.html.splitlines(), n=0, lineterm=""))[2:]
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return [PageChange(address, after.title, "changed", added, removed)]
