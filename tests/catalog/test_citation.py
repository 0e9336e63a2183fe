"""How an entry is cited: readers of BibTeX and of CSL-JSON find the same title, date and address."""

from __future__ import annotations

import json
import re
from pathlib import Path

import bibtexparser
import pytest

from catalog import citation
from catalog.cli import main
from catalog.register import Catalog
from catalog.store import find_root
from tests.catalog.small import EWE, changed, loaded, plant

ADDRESS = "https://example.org/herdbook/"


def last_read(register: Catalog) -> str:
    """The newest day in Alpaca's file on which a source was read."""
    text = (find_root(Path(__file__)) / register.by_key["models", "alpaca"].relative).read_text("utf-8")
    return max(re.findall(r"accessed: (\d{4}-\d\d-\d\d)", text))


def test_every_entry_is_read_by_a_parser_of_bibtex(register: Catalog) -> None:
    text = "\n".join(citation.bibtex(file, "en", ADDRESS) for file in register.files)
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    found = {entry.key: entry for entry in library.entries}
    assert len(found) == len({file.slug for file in register.files})
    fields = found["herdbook-alpaca"].fields_dict
    assert fields["title"].value == "{Alpaca} in Herdbook, the register of the alpaca family of language models"
    assert fields["url"].value == f"{ADDRESS}models/alpaca/"
    assert fields["note"].value == f"Record of {last_read(register)}, CC BY 4.0"


def test_csl_item_says_the_same(register: Catalog) -> None:
    item = citation.csl(register.by_key["models", "alpaca"], "zh", f"{ADDRESS}zh/")
    assert item["title"] == "Alpaca（斯坦福羊驼）"
    assert item["issued"] == {"date-parts": [[int(part) for part in last_read(register).split("-")]]}
    assert item["URL"] == f"{ADDRESS}zh/models/alpaca/"


def test_entry_without_a_reading_is_dated_by_the_year_alone(tmp_path: Path) -> None:
    catalog = loaded(plant(tmp_path))
    card = catalog.by_key["hardware", "card-8gb"]
    assert citation.newest_reading(card) is None
    assert citation.csl(card, "en")["issued"] == {"date-parts": [[2026]]}
    assert "URL" not in citation.csl(card, "en")
    assert citation.text(catalog.by_key["sources", "notes"], "en").startswith("Notes of a shepherd. In Herdbook")


def test_name_that_tex_would_run_is_plain(tmp_path: Path) -> None:
    name = r"Ewe \\input{x} $a_b$ #1 100% ~^ & {}"
    catalog = loaded(plant(tmp_path, {EWE: changed(EWE, "name: {en: Ewe, zh: 母羊}", f'name: "{name}"')}))
    text = citation.bibtex(catalog.by_key["models", "ewe"], "en")
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert r"\input" not in text
    assert r"\$a\_b\$ \#1 100\% \textasciitilde{} \&" in text


def test_command_prints_each_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", "Stanford Alpaca"]) == 0
    assert capsys.readouterr().out.startswith("Alpaca. In Herdbook")
    assert main(["cite", "alpaca", "--format", "csl", "--language", "zh", "--address", ADDRESS]) == 0
    [item] = json.loads(capsys.readouterr().out)
    assert item["URL"] == f"{ADDRESS}zh/models/alpaca/"
    assert main(["cite", "alpaka"]) == 2
    assert "did you mean `alpaca`?" in capsys.readouterr().err
    assert main(["cite", "alpaca", "--address", "javascript:alert(1)"]) == 2
