"""`runner attach`: whole or not at all, never over another file, never the same finding twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from runner import attach
from tests.runner.conftest import Run

ONLY = ("reproduce", "tiny", "--only", "rate")


def test_attach_copies_a_result_once(entry: Path, run: Run) -> None:
    _, found, _ = run(*ONLY, "--no-attach", "--json")
    assert found["result"] is None
    made = Path(found["run"], "report", "result.yaml")
    _, placed, _ = run("attach", made, "--json")
    assert placed["written"] is True
    assert Path(placed["result"]).read_bytes() == made.read_bytes()
    assert run("attach", made, "--json")[1]["written"] is False


def test_attach_refuses_what_was_edited(entry: Path, run: Run) -> None:
    _, found, _ = run(*ONLY, "--no-attach", "--json")
    made = Path(found["run"], "report", "result.yaml")
    made.write_text(made.read_text("utf-8").replace("tolerance: 0.005", "tolerance: 5.005"), "utf-8")
    code, _, err = run("attach", made)
    assert code == 2
    assert "changed after it was written" in err
    assert not (entry / "results").exists()


@pytest.mark.parametrize("text", ["", "name: x\n", "a: [", "\x00", "schema: 1\nentry: ../../x\n"])
def test_attach_refuses_what_is_no_result(entry: Path, run: Run, text: str) -> None:
    Path("x.yaml").write_text(text, "utf-8")
    code, _, err = run("attach", "x.yaml")
    assert code == 2
    assert "this is no result" in err


def test_attaching_at_once_from_many_threads_leaves_one_whole_file(entry: Path, run: Run) -> None:
    _, found, _ = run(*ONLY, "--no-attach", "--json")
    result, _, raw = attach.load(Path(found["run"], "report", "result.yaml"))
    root = entry.parents[1]
    placed: list[attach.Placed] = []
    threads = [threading.Thread(target=lambda: placed.append(attach.attach(result, raw, root))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(placed) == 8
    assert sum(one.written for one in placed) == 1
    [path] = (entry / "results").iterdir()
    assert path.read_bytes() == raw


def test_a_disk_that_fails_leaves_nothing_half_written(entry: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(attach.os, "link", full)
    code, _, err = run(*ONLY, "--json")
    assert code == 1
    assert "No space left" in err
    assert list((entry / "results").iterdir()) == []


def test_another_file_of_that_name_is_never_overwritten(entry: Path, run: Run) -> None:
    _, found, _ = run(*ONLY, "--json")
    path = Path(found["result"])
    path.write_text("mine\n", "utf-8")
    code, _, err = run(*ONLY, "--json")
    assert code == 1
    assert "holds something else" in err
    assert path.read_text("utf-8") == "mine\n"
