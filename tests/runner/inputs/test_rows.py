"""Rows come out of arrays, lines and Parquet alike; what is cut, broken, deep or too long is named with its row."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UserError
from catalog.training import Data
from runner.inputs import rows as reading
from runner.inputs.rows import read_rows
from tests.runner.inputs.trainings import data, rows

DATA = Data.model_validate(data())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def file(tmp_path: Path, raw: bytes, name: str = "rows.json") -> Path:
    (tmp_path / name).write_bytes(raw)
    return tmp_path / name


@given(
    some=st.lists(st.fixed_dictionaries({"instruction": json_values, "output": json_values}), min_size=1, max_size=6),
    chunk=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
    ascii=st.booleans(),
)
def test_an_array_and_lines_give_the_same_rows_whatever_the_window(
    tmp_path_factory: pytest.TempPathFactory, some: list[dict[str, Any]], chunk: int, indent: int | None, ascii: bool
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    whole = json.dumps(some, indent=indent, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    lines = "\n".join(json.dumps(row) for row in some).encode()
    before, reading._CHUNK = reading._CHUNK, chunk
    try:
        assert read_rows(file(folder, whole), DATA) == some
    finally:
        reading._CHUNK = before
    assert read_rows(file(folder, lines, "rows.jsonl"), DATA) == some


def test_only_named_columns_are_kept(tmp_path: Path) -> None:
    raw = json.dumps([{"instruction": "a", "input": "", "output": "b", "id": 1, "more": "x" * 100}]).encode()
    assert read_rows(file(tmp_path, raw), DATA) == [{"instruction": "a", "input": "", "output": "b"}]


def test_lines_in_a_file_called_json_a_mark_at_its_beginning_and_empty_lines(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf" + b'{"output": "a"}\r\n\r\n{"output": "\xe8\x8c\xb6"}\r\n'
    assert read_rows(file(tmp_path, raw), DATA) == [{"output": "a"}, {"output": "茶"}]
    assert read_rows(file(tmp_path, b"\xef\xbb\xbf[" + b'{"output": "a"}]'), DATA) == [{"output": "a"}]


def test_parquet(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows(2500)), tmp_path / "rows.parquet")
    assert read_rows(tmp_path / "rows.parquet", DATA) == rows(2500)


def test_parquet_without_pyarrow_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match="Parquet") as error:
        read_rows(file(tmp_path, b"PAR1", "rows.parquet"), DATA)
    assert "pip install pyarrow" in error.value.hint
    assert error.value.exit_code == 3


@pytest.mark.parametrize(
    ("raw", "name", "says"),
    [
        (b'[{"output": "a"}, {"output": "b', "rows.json", "cut in row 2"),
        (b'[{"output": "a"}', "rows.json", "after row 1 the file ends"),
        (b'[{"output": "a"} {"output": "b"}]', "rows.json", "after row 1 `{` stands"),
        (b'[{"output": "a"}] x', "rows.json", "follows the end"),
        (b'[{"output": "a",}]', "rows.json", "row 1"),
        (b"[1, 2]", "rows.json", "row 1 begins with `1`"),
        (b"[", "rows.json", "cut"),
        (b"<html>", "rows.json", "begins with `<`"),
        (b'{"output": "a"}\n{"output": \n', "rows.jsonl", "line 2, column"),
        (b'{"output": "a"}\n[1]\n', "rows.jsonl", "row 2 is a list"),
        (b'{"output": "a"}\nnull\n', "rows.jsonl", "row 2 is null"),
        (b'{"output": "\xff"}', "rows.jsonl", "line 1, byte 13"),
        (b'[{"output": "\xff"}]', "rows.json", "UTF-8"),
        (b'[{"output": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]", "rows.json", "nested too deep"),
        (b'{"output": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "rows.jsonl", "nested too deep"),
        (b'{"output": ' + b"1" * 10_000 + b"}", "rows.jsonl", "line 1"),
        (b'[{"output": ' + b"1" * 10_000 + b"}]", "rows.json", "row 1"),
        (b"not parquet", "rows.parquet", "arquet"),
        (b"", "rows.parquet", "arquet"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, raw: bytes, name: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        read_rows(file(tmp_path, raw, name), DATA)
    assert says in error.value.why
    assert error.value.exit_code == 2


@pytest.mark.parametrize("raw", [b"", b"[]", b" \n", b"[ ]\n"])
def test_no_rows_are_an_error(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(UserError, match="holds no rows"):
        read_rows(file(tmp_path, raw), DATA)


def test_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROW", 1000)
    monkeypatch.setattr(reading, "_CHUNK", 100)
    for raw, name in ((b'[{"output": "' + b"x" * 5000, "a.json"), (b'{"output": "' + b"x" * 5000, "a.jsonl")):
        with pytest.raises(UserError) as error:
            read_rows(file(tmp_path, raw, name), DATA)
        assert "more than 1,000" in error.value.why
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    with pytest.raises(UserError) as error:
        read_rows(file(tmp_path, json.dumps(rows(3)).encode()), DATA)
    assert "more than 2 rows" in error.value.why


def test_a_folder_gives_its_training_files_in_order(tmp_path: Path) -> None:
    for name in ("notes_train-00001.jsonl", "notes_train-00000.jsonl", "notes_eval.jsonl", "dataset_infos.json"):
        file(tmp_path, json.dumps({"output": name}).encode(), name)
    assert [row["output"] for row in read_rows(tmp_path, DATA)] == [
        "notes_train-00000.jsonl",
        "notes_train-00001.jsonl",
    ]


def test_a_folder_without_a_named_split_gives_all_but_tests(tmp_path: Path) -> None:
    for name in ("merge.json", "test.json", "latest.json", "README.md"):
        file(tmp_path, json.dumps([{"output": name}]).encode(), name)
    assert [row["output"] for row in read_rows(tmp_path, DATA)] == ["latest.json", "merge.json"]


def test_the_files_the_recipe_names_and_no_others(tmp_path: Path) -> None:
    named = Data.model_validate(data(hub={"repo": "a/b", "revision": None, "files": {"x/one.json": "0" * 64}}))
    (tmp_path / "x").mkdir()
    for name in ("x/one.json", "x/two.json"):
        file(tmp_path, json.dumps([{"output": name}]).encode(), name)
    assert read_rows(tmp_path, named) == [{"output": "x/one.json"}]
    (tmp_path / "x" / "one.json").unlink()
    with pytest.raises(UserError, match="has no `x/one"):
        read_rows(tmp_path, named)


def test_an_empty_folder_and_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no file ending in"):
        read_rows(tmp_path, DATA)
    with pytest.raises(UserError, match="there is no"):
        read_rows(tmp_path / "nowhere", DATA)
