"""Templates with the words of one language; everything that is not marked safe is escaped."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from generator.language import Language
from generator.page import way_home
from generator.tame import spoken, tame
from generator.words import word


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("generator"), autoescape=True, undefined=StrictUndefined, auto_reload=False, finalize=tame
    )


class Templates:
    """The templates with the words of one language; everything that is not marked safe is escaped."""

    def __init__(self, language: Language, address: str = "") -> None:
        self.language = language
        self.address = address
        """Absolute address of this language's home page; empty where it is not known."""

    def render(self, name: str, path: str, **values: Any) -> str:
        """One template for the page at `path`, with the words and the ways home that every template uses."""
        zh = self.language == "zh"
        home = way_home(path)
        template = _environment().get_template(name)
        return template.render(
            t=lambda key: word(key, self.language),
            zh=zh,
            said=str if zh else spoken,
            comma="、" if zh else ", ",
            home=home,
            api=f"{home}{'../' if zh else ''}api/v1/",
            cells=lambda columns, group, row: [c.groups[group][1][row][1] for c in columns],
            **values,
        )
