"""The published JSON Schemas are those of the types, and an outside validator takes exactly what the types take."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
import regress
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from catalog import schemas
from catalog.errors import Impossible
from catalog.reader import read
from catalog.recipes import Recipe
from catalog.records import Model
from catalog.register import KINDS, Catalog
from catalog.schemas import SCHEMA_OF
from catalog.store import read_catalog
from catalog.units import _TABLE, quantity
from tests.catalog.schema_validator import FOLDER, as_others_read, fits, load, validator
from tests.catalog.test_mutations import ROOT, SLIPS, lines_of, spots


@pytest.mark.parametrize("name", schemas.names())
def test_published_schema_is_that_of_the_types(name: str) -> None:
    published = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert published == schemas.text(name), "run `catalog schema --write`"


def test_there_is_no_schema_of_a_kind_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(schemas.names())


def test_schemas_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    paths = schemas.write(tmp_path / "schema")
    assert [path.name for path in paths] == [f"{name}.json" for name in schemas.names()]
    assert all(path.read_text(encoding="utf-8") == schemas.text(path.stem) for path in paths)


def below(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema in it."""
    if isinstance(schema, list):
        for inner in schema:
            yield from below(inner)
    elif isinstance(schema, dict):
        yield schema
        for key, inner in schema.items():
            for one in inner.values() if key in ("properties", "$defs") else (inner,):
                if key not in ("enum", "const", "examples", "default", "required"):
                    yield from below(one)


