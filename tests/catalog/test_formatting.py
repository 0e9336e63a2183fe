"""The form of a record: keys in order, comments and spelling kept, and a second time changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.cli import main
from catalog.formatting import _meaning, formatted
from catalog.key_order import order_of, sorted_keys
from catalog.reader import read
from catalog.recipes import Recipe
from catalog.records import Dataset, Model
from catalog.register import File
from catalog.results import Result
from catalog.schemas import _MODELS
from catalog.shape import field_names
from catalog.walk import nodes
from tests.catalog import small
from tests.catalog.test_mutations import DAMAGES, FILES, Damage, lines_of, texts

HEAD = "# yaml-language-server: $schema=../../schema/model.json\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("summary: {zh: 文, en: A}\nname: X\n", "name: X\nsummary: {en: A, zh: 文}\n"),
        ("released: {from: r,   value: 2023-03-13}", "released: {value: 2023-03-13, from: r}\n"),
        ("licences:\n    code: {value: MIT}\nname: X\n", "name: X\nlicences:\n  code: {value: MIT}\n"),
        # comments: above, behind, at the head and at the end
        ("# head\nsummary: {en: A, zh: 文}  # behind\n# above\nname: X\n# end\n",
         "# head\n# above\nname: X\nsummary: {en: A, zh: 文}  # behind\n# end\n"),
        ("name: X\n\n# the rest\nvariants:\n  a:\n    form: {value: full}\n    # its name\n    name: A\n",
         "name: X\n\n# the rest\nvariants:\n  a:\n    # its name\n    name: A\n    form: {value: full}\n"),
        # scalars stay as typed
        ("name: 1.10\naliases: [no, 007, 1_000, 0x1F, 1e-4, ~, '2023-03-13', \"no\", .5, +3, true, null]\n",) * 2,
        ("name: X\naliases:\n  - \"a: b\"\n  - 'it''s'\n  - \"caf\\u00e9\"\n",
         "name: X\naliases:\n  - \"a: b\"\n  - 'it''s'\n  - \"café\"\n"),
        ("name: X\nlicences:\nuses: []\n",) * 2,
        ("name: X\nsummary:\n  en: |\n    one\n\n    two # no comment\n  zh: >-\n    三\n    四\n",) * 2,
        # unknown keys and keys of the author's own order stay where they are
        ("name: X\nvariants:\n  b: {name: B}\n  a: {name: A}\n",) * 2,
        ("name: X\nnmae: Y\naliases: [a]\n",) * 2,
        # items of a list
        ("statements:\n- text: {en: A, zh: 文}\n  kind: claim\n  from: r\n",
         "statements:\n  - kind: claim\n    text: {en: A, zh: 文}\n    from: r\n"),
        ("name: X\n", "name: X\n"),
    ],
)  # fmt: skip
def test_form(text: str, wanted: str) -> None:
    assert formatted(text, Model) == wanted
    assert formatted(wanted, Model) == wanted


def test_comments_are_told_from_text_in_any_script() -> None:
    text = "name: {en: A#1, zh: 羊驼 # 不是注释}  # 注释 🦙 #二\n# 三\nsummary: |\n  # text\naliases: ['# no']\n"
    text = text.replace(" # 不是注释", "#不是注释")
    assert _meaning(text)[1] == ["# 三", "# 注释 🦙 #二"]


def test_first_line_names_the_schema_once() -> None:
    schema = "../../schema/model.json"
    for text in ("name: X\n", HEAD + "name: X\n", HEAD.replace("../../", "../") + "# kept\nname: X\n"):
        result = formatted(text, Model, schema=schema)
        assert result.startswith(HEAD)
        assert result.count("yaml-language-server") == 1
        assert ("# kept" in result) is ("# kept" in text)


@pytest.mark.parametrize("text", ["", "a: [\n", "- &x 1\n- *x\n", "# only a comment\n", "a: 1\n---\nb: 2\n"])
def test_what_cannot_be_read_is_given_back(text: str) -> None:
    assert formatted(text, Model) == text


def test_text_that_is_no_mapping_keeps_its_meaning() -> None:
    assert read(formatted("- a\n-   b\n", Model).encode())[0] == ["a", "b"]


@settings(max_examples=120)
@given(FILES, st.sampled_from(DAMAGES), st.data())
def test_no_damage_makes_the_form_change_what_is_said(file: File, damage: Damage, data: st.DataObject) -> None:
    lines = lines_of(file)
    text = "\n".join(damage(lines, data.draw(st.integers(0, len(lines) - 1)), data)).replace("\ud800", "")
    if read(text.encode())[0] is None or "\r" in text:
        return
    kind = type(file.record)
    result = formatted(text, kind)
    assert _meaning(result) == _meaning(text)
    assert formatted(result, kind) == result


@settings(max_examples=40)
@given(FILES, st.randoms(use_true_random=False))
def test_shuffled_comments_and_keys_end_in_one_form(file: File, random: object) -> None:
    """Whatever order the top keys had, the form is the same, and so are the comments."""
    kind = type(file.record)
    text = formatted(texts()[file.kind, file.slug], kind)
    blocks: list[list[str]] = []
    for line in text.rstrip("\n").split("\n"):
        if line[:1].isalpha():
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    if any(not line.strip() or line.lstrip().startswith("#") for block in blocks for line in block):
        blocks = [[line for line in block if line.strip() and not line.lstrip().startswith("#")] for block in blocks]
    sorted_text = "\n".join(line for block in blocks for line in block) + "\n"
    random.shuffle(blocks)  # type: ignore[attr-defined]
    shuffled = "\n".join(line for block in blocks for line in block) + "\n"
    assert formatted(shuffled, kind) == sorted_text


def test_order_lists_every_key_of_every_type_once() -> None:
    for root in (kind for kind in _MODELS.values() if isinstance(kind, type)):
        assert sorted(order_of(root)) == sorted(field_names(root))
    assert sorted_keys(["from", "value", "x"], []) == ["from", "value", "x"]


def test_every_record_of_the_small_catalog_keeps_its_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = small.plant(tmp_path)
    before = small.loaded(root)
    assert main(["fmt", str(root)]) == 0
    assert main(["fmt", "--check", str(root)]) == 0
    after = small.loaded(root)
    for file in before.files:
        assert [*nodes(after.by_key[file.kind, file.slug].record)] == [*nodes(file.record)]
    capsys.readouterr()


def test_check_changes_nothing_and_says_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + "name: Ram\naliases: [a]\npublisher: {from: readme, value: farm}\n"
    root = small.plant(tmp_path, {small.RAM: text})
    assert main(["fmt", "--check", str(root / small.RAM)]) == 1
    out, err = capsys.readouterr()
    assert out.endswith("model.yaml:4: not in its form\n")
    assert err == "1 files: 1 would change\n"
    assert (root / small.RAM).read_text() == text
    assert main(["fmt", str(root / small.RAM)]) == 0
    assert "publisher: {value: farm, from: readme}" in (root / small.RAM).read_text()


def test_foreign_line_ends_and_a_byte_order_mark_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = b"\xef\xbb\xbf" + small.FILES[small.RAM].replace("\n", "\r\n").encode()
    root = small.plant(tmp_path, {small.RAM: raw})
    assert main(["fmt", str(root)]) == 0
    assert (root / small.RAM).read_text() == HEAD + small.FILES[small.RAM]
    capsys.readouterr()


def test_unreadable_file_is_reported_and_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = small.plant(tmp_path, {small.RAM: "name: [\n"})
    assert main(["fmt", str(root)]) == 1
    out, err = capsys.readouterr()
    assert "model.yaml:1:8: HB103" in out
    assert "1 left as they are" in err
    assert (root / small.RAM).read_text() == "name: [\n"


@pytest.mark.parametrize("path", ["nothing.yaml", "results"])
def test_wrong_path_is_a_wrong_argument(path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = small.plant(tmp_path)
    (root / "results").mkdir()
    assert main(["fmt", str(root / path)]) == 2
    assert capsys.readouterr().err.startswith("error: there is no ")


def test_every_type_of_a_file_can_be_told_its_order() -> None:
    for model in (Model, Dataset, Recipe, Result):
        assert order_of(model)
