"""Every rule of lint is explained, and its examples do what they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from catalog import checks
from catalog.cli import main
from catalog.findings import Finding, as_text
from catalog.reader import Place
from catalog.rules import name_of, rules
from catalog.store import find_root
from tests.catalog.small import EWE, FILES, HAY, RAM, lint, plant

CODE = Path(checks.__file__).parent.parent
RAM_PUBLISHER = "publisher: {value: farm, from: readme}"

# Where the example of a rule stands in the small catalog: file, and the text it takes the place of.
PLACES = {
    **dict.fromkeys(("HB102", "HB103", "HB104", "HB105", "HB107", "HB112"), (RAM, "name: Ram")),
    **dict.fromkeys(("HB110", "HB111", "HB113", "HB212"), (RAM, RAM_PUBLISHER)),
    "HB201": (RAM, "{value: 7B, from: readme}"),
    "HB202": (EWE, "from: notes#L4\n    correction"),
    "HB203": (RAM, '{url: "https://example.org/ram", as_of: 2023-02-24, accessed: 2026-11-01}'),
    "HB210": (EWE, "base: {value: ram-7b, from: readme#L8}"),
    "HB211": (RAM, "weights: {value: MIT, from: readme}"),
    "HB213": (RAM, "name: Ram 7B"),
    "HB214": (RAM, "variants:\n"),
    "HB216": (EWE, "aliases: [big ewe]"),
    "HB217": (EWE, "name: {en: Ewe, zh: 母羊}\n"),
    "HB220": (RAM, "as_of: 2023-02-24, accessed: 2026-11-01"),
    "HB221": (EWE, "- {value: 90 USD, from: notes#L4, accepted: {en: The later figure., zh: 较晚的数字。}}"),
    "HB222": (EWE, "zh: 用 5.2 万条指令微调的小模型。"),
    "HB223": (EWE, "about: variants.ewe-7b.training.sft.cost"),
    "HB224": (EWE, "code: {value: Apache-2.0, from: readme#L6}"),
    "HB231": (EWE, "zh: 用 5.2 万条指令微调的小模型。"),
    "HB240": (EWE, "    kind: benchmark\n"),
}
# Told in words: of files as a whole, of recipes, and of what the runner writes. Their tests stand elsewhere.
IN_WORDS = {"HB101", "HB106", "HB108", "HB109", "HB225", "HB230", "HB270"}
IN_WORDS |= {f"HB{number}" for number in (241, 242, 243, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254, 255)}
IN_WORDS |= {"HB261", "HB262", "HB263"}


def test_every_code_that_lint_can_print_is_explained() -> None:
    used = {code for path in CODE.rglob("*.py") for code in re.findall(r'"(HB\d{3})"', path.read_text("utf-8"))}
    assert used == set(rules())
    assert set(PLACES) | IN_WORDS == set(rules())
    assert not set(PLACES) & IN_WORDS


def test_every_name_is_one_of_its_own_and_typable() -> None:
    names = [rule.name for rule in rules().values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name) for name in names)


@pytest.mark.parametrize("code", sorted(rules()))
def test_rule_is_told_in_full(code: str) -> None:
    told = rules()[code].explanation
    for text in (told.what, told.why, told.mend):
        assert text[0].isupper() or text[0] in "`1万"
        assert text.rstrip().endswith((".", "`"))
    assert told.fails != told.passes
    assert str(rules()[code]).startswith(f"{code} {rules()[code].name} (")


def placed(code: str, example: str, folder: Path) -> list[Finding]:
    file, part = PLACES[code]
    text = FILES[file]
    if code == "HB214":
        example = f"variants:\n  {example}\n"
    elif code == "HB202":
        example = f"{example}\n    correction"
    elif code in ("HB217", "HB240"):
        example = f"{part}{'    ' if code == 'HB240' else ''}{example}\n"
    assert text.count(part) >= 1, part
    return lint(plant(folder, {file: text.replace(part, example, 1)}))


@pytest.mark.parametrize("code", sorted(PLACES))
def test_examples_fail_and_pass_as_they_say(code: str, tmp_path: Path) -> None:
    told = rules()[code].explanation
    assert code in {found.code for found in placed(code, told.fails, tmp_path / "fails")}
    assert placed(code, told.passes, tmp_path / "passes") == []


def test_explain_by_code_by_name_and_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "hb210"]) == 0
    by_code = capsys.readouterr().out
    assert main(["explain", "dangling_reference"]) == 0
    assert capsys.readouterr().out == by_code
    assert by_code.startswith("HB210 dangling-reference (error)\n\nEvery base, data set,")
    assert "fails:\n    base: {value: ram-8b, from: readme#L8}\n" in by_code
    assert main(["explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(rules())
    assert main(["explain", "--json", "HB210"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert set(row) == {"code", "severity", "name", "what", "why", "fails", "passes", "mend"}


@pytest.mark.parametrize("word", ["HB219", "danglingreference", "🐑", ""])
def test_unknown_rule_is_a_wrong_argument(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", word]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: no rule is called")


def test_lint_names_the_rule() -> None:
    text = as_text([Finding("a.yaml", Place(1, 2), "HB210", "nothing here is called `x`", "a hint")])
    assert text == "a.yaml:1:2: HB210 nothing here is called `x` (a hint) [dangling-reference]\n"
    assert name_of("HB999") == ""


def test_explanations_are_no_record_of_the_register() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "catalog.cli", "lint", str(find_root(Path(__file__)))], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert HAY
