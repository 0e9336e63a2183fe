"""The export in five formats: what comes back is the same bytes, and no format has more or fewer rows than the API."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import interchange, licences, openness
from catalog.cli import main
from catalog.errors import UserError
from catalog.export import KINDS, export
from catalog.interchange.descriptions import FLAT
from catalog.register import Catalog
from generator import api
from tests.catalog.small import EWE, changed, loaded, plant

LOSSLESS = ("json", "jsonl", "sqlite")


@pytest.fixture(scope="module")
def data(register: Catalog) -> Any:
    return export(register)


@pytest.fixture(scope="module")
def written(data: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exports")
    paths = {name: folder / f"export.{name}" for name in (*LOSSLESS, "csv", "parquet")}
    for name, path in paths.items():
        path.write_bytes(interchange.write(data, name))
    return paths


@pytest.fixture(scope="module")
def counts(register: Catalog) -> dict[str, int]:
    files = api.files(register)
    return {kind: len(json.loads(files[f"api/v1/{kind}.json"])) for kind in KINDS}


def table(path: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("first", LOSSLESS)
@pytest.mark.parametrize("second", LOSSLESS)
def test_export_read_and_exported_again_is_the_same_bytes(written: dict[str, Path], first: str, second: str) -> None:
    assert interchange.write(interchange.read(written[first]), second) == written[second].read_bytes()


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_table_made_from_an_export_is_that_made_from_the_records(written: dict[str, Path], format: str) -> None:
    assert interchange.write(interchange.read(written["sqlite"]), format) == written[format].read_bytes()


def test_rows_are_as_many_as_the_api_serves(written: dict[str, Path], counts: dict[str, int], data: Any) -> None:
    lines = [json.loads(line)["table"] for line in written["jsonl"].read_text("utf-8").splitlines()]
    for kind in KINDS:
        [(rows,)] = table(written["sqlite"], f"SELECT count(*) FROM {kind}")
        assert rows == lines.count(kind) == counts[kind] > 0, kind
    shown = sum(record["kind"] == "model" for record in data["models"].values())
    assert pyarrow.parquet.read_table(written["parquet"]).num_rows == shown
    assert len(list(csv.DictReader(io.StringIO(written["csv"].read_text("utf-8"))))) == shown


def test_csv_is_the_one_that_the_api_serves(written: dict[str, Path], register: Catalog) -> None:
    assert written["csv"].read_bytes() == api.files(register)["api/v1/models.csv"]


def test_parquet_has_a_number_for_the_score_and_the_whole_record(written: dict[str, Path], data: Any) -> None:
    rows = {row["id"]: row for row in pyarrow.parquet.read_table(written["parquet"]).to_pylist()}
    assert isinstance(rows["alpaca"]["openness_score"], float)
    assert json.loads(rows["alpaca"]["record"]) == data["models"]["alpaca"]


def test_every_claim_is_a_row_of_its_own(written: dict[str, Path]) -> None:
    where = "kind = 'models' AND id = 'alpaca' AND path = 'variants.alpaca-13b.form'"
    found = table(written["sqlite"], f"SELECT said, accepted FROM claims WHERE {where} ORDER BY accepted")
    assert found == [("full", 0), ("none", 1)]
    where = "id = 'llama' AND path = 'variants.llama-65b.training.pre-training.tokens'"
    found = table(written["sqlite"], f"SELECT value, unit, said, evidence FROM claims WHERE {where}")
    assert found[0][:3] == (1_400_000_000_000, "tokens", "1.4T tokens")
    assert "#" in found[0][3]


def test_every_fact_of_the_export_is_in_the_database(written: dict[str, Path], data: Any) -> None:
    def facts(node: Any) -> int:
        if isinstance(node, dict):
            own = len(node["claims"]) if isinstance(node.get("claims"), list) and "status" in node else 0
            return own or sum(facts(item) for item in node.values())
        return sum(facts(item) for item in node) if isinstance(node, list) else 0

    [(rows,)] = table(written["sqlite"], "SELECT count(*) FROM claims")
    assert rows == sum(facts(data[kind]) for kind in KINDS) > 2000


def test_what_lies_below_an_entry_has_a_row_each(written: dict[str, Path], register: Catalog) -> None:
    entries = {**register.models, **register.frameworks}
    found = table(written["sqlite"], "SELECT id, variant FROM variants")
    assert found == [(slug, name) for slug, entry in entries.items() for name in entry.variants]
    runs = Counter(table(written["sqlite"], "SELECT id, variant, stage, role FROM runs"))
    of_variants = ((slug, name, v) for slug, entry in entries.items() for name, v in entry.variants.items())
    expected = [(slug, None, entry) for slug, entry in entries.items()] + list(of_variants)
    assert runs == Counter((slug, name, stage, run.role) for slug, name, one in expected
                           for stage, run in one.training.items())  # fmt: skip
    [(hardware, status, duration)] = table(
        written["sqlite"], "SELECT hardware, hardware_status, duration FROM runs WHERE variant = 'alpaca-7b'"
    )
    assert (hardware, status, duration) == ("8 x a100-80gb", "stated", "3 h")


def test_openness_and_licences_are_those_that_the_pages_show(written: dict[str, Path], register: Catalog) -> None:
    levels = table(written["sqlite"], "SELECT component, level FROM openness WHERE id = 'alpaca'")
    assert levels == [(name, cell.level) for name, cell in openness.cells(register, "alpaca").items()]
    for name in ("alpaca-7b", "chinese-vicuna-7b", "falcon-7b-instruct"):
        columns = "link, part, licence, commercial_use, distance, decides"
        found = table(written["sqlite"], f"SELECT {columns} FROM licence_links WHERE variant = '{name}'")
        effective = licences.effective(register, name)
        assert found == [
            (one.id, one.part, one.licence, one.answer, one.distance, int(one in effective.deciding))
            for one in effective.chain
        ]
    ways = "SELECT DISTINCT through FROM licence_links WHERE variant = 'alpaca-7b' AND link = '{}'"
    said = [table(written["sqlite"], ways.format(link)) for link in ("alpaca-7b", "llama-7b", "alpaca-52k")]
    assert said == [[("own",)], [("base",)], [("data",)]]


def test_export_from_before_these_tables_gives_them_empty(data: Any, tmp_path: Path) -> None:
    old = {
        kind: {slug: {**record, "derived": {}} for slug, record in records.items()} for kind, records in data.items()
    }
    path = tmp_path / "old.db"
    path.write_bytes(interchange.write(old, "sqlite"))
    assert table(path, "SELECT count(*) FROM licence_links UNION ALL SELECT count(*) FROM openness") == [(0,), (0,)]


def test_every_column_of_the_database_is_described_in_both_languages(written: dict[str, Path]) -> None:
    described = {(t, c): (en, zh) for t, c, en, zh in table(written["sqlite"], "SELECT * FROM descriptions")}
    tables = [name for (name,) in table(written["sqlite"], "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    columns = {(t, row[1]) for t in tables for row in table(written["sqlite"], f"PRAGMA table_info({t})")}
    assert set(described) == columns | {(name, "") for name in tables}
    assert all(en and zh for en, zh in described.values())


def test_metadata_names_the_tables_and_columns_that_the_database_has(written: dict[str, Path]) -> None:
    described = json.loads(interchange.metadata("herdbook"))["databases"]["herdbook"]["tables"]
    for name, one in described.items():
        columns = [row[1] for row in table(written["sqlite"], f"PRAGMA table_info({name})")]
        assert list(one["columns"]) == columns
        assert set(one.get("facets", [])) <= set(columns)


def test_flat_columns_hold_numbers_in_base_units(written: dict[str, Path]) -> None:
    assert table(written["sqlite"], "SELECT memory, typeof(memory) FROM hardware WHERE id = 'a100-80gb'") == [
        (80_000_000_000, "integer")
    ]
    for kind, names in FLAT.items():
        for name in names:
            assert table(written["sqlite"], f'SELECT 1 FROM {kind} WHERE "{name}" IS NOT NULL LIMIT 1'), (kind, name)


def test_parquet_without_pyarrow_names_the_extra(data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError) as error:
        interchange.write(data, "parquet")
    assert "herdbook[parquet]" in error.value.hint


BROKEN = {
    "empty": (b"", "JSON"),
    "a list": (b"[]\n", "exactly models"),
    "another database": (b"SQLite format 3\0" + b"x" * 200, "export"),
    "NaN": (b'{"models": NaN}', "NaN"),
    "cut short": (b'{"models": {"alpaca": {"id', "JSON"),
    "not text": (b"\xff\xfe\x00\x01", "neither text"),
    "very deep": (b"[" * 100_000, "JSON"),
    "a line that is not JSON": (b'{"table": "models", "id": "a"}\n{"table"\n', ":2"),
    "a line of another table": (b'{"table": "people", "id": "a"}\n', ":1"),
    "the same line twice": (b'{"table": "models", "id": "a"}\n' * 2, "twice"),
    "an id that disagrees": (json.dumps({k: {"a": {"id": "b"}} for k in KINDS}).encode(), "models.a"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_export_is_refused_with_its_place(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, said = BROKEN[name]
    path = tmp_path / "given"
    path.write_bytes(raw)
    assert main(["export", "--from", str(path)]) in (1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "nobody foresaw" not in err


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_refused_in_words(raw: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for start in (b"", b'{"table"', b"SQLite format 3\0"):
            path = Path(folder, "given")
            path.write_bytes(start + raw)
            with pytest.raises(UserError):
                interchange.read(path)


def test_text_with_quotes_and_other_scripts_survives(tmp_path: Path) -> None:
    said = json.dumps('O\'Hara; DROP TABLE models -- "羊" \\ tuned on 52 thousand instructions', ensure_ascii=False)
    text = changed(EWE, "A small model tuned on 52 thousand instructions.", said)
    data = export(loaded(plant(tmp_path, {EWE: text})))
    for format in LOSSLESS:
        path = tmp_path / format
        path.write_bytes(interchange.write(data, format))
        assert interchange.read(path) == data


def test_command_writes_files_and_pipes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, meta = tmp_path / "sheep.db", tmp_path / "meta.json"
    assert main(["export", "--format", "sqlite", "--output", str(target), "--metadata", str(meta)]) == 0
    assert list(json.loads(meta.read_text("utf-8"))["databases"]) == ["sheep"]
    assert capsys.readouterr().out == ""
    piped = subprocess.run(
        [sys.executable, "-m", "catalog.cli", "export", "--from", str(target), "--format", "sqlite"],
        capture_output=True,
        check=True,
    )
    assert piped.stdout == target.read_bytes()


def test_metadata_of_something_that_is_no_database_is_an_argument_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--format", "csv", "--metadata", "m.json"]) == 2
    assert "--format sqlite" in capsys.readouterr().err
