"""Real records, damaged by one small accident each: lint never raises, and says the line where it can be known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import checks
from catalog.findings import Finding, as_github, as_json, as_text, order
from catalog.reader import MAX_BYTES, Map, Seq, place_of, read
from catalog.register import Catalog, File
from catalog.shape import below, field_names, models_at
from catalog.store import find_root, read_catalog, read_record
from tests.catalog.small import TODAY

ROOT = find_root(Path(__file__))


@cache
def original() -> Catalog:
    return read_catalog(ROOT).catalog


@cache
def texts() -> dict[tuple[str, str], str]:
    """Record texts by kind and slug."""
    return {(f.kind, f.slug): (ROOT / f.relative).read_text(encoding="utf-8") for f in original().files}


@pytest.fixture(scope="module")
def shadow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where damaged texts are written; the rest of the catalog stays where it is."""
    return tmp_path_factory.mktemp("shadow")


def lint(file: File, text: str, shadow: Path) -> list[Finding]:
    """What is found in `file` when it has this text and all other files are as they are."""
    path = shadow / file.relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    damaged, findings = read_record(file.kind, file.slug, path, shadow)
    if damaged is None:
        return order(findings)
    others = tuple(f for f in original().files if f is not file)
    catalog = replace(original(), files=(*others, damaged))
    return order([*findings, *checks.run(catalog, TODAY, [damaged])])


FILES = st.sampled_from(original().files)


def lines_of(file: File) -> list[str]:
    return texts()[file.kind, file.slug].split("\n")


Damage = Callable[[list[str], int, st.DataObject], list[str]]


