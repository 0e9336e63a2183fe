"""What catalog/reader.py reads, what it refuses, and where it says the fault is."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.reader import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_SCALAR, Place, Problem, place_of, read

PLAIN = "name: 羊驼\nvalues:\n  - 一\n  - {二: two}\n"


def problems(text: str | bytes) -> list[Problem]:
    return read(text.encode() if isinstance(text, str) else text)[1]


def codes(text: str | bytes) -> list[tuple[str, int, int]]:
    return [(p.code, *p.at) for p in problems(text)]


@pytest.mark.parametrize(
    "raw",
    [PLAIN.encode(), PLAIN.replace("\n", "\r\n").encode(), PLAIN.replace("\n",
    "\r").encode(), b"\xef\xbb\xbf" + PLAIN.encode()],
    ids=["LF", "CRLF", "CR", "BOM"],
)  # fmt: skip
def test_places_are_the_same_whatever_ends_the_lines(raw: bytes) -> None:
    tree, _ = read(raw)
    assert place_of(tree, ("name",)) == (1, 7)
    assert place_of(tree, ("name",), key=True) == (1, 1)
    assert place_of(tree, ("values", 0)) == (3, 5)
    assert place_of(tree, ("values", 1, "二")) == (4, 9)
    assert place_of(tree, ("values", 1, "二"), key=True) == (4, 6)


def test_column_counts_characters_not_bytes() -> None:
    tree, found = read("{羊: 驼, 🦙: alpaca}\n".encode())
    assert not found
    assert place_of(tree, ("羊",)) == (1, 5)
    assert place_of(tree, ("🦙",)) == (1, 11)


def test_parts_that_the_text_lacks_are_passed_over() -> None:
    tree, _ = read(b"cost:\n  value: 3\n")
    assert place_of(tree, ("cost", "claims", 0, "value")) == (2, 10)
    assert place_of(tree, ("cost", "unit")) == (2, 3)


def test_lf_utf8_file_has_no_problem() -> None:
    assert problems(PLAIN) == []


def test_crlf_is_reported_where_the_first_line_ends() -> None:
    assert codes("name: 羊驼\r\nb: 1\r\n") == [("HB102", 1, 9)]


def test_single_cr_in_a_later_line_is_reported_there() -> None:
    assert codes("a: 1\nb: 2\rc: 3\n") == [("HB102", 2, 5)]


def test_byte_order_mark_is_reported_and_the_rest_is_read() -> None:
    tree, found = read(b"\xef\xbb\xbfa: 1\n")
    assert (tree, [(p.code, *p.at) for p in found]) == ({"a": 1}, [("HB102", 1, 1)])


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [(b"\xff", 1, 1), (b"a: 1\nb: \xff\n", 2, 4), ("羊: ".encode() + b"\xc3\x28", 1, 4), (b"a: 1\r\nb: \xe7", 2, 4),
     (b"a: 1\rb: \xe7", 2, 4), ("羊驼".encode("gb18030"), 1, 1)],
)  # fmt: skip
def test_invalid_utf8_is_reported_at_the_first_bad_byte(raw: bytes, line: int, column: int) -> None:
    tree, found = read(raw)
    assert tree is None
    assert [(p.code, *p.at) for p in found] == [("HB102", line, column)]


@pytest.mark.parametrize("text", ["", "\n", "  \n\n", "\r\n", "\t", "# nothing\n", "~", "null\n", "---\n"])
def test_empty_file_is_reported_at_its_start(text: str) -> None:
    assert [found for found in codes(text) if found[0] != "HB102"] == [("HB106", 1, 1)]


def test_second_document_is_refused_where_it_starts() -> None:
    assert codes("a: 1\n---\nb: 2\n") == [("HB104", 2, 1)]


def test_document_start_before_the_only_document_is_allowed() -> None:
    assert read(b"---\na: 1\n") == ({"a": 1}, [])


def test_key_that_stands_twice_is_reported_at_the_second() -> None:
    tree, found = read(b"a: 1\nb:\n  c: 1\n  c: {d: 2}\nb: 3\na: 4\n")
    assert tree == {"a": 1, "b": {"c": 1}}
    assert [(p.code, *p.at) for p in found] == [("HB107", 4, 3), ("HB107", 5, 1), ("HB107", 6, 1)]


def test_same_key_in_two_mappings_is_no_duplicate() -> None:
    assert problems("a: {c: 1}\nb: {c: 1}\n") == []


def test_anchor_is_refused_where_it_stands() -> None:
    assert codes("a: 1\nb: &x 2\n") == [("HB104", 2, 4)]


def test_aliases_that_expand_without_end_are_refused_at_the_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert codes(bomb) == [("HB104", 1, 4)]


def test_alias_to_itself_is_refused() -> None:
    assert codes("a: [*b]\n") == [("HB104", 1, 5)]


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [x]", "!!python/name:os.system", "!!str 3", "!own x", "!!binary eA=="]
)
def test_tag_is_refused_where_it_stands(tag: str) -> None:
    assert codes(f"a: 1\nb: {tag}\n") == [("HB104", 2, 4)]


@pytest.mark.parametrize("text", ["[" * 3000, "{a: " * 3000, "- " * 3000 + "x", "a: " + "[" * 3000 + "]" * 3000])
def test_nesting_3000_deep_is_refused_near_the_start(text: str) -> None:
    [found] = problems(text)
    assert (found.code, found.at.line) == ("HB101", 1)
    assert found.at.column <= 4 * MAX_DEPTH + 8


def test_nesting_within_the_limit_is_read() -> None:
    assert problems("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert codes("[" * (MAX_DEPTH + 1)) == [("HB101", 1, MAX_DEPTH + 1)]


def test_ten_megabytes_are_refused_unread() -> None:
    assert codes(b"a: " + b"x" * 10_000_000) == [("HB101", 1, 1)]


def test_size_limit_itself_is_allowed() -> None:
    comment = b"a: 1\n#" + b"x" * (MAX_BYTES - 6)
    assert read(comment) == ({"a": 1}, [])
    assert codes(comment + b"x") == [("HB101", 1, 1)]


def test_too_many_values_are_refused() -> None:
    assert [found[0] for found in codes("[" + "1," * (MAX_NODES + 1) + "]")] == ["HB101"]


def test_long_text_is_reported_where_it_starts() -> None:
    assert problems(f"a: {'x' * MAX_SCALAR}\n") == []
    assert codes(f"b: 1\na: {'x' * (MAX_SCALAR + 1)}\n") == [("HB101", 2, 4)]


INVISIBLE = {
    "NUL": "\x00", "escape": "\x1b", "delete": "\x7f", "next line": "\x85", "soft hyphen": "\xad",
    "zero width space": "\u200b", "right-to-left mark": "\u200f", "line separator": "\u2028",
    "right-to-left override": "\u202e", "word joiner": "\u2060", "right-to-left isolate": "\u2067",
    "inner byte order mark": "\ufeff", "interlinear anchor": "\ufff9", "no character": "\ufffe",
    "tag letter": "\U000e0041",
}  # fmt: skip


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
def test_invisible_character_is_refused_where_it_stands(character: str) -> None:
    assert codes(f"a: 1\n羊: 驼{character}x\n") == [("HB102", 2, 5)]


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
def test_invisible_character_written_as_an_escape_is_refused_too(character: str) -> None:
    assert codes(f'a: 1\nb: "x\\U{ord(character):08x}y"\n') == [("HB102", 2, 4)]
    assert ("HB102", 2, 1) in codes(f'a: 1\n"x\\U{ord(character):08x}y": 1\n')


@pytest.mark.parametrize("character", ["\t", "é", "羊", "🦙", "’", "→", "\u3000"])
def test_visible_characters_and_tabs_inside_text_are_read(character: str) -> None:
    assert read(f"a: x{character}y\n".encode()) == ({"a": f"x{character}y"}, [])


@pytest.mark.parametrize("word", ["no", "No", "NO", "on", "ON", "yes", "off"])
def test_old_booleans_are_text_and_must_be_quoted(word: str) -> None:
    tree, found = read(f"a: {word}\n".encode())
    assert tree == {"a": word}
    assert [(p.code, *p.at) for p in found] == [("HB105", 1, 4)]
    assert codes(f"{word}: 1\n") == [("HB105", 1, 1)]
    assert read(f'"{word}": "{word}"\n'.encode()) == ({word: word}, [])


def test_words_that_only_start_like_old_booleans_are_text() -> None:
    assert read(b"a: [none, nothing, once, offer, y, n]\n")[1] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("False", False), ("null", None), ("~", None), ("12", 12), ("-3", -3), ("0x1F", 31),
    ("0o17", 15),
     ("012", 12), ("2e-5", 2e-5), ("1.", 1.0), (".5", 0.5), ("2023-03-13", "2023-03-13"), ("12:30", "12:30"),
     ("1_000", "1_000"), ("7B", "7B"), (".inf", float("inf")), (".INF", float("inf")), ("-.Inf", float("-inf"))],
)  # fmt: skip
def test_plain_scalar_is_read_as_yaml_1_2_reads_it(text: str, value: object) -> None:
    tree, found = read(f"a: {text}\n".encode())
    assert tree == {"a": value}
    odd = text.startswith(("0x", "0o")) or "_" in text or text.lower().endswith(".inf")
    assert [(problem.code, *problem.at) for problem in found] == ([("HB105", 1, 4)] if odd else [])


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_read_in_every_spelling(text: str) -> None:
    tree, found = read(f"a: {text}\n".encode())
    assert tree["a"] != tree["a"]
    assert [problem.code for problem in found] == ["HB105"]


def test_number_keeps_how_it_was_written() -> None:
    tree, _ = read(b"a: [0x10, 1e3, 007, 2.50]\n")
    assert [number.text for number in tree["a"]] == ["0x10", "1e3", "007", "2.50"]


def test_quoted_number_is_text() -> None:
    assert read(b"a: '12'\nb: \"true\"\n") == ({"a": "12", "b": "true"}, [])


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: [1, 2\n", 2), ("a: 1\nb: 'x\n", 3), ("a: b: c\n", 1), ("a: 1\n b: 2\n", 2), ("a: 1\n\tb: 2\n", 2), ("}", 1)],
)
def test_broken_yaml_is_reported_near_the_fault(text: str, line: int) -> None:
    [found] = problems(text)
    assert found.code == "HB103"
    assert abs(found.at.line - line) <= 1


def test_tab_as_indentation_is_named_in_the_hint() -> None:
    [found] = problems("a:\n\tb: 2\n")
    assert (found.code, found.at.line, "tab" in found.hint) == ("HB103", 2, True)


@pytest.mark.parametrize("text", ["? [a]\n: 1\n", "{{a: 1}: 2}\n"])
def test_key_that_is_no_word_is_refused(text: str) -> None:
    assert [found[0] for found in codes(text)] == ["HB103"]


def inside(at: Place, text: str) -> bool:
    """Whether the place is in the text, or right behind a line's end."""
    lines = re.split("\r\n|\r|\n", text)
    return 1 <= at.line <= len(lines) and 1 <= at.column <= len(lines[at.line - 1]) + 1