@pytest.mark.parametrize("name", schemas.names())
def test_schema_is_sound_and_its_patterns_mean_the_same_everywhere(name: str) -> None:
    schema = load(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    for part in below(schema):
        if "pattern" in part:
            re.compile(part["pattern"])
            regress.Regex(part["pattern"], flags="u")
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in schema["$defs"]


HAND_WRITTEN = ("model", "dataset", "framework", "hardware", "term", "source")


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_every_key_is_explained_as_one_types(name: str) -> None:
    schema = load(name)
    parts = [schema, *schema.get("$defs", {}).values()]
    for part in parts:
        for key, inner in part.get("properties", {}).items():
            assert inner.get("description"), (part.get("description"), key)
    assert all(re.fullmatch(r"[A-Za-z]+", key) for key in schema.get("$defs", {}))


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_every_example_is_taken_by_its_own_schema(name: str) -> None:
    for part in below(load(name)):
        for one in part.get("examples", ()):
            assert validator(name).evolve(schema=part).is_valid(one), (part, one)


# ---- the same verdict inside and outside

Verdict = Literal["taken", "refused", "impossible"]
TYPES: dict[str, type[BaseModel]] = {**KINDS, "demonstrations": Model, "recipes": Recipe}


@cache
def originals() -> tuple[tuple[str, str, str], ...]:
    """(kind, path, text) of every record that people write."""
    catalog = read_catalog(ROOT).catalog
    files = [file for file in (*catalog.files, *catalog.attached) if file.kind in TYPES]
    return tuple((f.kind, f.path, (ROOT / f.relative).read_text(encoding="utf-8")) for f in files)


def verdict(kind: str, text: str) -> Verdict:
    """What the loader says: `impossible` where the form is right and the fault is one that no schema can see."""
    tree, problems = read(text.encode())
    if tree is None or problems:
        return "refused"
    try:
        TYPES[kind].model_validate(tree, by_alias=True, by_name=False)
        return "taken"
    except ValidationError as error:
        causes = [detail.get("ctx", {}).get("error") for detail in error.errors(include_url=False)]
        return "impossible" if any(isinstance(cause, Impossible) for cause in causes) else "refused"


def agree(kind: str, text: str) -> None:
    inside = verdict(kind, text)
    outside = fits(SCHEMA_OF[kind], as_others_read(text))
    if inside != "impossible":
        assert outside is (inside == "taken"), (kind, inside)


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything below the data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, inner in items:
        yield (*path, step)
        yield from places(inner, (*path, step))


JUNK: list[Any] = [
    None, True, 0, 3, -1, 7.5, 2023, 1e30, "", " ", "x", "7B", "130亿", "52K instructions", "3 h", "$100", "100 USD",
    "$5 to $10", "about 7B", "10 to 20 GB", "several hours", "几个小时", "1e-4", "85.2%", "8 x a100-80gb", "0 x a100",
    "x a100", "2 x 8 x a100", "2023", "2023-02-30", "20023-01-01", "2023-13", "2023-03-20 to 2023-03-26", "1989",
    "a b", "A", "readme#L3", "readme#", "#L3", "readme#<b>", "https://x.org/", "http://x.org", "https://x", "https://u@x.org",
    "https://x.org/ y", "https://x.org:80/?a#b", "HTTPS://X.ORG", "https:///x.y", "https://[::1.2]/", "<b>", "&amp;",
    "[x](javascript:y)", "JavaScript :", "a < b", "open", "unknown", "full", "en", "MIT", "code", [], {}, ["a"], [1],
    ["en", "zh"], [None], {"en": "a"}, {"en": "a", "zh": "文"}, {"en": "", "zh": "文"}, {"value": "7B"},
    {"value": "7B", "from": "r"}, {"value": None, "from": "r"}, {"value": "7B", "from": None}, {"status": "unknown"},
    {"status": "not-disclosed"}, {"status": "not-disclosed", "from": "r"}, {"status": "unknown", "value": "7B"},
    {"status": "stated"}, {"claims": []}, {"claims": [{"status": "unknown"}]}, {"claims": {}},
    {"claims": [{"status": "unknown"}, {"status": "unknown"}]}, {"claims": [{"status": "unknown"}], "note": None},
    {"level": "open"}, {"level": "unknown"}, {"level": "open", "from": "r", "as_of": 2023}, {"level": None},
    ["readme"] * 12, ["readme"] * 13, ["readme", "readme#L1-2"], "x" * 80, "x" * 81, "x" * 401, "x" * 4001, "羊",
    "\u00a0",
    "7 B", "7b", "7,000", "7,00", "70w条", "1.4万亿 tokens", "5 epochs", "10,000 steps", "~9G", "at most",
    "9 GiB", "-5", "+5",
]  # fmt: skip


def mutate(data: Any, draw: st.DataObject) -> Any:
    """One accident to the data, somewhere."""
    data = copy.deepcopy(data)
    path = draw.draw(st.sampled_from(sorted(places(data), key=str)))
    parent = data
    for step in path[:-1]:
        parent = parent[step]
    last = path[-1]
    kind = draw.draw(st.sampled_from(["junk", "junk", "delete", "rename", "wrap", "add", "move", "claims"]))
    if kind == "junk":
        parent[last] = copy.deepcopy(draw.draw(st.sampled_from(JUNK)))
    elif kind == "delete":
        del parent[last]
    elif kind == "wrap":
        parent[last] = [parent[last]]
    elif kind == "claims":
        accepted = draw.draw(st.integers(0, 2))
        claims = [copy.deepcopy(parent[last]) for _ in range(2)]
        for claim in claims[:accepted]:
            if isinstance(claim, dict):
                claim["accepted"] = {"en": "a", "zh": "文"}
        parent[last] = {"claims": claims}
    elif kind == "move":
        other = data
        for step in draw.draw(st.sampled_from(sorted(places(data), key=str))):
            other = other[step]
        parent[last] = copy.deepcopy(other)
    elif isinstance(parent, dict):
        key = draw.draw(
            st.sampled_from(["name", "vlaue", "from_", "From", "note", "x.y", "en", "a b", "claims", "x" * 81])
        )
        parent[key] = parent.pop(last) if kind == "rename" else copy.deepcopy(draw.draw(st.sampled_from(JUNK)))
    return data


def test_every_real_record_is_taken_by_both(register: Catalog) -> None:
    for kind, path, text in originals():
        assert verdict(kind, text) == "taken", path
        assert [*validator(SCHEMA_OF[kind]).iter_errors(as_others_read(text))] == [], path
    for file in register.attached:
        text = (ROOT / file.relative).read_text(encoding="utf-8")
        assert [*validator(SCHEMA_OF[file.kind]).iter_errors(as_others_read(text))] == [], file.path


@settings(max_examples=600)
@given(st.integers(0, 10_000), st.data())
def test_mutated_record_is_taken_by_both_or_by_none(number: int, draw: st.DataObject) -> None:
    kind, _, text = originals()[number % len(originals())]
    data = mutate(as_others_read(text), draw)
    agree(kind, json.dumps(data, ensure_ascii=False))


@settings(max_examples=150)
@given(st.sampled_from(sorted(SLIPS)), st.integers(0, 10_000))
def test_slip_in_the_text_is_taken_by_both_or_by_none(slip: str, number: int) -> None:
    """Of slips that break the form; ids that lead nowhere and dates out of order are for lint alone."""
    if SLIPS[slip].codes & {"HB107", "HB104", "HB201", "HB210", "HB211", "HB220"}:
        return
    known = spots(slip)
    file, line, (start, end) = known[number % len(known)]
    lines = lines_of(file)
    match = re.compile(SLIPS[slip].pattern).search(lines[line - 1], start)
    assert match is not None
    lines[line - 1] = lines[line - 1][:start] + SLIPS[slip].new(match) + lines[line - 1][end:]
    agree(file.kind, "\n".join(lines))


@settings(max_examples=800)
@given(st.sampled_from(sorted(_TABLE)), st.data())
@example("money", None)
def test_pattern_of_a_quantity_is_what_the_reader_of_quantities_takes(
    dimension: str, data: st.DataObject | None
) -> None:
    """Both on figures put together from the words that the reader knows, and a few that it does not."""
    words = ["about", "at most", "several", "几个", "~", "$", "to", "–", "7", "1,234", "1.5", "1e-4", "-3", "K", "万",
             "B", "million", *[unit for unit in _TABLE[dimension][1] if unit][:8], "x", "lightyears", " ", "  ",
             "个"]  # fmt: skip
    said = "$100" if data is None else "".join(data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=7)))
    try:
        quantity(said, dimension)
        taken: bool | None = True
    except Impossible:
        taken = None
    except ValueError:
        taken = False
    pattern = schemas_of(dimension)["pattern"]
    assert taken is None or taken is (regress.Regex(pattern, flags="u").find(said) is not None), (said, taken)


