"""What a fact may say, and how it is refused when it says it wrongly."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from catalog.facts import Day, Duration, Evidence, LevelClaim, Name, Openness, Slug, Text, Url, Word, day
from catalog.records import Languages, Reference, References, Source
from catalog.tables import Column, Table

WHY = {"en": "It is the later one.", "zh": "这个较晚。"}


def refused(model: Any, data: Any) -> str:
    """The messages with which `data` is refused."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(model).validate_python(data)
    return "; ".join(error["msg"] for error in caught.value.errors())


def test_short_form_is_one_claim() -> None:
    short = Duration.model_validate({"value": "3 h", "from": "blog#L1", "as_of": "2023-03"})
    long = Duration.model_validate({"claims": [{"value": "3 h", "from": "blog#L1", "as_of": "2023-03"}]})
    assert short == long
    assert short.accepted is short.claims[0]
    assert short.accepted.value is not None
    assert short.accepted.value.number == 3


def test_claims_and_a_value_beside_them_are_refused() -> None:
    data = {"value": "3 h", "from": "blog", "claims": [{"value": "3 h", "from": "blog"}]}
    assert "Extra inputs" in refused(Duration, data)


def test_one_accepted_of_several_is_the_one_believed() -> None:
    fact = Duration.model_validate(
        {"claims": [{"value": "3 h", "from": "blog"}, {"value": "4 h", "from": "card", "accepted": WHY}]}
    )
    assert fact.accepted is fact.claims[1]


def test_several_claims_without_an_accepted_one_are_refused() -> None:
    claims = [{"value": "3 h", "from": "blog"}, {"value": "4 h", "from": "card"}]
    assert "0 of 2 claims are `accepted`" in refused(Duration, {"claims": claims})


def test_two_accepted_claims_are_refused() -> None:
    claims = [{"value": "3 h", "from": "blog", "accepted": WHY}, {"value": "4 h", "from": "card", "accepted": WHY}]
    assert "2 of 2 claims are `accepted`" in refused(Duration, {"claims": claims})


def test_no_claims_are_refused() -> None:
    assert "`claims` is empty" in refused(Duration, {"claims": []})


def test_bare_value_is_refused_with_the_form_to_write() -> None:
    assert "a fact is written {value: ..., from: source#locator}" in refused(Duration, "3 h")


@pytest.mark.parametrize("status", ["not-disclosed", "not-applicable", "unknown"])
def test_status_stands_instead_of_a_value(status: str) -> None:
    claim = Duration.model_validate({"status": status, "from": "survey#L3"}).accepted
    assert (claim.value, claim.status) == (None, status)
    assert f"`value` contradicts `status: {status}`" in refused(
        Duration, {"status": status, "value": "3 h", "from": "survey#L3"}
    )


@pytest.mark.parametrize("data", [{"from": "blog"}, {"value": None, "from": "blog"}, {"status": "stated", "from": "b"}])
def test_neither_value_nor_status_is_refused(data: dict[str, Any]) -> None:
    assert "a claim needs `value`, or `status:" in refused(Duration, data)


def test_status_is_a_word_of_the_list() -> None:
    assert "Input should be 'stated', 'not-disclosed'" in refused(Duration, {"status": "secret", "from": "b"})


@pytest.mark.parametrize("data", [{"value": "3 h"}, {"status": "not-disclosed"}])
def test_figure_without_evidence_is_refused(data: dict[str, Any]) -> None:
    assert "`from` is missing: every figure needs its evidence" in refused(Duration, data)


@pytest.mark.parametrize("status", ["unknown", "not-applicable"])
def test_what_nobody_said_needs_no_evidence(status: str) -> None:
    assert Duration.model_validate({"status": status}).accepted.evidence == ()


