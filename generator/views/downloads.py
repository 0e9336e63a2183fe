"""Can I still download it? Each address of weights and data, what was found there, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.links import LinkStatus, downloads_of
from catalog.register import Catalog
from generator import figures
from generator.language import Language
from generator.tame import outward
from generator.words import word

_LEVELS: dict[LinkStatus, str] = {"reachable": "open", "moved": "open", "gated": "gated", "gone": "closed"}


@dataclass(frozen=True)
class DownloadView:
    """One address."""

    text: str
    href: str | None
    level: str
    """Of the mark: open, gated, closed, else unknown."""
    state: str
    when: str
    """The day of the last check; empty where there was none."""
    archived: str | None


def download_views(catalog: Catalog, record: Any, language: Language) -> tuple[DownloadView, ...]:
    """Of the record and its variants, each address once."""
    return tuple(_view(catalog, url, language) for url in downloads_of(record))


def _view(catalog: Catalog, url: str, language: Language) -> DownloadView:
    state = catalog.links.get(url)
    status: LinkStatus = state.status if state else "not-checked"
    return DownloadView(
        url.removeprefix("https://"),
        outward(url),
        _LEVELS.get(status, "unknown"),
        word(f"link.{status}", language),
        figures.day(state.checked, language) if state else "",
        outward(state.archived) if state else None,
    )