WILD = st.text(st.characters(codec="utf-8"), max_size=200) | st.text(
    st.sampled_from("abc:-[]{}#&*!|>'\"%@`,? \n\r\t\\~.0123xN\u2028\ufeff羊🦙"), max_size=80
)


@settings(max_examples=400)
@given(WILD)
def test_no_text_raises_and_every_place_is_inside_it(text: str) -> None:
    for found in problems(text):
        assert inside(found.at, text.removeprefix("\ufeff")), (found, text)


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_no_bytes_raise_and_every_place_is_inside_them(raw: bytes) -> None:
    for found in problems(raw):
        assert inside(found.at, raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")), (found, raw)


def readable(text: str) -> bool:
    return text.isprintable() and not any(code == "HB102" for code, *_ in codes(f"a: {text}"))


# PyYAML writes YAML 1.1, in which `0E0` and `0o7` are text without quotes: such words are left to the tables above.
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12).filter(
    lambda word: readable(word) and word[:1] not in tuple("0123456789.+-")
) | st.sampled_from(["羊驼", "a: b", "- x", "#c", "12", "0x1", "", " ", "null", "3.5", "'", '"', "x\ny"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
)
KEYS = WORDS.filter(lambda word: word.lower() not in ("yes", "no", "on", "off"))
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=200)
@given(DATA.filter(lambda data: data is not None), st.sampled_from([None, True, False]), st.booleans())
def test_dumped_data_is_read_back_as_it_was(data: Any, flow: bool | None, unicode: bool) -> None:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    text = yaml.dump(data, Dumper=Plain, default_flow_style=flow, allow_unicode=unicode, width=10_000)
    tree, found = read(text.encode())
    assert found == []
    assert tree == data
