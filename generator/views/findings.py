"""Three findings of the whole register: a sentence, a chart, tables, what they leave out, and the query behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.citation import newest_reading
from catalog.queries import Answer, answers
from catalog.register import Catalog
from generator import figures
from generator import finding_words as words
from generator.language import Language
from generator.unit_chart import UnitPanel, UnitRow
from generator.views import finding_sentences as sentences
from generator.views.finding_sentences import Row
from generator.views.shown import Part
from generator.words import known, word

DATABASE = "herdbook.db"
EXPORT = f"catalog export --format sqlite --output {DATABASE}"
PROGRAM = """\
import sqlite3
from pathlib import Path

register = sqlite3.connect("{}")
for row in register.execute(Path("{}").read_text("utf-8")):
    print(row)
"""


@dataclass(frozen=True)
class Cell:
    """One cell of a table: what the query returned, and how it is shown."""

    raw: str
    lines: tuple[tuple[Part, ...], ...]
    share: str = ""
    """Of the row's whole, in percent."""


@dataclass(frozen=True)
class AnswerView:
    """One query, word for word, with its rows."""

    id: str
    title: str
    """Heading of the table where a finding has more than one."""
    path: str
    sql: str
    columns: tuple[tuple[str, bool], ...]
    """Name, and whether figures stand below it."""
    rows: tuple[tuple[Cell, ...], ...]
    compact: bool
    """Whether the rows are figures, and so fit side by side on a phone too."""


