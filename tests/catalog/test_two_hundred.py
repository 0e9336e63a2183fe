"""Two hundred real records, each with one slip of the pen: every slip is found, in its line, with a useful hint."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from catalog.cli import main
from catalog.findings import Finding, as_text
from catalog.fixing import fixed
from catalog.reader import place_of
from catalog.register import KINDS, File
from catalog.spelling import did_you_mean, is_one_slip
from tests.catalog import small
from tests.catalog.test_mutations import SLIPS, keys_of, lines_of, lint, original, shadow, spots

__all__ = ["shadow"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def typo(word: str, chance: random.Random) -> str:
    """The word with one letter left out, put in, changed or swapped with the next."""
    at = chance.randrange(len(word))
    letter = chance.choice(LETTERS)
    made = chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        ]
    )
    return made if made and made != word and is_one_slip(made, word) else typo(word, chance)


def misspelt_keys(count: int) -> list[tuple[File, int, str, str, str]]:
    """(file, line, its new text, key, what became of it)."""
    chance = random.Random(7)
    files = [file for file in original().files if file.kind in KINDS]
    made: list[tuple[File, int, str, str, str]] = []
    while len(made) < count:
        file = chance.choice(files)
        path, known = chance.choice(keys_of(file))
        key = str(path[-1])
        wrong = typo(key, chance)
        at = place_of(file.tree, path, key=True)
        line = lines_of(file)[at.line - 1]
        if wrong in known or not line[at.column - 1 :].startswith(f"{key}:"):
            continue
        new = line[: at.column - 1] + wrong + line[at.column - 1 + len(key) :]
        made.append((file, at.line, new, key, wrong))
    return made


def found_in(file: File, number: int, new: str, folder: Path) -> list[Finding]:
    lines = lines_of(file)
    lines[number - 1] = new
    found = lint(file, "\n".join(lines), folder)
    assert len(as_text(found).splitlines()) == len(found)
    return found


def test_a_hundred_single_letter_slips_in_keys(shadow: Path) -> None:
    right = 0
    for file, number, new, key, wrong in misspelt_keys(100):
        found = found_in(file, number, new, shadow)
        there = [f for f in found if f.at.line == number and f.code in ("HB110", "HB105")]
        assert there, (file.path, number, new, found[:3])
        right += any(f.hint == f"did you mean `{key}`?" for f in there)
        assert any(f"`{wrong}`" in f.message for f in there)
    assert right >= 90, right


def test_a_hundred_other_slips(shadow: Path) -> None:
    """Wrong units, ids that lead nowhere, licences that are none, dates that cannot be, markup, tags, keys twice."""
    chance = random.Random(11)
    kinds = sorted(SLIPS)
    for turn in range(100):
        slip = kinds[turn % len(kinds)]
        file, number, (start, end) = chance.choice(spots(slip))
        line = lines_of(file)[number - 1]
        match = re.compile(SLIPS[slip].pattern).search(line, start)
        assert match is not None
        new = line[:start] + SLIPS[slip].new(match) + line[end:]
        found = found_in(file, number, new, shadow)
        assert any(f.at.line == number and f.code in SLIPS[slip].codes for f in found), (slip, file.path, number, new)


def test_misspelt_keys_are_mended_by_themselves(shadow: Path) -> None:
    """What `lint --fix` changes is exactly the slip, and it leaves alone what it cannot know."""
    mended = 0
    for file, number, new, _, _ in misspelt_keys(60):
        lines = lines_of(file)
        before = "\n".join(lines)
        lines[number - 1] = new
        found = lint(file, "\n".join(lines), shadow)
        text, fixes = fixed("\n".join(lines).encode(), found)
        assert text.decode() in (before, "\n".join(lines))
        mended += bool(fixes)
    assert mended >= 54, mended


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("ne", ["en", "zh"], "en"), ("e", ["en", "zh"], "en"), ("zhh", ["en", "zh"], "zh"),
        ("fromm", ["from", "form"], "from"), ("sumary", ["summary", "name"], "summary"), ("x", ["summary"], ""),
        ("Publisher", ["publisher"], "publisher"), ("released_on", ["released", "reported"], "released"),
        ("", ["en"], ""), ("opne", ["open", "none"], "open"),
    ],
)  # fmt: skip
def test_did_you_mean(word: str, known: list[str], meant: str) -> None:
    assert did_you_mean(word, known) == (f"did you mean `{meant}`?" if meant else "")


@pytest.mark.parametrize(
    ("word", "other", "slip"),
    [("", "a", True), ("ab", "ba", True), ("abc", "acb", True), ("abc", "abd", True), ("abc", "ab", True),
     ("ab", "abc", True),
     ("abc", "abc", False), ("abc", "cba", False), ("a", "abc", False), ("abcd", "badc", False), ("aa", "a", True)],
)  # fmt: skip
def test_one_slip(word: str, other: str, slip: bool) -> None:
    assert is_one_slip(word, other) is slip
    assert is_one_slip(other, word) is slip


# ---- lint --fix


def test_fix_mends_what_has_one_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = small.FILES[small.EWE].replace("publisher:", "publsher:").replace("value: MIT", "value: mit")
    text = text.replace("level: open", "level: opne").replace("[big ewe]", "[no]  # kept")
    raw = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    root = small.plant(tmp_path, {small.EWE: raw})
    assert main(["lint", "--fix", str(root)]) == 0
    assert (root / small.EWE).read_text() == small.FILES[small.EWE].replace("[big ewe]", '["no"]  # kept')
    out, err = capsys.readouterr()
    assert out == ""
    assert "publsher -> publisher\n" in err
    assert "0 errors" in err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("publisher: {value: farm", "publisher: {value: fram"),  # an id may be new
        ("name: {en: Ewe, zh: 母羊}", "name: {en: Ewe, zh: 母羊}\nnmae: Ewe"),  # would stand twice
        ("value: 3 h", "value: 3 hh"),
        ("summary:\n", "abstract:\n"),
    ],
)
def test_fix_leaves_what_a_person_must_decide(
    old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = small.changed(small.EWE, old, new)
    root = small.plant(tmp_path, {small.EWE: text})
    assert main(["lint", "--fix", str(root)]) == 1
    assert (root / small.EWE).read_text() == text
    assert "mended" not in capsys.readouterr().err


def test_fix_of_a_clean_register_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = small.plant(tmp_path)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in root.rglob("*.yaml")}
    assert main(["lint", "--fix", str(root)]) == 0
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in root.rglob("*.yaml")} == before
    capsys.readouterr()