def schemas_of(dimension: Any) -> dict[str, Any]:
    from catalog.units import schema

    found = schema(dimension)
    return found["anyOf"][0] if "anyOf" in found else found


def test_check_jsonschema_itself_says_the_same(tmp_path: Path) -> None:
    """The command that people and CI run, over real records and damaged ones."""
    kind, _, text = next(one for one in originals() if one[0] == "datasets")
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text, encoding="utf-8")
    bad.write_text(text.replace("summary:", "sumary:"), encoding="utf-8")
    schema = FOLDER / f"{SCHEMA_OF[kind]}.json"
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), "--output-format", "json"]
    done = subprocess.run([*command, str(good), str(bad)], capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert {Path(one["filename"]).name for one in told["errors"]} == {"bad.yaml"}
    assert subprocess.run([*command, str(good)], capture_output=True, check=False).returncode == 0


BASE = "name: X\npublisher: {value: p, from: r}\nsummary: {en: A., zh: 文。}\nreleased: {value: 2023, from: r}\n"


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        (BASE, True),
        (BASE.replace("name: X", "name: {en: X}"), False),
        (BASE.replace("released", "relased"), False),
        (BASE.replace("publisher: {value: p, from: r}\n", ""), False),
        (BASE.replace("from: r", "from_: r"), False),
        (BASE + "openness: {paper: {level: open, as_of: 2023, from: r}}\n", True),
        (BASE + "openness: {paper: {level: open, from: r}}\n", False),
        (BASE + "openness: {paper: {level: yes, as_of: 2023, from: r}}\n", False),
        (BASE + "openness: {papers: {level: open, as_of: 2023, from: r}}\n", False),
        (BASE + "parameters: {claims: [{value: 7B, from: r}]}\n", True),
        (BASE + "parameters: {value: 7B}\n", False),
        (BASE + "parameters: {value: seven, from: r}\n", False),
        (BASE + "parameters: {status: unknown}\n", True),
        (BASE + "parameters: {status: unknown, value: 7B, from: r}\n", False),
        (BASE + "parameters: {claims: [{value: 7B, from: r}, {value: 8B, from: r}]}\n", False),
        (BASE + "parameters: {claims: [{value: 7B, from: r}, {value: 8, from: r, accepted: {en: A, zh: B}}]}\n", False),
        (BASE + "parameters: {claims: [{value: 7B, from: r}, {value: 8B, from: r, accepted: {en: A, zh: B}}]}\n", True),
        (BASE + "parameters: {claims: []}\n", False),
        (BASE + "parameters: [7B]\n", False),
        (BASE + "sources: {r: {url: 'https://x.org', as_of: 2023, accessed: 2023}}\n", True),
        (BASE + "sources: {r: {url: x, as_of: 2023, accessed: 2023}}\n", False),
        (BASE + "sources: {r: {as_of: 2023, accessed: 2023}}\n", False),
        (BASE + "sources: {r: {url: 'https://x.org', as_of: 2023, read: 2023}}\n", False),
        (BASE + "sources: {R: {url: 'https://x.org', as_of: 2023, accessed: 2023}}\n", False),
        (BASE + "links: {code: {value: 'https://x.org', from: r}, data: [{value: 'https://x.org', from: r}]}\n", True),
        (BASE + "links: {code: x}\n", False),
        (BASE + "variants: {a_b: {name: X}}\n", False),
        (BASE + "aliases: [<b>]\n", False),
    ],
)  # fmt: skip
def test_schema_tells_right_from_wrong(text: str, meets: bool) -> None:
    assert fits("model", as_others_read(text)) is meets
    assert (verdict("models", text) == "taken") is meets


def test_descriptions_of_the_types_reach_the_editor() -> None:
    assert load("model")["$defs"]["Variant"]["properties"]["form"]["description"] == "How the weights are handed out."
