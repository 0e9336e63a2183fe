"""Entries of `kind: demonstration`: what they need, and where they are not."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from catalog.export import export, models_csv
from catalog.register import Catalog
from tests.catalog.small import FILES, RAM, lint, loaded, plant

DEMO = "models/toy/model.yaml"
TEXT = """\
kind: demonstration
name: {en: Toy, zh: 玩具}
summary: {en: A toy., zh: 玩具。}
publisher: {status: not-applicable}
released: {status: not-applicable}
demonstration:
  purpose: {en: To show., zh: 展示。}
  shows: [{en: It works., zh: 能运行。}]
  shows_not: [{en: Anything else., zh: 别的都不说明。}]
"""
LOCKED = {"HB231"}
"""Texts nobody has read in both languages yet."""


def findings(folder: Path, text: str) -> list[tuple[str, int]]:
    root = plant(folder, {DEMO: text})
    return [(f.code, f.at.line) for f in lint(root) if f.path.endswith(DEMO) and f.code not in LOCKED]


def test_the_least_a_demonstration_needs(tmp_path: Path) -> None:
    assert findings(tmp_path, TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("kind: demonstration\n", "", 5),
        (TEXT[TEXT.index("demonstration:\n") :], "", 1),
        ("publisher: {status: not-applicable}", "publisher: {value: farm, from: notes#L1}", 4),
        ("released: {status: not-applicable}", "released: {value: 2026, from: notes#L1}", 5),
        ("demonstration:\n", "variants: {toy-1m: {name: Toy 1M}}\ndemonstration:\n", 6),
    ],
)
def test_what_a_demonstration_may_not_be(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert TEXT.count(old) == 1 or old == "demonstration:\n"
    at = TEXT.rindex(old) if old == "demonstration:\n" else TEXT.index(old)
    assert findings(tmp_path, TEXT[:at] + new + TEXT[at + len(old) :]) == [("HB217", line)]


def test_half_a_demonstration_is_refused(tmp_path: Path) -> None:
    assert findings(tmp_path, TEXT.replace("  shows_not: [{en: Anything else., zh: 别的都不说明。}]\n", "")) == [
        ("HB111", 7)
    ]


def test_a_demonstration_is_no_model(tmp_path: Path) -> None:
    catalog = loaded(plant(tmp_path, {DEMO: TEXT}))
    assert set(catalog.demonstrations) == {"toy"}
    assert "toy" not in catalog.models
    assert "toy" not in catalog.entries
    assert "toy" not in set(catalog.ids())
    assert catalog.resolve("toy") is None
    assert "toy" in catalog.reproducible
    rows = csv.DictReader(io.StringIO(models_csv(catalog)))
    assert {row["id"] for row in rows} == {"ewe", "ram"}


def test_nothing_can_be_made_from_a_demonstration(tmp_path: Path) -> None:
    text = FILES[RAM].replace("    parameters:", "    base: {value: toy, from: readme}\n    parameters:")
    root = plant(tmp_path, {DEMO: TEXT, RAM: text})
    assert "HB210" in {f.code for f in lint(root) if f.path.endswith(RAM)}


def test_the_export_holds_it_beside_the_models(tmp_path: Path) -> None:
    data = json.loads(json.dumps(export(loaded(plant(tmp_path, {DEMO: TEXT})))))
    assert set(data["models"]) == {"ewe", "ram"}
    assert data["demonstrations"]["toy"]["demonstration"]["purpose"]["en"] == "To show."


def test_the_register_has_one_that_says_how_to_read_it(register: Catalog) -> None:
    assert set(register.demonstrations) == {"demo"}
    told = register.demonstrations["demo"].demonstration
    assert told is not None
    assert len(told.shows) >= 3
    assert len(told.shows_not) >= 3