def delete_line(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    return [*lines[:at], *lines[at + 1 :]]


def double_line(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    return [*lines[: at + 1], *lines[at:]]


def swap_lines(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    return [*lines[:at], *reversed(lines[at : at + 2]), *lines[at + 2 :]]


def indent_line(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    shifted = (
        data.draw(st.sampled_from([" ", "  ", "\t", "-"])) + lines[at] if data.draw(st.booleans()) else lines[at][1:]
    )
    return [*lines[:at], shifted, *lines[at + 1 :]]


def change_character(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    line = lines[at]
    where = data.draw(st.integers(0, max(0, len(line) - 1)))
    new = data.draw(st.sampled_from(list("{}[]:,-#&*!|>'\"%@`? \t\r0aZ~=<羊🦙\u202e\x00\ud800")) | st.characters())
    return [*lines[:at], line[:where] + new + line[where + data.draw(st.integers(0, 1)) :], *lines[at + 1 :]]


def change_value(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    new = data.draw(st.sampled_from(["", "[]", "{}", "3", "-1", "true", "null", ".nan", "[a, {b: c}]", "{a: 1}",
    "x" * 9000,
                                     "1e999", "99999999999999999999999999999999999999999999", "2023-02-30", "!!int 3",
                                     "|"]))  # fmt: skip
    return [*lines[:at], re.sub(r"(: ).*", lambda m: m[1] + new, lines[at], count=1), *lines[at + 1 :]]


def change_inner_value(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    new = data.draw(
        st.sampled_from(["", "[]", "3", "true", "null", ".inf", "{a: 1}", "'", "about", "1e99999999999999999999"])
    )
    return [
        *lines[:at],
        re.sub(r"((?:value|from|level|as_of|en): )[^,}]*", lambda m: m[1] + new, lines[at]),
        *lines[at + 1 :],
    ]


def cut_off(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    return [*lines[:at], lines[at][: len(lines[at]) // 2]]


DAMAGES: list[Damage] = [
    delete_line, double_line, swap_lines, indent_line, change_character, change_value, change_inner_value, cut_off,
]  # fmt: skip


@settings(max_examples=250)
@given(FILES, st.sampled_from(DAMAGES), st.data())
def test_no_accident_makes_lint_raise(shadow: Path, file: File, damage: Damage, data: st.DataObject) -> None:
    lines = lines_of(file)
    text = "\n".join(damage(lines, data.draw(st.integers(0, len(lines) - 1)), data))
    found = lint(file, text, shadow)
    count = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(1 <= finding.at.line <= count for finding in found)
    assert len(as_text(found).splitlines()) == len(found)
    assert as_json(found)
    assert as_github(found).count("\n") == len(found)


@dataclass(frozen=True)
class Slip:
    """A slip of the pen in one line that must be found in that line."""

    pattern: str
    new: Callable[[re.Match[str]], str]
    codes: set[str]


def misspelt(match: re.Match[str]) -> str:
    word = match[2]
    return f"{match[1]}{word[0]}{word[2:]}:"


WORDS = "summary|released|publisher|variants|training|openness|licences|parameters|hardware|duration|framework|dataset"
WORDS += "|sequence|corrections|statements|confidence|evidence|accessed|accepted|columns|correction|vendor|language"
SLIPS = {
    "a misspelt key": Slip(rf"(^ *|[{{,] ?)({WORDS}):", misspelt, {"HB110"}),
    "a wrong unit": Slip(r"((?:tokens|sequence|duration|cost|gpu_hours): \{value: )([\d.,]*\d[KMBT]?) [A-Za-z\-]+\b",
                         lambda m: f"{m[1]}{m[2]} lightyears", {"HB113"}),
    "examples for tokens": Slip(r"((?:tokens|sequence|context): \{value: )([\d.,]+[KMBT]?) tokens\b",
                                lambda m: f"{m[1]}{m[2]} instructions", {"HB113"}),
    "a base that is not there": Slip(r"(base: \{value: )[a-z0-9.\-]+", lambda m: f"{m[1]}no-such-model", {"HB210"}),
    "data that are not there": Slip(r"(dataset: )[a-z0-9.\-]+", lambda m: f"{m[1]}no-such-data", {"HB210"}),
    "a source that is not there": Slip(r"(from: )[a-z0-9.\-]+(#L\d+)", lambda m: f"{m[1]}no-such-source{m[2]}",
    {"HB201"}),
    "a licence that is not there": Slip(r"(weights: \{value: )[A-Za-z0-9.\-]+", lambda m: f"{m[1]}Beerware-42",
    {"HB211"}),
    "markup": Slip(r"(en: \"?[A-Z][a-z]+ )", lambda m: f"{m[1]}<b>x</b> ", {"HB113"}),
    "a script": Slip(r"(zh: \"?[\u4e00-\u9fff]+)", lambda m: f"{m[1]}<script>", {"HB113"}),
    "an http address": Slip(r"((?:url|value): \"?)https://", lambda m: f"{m[1]}http://", {"HB113"}),
    "a javascript address": Slip(r"(url: \"?)https://", lambda m: f"{m[1]}javascript://", {"HB113"}),
    "a day that is none": Slip(r"(as_of: \d{4})-\d\d-\d\d\b", lambda m: f"{m[1]}-02-30", {"HB113"}),
    "the year 20023": Slip(r"(as_of: )2023-", lambda m: f"{m[1]}20023-", {"HB113"}),
    "a text read before it stood so": Slip(r"as_of: (\d{4}-\d\d-\d\d), accessed: \d{4}-\d\d-\d\d",
                                           lambda m: f"as_of: {m[1]}, accessed: 2001-01-01", {"HB220"}),
    "a level that is none": Slip(r"(level: )[a-z\-]+", lambda m: f"{m[1]}yes", {"HB113"}),
    "a key twice": Slip(r"(from: [a-z0-9.\-]+#L\d+)(?=[,}])", lambda m: f"{m[1]}, {m[1]}", {"HB107"}),
    "a tag": Slip(r"(value: )(?=[\d\"])", lambda m: f"{m[1]}!!python/none ", {"HB104"}),
    "a path for a card": Slip(r"(hardware: \{value: )[^,}]+", lambda m: f"{m[1]}8 x ../../a100", {"HB113"}),
}  # fmt: skip


def of_settings(lines: list[str], number: int) -> bool:
    """Whether a line stands in a `settings:` block, whose keys and words are the source's own."""
    depth = len(lines[number - 1]) - len(lines[number - 1].lstrip())
    for line in reversed(lines[: number - 1]):
        here = len(line) - len(line.lstrip())
        if line.strip() and here < depth:
            return line.strip() == "settings:"
    return False


def keys_of(file: File) -> list[tuple[tuple[str | int, ...], list[str]]]:
    """(path of a key that the types know, the keys they know beside it) all over a record."""
    found: list[tuple[tuple[str | int, ...], list[str]]] = []

    def visit(tree: object, annotation: object, path: tuple[str | int, ...]) -> None:
        if isinstance(tree, Map):
            known = [name for model in models_at(annotation, list(tree)) for name in field_names(model)]
            for key, value in tree.items():
                if key in known:
                    found.append(((*path, key), known))
                visit(value, below(annotation, key, list(tree)), (*path, key))
        elif isinstance(tree, Seq):
            for number, value in enumerate(tree):
                visit(value, below(annotation, number), (*path, number))

    visit(file.tree, type(file.record), ())
    return found


@cache
def typed_keys(kind: str, slug: str) -> frozenset[tuple[int, int]]:
    """(line, column) of every key of a record that its types know; not of ids, nor of what the source named."""
    file = original().by_key[kind, slug]  # type: ignore[index]
    places = (place_of(file.tree, path, key=True) for path, _ in keys_of(file))
    return frozenset((place.line, place.column) for place in places)


@cache
def spots(slip: str) -> tuple[tuple[File, int, tuple[int, int]], ...]:
    """(file, line number from 1, where in the line) of everything that the slip could befall."""
    return tuple(
        (file, number, match.span())
        for file in original().files
        for number, line in enumerate(lines_of(file), 1)
        if not line.lstrip().startswith("#") and not of_settings(lines_of(file), number)
        for match in re.finditer(SLIPS[slip].pattern, line)
        if slip != "a misspelt key" or (number, match.start(2) + 1) in typed_keys(file.kind, file.slug)
    )


@pytest.mark.parametrize("slip", SLIPS)
def test_slip_in_one_line_is_found_in_that_line(slip: str, shadow: Path) -> None:
    kind, known = SLIPS[slip], spots(slip)
    assert known, "no record has such a line"

    @settings(max_examples=12)
    @given(st.integers(0, len(known) - 1))
    def check(index: int) -> None:
        file, number, (start, end) = known[index]
        lines = lines_of(file)
        line = lines[number - 1]
        match = re.compile(kind.pattern).search(line, start)
        assert match is not None
        new = line[:start] + kind.new(match) + line[end:]
        found = lint(file, "\n".join([*lines[: number - 1], new, *lines[number:]]), shadow)
        there = [finding for finding in found if finding.at.line == number and finding.code in kind.codes]
        assert there, (file.path, number, new, found[:3])

    check()


def test_misspelt_key_is_always_told_what_was_meant(shadow: Path) -> None:
    for file, number, (start, end) in spots("a misspelt key")[::40]:
        lines = lines_of(file)
        match = re.compile(SLIPS["a misspelt key"].pattern).search(lines[number - 1], start)
        assert match is not None
        lines[number - 1] = lines[number - 1][:start] + misspelt(match) + lines[number - 1][end:]
        found = [f for f in lint(file, "\n".join(lines), shadow) if f.code == "HB110"]
        assert [f.hint for f in found] == [f"did you mean `{match[2]}`?"], (file.path, number, match[2])


def test_undamaged_records_pass_the_same_way(shadow: Path) -> None:
    for file in original().files:
        assert [f for f in lint(file, texts()[file.kind, file.slug], shadow) if f.severity == "error"] == []


def test_every_record_has_lf_line_ends_and_places_for_all_it_says() -> None:
    for file in original().files:
        raw = (ROOT / file.relative).read_bytes()
        tree, problems = read(raw)
        assert problems == []
        assert len(raw) < MAX_BYTES // 4
        assert place_of(tree, ("name" if "name" in tree else "title",), key=True).column == 1
