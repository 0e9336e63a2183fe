"""Nothing that was gathered from the sources is lost: each gathered fact is in the export, or its loss is told.

A row that is left out on purpose stands in catalog/CURATION.md as `- row: entity | field | line | reason`.
The gathered facts lie beside the repository and are not part of it; where they are absent there is nothing to compare.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catalog.register import Catalog
from catalog.store import find_root
from tests import source_facts

CURATION = find_root(Path(__file__)) / "CURATION.md"
ROW = re.compile(r"- row:\s*(?P<entity>[^|]+)\|(?P<field>[^|]+)\|(?P<line>[^|]+)\|(?P<reason>.+)")

Key = tuple[str, str, str]


def exceptions(text: str) -> dict[Key, str]:
    """(entity, field, line) -> why the row is left out."""
    found = {}
    for line in text.splitlines():
        if line.startswith("- row:"):
            match = ROW.fullmatch(line)
            assert match, f"not of the form `- row: entity | field | line | reason`: {line}"
            found[match["entity"].strip(), match["field"].strip(), match["line"].strip()] = match["reason"].strip()
    return found


def told() -> dict[Key, str]:
    return exceptions(CURATION.read_text(encoding="utf-8")) if CURATION.exists() else {}


def lost(register: Catalog) -> dict[Key, str]:
    if not source_facts.SHARED.is_dir():
        print(f"{source_facts.SHARED.name}/ does not lie beside the repository: nothing to compare")
        return {}
    return {
        (row["entity"], row["field"], row["line"]): f"{row['value'][:60]!r}: {reason}"
        for row, reason in source_facts.missing(register, set())
    }


def test_exception_names_entity_field_line_and_reason() -> None:
    text = "# Curation\n\n- row: alpaca | data size | 93 | The survey repeats line 45.\n- other: x\n"
    assert exceptions(text) == {("alpaca", "data size", "93"): "The survey repeats line 45."}
    with pytest.raises(AssertionError, match="not of the form"):
        exceptions("- row: alpaca | data size\n")


def test_every_gathered_fact_is_in_the_export_or_its_loss_is_told(register: Catalog) -> None:
    known = told()
    silent = {key: reason for key, reason in lost(register).items() if key not in known}
    assert silent == {}


def test_no_exception_is_kept_that_hides_nothing(register: Catalog) -> None:
    if source_facts.SHARED.is_dir():
        assert set(told()) <= set(lost(register))
