"""The command: what it prints and writes, and that bad input leaves nothing behind."""

import csv
import io
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from runner.rate_cli import main
from tests.runner.samples import ANIMA, GOOD, QLORA, written

Captured = pytest.CaptureFixture[str]


def test_json_on_stdout_is_json_alone(capsys: Captured) -> None:
    assert main(["rate", str(ANIMA), "--format", "json", "--bootstrap", "50"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert printed.err == ""
    assert found["method"] == "elo"
    assert [row["rank"] for row in found["ratings"]] == [1, 2, 3, 4]


def test_our_own_output_is_a_start(tmp_path: Path, capsys: Captured) -> None:
    main(["rate", str(ANIMA), "--format", "json"])
    before = json.loads(capsys.readouterr().out)["ratings"]
    start = written(tmp_path, json.dumps({"ratings": before}), "start.json")
    one = written(tmp_path, "model_a,model_b,winner\nanima,belle,tie\n")
    main(["rate", str(one), "--start", str(start), "--format", "json"])
    after = json.loads(capsys.readouterr().out)["ratings"]
    rated = {row["model"]: row["rating"] for row in before}
    assert sum(row["rating"] for row in after) == pytest.approx(rated["anima"] + rated["belle"])


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"x": "high"}', '{"x": NaN}', '{"x": true}', '{"ratings": [1]}'])
def test_bad_start_is_told(tmp_path: Path, capsys: Captured, text: str) -> None:
    start = written(tmp_path, text, "start.json")
    assert main(["rate", str(ANIMA), "--start", str(start)]) == 2
    assert "the ratings to start from cannot be read" in capsys.readouterr().err


def test_csv_has_a_row_a_model(capsys: Captured) -> None:
    main(["rate", str(QLORA), "--method", "bt", "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["model"] for row in rows][:2] == ["gpt-4", "guanaco-65b"]
    assert float(rows[0]["rating"]) == pytest.approx(1366.30, abs=0.005)
    assert rows[0]["sd"] == ""


def test_table_tells_counts_settings_and_warnings(capsys: Captured) -> None:
    main(["rate", str(QLORA), "--method", "bt"])
    printed = capsys.readouterr().out
    assert "4,480 rows: 4,467 rated (600 ties), 13 invalid, 0 dropped" in printed
    assert "seed 0" in printed
    assert "warning: the answer shown first won 65.0%" in printed


def test_pictures_are_svg_in_classes(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "deep" / "plots"
    main(["rate", str(ANIMA), "--trace", "--bootstrap", "50", "--plot", str(folder)])
    capsys.readouterr()
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["battle-count.svg", "intervals.svg", "rating-by-round.svg", "win-fraction.svg"]
    for path in folder.iterdir():
        root = ET.parse(path).getroot()
        assert root.find("{*}title") is not None
        drawn = [part for part in root.iter() if not part.tag.endswith("style")]
        assert all(not {"fill", "stroke", "style", "onload", "href"} & set(part.attrib) for part in drawn)


def test_names_are_escaped_in_pictures(tmp_path: Path, capsys: Captured) -> None:
    path = written(
        tmp_path,
        "model_a,model_b,winner\n<script>&\"'</svg>,y,tie\n".replace('"', '""')
        .replace("<s", '"<s')
        .replace(",y", '",y'),
    )
    assert main(["rate", str(path), "--plot", str(tmp_path / "plots")]) == 0
    capsys.readouterr()
    for picture in (tmp_path / "plots").iterdir():
        assert all(not part.tag.endswith("script") for part in ET.parse(picture).getroot().iter())


@pytest.mark.parametrize(
    ("text", "flags", "told"),
    [
        ("model_a,model_b,winner\nx,y,draw\n", [], "row 2"),
        (b"model_a,model_b,winner\nx,\xff,tie\n", [], "row 2"),
        ("model_a,model_b,winner\nx,=1,tie\n", [], "row 2"),
        ("", [], "the file is empty"),
        (GOOD, ["--k", "-1"], "--k must be above 0"),
        (GOOD, ["--anchor", "x"], "is not MODEL=RATING"),
        (GOOD, ["--anchor", "nobody=5"], "which has no battle"),
        (GOOD, ["--category", "code"], "--category needs a column"),
        (GOOD, ["--cluster", "judge", "--bootstrap", "9"], "--cluster needs a column"),
    ],
)
def test_bad_input_is_one_error_and_nothing_is_written(
    tmp_path: Path, capsys: Captured, text: str | bytes, flags: list[str], told: str
) -> None:
    path, plots = written(tmp_path, text), tmp_path / "plots"
    assert main(["rate", str(path), "--plot", str(plots), "--format", "json", *flags]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("error: ") == 1
    assert told in printed.err
    assert not plots.exists()


@pytest.mark.parametrize("flags", [["--method", "glicko"], ["--k", "much"], []])
def test_wrong_usage_is_exit_code_2(capsys: Captured, flags: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["rate", *flags])
    assert stop.value.code == 2


def test_help_has_an_example_and_every_flag(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(["rate", "--help"])
    printed = capsys.readouterr().out
    assert "runner rate battles.csv --orderings 10000 --k 4" in printed
    flags = (
        "method k init scale base start order orderings bootstrap cluster ci ties merge-orders category seed anchor "
        "format plot trace order-term"
    )
    assert all(f"--{flag} " in printed or f"--{flag}\n" in printed for flag in flags.split())


def test_help_does_not_wait_for_numpy() -> None:
    code = "import sys; from runner.rate_cli import main\ntry: main(['rate', '--help'])\nexcept SystemExit: pass\n"
    check = code + "assert not {'numpy', 'pydantic', 'yaml'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, stdout=subprocess.DEVNULL)


def test_same_seed_gives_the_same_bytes_without_the_compiled_lanes(tmp_path: Path) -> None:
    """The twins in numpy print what the compiled ones print."""
    line = ["rate", str(ANIMA), "--orderings", "200", "--format", "json"]
    hidden = "import runner.compiled as c; c.load = lambda *a: None; "
    run = "import sys; from runner.rate_cli import main; sys.exit(main(sys.argv[1:]))"
    printed = [
        subprocess.run([sys.executable, "-c", code, *line], check=True, capture_output=True).stdout
        for code in (run, hidden + run)
    ]
    assert printed[0] == printed[1]


def test_a_million_battles_take_less_than_a_gigabyte(tmp_path: Path) -> None:
    lines = (f"m{n % 100},m{(n * 7 + 1) % 99 + (n % 100 <= (n * 7 + 1) % 99)},tie\n" for n in range(1_000_000))
    path = written(tmp_path, "model_a,model_b,winner\n" + "".join(lines))
    code = (
        "import resource, sys; from runner.rate_cli import main; main(['rate', sys.argv[1]]); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    began = time.monotonic()
    environment = {**os.environ, "HERDBOOK_THREADS": "1"}
    # Through a shell that is small itself: a child's peak begins with its parent's.
    line = ["sh", "-c", '"$0" -c "$1" "$2"', sys.executable, code, str(path)]
    printed = subprocess.run(line, check=True, capture_output=True, text=True, env=environment).stdout
    assert int(printed.split()[-1]) < 1_000_000
    assert time.monotonic() - began < 60
