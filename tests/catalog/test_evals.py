"""Scores to a model card and back: huggingface_hub reads what was written, and a record gets the same figures again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import (
    EvalResultEntry,
    ModelCard,
    eval_result_entries_to_yaml,
    metadata_load,
)
from huggingface_hub.repocard_data import model_index_to_eval_results
from huggingface_hub.utils import yaml_dump

from catalog import evals
from catalog.cli import main
from catalog.reader import read
from catalog.recipes import plain
from catalog.register import Catalog
from catalog.tables import Table, readings
from catalog.units import Quantity


def entries(register: Catalog) -> list[str]:
    return [slug for slug in register.entries if evals.results(register, slug)]


def test_hub_reads_back_every_entry_as_it_was_written(register: Catalog, tmp_path: Path) -> None:
    found = entries(register)
    assert len(found) >= 8
    for slug in found:
        path = tmp_path / "README.md"
        written = evals.results(register, slug)
        path.write_text(evals.card(slug, written), "utf-8")
        metadata: Any = metadata_load(path)
        name, again = model_index_to_eval_results(metadata["model-index"])
        assert name == slug
        assert sorted(map(repr, again)) == sorted(map(repr, written))
        assert sorted(map(repr, ModelCard.load(path).data.eval_results)) == sorted(map(repr, written))


def test_scores_imported_again_are_the_tables_they_came_from(register: Catalog, tmp_path: Path) -> None:
    for slug in entries(register):
        path = tmp_path / "README.md"
        path.write_text(evals.card(slug, evals.results(register, slug)), "utf-8")
        again = evals.tables(evals.load(path), slug, "card")
        mine = {slug, *register.entries[slug].variants}
        before = [t for e in register.entries.values() for t in e.published]
        for table in again:
            same = [t for t in before if t.id == table.id and figures(t, mine) == figures(table, mine)]
            assert same, (slug, table.id)
            assert (table.title, table.judge, table.kind) in [(t.title, t.judge, t.kind) for t in same]


def figures(table: Table, mine: set[str]) -> list[tuple[str | None, str | None, dict[str, Any]]]:
    def scores(row: Any) -> dict[str, Any]:
        read_ = {key: readings(table.columns[key], cell).get("") for key, cell in row.cells.items()}
        return {k: v for k, v in read_.items() if isinstance(v, Quantity) and v.dimension in evals._MEASURES}

    return [(row.entity, row.against, scores(row)) for row in table.rows if row.entity in mine and scores(row)]


def test_variant_has_its_own_scores_alone(register: Catalog) -> None:
    found = evals.results(register, "guanaco", "guanaco-65b")
    assert {one.dataset_config for one in found} == {"guanaco-65b"}
    [elo] = [one for one in found if one.dataset_type == "guanaco/elo-vicuna80-gpt4"]
    assert (elo.metric_type, elo.metric_value) == ("elo", 1022)
    assert (elo.dataset_args or {})["judge"] == "GPT-4"


CARD = """\
---
license: apache-2.0
model-index:
- name: ewe
  results:
  - task: {type: text-generation}
    dataset: {type: cais/mmlu, name: MMLU}
    metrics:
    - {type: acc, value: 46.87, name: Accuracy (5-shot)}
    - {type: acc_norm, value: "47.1 ± 0.4"}
---
# Ewe
"""


def test_card_of_the_hub_becomes_a_block_that_a_record_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "README.md"
    path.write_text(CARD, "utf-8")
    assert main(["import-evals", str(path), "--entity", "ewe-7b"]) == 0
    tree, problems = read(capsys.readouterr().out.encode())
    assert problems == []
    [one] = plain(tree)["published"]
    table = Table.model_validate(one)
    assert table.columns["acc"].name.en == "Accuracy (5-shot)"
    assert table.rows[0].cells == {"acc": "46.87", "acc-norm": "47.1 ± 0.4"}
    assert (table.rows[0].entity, str(table.rows[0].from_[0])) == ("ewe-7b", "card")


def test_file_of_eval_results_is_read_too(tmp_path: Path) -> None:
    entry = EvalResultEntry("Idavidrein/gpqa", "gpqa_diamond", 0.412, source_url="https://example.org/log")
    path = tmp_path / "gpqa.yaml"
    path.write_text(yaml_dump(eval_result_entries_to_yaml([entry])), "utf-8")
    [table] = evals.tables(evals.load(path), "ewe-7b", "card")
    assert table.id == "idavidrein-gpqa-gpqa-diamond"
    assert table.rows[0].cells == {"value": "0.412"}


BAD = {
    "empty": "",
    "no front matter": "# A model\n",
    "a list of words": "- a\n- b\n",
    "no model-index": "---\nlicense: mit\n---\n",
    "an empty model-index": "model-index: []\n",
    "a model-index of a word": "model-index: alpaca\n",
    "results without metrics": "model-index: [{name: a, results: [{task: {type: b}, dataset: {type: c, name: d}}]}]\n",
    "markup in a name": CARD.replace("name: MMLU", "name: '<script>alert(1)</script>'"),
    "an anchor": "model-index: &a [*a]\n",
    "a python object": "model-index: !!python/object/apply:os.system [id]\n",
    "a mapping for a value": CARD.replace("value: 46.87", "value: {a: '<img src=x>'}"),
}


@pytest.mark.parametrize("name", BAD)
def test_card_without_scores_is_refused_in_words(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "README.md"
    path.write_text(BAD[name], "utf-8")
    assert main(["import-evals", str(path), "--entity", "ewe-7b"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert "nobody foresaw" not in err


def test_command_names_what_has_no_scores(register: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    without = next(slug for slug in register.entries if not evals.results(register, slug))
    assert main(["evals", without]) == 1
    assert "no published table" in capsys.readouterr().err
    assert main(["evals", "a100-80gb"]) == 2
    assert main(["evals", "demo"]) == 2
    assert main(["evals", "anima33b"]) == 0
    assert capsys.readouterr().out.startswith("---\nmodel-index:\n- name: Anima")
