"""A fact as a page shows it: text, link, note, references, and whether sources disagree about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from catalog.facts import Day, Fact, LevelClaim, Text
from catalog.hardware_counts import HardwareCount
from catalog.records import Entry
from catalog.register import Catalog
from catalog.units import Quantity
from generator import figures
from generator.language import Language
from generator.tame import outward
from generator.views.citing import Citations, Ref
from generator.views.judged import JudgedView, judged_claim
from generator.words import known, word

_REFERENCES = frozenset(("base", "framework", "uses", "serves", "generated_by", "derived_from", "dataset"))


@dataclass(frozen=True)
class Part:
    """A piece of a value: text, perhaps a link."""

    text: str
    href: str | None = None


@dataclass(frozen=True)
class Shown:
    """One answer."""

    parts: tuple[Part, ...]
    missing: bool = False
    note: str | None = None
    refs: tuple[Ref, ...] = ()
    disputed: str | None = None
    """Anchor of the table of other claims."""
    level: str | None = None
    """The level, where the answer is one."""
    judged: JudgedView | None = None
    """What arithmetic and measurement say of it, where it is a claim of hardware, time, memory or cost."""

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class FactView:
    """A labelled answer, or several."""

    name: str
    values: tuple[Shown, ...]


class Shower:
    """Turns facts into what one page shows; holds the page's language, way home and citations."""

    def __init__(self, catalog: Catalog, citations: Citations) -> None:
        self.catalog, self.citations = catalog, citations
        self.language: Language = citations.language
        self.home = citations.home
        self.comma = "、" if self.language == "zh" else ", "

    def text(self, text: Text | None) -> str | None:
        return str(getattr(text, self.language)) if text else None

    def word(self, key: str) -> str:
        return word(key, self.language)

    def fact(self, name: str, fact: Fact[Any] | None, path: str = "") -> Shown | None:
        """The accepted claim; `path` leads to the other claims where there are any."""
        if fact is None:
            return None
        shown = self.claim(name, fact.accepted)
        return replace(shown, disputed=f"#{anchor(path)}") if len(fact.claims) > 1 and path else shown

    def claim(self, name: str, claim: Any) -> Shown:
        """One claim with its note and references."""
        refs = self.citations.cite(claim.evidence)
        note = self.text(claim.note)
        if isinstance(claim, LevelClaim):
            return Shown((Part(self.word(claim.level)),), False, note, refs, level=claim.level)
        if claim.value is None:
            return Shown((Part(self.word(claim.status)),), True, note, refs)
        if isinstance(claim.value, Quantity) and (digits := figures.rounded_away(claim.value)):
            note = digits if note is None else f"{digits}{self.comma}{note}"
        return Shown(
            self.value(name, claim.value), False, note, refs, judged=judged_claim(self.catalog, claim, self.language)
        )

    def value(self, name: str, value: Any) -> tuple[Part, ...]:
        if isinstance(value, Quantity):
            return (Part(figures.quantity(value, self.language)),)
        if isinstance(value, Day):
            return (Part(figures.day(value, self.language)),)
        if isinstance(value, HardwareCount):
            return self._hardware(value)
        if name == "publisher":
            return self.joined(self._publisher(one) for one in value)
        if name == "languages":
            return (Part(self.comma.join(language_name(code, self.language) for code in value)),)
        if name in _REFERENCES:
            many = value if isinstance(value, tuple) else (value,)
            return self.joined(self.reference(one) for one in many)
        if name == "licence" or name in ("code", "data", "weights"):
            return (self.licence(value),)
        if name == "form":
            return (Part(self.word(f"form.{value}")),)
        if isinstance(value, str) and value.startswith("https://"):
            return (Part(value.removeprefix("https://"), value),)
        return (Part(self.word(value) if name in ("method", "level") and known(value) else str(value)),)

    def reference(self, name: str) -> Part:
        """An id as its name, linked to its page."""
        target = self.catalog.resolve(name)
        if target is None:
            return Part(name)
        shown = str(getattr(target.name, self.language))
        if target.page_kind is None:
            return Part(shown, outward(self.catalog.outside[name].url))
        fragment = f"#v-{name}" if target.kind == "variant" else ""
        return Part(shown, f"{self.home}{target.page_kind}/{target.entry}/{fragment}")

    def licence(self, name: str) -> Part:
        terms = self.catalog.licences.get(name)
        return Part(str(getattr(terms.name, self.language)), outward(terms.url)) if terms else Part(name)

    def joined(self, parts: Iterable[Part]) -> tuple[Part, ...]:
        result: list[Part] = []
        for part in parts:
            if result:
                result.append(Part(self.comma))
            result.append(part)
        return tuple(result)

    def from_scratch(self, entry: Entry) -> tuple[Shown, ...]:
        """`from scratch` where a variant has no base on record, which is how a record says it; else nothing."""
        made = any(variant.base is None for variant in entry.variants.values())
        return (Shown((Part(self.word("from_scratch")),)),) if made else ()

    def _publisher(self, name: str) -> Part:
        publisher = self.catalog.publishers.get(name)
        return Part(str(getattr(publisher.name, self.language)), outward(publisher.url)) if publisher else Part(name)

    def _hardware(self, value: HardwareCount) -> tuple[Part, ...]:
        lead = {"at least": ("at least ", "至少 "), "at most": ("at most ", "至多 "), "about": ("about ", "约 ")}
        before = lead.get(value.qualifier, ("", ""))[self.language == "zh"]
        card = self.reference(value.card)
        if value.card in self.catalog.families and value.card not in self.catalog.hardware:
            card = replace(card, text=value.card.upper())
        return (
            (Part(f"{before}{value.count:,} × "), card) if value.count else (Part(before), card) if before else (card,)
        )


