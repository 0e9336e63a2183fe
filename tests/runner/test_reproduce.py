"""`runner reproduce` and `list` on a small tournament."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.sealing import digest_of, sealed, write
from runner import attach, provenance, replay
from tests.runner import small
from tests.runner.conftest import Run

ONLY = ("reproduce", "tiny", "--only", "rate")


def test_json_has_the_shape_of_the_contract_and_every_claim(entry: Path, run: Run) -> None:
    code, found, _ = run(*ONLY, "--json")
    assert code == 0
    assert list(found) == [
        "slug",
        "mode",
        "status",
        "stages",
        "run",
        "result",
        "digest",
        "adapter_sha256",
        "claims",
        "metrics",
    ]
    assert [list(stage) for stage in found["stages"]] == [["name", "status", "seconds", "needs"]] * 2
    assert [stage["name"] for stage in found["stages"]] == ["rate", "report"]
    assert list(found["claims"][0]) == ["id", "published", "reproduced", "difference", "tolerance", "verdict"]
    verdicts = {claim["id"]: claim["verdict"] for claim in found["claims"]}
    assert verdicts["states"] == "reproduced"
    assert {verdicts[f"ratings.{name}"] for name in small.PLAYERS} == {"reproduced"}
    assert {verdicts[f"ranks.{name}"] for name in small.PLAYERS} == {"reproduced"}
    assert found["metrics"]["states"] == {"printed": 8, "equal": 8, "largest_difference": 0.0, "first_difference": None}


def test_a_run_that_only_fits_afterwards_neither_reproduces_nor_contradicts(entry: Path, run: Run) -> None:
    _, found, _ = run(*ONLY, "--json")
    fitted = {claim["verdict"] for claim in found["claims"] if claim["id"].startswith("ratings-other-k")}
    assert fitted == {"under-determined"}
    small.change(entry / "recipe.yaml", "k: 16", "k: 32")
    _, found, _ = run(*ONLY, "--json")
    fitted = {claim["verdict"] for claim in found["claims"] if claim["id"].startswith("ratings-other-k")}
    assert fitted == {"consistent"}


def test_a_claim_that_is_not_met_exits_with_4_and_is_attached_all_the_same(entry: Path, run: Run) -> None:
    small.change(entry / "recipe.yaml", "k: 32", "k: 31")
    code, found, _ = run(*ONLY, "--json")
    assert (code, found["status"]) == (4, "not-reproduced")
    assert {c["id"]: c["verdict"] for c in found["claims"]}["states"] == "contradicted"
    assert found["metrics"]["states"]["first_difference"] == small.FIRST
    assert Path(found["result"]).is_file()


def test_all_stages_name_what_they_need_and_the_rest_still_runs(entry: Path, run: Run) -> None:
    code, found, _ = run("reproduce", "tiny", "--json")
    assert (code, found["status"]) == (3, "incomplete")
    status = {stage["name"]: stage["status"] for stage in found["stages"]}
    missing = dict.fromkeys(("prepare", "train", "generate"), "skipped")
    assert status == {**missing, "judge": "done", "rate": "done", "report": "done"}
    assert all(stage["needs"] for stage in found["stages"] if stage["status"] == "skipped")
    assert {claim["verdict"] for claim in found["claims"]} >= {"reproduced"}


def test_not_reproduced_outweighs_stages_that_could_not_run(entry: Path, run: Run) -> None:
    small.change(entry / "recipe.yaml", "k: 32", "k: 31")
    assert run("reproduce", "tiny", "--json")[0] == 4


def test_the_same_finding_is_never_written_twice(entry: Path, run: Run) -> None:
    _, first, _ = run(*ONLY, "--json")
    before = Path(first["result"]).read_bytes()
    _, second, _ = run(*ONLY, "--runs", "elsewhere", "--json")
    assert (first["digest"], first["result"]) == (second["digest"], second["result"])
    assert [path.name for path in (entry / "results").iterdir()] == [f"elo-tiny-rate-{first['digest'][:12]}.yaml"]
    assert Path(first["result"]).read_bytes() == before


def test_unchanged_stages_are_not_run_again_and_a_cut_one_is(entry: Path, run: Run) -> None:
    _, found, _ = run(*ONLY, "--json")
    _, again, _ = run(*ONLY, "--json")
    assert [stage["status"] for stage in again["stages"]] == ["reused", "reused"]
    rated = Path(found["run"], "rate", "rating.json")
    whole = rated.read_bytes()
    rated.write_bytes(whole[:100])
    _, again, _ = run(*ONLY, "--json")
    assert [stage["status"] for stage in again["stages"]] == ["done", "reused"]
    assert rated.read_bytes() == whole


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(
    entry: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    whole = replay._report
    monkeypatch.setattr(replay, "_report", killed)
    assert run(*ONLY)[0] == 130
    assert not (entry / "results").exists()
    monkeypatch.setattr(replay, "_report", whole)
    _, found, _ = run(*ONLY, "--json")
    assert [stage["status"] for stage in found["stages"]] == ["reused", "done"]
    _, straight, _ = run(*ONLY, "--runs", "straight", "--json")
    report = [Path(one["run"], "report", "result.yaml").read_bytes() for one in (found, straight)]
    assert report[0] == report[1]


def test_a_second_run_in_the_same_folder_is_refused(entry: Path, run: Run) -> None:
    import fcntl

    folder = Path("runs/tiny/elo-tiny-rate")
    folder.mkdir(parents=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, err = run(*ONLY)
    assert code == 1
    assert "another run is at work" in err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("judgments/elo-tiny.csv", "6.5,9", "9.5,9"), "is not the file on record"),
        (("judgments/elo-tiny.csv", "6.5,9", "6.5,9,1"), "8 cells, the first line has 7"),
        (("recipe.yaml", "run: replay, tolerance: 0.005", "run: replai, tolerance: 0.005"), "names the run `replai`"),
        (("recipe.yaml", "published: elo-tiny", "published: elo-tinny"), "no table `elo-tinny`"),
    ],
)
def test_bad_input_is_one_clear_error_and_writes_nothing(
    entry: Path, run: Run, change: tuple[str, str, str], said: str
) -> None:
    small.change(entry / change[0], *change[1:])
    code, out, err = run(*ONLY, "--json")
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert not (entry / "results").exists()


@pytest.mark.parametrize("slug", ["tinny", "../tiny", "", "x/../tiny", "x" * 300])
def test_an_unknown_entry_is_named(entry: Path, run: Run, slug: str) -> None:
    code, _, err = run("reproduce", slug)
    assert code == 2
    assert "no model is called" in err


def test_list_tells_what_can_be_run_and_what_was_found(entry: Path, run: Run) -> None:
    run(*ONLY)
    code, [row], _ = run("list", "--json")
    assert (code, row["slug"], row["recipe"], row["claims"]) == (0, "tiny", "elo-tiny", 10)
    assert row["results"][0]["current"] is True
    assert row["results"][0]["verdicts"] == {"reproduced": 7, "under-determined": 3}


def test_a_result_tells_nothing_about_whose_machine_it_was(entry: Path, run: Run) -> None:
    _, found, _ = run(*ONLY, "--runs", Path.cwd() / "away", "--json")
    text = Path(found["result"]).read_text("utf-8")
    import getpass
    import socket

    private = [str(Path.cwd()), str(Path.home()), str(provenance.ROOT), socket.gethostname()]
    private += [getpass.getuser()] if getpass.getuser() != "root" else []
    assert [one for one in private if one in text] == []
    assert not re.search(r'"/|@[a-z]', text)
    assert 'command: "runner reproduce tiny --only rate"' in text


def test_the_commit_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    monkeypatch.setenv("HERDBOOK_COMMIT", "0123abcd")
    assert provenance.code() == ("0123abcd", None)
    monkeypatch.setenv("HERDBOOK_COMMIT", "")
    assert provenance.code() == (None, None)


def test_a_commit_that_is_none_is_refused(entry: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERDBOOK_COMMIT", "main; rm -rf")
    code, _, err = run(*ONLY)
    assert code == 2
    assert "HERDBOOK_COMMIT is not a commit" in err


def test_writing_is_stable_and_sealed(entry: Path, run: Run) -> None:
    _, found, _ = run(*ONLY, "--json")
    raw = Path(found["result"]).read_bytes()
    result, content, _ = attach.load(Path(found["result"]))
    assert write(content) == raw
    assert sealed(raw)
    assert digest_of(content) == result.digest == found["digest"]


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    heavy = "{'numpy', 'pydantic', 'yaml', 'torch', 'numba'}"
    code = (
        "import sys\nfrom runner.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"sys.exit(repr(sorted({heavy} & set(sys.modules))) if {heavy} & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=provenance.ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "reproduce" in done.stdout


def test_stages_are_the_same_in_command_line_and_pipeline() -> None:
    from runner import cli, pipeline

    assert cli.STAGES == pipeline.STAGES


def test_json_is_alone_on_standard_output(entry: Path) -> None:
    command = [sys.executable, "-m", "runner.cli", *ONLY, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(provenance.ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["slug"] == "tiny"
