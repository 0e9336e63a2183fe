"""Every claim that was questioned when the register began is a correction of a record, or left out with a reason."""

from __future__ import annotations

import csv
import re

from catalog import load
from tests.source_facts import SHARED


def test_every_questioned_claim_is_recorded_or_left_out_with_a_reason() -> None:
    catalog = load()
    recorded = [
        c.id for f in (*catalog.files, *catalog.side_files) for c in getattr(f.record, "corrections", ()) if c.id
    ]
    left_out = re.findall(r"^- (C\d\d): \S", (catalog.root / "CURATION.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(recorded) == len(set(recorded)), "a number stands in two records"
    assert not set(recorded) & set(left_out), "CURATION.md says that these were left out"
    assert set(recorded) | set(left_out) == {f"C{number:02}" for number in range(1, 87)}
    path = SHARED / "facts" / "conflicts.csv"
    if not path.is_file():
        print(f"{path} is not here; only the numbers were checked")
        return
    with open(path, encoding="utf-8", newline="") as file:
        assert {row["id"] for row in csv.DictReader(file)} == set(recorded) | set(left_out)


def test_every_entity_of_the_gathered_facts_leads_to_an_entry() -> None:
    catalog = load()
    folder = SHARED / "facts"
    if not folder.is_dir():
        print(f"{folder} is not here; nothing was checked")
        return
    for name in ("source_facts", "upstream_facts", "conflicts", "plausibility", "recipe_facts"):
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            column = next(rows).index("recipe" if name == "recipe_facts" else "entity")
            unknown = {row[column] for row in rows} - set(catalog.aliases)
        assert not unknown, f"{name}.csv: catalog/aliases.yaml does not know {sorted(unknown)}"
