"""Hands the rendered pages to MkDocs. Each hook calls one function of ours; the decisions are made there."""

import logging
import os
from pathlib import Path
from typing import Any, cast

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils.templates import TemplateContext

from generator import segmenting, shelter
from generator.build import load_catalog
from generator.frame import below, frame
from generator.render import Language, Page, render

logging.getLogger("jieba").setLevel(logging.WARNING)  # it reports its own start on stderr


class HerdbookConfig(Config):
    language = config_options.Choice(("en", "zh"), default="en")


class HerdbookPlugin(BasePlugin[HerdbookConfig]):
    live = False

    def on_startup(self, *, command: str, dirty: bool) -> None:
        self.live = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        self.language = cast(Language, self.config.language)
        self.root_url, self.site_dir = config.site_url, config.site_dir
        self.live = self.live or bool(config.extra["hb"].get("live"))
        if self.root_url:
            config.site_url = below(self.root_url, self.language)
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        if self.language == "en":
            shelter.hide(config.site_dir)

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        catalog = config.extra["hb"].get("catalog") or load_catalog()  # `generator build` reads it once for both
        address = below(self.root_url, self.language) if self.root_url else ""
        segmenting.teach(catalog)
        site = render(catalog, self.language, address)
        self.pages: dict[str, Page] = {f"{page.path}index.md": page for page in site.pages}
        contents: dict[str, str | bytes] = {**dict.fromkeys(self.pages, ""), **site.files}
        for path, content in contents.items():
            if files.get_file_from_path(path):
                raise PluginError(f"{config.docs_dir}/{path}: the catalog makes this page too; remove one of them")
            files.append(File.generated(config, path, content=content))
        existing = {file.url for file in files}
        for menu in ("nav", "data"):
            config.extra["hb"][menu] = [entry for entry in config.extra["hb"][menu] if entry[0] in existing]
        return files

    def on_page_markdown(self, markdown: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> None:
        ours = self.pages.get(page.file.src_uri)
        if ours:
            page.meta = ours.meta
        elif page.file.abs_src_path:
            top = Path(config.config_file_path).parent
            other = Path(config.docs_dir).parent / ("zh" if self.language == "en" else "en") / page.file.src_uri
            page.meta["source"] = Path(os.path.relpath(page.file.abs_src_path, top)).as_posix()
            page.meta["pair"] = other.is_file()

    def on_page_content(self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:
        """The body as rendered: it has not been through Python-Markdown, which is slow and rewrites it."""
        ours = self.pages.get(page.file.src_uri)
        return ours.html if ours else html

    def on_page_context(
        self, context: TemplateContext, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        pair, names = bool(page.meta.get("pair")), cast(dict[str, Any], context)
        names["frame"] = frame(self.language, page.url, context["base_url"], pair, self.root_url, self.live)
        return context

    def on_template_context(
        self, context: TemplateContext, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        names = cast(dict[str, Any], context)
        if template_name == "404.html" and not self.root_url:
            context["base_url"] = below("", self.language)
        names["frame"] = frame(self.language, "", context["base_url"], True, self.root_url, self.live)
        names["frame_of"] = lambda page: frame(self.language, page.url, "", bool(page.meta["pair"]), self.root_url)
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        shelter.reveal(config.site_dir)

    def on_build_error(self, *, error: Exception) -> None:
        if hasattr(self, "site_dir"):
            shelter.reveal(self.site_dir)
