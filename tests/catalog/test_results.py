"""Recipes, recorded verdicts and results beside an entry: each fault is found at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog import checks
from catalog.export import entry as export_entry
from catalog.judgments import read
from catalog.recipes import canonical, digest, ranks
from catalog.register import Catalog
from catalog.result_kinds import AnyResult
from catalog.sealing import digest_of, sealed, write
from catalog.store import read_catalog
from catalog.tournaments import claims_found, tournament, tournaments
from runner.reproduce import Asked, reproduce
from tests.catalog.small import TODAY
from tests.runner import small


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return small.write(tmp_path)


@pytest.fixture
def result(entry: Path) -> Path:
    [found] = reproduce(Asked("tiny", only=("rate",))).results
    placed = found.placed
    assert placed is not None
    return placed.path


def found(entry: Path) -> list[tuple[str, str, int, str]]:
    """(code, file, line, message) of everything wrong with recipe, verdicts and results."""
    loading = read_catalog(entry.parents[1])
    every = [*loading.findings, *checks.run(loading.catalog, TODAY, loading.catalog.attached)]
    return [(f.code, Path(f.path).name, f.at.line, f.message) for f in every]


def test_the_small_entry_is_without_fault(entry: Path, result: Path) -> None:
    assert found(entry) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "says"),
    [
        ("recipe.yaml", "published: elo-tiny", "published: elo-tinny", "HB241", "no table `elo-tinny`"),
        ("recipe.yaml", "ratings: {column: elo,", "ratings: {column: eloo,", "HB241", "no column `eloo`"),
        ("recipe.yaml", "from: notebook#cell 1", "from: notebok#cell 1", "HB201", "`notebok` is not declared"),
        ("recipe.yaml", "tolerance: 0, why: {en: Exact.", "tolerance: -1, why: {en: Exact.", "HB112", "greater than"),
        ("recipe.yaml", "k: 32", "k: .nan", "HB112", "finite"),
        ("recipe.yaml", "basis: stated", "basis: sure", "HB113", "not a word of this list"),
        ("recipe.yaml", "file: judgments/elo-tiny.csv", "file: ../../x.csv", "HB113", "does not have the form"),
        ("recipe.yaml", "run: other-k", "run: another", "HB113", "names the run `another`"),
        ("recipe.yaml", "note: {en: Made up., zh: 虚构。}", "note: {en: Made up.}", "HB111", "`zh` is missing"),
        ("judgments/elo-tiny.csv", "6.5,9", "6.4,9", "HB242", "has the SHA-256"),
        ("judgments/elo-tiny.csv", "6.5,9", "six,9", "HB263", "not a number"),
        ("judgments/elo-tiny.csv", "6.5,9", "6.5,9,1", "HB263", "8 cells"),
        ("judgments/elo-tiny.csv", "category,", "answer,", "HB262", "`answer` is not known"),
        ("judgments/elo-tiny.csv", "4,40,generic,south,", "4,40,generic,=south(),", "HB263", "a spreadsheet would run"),
    ],
)  # fmt: skip
def test_a_fault_is_found_in_its_file(entry: Path, file: str, old: str, new: str, code: str, says: str) -> None:
    path = entry / file
    text = path.read_text("utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    path.write_text(text.replace(old, new, 1), "utf-8")
    hits = [one for one in found(entry) if one[0] == code and says in one[3]]
    assert hits, found(entry)
    where = {"HB242": "recipe.yaml"}.get(code, path.name)
    assert hits[0][1] == where
    if where == path.name and code not in ("HB111", "HB113"):
        assert hits[0][2] == line


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xef\xbb\xbfmodel_a,model_b,winner\na,b,tie\n", "byte order mark"),
        (b"model_a,model_b,winner\r\na,b,tie\r\n", "CR line ends"),
        (b"model_a,model_b,winner\na,b,\xff\n", "not UTF-8"),
        (b"model_a,model_b,winner\n", "no rows"),
        (b"", "the first line must name"),
        (b"model_a,model_b\na,b\n", "the first line must name"),
        (b"model_a,model_b,winner,winner\na,b,tie,tie\n", "stands twice"),
        (b"model_a,model_b,winner\na,b,draw\n", "not one of"),
        (b'model_a,model_b,winner\n"a,b,tie\n', "not CSV"),
        (b"round,model,rating\n1,a,nan\n", "not a number"),
    ],
)
def test_a_malformed_table_is_found(raw: bytes, says: str) -> None:
    _, problems = read("tiny", "judgments/x.csv", raw)
    assert says in problems[0].message


def test_a_result_that_was_edited_by_hand_is_found(entry: Path, result: Path) -> None:
    text = result.read_text("utf-8")
    result.write_text(text.replace('verdict: "reproduced"', 'verdict: "consistent"', 1), "utf-8")
    assert {code for code, *_ in found(entry)} >= {"HB250"}
    result.write_text(text.replace("# Written", "#  Written"), "utf-8")
    assert [code for code, *_ in found(entry)] == ["HB250"]


def test_a_result_with_another_digest_inside_is_found(entry: Path, result: Path) -> None:
    import hashlib

    text = result.read_text("utf-8")
    body = text[: text.rindex("seal: ")].replace('mode: "rate"', 'mode: "fast"')
    result.write_text(f'{body}seal: "{hashlib.sha256(body.encode()).hexdigest()}"\n', "utf-8")
    assert ("HB250", "the digest is not that of what stands here") in [(c, m) for c, _, _, m in found(entry)]


def test_a_result_out_of_place_is_found(entry: Path, result: Path) -> None:
    result.rename(result.with_name("elo-tiny-rate-000000000000.yaml"))
    [(code, _, line, message)] = found(entry)
    assert (code, line) == ("HB251", 7)
    assert "is called" in message


def test_a_result_of_an_older_recipe_is_a_warning_and_is_not_shown(entry: Path, result: Path) -> None:
    small.change(entry / "recipe.yaml", "run: replay, tolerance: 0.005", "run: replay, tolerance: 0.05")
    loading = read_catalog(entry.parents[1])
    [finding] = checks.run(loading.catalog, TODAY, loading.catalog.attached)
    assert (finding.code, finding.severity) == ("HB252", "warning")
    one = tournament(loading.catalog, "tiny")
    assert one is not None
    assert one.result is None


def test_prose_of_a_recipe_is_no_part_of_its_hash(entry: Path, result: Path) -> None:
    small.change(entry / "recipe.yaml", "en: As printed.", "en: As the notebook prints them.")
    assert found(entry) == []


def test_strange_files_beside_an_entry_are_found(entry: Path) -> None:
    (entry / "notes.txt").write_text("x", "utf-8")
    (entry / "judgments" / "answers.jsonl").write_text("x", "utf-8")
    (entry / "results").symlink_to("/etc")
    assert {(code, name) for code, name, *_ in found(entry)} == {
        ("HB108", "notes.txt"),
        ("HB108", "answers.jsonl"),
        ("HB108", "results"),
    }


def test_the_export_holds_recipe_verdicts_and_results(entry: Path, result: Path) -> None:
    catalog = read_catalog(entry.parents[1]).catalog
    data = json.loads(json.dumps(export_entry(catalog, catalog.by_key["models", "tiny"]), allow_nan=False))
    assert data["recipe"]["evaluation"]["runs"]["replay"]["k"] == 32
    assert [table["rows"] for table in data["judgments"]] == [8, 24]
    assert data["results"][0]["claims"][0]["verdict"] == "reproduced"
    assert data["results"][0]["path"] == f"catalog/models/tiny/results/{result.name}"


def test_the_worst_figure_gives_a_claim_its_verdict(entry: Path, result: Path) -> None:
    one = tournament(read_catalog(entry.parents[1]).catalog, "tiny")
    assert one is not None
    verdicts = {claim.id: (claim.verdict, claim.within) for claim in claims_found(one)}
    assert verdicts == {
        "states": ("reproduced", 1),
        "ratings": ("reproduced", 3),
        "ranks": ("reproduced", 3),
        "ratings-other-k": ("under-determined", 0),
    }


def test_equal_ratings_share_the_better_rank() -> None:
    assert ranks({"a": 3.0, "b": 5.0, "c": 3.0, "d": 1.0}) == {"b": 1, "a": 2, "c": 2, "d": 4}


def test_the_canonical_form_ignores_order_and_spelling_and_refuses_nan() -> None:
    assert digest({"b": 1.0, "a": (1,)}) == digest({"a": [1], "b": 1.0})
    assert canonical({"a": 1e-4}) == b'{"a":0.0001}'
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical(float("nan"))


# The real register


def test_every_result_of_the_register_is_as_it_was_written(register: Catalog) -> None:
    files = [file for results in register.results.values() for file in results]
    assert len(files) >= 2
    for file in files:
        raw = (register.root / file.relative).read_bytes()
        assert sealed(raw)
        assert write(file.tree) == raw
        assert isinstance(file.record, AnyResult)
        assert digest_of(file.tree) == file.record.digest


def test_every_tournament_of_the_register_has_a_result_of_its_recipe(register: Catalog) -> None:
    assert {one.entry for one in tournaments(register)} >= {"anima33b", "guanaco"}
    assert [one.entry for one in tournaments(register) if one.result is None] == []


def test_both_factors_stand_in_the_record_of_qlora(register: Catalog) -> None:
    one = tournament(register, "guanaco")
    assert one is not None
    verdicts = {claim.id: claim.verdict for claim in claims_found(one)}
    assert verdicts["ratings-k32"] == "contradicted"
    assert verdicts["ranks-k32"] == "reproduced"
    assert verdicts["ratings-k4"] == "consistent"


@pytest.mark.parametrize("name", ["recipe.yaml", "judgments", "judgments/elo-tiny.csv", "results"])
def test_lint_takes_what_lies_beside_a_record(
    entry: Path, result: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from catalog.cli import main

    assert main(["lint", str(entry / name)]) == 0
    assert capsys.readouterr().out == ""


def test_lint_takes_a_copy_of_a_result(entry: Path, result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from catalog.cli import main

    copy = Path(result.name)
    copy.write_bytes(result.read_bytes())
    assert main(["lint", str(copy)]) == 0
    copy.write_bytes(result.read_bytes().replace(b"0.005", b"0.006", 1))
    assert main(["lint", str(copy)]) == 1
    assert "HB250" in capsys.readouterr().out