def test_evidence_is_a_source_with_or_without_a_locator() -> None:
    fact = Duration.model_validate({"value": "3 h", "from": ["blog", "survey#L91-93, table 2"]})
    assert fact.accepted.evidence == (Evidence("blog", ""), Evidence("survey", "L91-93, table 2"))
    assert fact.accepted.evidence[1].lines == ((91, 93),)
    assert str(fact.accepted.evidence[1]) == "survey#L91-93, table 2"


@pytest.mark.parametrize(
    "text", ["", "#L3", "Blog", "blog#", "blog# L3", "../blog", "blog L3", "https://example.org", 3, "b#" + "x" * 200]
)
def test_what_is_no_evidence_is_refused(text: object) -> None:
    assert "evidence is written `source`" in refused(Duration, {"value": "3 h", "from": text})


def test_empty_or_endless_list_of_evidence_is_refused() -> None:
    assert "at least 1" in refused(Duration, {"value": "3 h", "from": []})
    assert "at most 12" in refused(Duration, {"value": "3 h", "from": ["blog"] * 13})


@pytest.mark.parametrize(
    ("locator", "lines"),
    [("L3", ((3, 3),)), ("L3-5", ((3, 5),)), ("L3-L5", ((3, 5),)), ("L3, L7-8", ((3, 3), (7, 8))), ("table 2", ())],
)
def test_locator_names_lines(locator: str, lines: tuple[tuple[int, int], ...]) -> None:
    assert Evidence("survey", locator).lines == lines


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("2023-03-13", (2023, 3, 13), (2023, 3, 13)),
        ("2024-02-29", (2024, 2, 29), (2024, 2, 29)),
        ("2023-02", (2023, 2, 1), (2023, 2, 28)),
        ("2023-12", (2023, 12, 1), (2023, 12, 31)),
        ("2023", (2023, 1, 1), (2023, 12, 31)),
        ("2023-03-20 to 2023-03-26", (2023, 3, 20), (2023, 3, 26)),
        ("2022-12 to 2023-02", (2022, 12, 1), (2023, 2, 28)),
    ],
)
def test_date_is_as_exact_as_it_was_said(said: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert day(said) == Day(said, datetime.date(*first), datetime.date(*last))


@pytest.mark.parametrize(
    "said",
    ["20023", 20023, "20023-03-13", "2023-02-30", "2023-02-29", "2023-13", "2023-00", "2023-3-1", "23-03-13",
    "13.3.2023",
     "2023/03/13", "1066", "2345", "2023-03-26 to 2023-03-20", "2023 to 2024 to 2025", "2023-03-13T10:00",
     "yesterday", "",
     True, 2023.5, None, "２０２３", "2023-03-13 to", "to 2023"],
)  # fmt: skip
def test_what_is_no_date_of_this_field_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match=r"date|calendar|backwards|two ends"):
        day(said)


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)))
def test_every_day_of_the_calendar_is_read(date: datetime.date) -> None:
    assert day(date.isoformat()) == Day(date.isoformat(), date, date)


@given(st.text(max_size=40) | st.integers() | st.floats() | st.booleans() | st.none())
def test_nothing_makes_a_date_raise_anything_but_value_error(said: object) -> None:
    try:
        read = day(said)
    except ValueError:
        return
    assert read.first <= read.last


@pytest.mark.parametrize("slug", ["a", "llama-7b", "gpt-3.5-turbo", "7b", "moss-moon-003-sft"])
def test_slug_is_lower_case_words_with_single_joints(slug: str) -> None:
    assert TypeAdapter(Slug).validate_python(slug) == slug


