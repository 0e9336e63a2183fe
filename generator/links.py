"""Links of a built site that lead nowhere: to a file that is not there, or to an id its page does not have.

Looks at the files alone, and only at relative addresses: other hosts are not asked.
"""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ADDRESS_OF = {"a": "href", "link": "href", "script": "src", "img": "src"}


class Anchors(HTMLParser):
    """The ids of a page and the addresses it names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if name := named.get("id"):
            self.ids.add(name)
        if address := named.get(ADDRESS_OF.get(tag, "")):
            self.addresses.append(address)


def dead_links(folder: Path) -> list[str]:
    """One line a dead link, "zh/models/alpaca/index.html: ../vicuna/"; pages in order of their path."""
    folder = folder.resolve()
    pages = {path: Anchors(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    return [
        f"{path.relative_to(folder).as_posix()}: {address}"
        for path, page in pages.items()
        if path.name != "404.html"  # shown at any address, so its links start at the root of the host
        for address in page.addresses
        if not leads_somewhere(folder, pages, path, address)
    ]


def leads_somewhere(folder: Path, pages: dict[Path, Anchors], path: Path, address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target = target / "index.html"
    if not target.is_relative_to(folder.resolve()) or not target.is_file():
        return False
    return not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].ids
