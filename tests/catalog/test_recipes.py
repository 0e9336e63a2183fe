"""The register's recipes against `tests/data/recipe_settings.csv`: each setting, where and as what it was published.

The table was read from the published sources at the commit and line it names. `published` is what stands there; where
the recipe's value is written otherwise, `note` says why. A setting that no source gives is named in `assumed`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.recipes import MetricClaim, Recipe
from catalog.register import Catalog
from catalog.resolving import modes, resolved_training, training
from catalog.training import Shape

TABLE = Path(__file__).parents[1] / "data" / "recipe_settings.csv"
MADE_BY_THE_RUN = {"seeds.data"}  # draws made data, which no published run has
DEMONSTRATIONS = {"demo"}


def rows() -> list[dict[str, str]]:
    with open(TABLE, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = rows()
TRAININGS = sorted({(row["recipe"], name) for row in ROWS for name in row["trainings"].split()})


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, setting) of everything that is set."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, item in enumerate(value):
            yield from flat(item, f"{path}.{number}")
    elif value != []:
        yield path, value


def read(text: str) -> Any:
    """A cell of the table: a number, a list, true, false, or the word itself."""
    return json.loads(text) if re.fullmatch(r"true|false|\[.*\]|-?[0-9.]+(e-?[0-9]+)?", text) else text


def settings(register: Catalog, slug: str, name: str) -> dict[str, Any]:
    record = register.recipes[slug].record
    assert isinstance(record, Recipe)
    return dict(flat(resolved_training(register.entries[slug], record, name)["settings"]))


CLAIMS = {
    ("anima33b", "one-h100"): 80,
    ("anima33b", "two-a100"): 40,
    ("guanaco", "hours-65b"): 24,
    ("guanaco", "memory-65b"): 48,
    ("chinese-vicuna", "hours"): 200,
    ("chinese-vicuna", "memory"): 9,
    ("alpaca", "hours"): 3,
}


def test_claims_are_the_published_figures(register: Catalog) -> None:
    found = {
        (slug, name): claim.published
        for slug, file in register.recipes.items()
        if isinstance(file.record, Recipe) and slug not in DEMONSTRATIONS
        for name, claim in file.record.claims.items()
        if isinstance(claim, MetricClaim)
    }
    assert found == CLAIMS


def table(slug: str, name: str) -> dict[str, Any]:
    return {
        row["setting"]: read(row["value"]) for row in ROWS if row["recipe"] == slug and name in row["trainings"].split()
    }


def test_every_published_training_is_in_the_table(register: Catalog) -> None:
    trainings = {
        (slug, name)
        for slug, file in register.recipes.items()
        if isinstance(file.record, Recipe) and slug not in DEMONSTRATIONS
        for name in file.record.training
    }
    assert trainings == set(TRAININGS)


@pytest.mark.parametrize(("slug", "name"), TRAININGS)
def test_settings_are_those_of_the_sources(slug: str, name: str, register: Catalog) -> None:
    found, published = settings(register, slug, name), table(slug, name)
    assert {path: found.get(path) for path in published} == published


@pytest.mark.parametrize(("slug", "name"), TRAININGS)
def test_what_no_source_gives_is_called_assumed(slug: str, name: str, register: Catalog) -> None:
    record = register.recipes[slug].record
    assert isinstance(record, Recipe)
    assumed = training(record, name).assumed
    unsourced = set(settings(register, slug, name)) - set(table(slug, name)) - MADE_BY_THE_RUN
    assert {path for path in unsourced if not any(f"{path}.".startswith(f"{one}.") for one in assumed)} == set()


def as_published(row: dict[str, str]) -> bool:
    value, said = read(row["value"]), row["published"].removeprefix("torch.")
    if isinstance(value, bool):
        return said.lower() == row["value"]
    if isinstance(value, list):
        return bool(said == ",".join(value))
    return bool((float(said) if isinstance(value, float | int) else said) == value)


def test_value_without_a_note_is_the_published_one() -> None:
    plain = [row for row in ROWS if not row["note"]]
    assert len(plain) > 200
    assert [row for row in plain if not as_published(row)] == []


def test_each_row_names_its_place() -> None:
    for row in ROWS:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", row["repository"])
        assert re.fullmatch(r"[0-9a-f]{40}", row["commit"])
        assert int(row["line"]) > 0
        assert row["path"]


def test_sources_of_the_recipes_are_at_the_commits_of_the_table(register: Catalog) -> None:
    for slug in {row["recipe"] for row in ROWS}:
        record = register.recipes[slug].record
        assert isinstance(record, Recipe)
        urls = {source.url for source in record.sources.values()}
        wanted = {
            f"https://github.com/{row['repository']}/blob/{row['commit']}/{row['path']}"
            for row in ROWS
            if row["recipe"] == slug
        }
        assert len(wanted & urls) >= 2, f"{slug}: {sorted(wanted - urls)}"


def parameters(shape: Shape) -> int:
    """Weights of a LLaMA: embedding, head, and in each layer four square matrices, three of the MLP and two norms."""
    layer = 4 * shape.hidden**2 + 3 * shape.hidden * shape.intermediate + 2 * shape.hidden
    return 2 * shape.vocabulary * shape.hidden + shape.layers * layer + shape.hidden


@pytest.mark.parametrize(
    ("slug", "name", "base"),
    [
        ("guanaco", "7b", "llama-7b"),
        ("guanaco", "13b", "llama-13b"),
        ("guanaco", "33b", "llama-33b"),
        ("guanaco", "65b", "llama-65b"),
        ("anima33b", "anima33b", "llama-33b"),
    ],
)
def test_shape_of_the_base_has_its_parameters(slug: str, name: str, base: str, register: Catalog) -> None:
    record = register.recipes[slug].record
    assert isinstance(record, Recipe)
    shape = training(record, name).base.shape
    fact = register.variants[base][1].parameters
    assert shape is not None
    assert fact is not None
    said = fact.accepted.value
    assert said is not None
    assert said.low is not None
    assert parameters(shape) == pytest.approx(float(said.low), rel=0.01)


def test_every_mode_resolves(register: Catalog) -> None:
    for file in register.recipes.values():
        assert isinstance(file.record, Recipe)
        for name in file.record.training:
            for mode in modes(file.record, name):
                assert training(file.record, name, mode)
