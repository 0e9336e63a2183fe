"""How to cite an entry of the register: the entry, not the model, for what is cited are the register's facts."""

from __future__ import annotations

import datetime
import re
from typing import Any, Literal

from catalog.facts import Day
from catalog.register import File

Language = Literal["en", "zh"]

_REGISTER = "Herdbook, the register of the alpaca family of language models"
_FOUNDED = 2026


def newest_reading(file: File) -> datetime.date | None:
    """The last day on which one of the record's sources was read: the date of the entry."""
    sources = getattr(file.record, "sources", {}).values()
    days = [source.accessed.last for source in sources if isinstance(source.accessed, Day)]
    return max(days, default=None)


def text(file: File, language: Language, address: str = "") -> str:
    """One line in the words of the language; `address` is that of the site, empty where nobody knows it."""
    name, when, url = _name(file, language), _when(file), _url(file, address)
    if language == "zh":
        return f"{name}，羊驼谱：羊驼家族大语言模型登记册。记录日期 {when}。{url}".strip()
    return f"{name}. In {_REGISTER}. Record of {when}. {url}".strip()


def bibtex(file: File, language: Language, address: str = "") -> str:
    """An `@misc` entry; characters that TeX would read as commands are plain."""
    url = _url(file, address)
    fields = {
        "title": f"{{{_tex(_name(file, language))}}} in {_REGISTER}",
        "author": "{Herdbook}",
        "year": _when(file)[:4],
        "note": f"Record of {_when(file)}, CC BY 4.0",
        **({"url": url} if url else {}),
    }
    body = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
    return f"@misc{{herdbook-{file.slug},\n{body}\n}}"


def csl(file: File, language: Language, address: str = "") -> dict[str, Any]:
    """An item of CSL-JSON, which Zotero, Pandoc and others read."""
    url = _url(file, address)
    return {
        "id": f"herdbook-{file.slug}",
        "type": "entry",
        "title": _name(file, language),
        "container-title": _REGISTER,
        "author": [{"literal": "Herdbook"}],
        "issued": {"date-parts": [[int(part) for part in _when(file).split("-")]]},
        "language": "zh-Hans" if language == "zh" else "en",
        "note": "CC BY 4.0",
        **({"URL": url} if url else {}),
    }


def _name(file: File, language: Language) -> str:
    return " ".join(str(getattr(file.name, language)).split())


def _when(file: File) -> str:
    """The date of the entry, or the year the register was founded."""
    read = newest_reading(file)
    return read.isoformat() if read else str(_FOUNDED)


def _url(file: File, address: str) -> str:
    return f"{address.rstrip('/')}/{file.kind}/{file.slug}/" if address else ""


def _tex(words: str) -> str:
    plain = re.sub(r"([&%$#_{}])", r"\\\1", words.replace("\\", ""))
    return plain.replace("~", r"\textasciitilde{}").replace("^", "")
