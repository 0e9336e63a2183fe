"""What a rendered page is, and what a site is: data, without MkDocs, clock or disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import escape

from generator.tame import tamed


@dataclass(frozen=True)
class Page:
    """One page; `html` goes into the page frame as it is, so its links are relative and its text is escaped."""

    path: str
    """Address below the home page of its language: "" or "models/alpaca/", always with the last slash."""
    title: str
    """For the browser's title bar and the search; the visible h1 is part of `html`."""
    description: str
    html: str
    """Headings need an `id`: the search finds the section below a heading only through it."""
    source_path: str | None = None
    """File of the repository that a correction goes to, such as "catalog/models/alpaca/model.yaml"."""
    pair: bool = True
    """The other language has a page at the same path; without it the language switch leads home."""
    search_boost: float = 1.0
    names: tuple[str, ...] = ()
    """Every name of what the page is about: who types one finds this page above those that mention it."""

    def __post_init__(self) -> None:
        if self.path.startswith("/") or (self.path and not self.path.endswith("/")):
            raise ValueError(f"a page's path is empty or ends with a slash and never starts with one: {self.path!r}")

    @property
    def home(self) -> str:
        """Relative address of the home page of the same language, to put before other paths: "" or "../../"."""
        return way_home(self.path)

    @property
    def meta(self) -> dict[str, object]:
        """What the theme and its search read about a page: escaped, for both print it as it is."""
        named = {"tags": [str(escape(tamed(name))) for name in self.names]} if self.names else {}
        return {
            **named,
            "title": str(escape(tamed(self.title))),
            "description": str(escape(tamed(self.description))),
            "search": {"boost": self.search_boost},
            "source": self.source_path,
            "pair": self.pair,
        }


@dataclass(frozen=True)
class Site:
    """One language; `files` are path -> bytes, such as "api/v1/models.json"."""

    pages: tuple[Page, ...]
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        paths = [page.path for page in self.pages]
        if twice := sorted({path for path in paths if paths.count(path) > 1}):
            raise ValueError(f"more than one page at {', '.join(twice)}")


def short(text: str) -> str:
    """At most 160 characters, for the description of a page."""
    return text if len(text) <= 160 else text[:159].rsplit(" ", 1)[0] + "…"


def way_home(path: str) -> str:
    """`../` for every level of `path`."""
    return "../" * path.count("/")
