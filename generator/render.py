"""Every page of one language, as data: knows nothing of MkDocs, of the clock or of the disk."""

from dataclasses import dataclass, field
from typing import Any, Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

Catalog = Any  # what `generator.build.load_catalog` returns


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

    def __post_init__(self) -> None:
        if self.path.startswith("/") or (self.path and not self.path.endswith("/")):
            raise ValueError(f"a page's path is empty or ends with a slash and never starts with one: {self.path!r}")

    @property
    def home(self) -> str:
        """Relative address of the home page of the same language, to put before other paths: "" or "../../"."""
        return "../" * self.path.count("/")

    @property
    def meta(self) -> dict[str, object]:
        """What the theme and its search read about a page."""
        return {
            "title": self.title,
            "description": self.description,
            "search": {"boost": self.search_boost},
            "source": self.source_path,
            "pair": self.pair,
        }


@dataclass(frozen=True)
class Site:
    """One language; `files` (path -> bytes, such as "api/v1/models.json") come from the English site alone."""

    pages: tuple[Page, ...]
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        paths = [page.path for page in self.pages]
        if twice := sorted({path for path in paths if paths.count(path) > 1}):
            raise ValueError(f"more than one page at {', '.join(twice)}")


def render(catalog: Catalog, language: Language) -> Site:
    """A stand-in until the views of the catalog are there: enough to see the frame with text in it."""
    zh = language == "zh"
    home = Page(
        path="",
        title="羊驼谱" if zh else "Herdbook",
        description="羊驼家族大语言模型登记册。" if zh else "The register of the alpaca family of language models.",
        html=(
            '<h1 id="top">羊驼家族的每个模型，<wbr>以及哪些说法站得住</h1>'
            '<p class="hb-lede">羊驼谱登记大语言模型公布的训练数据、硬件与成绩，并逐项核对。</p>'
            '<p><a href="models/alpaca/">Alpaca</a></p>'
            if zh
            else '<h1 id="top">Every model of the alpaca family, and what holds up</h1>'
            '<p class="hb-lede">Herdbook registers what each open model claims, and checks it.</p>'
            '<p><a href="models/alpaca/">Alpaca</a></p>'
        ),
    )
    alpaca = Page(
        path="models/alpaca/",
        title="Alpaca 7B",
        description="Alpaca 7B：说法与核对。" if zh else "Alpaca 7B: claims with verdicts.",
        html=(
            '<h1 id="alpaca-7b">Alpaca 7B</h1><h2 id="data">训练数据</h2><p>52,002 条指令数据。</p>'
            if zh
            else '<h1 id="alpaca-7b">Alpaca 7B</h1><h2 id="data">Training data</h2><p>52,002 instructions.</p>'
        ),
        source_path="catalog/models/alpaca/model.yaml",
        search_boost=2.0,
    )
    files = {} if zh else {"api/v1/models.json": b'{"models": {}}\n'}
    return Site(pages=(home, alpaca), files=files)