@pytest.mark.parametrize(
    "slug",
    ["", ".", "..", "../etc", "a/b", "a\\b", "/a", "a/../b", "%2e%2e", "a..b", "a--b", "-a", "a-", ".a", "a.", "A",
    "a b", "a_b",
     "羊驼", "a\n", "a\x00", "con:", "~", "a" * 81, "é", "a\u2024b"],
)  # fmt: skip
def test_path_tricks_are_no_slugs(slug: str) -> None:
    assert refused(Slug, slug)
    assert refused(Reference, {"value": slug, "from": "b"})


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "https://example.org/a?b=c#d", "https://example.org:8443/",
    "https://arxiv.org/abs/2302.13971",
     "https://zh.wikipedia.org/wiki/羊驼"],
)  # fmt: skip
def test_https_address_is_read(url: str) -> None:
    assert TypeAdapter(Url).validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x",
    "file:///etc/passwd",
     "http://example.org", "ftp://example.org", "//example.org", "example.org", "/a", "https:", "https:///a",
     "https:/example.org",
     "https:example.org", "https://localhost/", "https://user@example.org", "https://user:word@example.org",
     "https://@example.org",
     "https://:word@example.org", "https://[", "https://example.org/a b",
     "https://example.org/<b>", 'https://example.org/"x',
     "https://example.org\\@evil.org", "https://example.org/`", " https://example.org", "https://example.org/\n", ""],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    assert refused(Url, url)