def anchor(path: str) -> str:
    """An id for a path of the record."""
    return "f-" + "".join(c if c.isalnum() or c in "-_" else "-" for c in path)


_LANGUAGE_NAMES = {
    "zh": ("Chinese", "中文"), "en": ("English", "英文"), "code": ("code", "代码"), "mul": ("many languages", "多语言"),
    "zh-Hans": ("Chinese, simplified", "简体中文"), "zh-Hant": ("Chinese, traditional", "繁体中文"),
    "ja": ("Japanese", "日文"), "ko": ("Korean", "韩文"), "de": ("German", "德文"), "fr": ("French", "法文"),
    "es": ("Spanish", "西班牙文"), "pt": ("Portuguese", "葡萄牙文"), "it": ("Italian", "意大利文"),
    "ru": ("Russian", "俄文"), "uk": ("Ukrainian", "乌克兰文"), "pl": ("Polish", "波兰文"), "cs": ("Czech", "捷克文"),
    "sk": ("Slovak", "斯洛伐克文"), "sl": ("Slovene", "斯洛文尼亚文"), "hr": ("Croatian", "克罗地亚文"),
    "sr": ("Serbian", "塞尔维亚文"), "bg": ("Bulgarian", "保加利亚文"), "ro": ("Romanian", "罗马尼亚文"),
    "hu": ("Hungarian", "匈牙利文"), "nl": ("Dutch", "荷兰文"), "sv": ("Swedish", "瑞典文"), "da": ("Danish", "丹麦文"),
    "nb": ("Norwegian", "挪威文"), "fi": ("Finnish", "芬兰文"), "el": ("Greek", "希腊文"),
    "tr": ("Turkish", "土耳其文"),
    "ca": ("Catalan", "加泰罗尼亚文"), "gl": ("Galician", "加利西亚文"), "eu": ("Basque", "巴斯克文"),
    "eo": ("Esperanto", "世界语"), "ar": ("Arabic", "阿拉伯文"), "fa": ("Persian", "波斯文"),
    "he": ("Hebrew", "希伯来文"),
    "th": ("Thai", "泰文"), "vi": ("Vietnamese", "越南文"), "id": ("Indonesian", "印度尼西亚文"),
    "bn": ("Bengali", "孟加拉文"),
}  # fmt: skip


def language_name(code: str, language: Language) -> str:
    """A language by its name where it is common here, else by its code."""
    pair = _LANGUAGE_NAMES.get(code)
    return pair[language == "zh"] if pair else code
