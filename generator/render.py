"""Every page of one language, as data: knows nothing of MkDocs, of the clock or of the disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from catalog.register import KINDS, Catalog, File
from generator import api, charts
from generator.language import LANGUAGES, Language
from generator.views.entry import entry_page
from generator.views.listing import explorer, home_page, listing
from generator.views.simple import document_page, simple_page
from generator.words import word

__all__ = ["LANGUAGES", "Catalog", "Language", "Page", "Site", "render"]


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
        return way_home(self.path)

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


def way_home(path: str) -> str:
    """`../` for every level of `path`."""
    return "../" * path.count("/")


def render(catalog: Catalog, language: Language) -> Site:
    """All pages of one language; the English site also carries the data files."""
    return Site(tuple(_pages(catalog, language)), api.files(catalog) if language == "en" else {})


def _pages(catalog: Catalog, language: Language) -> Iterator[Page]:
    templates = _Templates(language)
    yield _home(catalog, language, templates)
    yield _explorer(catalog, language, templates)
    for kind in KINDS:
        if kind != "models" and any(file.kind == kind for file in catalog.files):
            yield _list(catalog, kind, language, templates)
    yield _api(language, templates)
    for file in catalog.files:
        yield _record(catalog, file, language, templates)


class _Templates:
    """The templates with the words of one language; everything that is not marked safe is escaped."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.environment = Environment(
            loader=PackageLoader("generator"), autoescape=True, undefined=StrictUndefined, trim_blocks=False
        )

    def render(self, name: str, path: str, **values: Any) -> str:
        zh = self.language == "zh"
        home = way_home(path)
        template = self.environment.get_template(name)
        return template.render(
            t=lambda key: word(key, self.language),
            zh=zh,
            comma="、" if zh else ", ",
            home=home,
            api=f"{home}{'../' if zh else ''}api/v1/",
            **values,
        )


def _home(catalog: Catalog, language: Language, templates: _Templates) -> Page:
    zh = language == "zh"
    page = home_page(catalog, language)
    title = (
        "按周统计的模型发布，图标表示权重的开放程度"
        if zh
        else "Models released per week, marked by how open their weights are"
    )
    described = ("，" if zh else ", ").join(f"{name} {count}" for _, name, count in page.legend)
    picture = charts.releases(page.dots, page.months, title, described)
    html = templates.render("home.html", "", page=page, picture=picture)
    description = (
        "羊驼家族大语言模型登记册，每个数字都有出处。"
        if zh
        else "The register of the alpaca family of language models. Every figure with its source."
    )
    return Page("", "羊驼谱" if zh else "Herdbook", description, html)


def _explorer(catalog: Catalog, language: Language, templates: _Templates) -> Page:
    page = explorer(catalog, language, way_home("explorer/"))
    description = (
        "全部模型：排序、筛选、选列，结果可分享。"
        if language == "zh"
        else "All models of the register: sort, filter, choose columns, share the result."
    )
    return Page(
        "explorer/",
        word("explorer", language),
        description,
        templates.render("explorer.html", "explorer/", page=page),
        search_boost=0.5,
    )


_INTROS = {
    "datasets": ("Data that models of the family were trained or judged on.", "家族模型训练或评测所用的数据。"),
    "frameworks": ("Software that models are made or run with.", "训练或运行这些模型所用的软件。"),
    "hardware": ("The cards that published runs name, with their peaks.", "公开训练记录中出现的显卡及其峰值。"),
    "terms": ("Words of the field, as the register uses them.", "本登记册所用的术语。"),
    "sources": (
        "Texts the register leans on, with every fact taken from them, line by line.",
        "登记册所依据的文献，逐行列出摘录的事实。",
    ),
}


def _list(catalog: Catalog, kind: str, language: Language, templates: _Templates) -> Page:
    path = f"{kind}/"
    page = listing(catalog, kind, language, way_home(path))
    intro = _INTROS[kind][language == "zh"]
    return Page(path, page.title, intro, templates.render("list.html", path, page=page, intro=intro), search_boost=0.5)


def _api(language: Language, templates: _Templates) -> Page:
    path = "api/v1/"
    html = templates.render("api.html", path, files=api.directory(language))
    description = "登记册的 JSON 与 CSV 文件。" if language == "zh" else "The register as JSON and CSV files."
    return Page(path, word("api", language), description, html, search_boost=0.5)


def _record(catalog: Catalog, file: File, language: Language, templates: _Templates) -> Page:
    path = f"{file.kind}/{file.slug}/"
    home = way_home(path)
    source = f"catalog/{file.relative}"
    if file.kind in ("models", "frameworks"):
        entry = entry_page(catalog, file, language, home)
        html = templates.render("entry.html", path, page=entry)
        return Page(path, entry.name, _short(entry.summary), html, source, search_boost=3.0)
    if file.kind == "sources":
        document = document_page(catalog, file, language, home)
        html = templates.render("document.html", path, page=document)
        return Page(path, document.title, _short(document.summary), html, source)
    simple = simple_page(catalog, file, language, home)
    html = templates.render("simple.html", path, page=simple)
    return Page(path, simple.name, _short(simple.summary), html, source, search_boost=2.0)


def _short(text: str) -> str:
    """At most 160 characters, for the description of a page."""
    return text if len(text) <= 160 else text[:159].rsplit(" ", 1)[0] + "…"
