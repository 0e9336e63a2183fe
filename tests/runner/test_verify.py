"""`runner verify`: a result holds as it was written and comes out again; any changed byte is found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from catalog.sealing import write
from runner import attach, checked, tournament
from tests.runner import small
from tests.runner.conftest import Run


@pytest.fixture
def result(entry: Path, run: Run) -> Path:
    _, found, _ = run("reproduce", "tiny", "--only", "rate", "--json")
    return Path(found["result"])


def checks(found: dict[str, list[dict[str, object]]]) -> dict[object, object]:
    return {check["name"]: check["holds"] for check in found["checks"]}


def test_a_result_holds_and_says_what_was_checked(result: Path, run: Run) -> None:
    code, found, _ = run("verify", result, "--json")
    assert (code, found["status"], found["entry"], found["mode"]) == (0, "holds", "tiny", "rate")
    names = ["seal", "digest", "name", "recipe", "current", "input judgments/elo-tiny.csv"]
    assert list(checks(found)) == [*names, "input judgments/elo-tiny.states.csv", "recomputed", "verdicts"]
    assert set(checks(found).values()) == {True}


def test_a_copy_elsewhere_is_verified_against_the_catalog_around(result: Path, run: Run) -> None:
    Path("copy.yaml").write_bytes(result.read_bytes())
    assert run("verify", "copy.yaml")[0] == 0


def test_every_changed_byte_is_found(result: Path, run: Run) -> None:
    whole = result.read_bytes()
    drawn = random.Random(0)
    places = [0, len(whole) - 1, len(whole) - 2, *(drawn.randrange(len(whole)) for _ in range(60))]
    for place in places:
        result.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert run("verify", result)[0] in (1, 2), f"byte {place}"
    for cut in (b"", whole[:-1], whole[: len(whole) // 2], whole + b"\n"):
        result.write_bytes(cut)
        assert run("verify", result)[0] in (1, 2)


def test_figures_forged_with_a_new_seal_do_not_come_out_again(result: Path, run: Run) -> None:
    _, content, _ = attach.load(result)
    row = content["rating"]["runs"][0]["ratings"][0]
    row["rating"] = row["rating"] + 0.25
    result.unlink()
    forged = result.with_name("forged.yaml")
    forged.write_bytes(write(content))
    code, found, _ = run("verify", forged, "--json")
    assert code == 1  # the name gives it away first
    assert checks(found) | {"seal": True, "digest": True, "recomputed": False} == checks(found)
    forged.rename("forged.yaml")
    code, found, _ = run("verify", "forged.yaml", "--json")
    assert (code, found["status"]) == (4, "differs")
    said = next(check["detail"] for check in found["checks"] if check["name"] == "recomputed")
    assert "rating.runs.0.ratings.0.rating" in said


def test_a_forged_verdict_is_found(result: Path, run: Run) -> None:
    _, content, _ = attach.load(result)
    content["claims"][-1]["verdict"] = "consistent"
    Path("forged.yaml").write_bytes(write(content))
    code, found, _ = run("verify", "forged.yaml", "--json")
    assert code == 4
    assert (checks(found)["recomputed"], checks(found)["verdicts"]) == (True, False)


def test_a_changed_input_is_found_and_nothing_is_recomputed(result: Path, entry: Path, run: Run) -> None:
    table = entry / "judgments" / "elo-tiny.csv"
    small.change(table, "6.5,9", "9.5,9")
    code, found, _ = run("verify", result, "--json")
    assert code == 1
    assert checks(found)["input judgments/elo-tiny.csv"] is False
    assert checks(found)["recomputed"] is None


def test_a_recipe_that_changed_since_takes_nothing_from_the_result(result: Path, entry: Path, run: Run) -> None:
    small.change(entry / "recipe.yaml", "run: replay, tolerance: 0.005", "run: replay, tolerance: 0.5")
    code, found, _ = run("verify", result, "--json")
    assert code == 0
    assert checks(found)["current"] is None


def test_last_digits_of_another_machine_are_told_and_hold(
    result: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tournament.rating

    def nearly(folder: Path, resolved: dict[str, object], progress: object) -> dict[str, object]:
        found = real(folder, resolved)
        found["runs"][0]["ratings"][0]["rating"] *= 1 + 1e-13
        return found

    monkeypatch.setattr(tournament, "rating", nearly)
    code, found, _ = run("verify", result, "--json")
    assert code == 0
    assert any("within" in check["detail"] for check in found["checks"] if check["name"] == "recomputed")


@pytest.mark.parametrize("text", ["", "not: a result\n", "[1, 2]\n"])
def test_what_is_no_result_is_bad_input(entry: Path, run: Run, text: str) -> None:
    Path("x.yaml").write_text(text, "utf-8")
    code, out, err = run("verify", "x.yaml", "--json")
    assert (code, out) == (2, "")
    assert "this is no result" in err
    assert run("verify", "nowhere.yaml")[0] == 2
    assert run("verify", ".")[0] == 2


def test_differences_are_relative_and_placed() -> None:
    assert checked.difference({"a": [1.0, 2.0]}, {"a": [1.0, 2.0]})[0] == 0
    assert checked.difference({"a": [1.0, 2.0]}, {"a": [1.0, 2.2]})[1] == "rating.a.1"
    assert checked.difference({"a": 1.0}, {"a": None})[0] == float("inf")
    assert checked.difference({"a": 1}, {"b": 1})[0] == float("inf")
    assert checked.difference(1, 1.0)[0] == float("inf")
