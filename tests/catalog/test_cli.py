"""The command as people run it: exit codes, what it prints and where, and that nothing makes it print a traceback."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.cli import main
from tests.catalog.small import EWE, FILES, LOCK, RAM, STRAW, changed, marked, plant

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<code>HB\d{3}) (?P<message>.+)")


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


def run(*arguments: str, cwd: Path, **environment: str) -> Done:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-m", "catalog.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    # Processor time, so that a busy machine makes nothing red.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 10
    assert "Traceback" not in done.stderr + done.stdout
    assert "nobody foresaw" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def ewe(old: str, new: str) -> str:
    return changed(EWE, old, new)


def utf8(text: str) -> bytes:
    return text.encode()


STATEMENT = "statements:\n  - {kind: claim, from: readme, text: {en: %s, zh: 文字。}}\npublished:"
BOMB = "a: &a [x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)

# What is wrong, the file with `▲` where it is, and the code. Without a mark the place is the start of the file.
BAD: dict[str, tuple[str | bytes, str]] = {
    "not YAML": (ewe("aliases: [big ewe]", "aliases: [big ewe: ]▲]"), "HB103"),
    "a tab as indentation": (ewe("  code: {value: Apache-2.0", "▲\tcode: {value: Apache-2.0"), "HB103"),
    "a key twice": (ewe("languages: {", "▲name: Ewe again\nlanguages: {"), "HB107"),
    "aliases that expand without end": (BOMB.replace("&a", "▲&a"), "HB104"),
    "nesting 3,000 deep": ("name: Ewe\nsummary: " + "[" * 23 + "▲" + "[" * 2977, "HB101"),
    "10 MB": (b"name: Ewe\n" + b"# more\n" * 1_430_000, "HB101"),
    "a list for a mapping": (ewe("why: {en: Both are sheep., zh: 都是羊。}", "why: ▲[a, b]"), "HB112"),
    "a number for a mapping": (ewe("links:\n  code: {value: \"https://example.org/code\", from: readme#L4}\n",
    "links: ▲3\n"), "HB112"),
    "NaN for a figure": (ewe("{value: 90 USD", "{value: ▲.nan"), "HB113"),
    "infinity for a setting": (ewe("    columns:", "    settings: {k: ▲.inf}\n    columns:"), "HB113"),
    "the year 20023": (ewe("value: 2023-03-13, from: readme#L2", "value: ▲20023-03-13, from: readme#L2"), "HB113"),
    "the year 20023 as a number": (ewe("as_of: 2023-03-20", "as_of: ▲20023"), "HB113"),
    "the 30th of February": (ewe("value: 2023-03-13, from: readme#L2",
    "value: ▲2023-02-30, from: readme#L2"), "HB113"),
    "a misspelt key": (ewe("languages:", "▲langauges:"), "HB110"),
    "a misspelt key far inside": (ewe("        duration:", "        ▲duratoin:"), "HB110"),
    "a key that is missing": (ewe("released: {value: 2023-03-13, from: readme#L2}\n", ""), "HB111"),
    "a script in text": (ewe("published:", STATEMENT % "▲<script>alert(1)</script>"), "HB113"),
    "HTML in a table": (ewe("remark: best", "remark: ▲<b>best</b>"), "HB113"),
    "a javascript link": (ewe('"https://example.org/code"', '▲"javascript:alert(1)"'), "HB113"),
    "an http link": (ewe('"https://example.org/code"', '▲"http://example.org/code"'), "HB113"),
    "a path in a slug": (ewe("dataset: hay", "dataset: ▲../../etc/passwd"), "HB113"),
    "a path in a variant's id": (ewe("variants:\n", "variants:\n  ▲../../etc:\n    name: Up\n"), "HB113"),
    "a path to verdicts": (ewe("    kind: benchmark\n",
    "    kind: benchmark\n    judgments: ▲judgments/../../x.csv\n"), "HB113"),
    "a python tag": (ewe("aliases: [big ewe]", "aliases: ▲!!python/object/apply:os.system [big ewe]"), "HB104"),
    "no as a value": (ewe("[big ewe]", "[▲no]"), "HB105"),
    "on as a key": (ewe("links:\n", "▲on: {}\nlinks:\n"), "HB105"),
    "a bidi character": (ewe("A small", "A ▲\u202esmall"), "HB102"),
    "an empty file": ("", "HB106"),
    "only a comment": ("# nothing\n", "HB106"),
    "only null": ("~\n", "HB106"),
    "only text": ("▲hello\n", "HB112"),
    "a second document": (FILES[EWE] + "▲---\nname: Two\n", "HB104"),
}  # fmt: skip
BYTES = {
    "CRLF": (utf8(FILES[EWE]).replace(b"\n", b"\r\n"), "HB102", (1, len("name: {en: Ewe, zh: 母羊}") + 1)),
    "a byte order mark": (b"\xef\xbb\xbf" + utf8(FILES[EWE]), "HB102", (1, 1)),
    "invalid UTF-8": (utf8(FILES[EWE]).replace("羊".encode(), b"\xff", 1), "HB102", (1, 22)),
    "UTF-16": (FILES[EWE].encode("utf-16"), "HB102", (1, 1)),
}


def faults(done: Done) -> list[tuple[str, str, tuple[int, int]]]:
    """(path, code, place) of every line that was printed; every line must have the form."""
    found = []
    for line in done.out.splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        found.append((match["path"], match["code"], (int(match["line"]), int(match["column"]))))
    return found


def bad(case: str) -> tuple[bytes, str, tuple[int, int]]:
    if case in BYTES:
        return BYTES[case]
    text, code = BAD[case]
    if isinstance(text, bytes):
        return text, code, (1, 1)
    text, at = marked(text) if "▲" in text else (text, (1, 1))
    return utf8(text), code, tuple(at)  # type: ignore[return-value]


def slug(case: str) -> str:
    return "bad-" + re.sub(r"[^a-z0-9]+", "-", case.lower())


@pytest.fixture(scope="module")
def all_bad(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """One run over a catalog that has every kind of bad input at once, so that none hides another."""
    folder = tmp_path_factory.mktemp("bad")
    plant(folder, {f"models/{slug(case)}/model.yaml": bad(case)[0] for case in [*BAD, *BYTES]})
    return run("lint", cwd=folder)


@pytest.mark.parametrize("case", [*BAD, *BYTES])
def test_bad_input_is_named_where_it_stands(case: str, all_bad: Done) -> None:
    _, code, at = bad(case)
    path = f"catalog/models/{slug(case)}/model.yaml"
    mine = [(c, place) for p, c, place in faults(all_bad) if p == path]
    assert all_bad.code == 1
    assert (code, at) in mine


@pytest.mark.parametrize("case", ["nesting 3,000 deep", "10 MB", "invalid UTF-8", "not YAML"])
def test_bad_input_alone_exits_1(case: str, tmp_path: Path, capsys: Any) -> None:
    draft = plant(tmp_path, {EWE: bad(case)[0]}) / EWE
    assert main(["lint", str(draft)]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_misspelt_key_is_told_what_was_meant(tmp_path: Path) -> None:
    raw, *_ = bad("a misspelt key far inside")
    plant(tmp_path, {EWE: raw})
    done = run("lint", cwd=tmp_path)
    assert "unknown key `duratoin` (did you mean `duration`?)" in done.out


def test_clean_catalog_exits_0_and_says_so_on_stderr(tmp_path: Path) -> None:
    plant(tmp_path)
    assert run("lint", cwd=tmp_path) == Done(0, "", "8 records: 0 errors, 0 warnings\n")


UNUSED = '  b: {url: "https://example.org/b", as_of: 2023, accessed: 2026}\n'
WARNING = changed(RAM, "sources:\n", f"sources:\n{UNUSED}")


def test_warning_passes_and_is_an_error_with_strict(tmp_path: Path) -> None:
    plant(tmp_path, {RAM: WARNING})
    loose, strict = run("lint", cwd=tmp_path), run("lint", "--strict", cwd=tmp_path)
    assert (loose.code, strict.code) == (0, 1)
    line = f"catalog/{RAM}:6:3: HB203 warning: nothing cites the source `b` (cite it or delete it) [unused-source]\n"
    assert loose.out == strict.out == line
    assert loose.err == "8 records: 0 errors, 1 warning\n"


def test_json_is_json_alone_and_complete(tmp_path: Path) -> None:
    plant(tmp_path, {EWE: changed(EWE, "dataset: hay", "dataset: hey"), RAM: WARNING})
    done = run("lint", "--format", "json", cwd=tmp_path)
    assert (done.code, done.err) == (1, "")
    rows = json.loads(done.out)
    assert [(row["code"], row["severity"], row["path"]) for row in rows] == [
        ("HB210", "error", f"catalog/{EWE}"),
        ("HB203", "warning", f"catalog/{RAM}"),
    ]
    assert set(rows[0]) == {"path", "line", "column", "code", "rule", "severity", "message", "hint"}
    assert json.loads(run("lint", "--format", "json", str(tmp_path / "catalog" / STRAW), cwd=tmp_path).out) == []


def test_github_annotations_have_file_line_and_column(tmp_path: Path) -> None:
    plant(tmp_path, {EWE: changed(EWE, "dataset: hay", "dataset: hey")})
    done = run("lint", "--format", "github", cwd=tmp_path)
    place = r"file=catalog/models/ewe/model\.yaml,line=\d+,col=\d+,title=HB210 dangling-reference"
    form = rf"::error {place}::nothing here is called `hey` \(.*\)"
    assert done.code == 1
    assert re.fullmatch(form, done.out.strip())


@pytest.mark.parametrize("form", ["text", "github"])
def test_one_finding_is_one_line_whatever_the_record_says(form: str, tmp_path: Path, capsys: Any) -> None:
    plant(tmp_path, {EWE: changed(EWE, "languages:", '"a\\n::error::b\\n": 1\nlanguages:')})
    assert main(["lint", "--format", form, str(tmp_path / "catalog" / EWE)]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_single_file_and_folder_tell_of_themselves_alone(tmp_path: Path) -> None:
    root = plant(tmp_path, {EWE: changed(EWE, "dataset: hay", "dataset: hey"), RAM: "name: Ram\n"})
    file = run("lint", str(root / EWE), cwd=tmp_path)
    folder = run("lint", "catalog/models/ram", cwd=tmp_path)
    clean = run("lint", str(root / STRAW), cwd=tmp_path)
    assert {path for path, *_ in faults(file)} == {f"catalog/{EWE}"}
    assert {path for path, *_ in faults(folder)} == {f"catalog/{RAM}"}
    assert (file.code, folder.code, clean.code) == (1, 1, 0)
    assert clean.err == "1 path: 0 errors, 0 warnings\n"


def test_draft_outside_any_catalog_is_checked_against_the_one_around(tmp_path: Path) -> None:
    plant(tmp_path / "register")
    draft = tmp_path / "draft.yaml"
    draft.write_text(changed(EWE, "dataset: hay", "dataset: hey").replace("ewe-7b", "ewe-9b"), encoding="utf-8")
    done = run("lint", str(draft), cwd=tmp_path / "register")
    assert done.code == 1
    assert ("HB210", str(draft)) in [(code, path) for path, code, _ in faults(done)]


@pytest.mark.parametrize("name", ["CURATION.md", "models/ewe/notes.yaml", "datasets/old/hay.yaml", "schema"])
def test_path_without_a_record_is_never_called_clean(name: str, tmp_path: Path, capsys: Any) -> None:
    root = plant(tmp_path, {} if name == "schema" else {name: "# nothing here\n"})
    (root / "schema").mkdir()
    assert main(["lint", str(root / name)]) in (1, 2)
    said = capsys.readouterr()
    assert said.out or "there is no record at" in said.err


def test_root_is_found_upward_from_path_then_from_here_then_beside_the_package(tmp_path: Path) -> None:
    one, two = plant(tmp_path / "one"), plant(tmp_path / "two", {RAM: None, EWE: None})
    assert run("lint", str(one / EWE), cwd=two).code == 0
    inside = run("list", cwd=two / "datasets")
    assert [line.split()[1] for line in inside.out.splitlines()] == [
        "hay",
        "straw",
        "fold",
        "card-8gb",
        "notes",
        "wool",
    ]
    bare = tmp_path / "bare"
    bare.mkdir()
    assert "alpaca" in run("list", "models", cwd=bare).out


@pytest.mark.parametrize(
    "arguments",
    [[], ["lnit"], ["lint", "--format", "xml"], ["lint", "gone.yaml"], ["export", "--format", "doc"], ["schema",
    "goat"], ["schema"],
     ["show"], ["show", "alpcaa"], ["list", "goats"], ["translations", "goat"]],
)  # fmt: skip
def test_wrong_arguments_exit_2_with_a_hint(arguments: list[str], tmp_path: Path, capsys: Any) -> None:
    os.environ.pop("HERDBOOK_DEBUG", None)
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert re.search(r"error: ", said.err)


def test_wrong_arguments_exit_2_as_a_process_too(tmp_path: Path) -> None:
    done = run("show", "alpcaa", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "nothing is called `alpcaa`" in done.err
    assert "did you mean `alpaca`?" in done.err


@pytest.mark.parametrize(
    "name", ["alpaca", "Stanford Alpaca", "stanford-alpaca", "斯坦福羊驼", "alpaca-7b", "ALPACA 7B"]
)
def test_show_finds_an_entry_by_slug_variant_name_and_alias(name: str, capsys: Any) -> None:
    assert main(["show", name]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Alpaca  Alpaca（斯坦福羊驼）\n")
    assert "variants.alpaca-7b.training.sft.hardware: 8 x a100-80gb  [blog]" in shown
    assert "8 x a100  (not accepted)  [survey#L93]" in shown


def test_show_finds_an_entry_by_a_working_name(capsys: Any) -> None:
    assert main(["show", "anima-33b"]) == 0
    assert capsys.readouterr().out.startswith("Anima 33B\n")


def test_show_prints_json_where_a_program_reads_it(capsys: Any) -> None:
    assert main(["show", "alpaca", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "alpaca"


def test_list_names_every_record_and_can_be_narrowed(capsys: Any) -> None:
    assert main(["list", "hardware", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["kind"] for row in rows} == {"hardware"}
    assert {"en", "zh"} == set(rows[0]["name"])
    assert main(["list"]) == 0
    assert "alpaca" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["model", "dataset", "framework", "hardware", "term", "source"])
def test_schema_prints_json(kind: str, capsys: Any) -> None:
    assert main(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == f"Herdbook {kind}"


def test_export_goes_to_stdout_or_whole_into_a_file(tmp_path: Path) -> None:
    plant(tmp_path)
    out = run("export", cwd=tmp_path)
    assert set(json.loads(out.out)) >= {"models", "datasets", "frameworks", "hardware", "terms"}
    saved = run("export", "--format", "csv", "--output", "x.csv", cwd=tmp_path)
    assert (saved.code, saved.out, saved.err) == (0, "", "wrote x.csv\n")
    assert (tmp_path / "x.csv").read_text(encoding="utf-8").startswith("id,name,name_zh,")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog", "x.csv"]


def test_export_where_it_cannot_write_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    plant(tmp_path)
    done = run("export", "--output", "gone/x.json", cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "cannot write gone/x.json" in done.err
    assert "hint: choose another --output" in done.err


@pytest.mark.parametrize("command", [["list"], ["show", "ewe"], ["export"], ["translations"]])
def test_other_commands_stop_at_broken_records_and_name_the_place(
    command: list[str], tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, {RAM: "name: Ram\n"})
    monkeypatch.chdir(tmp_path)
    assert main(command) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"where: catalog/{RAM}:1:1" in said.err
    assert "hint: `catalog lint` names them all" in said.err


def test_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m catalog.cli export; echo "exit $?" >&2'
    # An unbuffered stdout loses the error of a write that was cut short, and then there is nothing to test.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        ["bash", "-c", f"({command}) | head -c 1"],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("{", "exit 0\n")


def test_translations_name_what_changed_in_one_language_until_it_is_accepted(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["translations", "--accept"]) == 0
    assert main(["translations"]) == 0
    assert capsys.readouterr().out == ""
    (root / EWE).write_text(changed(EWE, "A small model", "A tiny model"), encoding="utf-8")
    assert main(["translations"]) == 0
    assert capsys.readouterr().out == "models/ewe: summary\n"
    assert main(["lint", "--strict"]) == 1
    assert "HB230 warning: `summary` was changed in one language only" in capsys.readouterr().out
    lock = (root / LOCK).read_bytes()
    assert main(["translations", "--accept", "ram"]) == 0
    assert (root / LOCK).read_bytes() == lock
    assert main(["translations", "--accept", "ewe"]) == 0
    assert main(["lint", "--strict"]) == 0


@pytest.mark.parametrize("command", ["lint", "list", "show", "schema", "export", "translations"])
def test_every_command_has_help_with_an_example(command: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"example:\n  catalog {command}" in capsys.readouterr().out


def test_clock_can_be_set_for_a_build_that_repeats(tmp_path: Path) -> None:
    plant(tmp_path)
    done = run("lint", cwd=tmp_path, SOURCE_DATE_EPOCH="1577836800")
    assert {code for _, code, _ in faults(done)} == {"HB220"}


def test_record_that_is_no_file_or_in_the_wrong_place_is_named(tmp_path: Path) -> None:
    misplaced = dict.fromkeys(("models/notes.yaml", "datasets/oats.yml", "datasets/Bad Name.yaml"), FILES[STRAW])
    root = plant(tmp_path, misplaced)
    (root / "datasets" / "pipe.yaml").mkdir()
    (root / "models" / "empty").mkdir()
    found = {(path.removeprefix("catalog/"), code) for path, code, _ in faults(run("lint", cwd=tmp_path))}
    assert found >= {
        ("models/notes.yaml", "HB108"), ("datasets/oats.yml", "HB108"), ("datasets/pipe.yaml", "HB108"),
        ("models/empty", "HB108"),
        ("datasets/Bad Name.yaml", "HB109"),
    }  # fmt: skip


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    root = plant(tmp_path)
    (root / STRAW).unlink()
    (root / STRAW).symlink_to("straw.yaml")
    found = {(path, code) for path, code, _ in faults(run("lint", cwd=tmp_path))}
    assert (f"catalog/{STRAW}", "HB108") in found