@dataclass(frozen=True)
class Finding:
    """One finding."""

    id: str
    title: str
    sentence: str
    chart_title: str
    panels: tuple[UnitPanel, ...]
    legend: tuple[tuple[str, str], ...]
    """Level of the mark, and what it stands for here."""
    answers: tuple[AnswerView, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class FindingsPage:
    """Everything `findings.html` shows."""

    title: str
    lede: str
    cover: tuple[str, ...]
    state: str
    sha256: str
    findings: tuple[Finding, ...]
    commands: str
    """Writes the database, and puts every question to it."""
    program: str
    """The same of one question, in Python."""


def findings_page(catalog: Catalog, language: Language, home: str) -> FindingsPage:
    """The three findings, from the answers alone."""
    zh = language == "zh"
    teller = Teller(catalog, language, home)
    findings = (teller.openness(), teller.disclosure(), teller.licences())
    paths = [view.path for finding in findings for view in finding.answers]
    return FindingsPage(
        words.TITLE[zh],
        words.LEDE[zh],
        tuple(one[zh] for one in words.COVER),
        _state(catalog, language),
        answers(catalog).sha256,
        findings,
        "\n".join([EXPORT, *(f"sqlite3 -header -column {DATABASE} < {path}" for path in paths)]) + "\n",
        PROGRAM.format(DATABASE, paths[0]),
    )


def _state(catalog: Catalog, language: Language) -> str:
    """How much the register holds, and the last day on which one of its sources was read."""
    models = sum(model.kind == "model" for model in catalog.models.values())
    days = [day for file in catalog.files if (day := newest_reading(file))]
    read = figures.date(max(days), language) if days else word("unknown", language)
    if language == "zh":
        return f"{models} 个模型，{len(catalog.datasets)} 个数据集；来源最近一次查阅于 {read}"
    return f"{models} models and {len(catalog.datasets)} data sets; sources last read on {read}"


class Teller:
    """Puts answers into words, charts and tables of one language."""

    def __init__(self, catalog: Catalog, language: Language, home: str) -> None:
        self.catalog, self.language, self.home = catalog, language, home
        self.zh = language == "zh"
        self.answers = answers(catalog).of

    def openness(self) -> Finding:
        """How open the releases of each month are."""
        say = self._words(words.OPENNESS)
        answer, rows = self._rows("openness-by-month")
        dated = [row for row in rows if row["month"]]
        columns = ("weights", "training_code", "data")
        panels = tuple(
            UnitPanel(
                say(column),
                tuple(
                    UnitRow(row["month"], _two(row[column], row["models"]), f"{row[column]}/{row['models']}")
                    for row in dated
                ),
            )
            for column in columns
        )

        def shown(name: str, value: Any, row: Row) -> tuple[Part, ...]:
            return (Part(say("undated")) if name == "month" and value is None else Part(str(value)),)

        view = self._view(answer, say, shown, (*columns, "all_three"))
        legend = tuple((level, say(level)) for level in ("open", "other"))
        return self._finding("openness", say, sentences.openness(dated, self.zh), panels, legend, (view,))

    def disclosure(self) -> Finding:
        """What models say of the hardware and time of their training, by method."""
        say = self._words(words.DISCLOSURE)
        answer, rows = self._rows("disclosure-by-method")
        by_method = [row for row in rows if row["method"] != "all"]

        def method(name: str) -> str:
            own = {"unknown": "method_unknown"}.get(name, name)
            return say(own) if own in words.DISCLOSURE else word(name, self.language) if known(name) else name

        def shown(name: str, value: Any, row: Row) -> tuple[Part, ...]:
            return (Part(method(value)) if name == "method" else Part(str(value)),)

        panel = UnitPanel(
            "",
            tuple(
                UnitRow(
                    method(row["method"]),
                    (
                        ("open", row["both"]),
                        ("partial", row["hardware_only"] + row["time_only"]),
                        ("closed", row["not_disclosed"]),
                        ("unknown", row["unknown"]),
                    ),
                    f"{row['both']}/{row['models']}",
                )
                for row in by_method
            ),
        )
        columns = ("both", "hardware_only", "time_only", "not_disclosed", "unknown")
        view = self._view(answer, say, shown, columns)
        legend = (("open", "both"), ("partial", "one"), ("closed", "not_disclosed"), ("unknown", "unknown"))
        sentence = sentences.disclosure(rows, method, self.zh)
        return self._finding(
            "disclosure", say, sentence, (panel,), tuple((level, say(key)) for level, key in legend), (view,)
        )

    def licences(self) -> Finding:
        """Weights whose own licence allows what one above them forbids."""
        say = self._words(words.LICENCES)
        counted, rows = self._rows("own-licence")
        listed, entries = self._rows("licences-above")
        columns = ("forbidden_by_base", "forbidden_by_data", "unknown_above", "nothing_against_it")
        levels = ("closed", "gated", "unknown", "open")

        def row_of(label: str, part: Sequence[Row]) -> UnitRow:
            sums = [sum(row[column] for row in part) for column in columns]
            return UnitRow(label, tuple(zip(levels, sums, strict=True)), f"{sums[0] + sums[1]}/{sum(sums)}")

        against = [row for row in rows if sentences.against(row)]
        rest = [row for row in rows if row not in against]
        drawn = [row_of(self._licence(row["licence"]).text, [row]) for row in against]
        drawn += [row_of(say("others"), rest)] if rest else []

        def shown(name: str, value: Any, row: Row) -> tuple[Part, ...]:
            if name == "licence":
                return (self._licence(value),)
            if name == "id":
                return (Part(self._name(value).text, f"{self.home}models/{value}/#commercial"),)
            if name == "form":
                return (Part(word(f"form.{value}" if value != "unknown" else value, self.language)),)
            if name == "through":
                return (Part(say("base" if value == "base" else "only_data")),)
            return (Part(str(value)),)

        views = (self._view(counted, say, shown, columns), self._view(listed, say, shown, (), say("list")))
        legend = tuple((level, say(column)) for level, column in zip(levels, columns, strict=True))
        models = len({row["id"] for row in entries})
        sentence = sentences.licences(rows, models, lambda name: self._licence(name).text, self.zh)
        return self._finding("licences", say, sentence, (UnitPanel("", tuple(drawn)),), legend, views)

    def _licence(self, name: str | None) -> Part:
        terms = self.catalog.licences.get(name or "")
        return Part(str(getattr(terms.name, self.language)) if terms else str(name))

    def _name(self, name: str) -> Part:
        """An id as its name, linked to its page where it has one."""
        target = self.catalog.resolve(name)
        if target is None:
            return Part(name)
        fragment = f"#v-{name}" if target.kind == "variant" else ""
        href = f"{self.home}{target.page_kind}/{target.entry}/{fragment}" if target.page_kind else None
        return Part(str(getattr(target.name, self.language)), href)

    def _forbidding(self, said: str) -> Iterator[tuple[Part, ...]]:
        """`llama-7b (LicenseRef-LLaMA-1); ...` in lines, with both ids by name."""
        for link, licence in re.findall(r"(\S+) \((\S+)\)", said):
            yield self._name(link), Part(f"{'：' if self.zh else ': '}{self._licence(licence).text}")

    def _words(self, of: Mapping[str, tuple[str, str]]) -> Callable[[str], str]:
        return lambda key: of[key][self.zh]

    def _rows(self, name: str) -> tuple[Answer, list[dict[str, Any]]]:
        answer = self.answers[name]
        return answer, answer.records

    def _view(
        self,
        answer: Answer,
        say: Callable[[str], str],
        shown: Callable[[str, Any, Row], tuple[Part, ...]],
        shares: tuple[str, ...],
        title: str = "",
    ) -> AnswerView:
        """The rows as they came; `shares` are the columns that are parts of the row's second."""
        rows = []
        for row, values in zip(answer.records, answer.rows, strict=True):
            cells = (
                Cell(
                    "" if value is None else str(value),
                    tuple(self._forbidding(value)) if name == "forbidding" else (shown(name, value, row),),
                    sentences.percent(value, values[1]) if name in shares and value else "",
                )
                for name, value in row.items()
            )
            rows.append(tuple(cells))
        columns = tuple(
            (say(name), all(isinstance(values[place], int) for values in answer.rows))
            for place, name in enumerate(answer.columns)
        )
        return AnswerView(answer.name, title, answer.path, answer.sql, columns, tuple(rows), bool(shares))

    def _finding(
        self,
        name: str,
        say: Callable[[str], str],
        sentence: str,
        panels: tuple[UnitPanel, ...],
        legend: tuple[tuple[str, str], ...],
        views: tuple[AnswerView, ...],
    ) -> Finding:
        caveats: tuple[words.Both, ...] = getattr(words, f"{name.upper()}_CAVEATS")
        return Finding(
            name, say("title"), sentence, say("chart"), panels, legend, views, tuple(one[self.zh] for one in caveats)
        )


def _two(found: int, models: int) -> tuple[tuple[str, int], ...]:
    return (("open", found), ("other", models - found))
