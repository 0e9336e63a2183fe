"""How to cite an entry of the register: as text and as BibTeX."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from generator import figures
from generator.language import Language
from generator.tame import tamed

_REGISTER = "Herdbook, the register of the alpaca family of language models"


@dataclass(frozen=True)
class Citation:
    """The entry, not the model: what is cited are the register's facts and judgements."""

    text: str
    bibtex: str


def citation(slug: str, name: str, kind: str, read: datetime.date | None, language: Language, address: str) -> Citation:
    """`address` is the site's absolute address, empty where it is not known; then no URL is given."""
    zh, name = language == "zh", " ".join(tamed(name).split())
    url = f"{address}{kind}/{slug}/" if address else ""
    year = read.year if read else datetime.date(2026, 1, 1).year
    when = figures.date(read, language) if read else str(year)
    if zh:
        text = f"{name}，羊驼谱：羊驼家族大语言模型登记册。记录日期 {when}。{url}"
    else:
        text = f"{name}. In {_REGISTER}. Record of {when}. {url}"
    fields = {
        "title": f"{{{_tex(name)}}} in {_REGISTER}",
        "author": "{Herdbook}",
        "year": str(year),
        "note": f"Record of {read.isoformat() if read else year}, CC BY 4.0",
        **({"url": url} if url else {}),
    }
    body = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
    return Citation(text.strip(), f"@misc{{herdbook-{slug},\n{body}\n}}")


def _tex(text: str) -> str:
    """Characters that TeX reads as commands, made plain."""
    return re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "")).replace("~", r"\textasciitilde{}").replace("^", "")
