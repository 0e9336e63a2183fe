"""A draft grows line by line: facts with their evidence, unknowns with a hint, and the sources that were cited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from catalog.facts import Url
from catalog.new.gathered import Gathered, Page, Repository
from catalog.new.hints import HINTS
from catalog.new.known import Known
from catalog.new.text import both, comment, flow, indented, listed, scalar
from catalog.new.told import Told, Value, clean, of_card, of_json
from catalog.units import quantity

Sources = Mapping[str, str]
_ADDRESS: TypeAdapter[str] = TypeAdapter(Url)
FIRST_COMMIT = both("The first commit.", "指首次提交。")


@dataclass(frozen=True)
class Answers:
    """What a person said that no file can say."""

    name: str = ""
    publisher: str = ""
    en: str = ""
    zh: str = ""
    kind: str = ""
    """Of a data set."""
    ids: Mapping[str, str] = field(default_factory=dict)
    """Id on the hub -> id in the register, for things it did not know."""


@dataclass
class Draft:
    """The state of one draft."""

    slug: str
    gathered: Gathered
    known: Known
    answers: Answers = Answers()
    cited: dict[str, Sources] = field(default_factory=dict)
    facts: int = 0
    unknowns: int = 0
    card: Told = field(init=False)
    config: Told = field(init=False)
    adapter: Told = field(init=False)

    def __post_init__(self) -> None:
        pages = self.gathered.pages
        self.card = of_card(pages.get("card"), self.gathered.card)
        self.config = of_json(pages.get("config"), "config")
        self.adapter = of_json(pages.get("adapter-config"), "adapter-config")

    # ---- lines

    def fact(self, key: str, value: str, evidence: str, note: str = "") -> str:
        """`key: {value: ..., from: ...}`; `value` and `note` are YAML already."""
        self.facts += 1
        self._cite(evidence.partition("#")[0])
        return f"{key}: {flow({'value': value, 'from': scalar(evidence), **({'note': note} if note else {})})}"

    def level(self, key: str, level: str, evidence: str, note: str = "") -> str:
        """A dated cell of openness, judged as of today."""
        self.facts += 1
        self._cite(evidence)
        pairs = {"level": level, "as_of": self.gathered.today, "from": scalar(evidence)}
        return f"{key}: {flow({**pairs, **({'note': note} if note else {})})}"

    def unknown(self, key: str, why: str = "", *, what: str = "status") -> str:
        """`key: {status: unknown}` with a hint."""
        self.unknowns += 1
        return f"{key}: {{{what}: unknown}}  {comment(why or HINTS[key])}"

    def quantity(self, key: str, dimension: str, text: str, value: Value | None, note: str = "") -> list[str]:
        """A figure, if it is one of this dimension; else nothing."""
        if value is None:
            return []
        try:
            quantity(text, dimension)
        except ValueError:
            return []
        return [self.fact(key, scalar(text), value.evidence, note)]

    # ---- sections that several kinds share

    def head(self, kind: str, depth: str) -> list[str]:
        """The first lines: the schema, and where this draft comes from."""
        gathered = self.gathered
        origin = gathered.origin or (gathered.code.url if gathered.code else "")
        lines = [f"# yaml-language-server: $schema={depth}schema/{kind}.json"]
        told = f"Drafted on {gathered.today}{f' from {origin}' if origin else ''}. Read every fact at its source."
        lines.append(comment(f"{told} Then delete these lines."))
        remarks = [*gathered.remarks, *(f"{t.source}: {t.unreadable}" for t in self._texts() if t.unreadable)]
        return [*lines, *(comment(f"Not read: {remark}") for remark in remarks[:8])]

    def _texts(self) -> tuple[Told, ...]:
        return (self.card, self.config, self.adapter)

    def names(self, default: str) -> list[str]:
        """name, aliases, publisher, summary."""
        gathered = self.gathered
        aliases = list(dict.fromkeys(a for a in (gathered.hub_id, gathered.code.id if gathered.code else None) if a))
        folded = {"".join(alias.lower().split()) for file in self.known.catalog.files
                  for alias in (file.slug, *getattr(file.record, "aliases", ()))}  # fmt: skip
        free = [alias for alias in aliases if alias.lower() not in folded]
        hint = "" if self.answers.en else f"  {comment(HINTS['summary'])}"
        return [
            f"name: {scalar(self.answers.name or default)}",
            *([f"aliases: [{', '.join(scalar(alias) for alias in free)}]"] if free else []),
            self._publisher(),
            "summary:",
            f"  en: {scalar(self.answers.en)}{hint}",
            f"  zh: {scalar(self.answers.zh)}{hint and '  # 用自己的话写一句：这是什么，为何值得收录'}",
        ]

    def _publisher(self) -> str:
        gathered = self.gathered
        owner = gathered.owner or (gathered.code.id.partition("/")[0] if gathered.code else "")
        name = self.answers.publisher or (self.known.publisher(owner) if owner else None)
        evidence = next((s for s in ("card", "readme", "files") if self._page(s)), "")
        if name and evidence:
            return self.fact("publisher", scalar(name), evidence)
        said = f"`{clean(owner, 40)}` there: " if owner else ""
        return self.unknown("publisher", said + HINTS["publisher"])

    def released(self) -> str:
        """The first commit, of the weights or data themselves where there is one."""
        first = self.gathered.first or (self.gathered.code.first if self.gathered.code else None)
        if first is None:
            return self.unknown("released")
        self.cited["first-commit"] = first.source
        self.facts += 1
        return f"released: {flow({'value': first.day, 'from': 'first-commit', 'note': FIRST_COMMIT})}"

    def languages(self) -> str:
        """As the card's front matter lists them, where they are codes of languages."""
        known = [value for value in self.card.many("language") if _is_language(value.text)]
        if not known:
            return self.unknown("languages")
        return self.fact("languages", listed(value.text for value in known), known[0].evidence)

    def licence(self, key: str) -> str:
        """The card's licence by its id in the register."""
        value = self.card.one("license")
        if value is None:
            return self.unknown(key)
        if name := self.known.licence(value.text):
            return self.fact(key, scalar(name), value.evidence)
        own = self.card.one("license_name")
        return self.unknown(key, f"{value.evidence}: {self.known.licence_hint(own.text if own else value.text)}")

    def openness_of_files(self) -> tuple[str, str]:
        """(level, why not) of files that lie on the hub: by the gate and by the licence."""
        value = self.card.one("license")
        name = self.known.licence(value.text) if value else None
        if self.gathered.gated:
            return "gated", ""
        if name is None:
            return "", "the files can be had; open or partial by the licence"
        return ("open" if self.known.catalog.licences[name].openness == "open" else "partial"), ""

    def mentioned(self) -> list[str]:
        """Addresses that the card's text names, as comments: whether they are this project's own, a reader decides."""
        card = self.gathered.pages.get("card")
        found: dict[str, str] = {}
        patterns = {"paper": r"https://arxiv\.org/abs/\d{4}\.\d{4,5}", "code": r"https://github\.com/[\w-]+/[\w.-]*\w"}
        for number, line in enumerate(card.text.split("\n") if card else (), 1):
            for relation, pattern in patterns.items():
                for match in re.finditer(pattern, line):
                    if self.gathered.code and match.group() == self.gathered.code.url:
                        continue
                    found.setdefault(match.group(), f'{relation}: {{value: "{match.group()}", from: card#L{number}}}')
        return [comment(f"{text}  (named there: is it this project's own?)") for text in list(found.values())[:6]]

    def code_links(self) -> list[str]:
        """Links to the repository of code."""
        code = self.gathered.code
        if code is None:
            return []
        evidence = "readme" if self._page("readme") else "first-commit"
        if evidence == "first-commit" and code.first:
            self.cited["first-commit"] = self.gathered.first.source if self.gathered.first else code.first.source
        lines = [self.fact("code", scalar(code.url), evidence)]
        if code.homepage and _fits_url(code.homepage):
            lines.append(self.fact("homepage", scalar(code.homepage), evidence))
        return lines

    def code_licence(self) -> str:
        """The licence file that GitHub recognised."""
        code = self.gathered.code
        if code is None or code.licence is None:
            return self.unknown("code")
        name = self.known.licence(code.licence)
        if name and self._page("licence"):
            return self.fact("code", scalar(name), "licence")
        return self.unknown("code", f"GitHub reads {self.known.licence_hint(code.licence)}")

    def references(self, values: Iterable[Value]) -> tuple[list[tuple[str, Value]], list[str]]:
        """(ids with where they stand, comments about those that the register does not know)."""
        known, comments = [], []
        for value in values:
            name = self.known.thing(value.text) or self.answers.ids.get(value.text)
            if name:
                known.append((name, value))
                continue
            near = self.known.near(value.text)
            hint = f"perhaps `{near}`" if near else "add it to outside.yaml, or as an entry"
            comments.append(comment(f"{value.text} ({value.evidence}) is not in the register: {hint}"))
        return known, comments

    # ---- sources

    def _page(self, source: str) -> Page | None:
        gathered: Gathered = self.gathered
        code: Repository | None = gathered.code
        if source == "files":
            return gathered.listing
        if source == "weights-file":
            return gathered.weights.page if gathered.weights else None
        if source == "card" and gathered.card is not None and "card" not in gathered.pages:
            return gathered.listing
        return gathered.pages.get(source) or (code.pages.get(source) if code else None)

    def _cite(self, source: str) -> None:
        page = self._page(source)
        if page is not None:
            self.cited.setdefault(source, page.source)

    def sources(self) -> list[str]:
        """What was cited, after everything else was written."""
        if not self.cited:
            return []
        lines = []
        for name, source in self.cited.items():
            order = [key for key in ("url", "kind", "title", "as_of", "accessed", "sha256") if key in source]
            lines.append(f"{name}: {flow({key: scalar(source[key]) for key in order})}")
        return ["sources:", *indented(lines)]


def _is_language(text: str) -> bool:
    return re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,8})*|code", text) is not None


def _fits_url(text: str) -> bool:
    try:
        _ADDRESS.validate_python(text)
    except ValidationError:
        return False
    return True