MARKUP = [
    "<b>bold</b>", "a <script>alert(1)</script>", "< img src=x onerror=alert(1)>", "</p>", "<!-- c -->", "<?php",
    "&lt;b&gt;",
    "&#60;", "&#x3C;b", "[x](javascript:alert(1))", "javascript:alert(1)", "JAVASCRIPT :x", "[x](data:text/html,y)",
    "<svg/onload=x>",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_text_is_refused_everywhere(text: str) -> None:
    good = {"en": "Fine.", "zh": "好。"}
    assert "markup" in refused(Text, {**good, "zh": text})
    assert "markup" in refused(Name, text)
    assert "markup" in refused(Word, {"value": text, "from": "b"})
    assert "markup" in refused(Duration, {"value": "3 h", "from": "b", "note": {**good, "en": text}})
    assert "markup" in refused(Duration, {"value": "3 h", "from": f"b#{text}"})


@pytest.mark.parametrize(
    "text", ["less than <500", "AT&T", "R&D; more", "x <3", "1 << 2", "f(x)", "[1](2)", "https://example.org"]
)
def test_plain_signs_are_no_markup(text: str) -> None:
    assert TypeAdapter(Name).validate_python(text) == Text(en=text, zh=text)


def table(cell: object = "fine", settings: dict[str, object] | None = None) -> dict[str, Any]:
    return {
        "id": "t",
        "kind": "benchmark",
        "title": {"en": "T", "zh": "表"},
        "settings": settings or {},
        "columns": {"remark": {"name": "Remark", "measures": "text"}, "time": {"name": "T", "measures": "duration"}},
        "rows": [{"name": "Row", "from": "b", "cells": {"remark": cell, "time": "3 h"}}],
    }


def test_table_of_plain_cells_is_read() -> None:
    read = Table.model_validate(table("<500", {"k": 32, "threshold": 0.5, "prompt": "plain"}))
    assert read.rows[0].cells == {"remark": "<500", "time": "3 h"}


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_a_table_is_refused(text: str) -> None:
    assert "markup" in refused(Table, table(text))
    with pytest.raises(ValidationError, match="markup"):
        Table.model_validate(table(settings={"prompt": text}))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_no_setting(number: float) -> None:
    with pytest.raises(ValidationError):
        Table.model_validate(table(settings={"k": number}))


@pytest.mark.parametrize(
    ("column", "message"),
    [({"remark": "x", "colour": "red"}, "cell `colour`"), ({"time": "3 tokens"}, "is not a quantity of duration"),
     ({"time": {"a": "3 h"}}, "does not fit column"), ({"time": True}, "text or a number")],
)  # fmt: skip
def test_cell_that_does_not_fit_its_column_is_refused(column: dict[str, Any], message: str) -> None:
    data = table()
    data["rows"][0]["cells"] = column
    assert message in refused(Table, data)


def test_cell_in_parts_names_the_parts_of_its_column() -> None:
    data = table()
    data["columns"]["both"] = {"name": "Both", "measures": {"time": "duration", "cost": "money"}}
    data["rows"][0]["cells"] = {"both": {"time": "1.8 days"}}
    assert Table.model_validate(data).rows[0].cells["both"] == {"time": "1.8 days"}
    data["rows"][0]["cells"] = {"both": {"price": "1 USD"}}
    assert "cell part `price` is not one of time, cost" in refused(Table, data)
    assert Column.model_validate(data["columns"]["both"]).measures == {"time": "duration", "cost": "money"}


def test_level_is_dated_and_has_evidence() -> None:
    good = {"level": "open", "as_of": "2023-03", "from": "b"}
    assert Openness.model_validate(good).accepted.level == "open"
    assert "`from` is missing" in refused(LevelClaim, {"level": "open", "as_of": "2023-03"})
    assert "`as_of` is missing" in refused(LevelClaim, {"level": "closed", "from": "b"})
    assert "Input should be 'open', 'partial'" in refused(LevelClaim, {**good, "level": "yes"})


@pytest.mark.parametrize("level", ["unknown", "not-applicable"])
def test_level_that_says_nothing_needs_neither_date_nor_evidence(level: str) -> None:
    claim = LevelClaim.model_validate({"level": level})
    assert (claim.value, claim.status, claim.evidence) == (level, level, ())


def test_name_is_one_text_for_both_languages_or_one_each() -> None:
    assert TypeAdapter(Name).validate_python("Alpaca") == Text(en="Alpaca", zh="Alpaca")
    assert TypeAdapter(Name).validate_python({"en": "Alpaca", "zh": "羊驼"}).zh == "羊驼"
    assert refused(Name, {"en": "Alpaca"}) == "Field required"
    assert "empty text" in refused(Name, " ")


def test_one_id_and_a_list_of_ids_are_both_read() -> None:
    assert References.model_validate({"value": "meta", "from": "b"}).accepted.value == ("meta",)
    assert References.model_validate({"value": ["a", "b"], "from": "b"}).accepted.value == ("a", "b")
    assert Languages.model_validate({"value": ["en", "zh-Hans", "code"], "from": "b"}).accepted.value is not None
    assert "pattern" in refused(Languages, {"value": "English", "from": "b"})


def test_value_is_text_or_a_number_as_it_was_typed() -> None:
    assert Word.model_validate({"value": "NF4", "from": "b"}).accepted.value == "NF4"
    for wrong in (True, ["a"], {"a": 1}):
        assert "text or a number" in refused(Word, {"value": wrong, "from": "b"})
    assert "at most 400" in refused(Word, {"value": "x" * 401, "from": "b"})


SOURCE = {"url": "https://example.org", "as_of": "2023-03", "accessed": "2026-11-20"}


def test_source_has_an_address_or_is_a_document_held_by_its_hash() -> None:
    assert Source.model_validate(SOURCE).kind == "repository"
    document = {"kind": "document", "title": "Notes", "sha256": "0f" * 32, "as_of": "2023", "accessed": "2026-11-20"}
    assert Source.model_validate(document).url is None
    assert "`url` is missing" in refused(Source, {"as_of": "2023-03", "accessed": "2026-11-20"})
    assert "a document needs `title` and `sha256`" in refused(Source, {**SOURCE, "kind": "document"})
    assert "pattern" in refused(Source, {**document, "sha256": "0F" * 32})


def test_source_says_when_it_could_not_be_reached() -> None:
    assert Source.model_validate({**SOURCE, "accessed": "not-reached"}).accessed == "not-reached"
    with pytest.raises(ValidationError):
        Source.model_validate({**SOURCE, "accessed": "never"})


def test_what_was_read_cannot_be_changed() -> None:
    fact = Duration.model_validate({"value": "3 h", "from": "b"})
    with pytest.raises(ValidationError, match="frozen"):
        fact.claims = ()
