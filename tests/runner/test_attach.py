"""`runner attach`: whole or not at all, never over another file, never the same finding twice."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import UserError
from runner import archive, attach
from tests.runner import recorded
from tests.runner.conftest import Run
from tests.runner.small import change

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


# Trainings and probes, with their tables


def test_attach_copies_a_training_with_its_tables(entry: Path, run: Run) -> None:
    made = recorded.put(Path("run"), recorded.training(), name="result.yaml")
    code, placed, _ = run("attach", made, "--json")
    assert (code, placed["written"]) == (0, True)
    stem = Path(placed["result"]).stem
    assert {path.name for path in (entry / "results").iterdir()} == {
        f"{stem}{end}" for end in (".yaml", ".steps.csv", ".answers.csv", ".verdicts.csv")
    }
    assert Path(placed["result"]).read_bytes() == made.read_bytes()
    assert run("attach", made, "--json")[1]["written"] is False
    (entry / "results" / f"{stem}.steps.csv").unlink()
    assert run("attach", made, "--json")[1]["written"] is False
    assert (entry / "results" / f"{stem}.steps.csv").is_file(), "a table that was lost comes back"


def test_attach_takes_a_probe(entry: Path, run: Run) -> None:
    made = recorded.put(Path("run"), recorded.probe(), {}, "p.yaml")
    assert Path(run("attach", made, "--json")[1]["result"]).name == recorded.name_of(recorded.probe())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda path, steps: steps.unlink(), "does not lie beside it"),
        (lambda path, steps: steps.write_text(recorded.steps_csv(39), "utf-8"), "was changed: SHA-256"),
        (lambda path, steps: steps.write_bytes(b"1" * 5_000_001), "larger than"),
        (lambda path, steps: (steps.unlink(), steps.symlink_to("/etc/passwd")), "does not lie beside it"),
        (lambda path, steps: (steps.unlink(), steps.mkdir()), "does not lie beside it"),
        (lambda path, steps: change(path, '\nmode: "faithful"', '\nmode: "fast"'), "changed after it was written"),
        (lambda path, steps: change(path, 'kind: "training"', 'kind: "probe"'), "this is no result"),
        (lambda path, steps: change(path, 'kind: "training"', 'kind: "other"'), "not a kind of result"),
    ],
)
def test_attach_refuses_a_training_that_is_not_whole(entry: Path, run: Run, change: Any, says: str) -> None:
    made = recorded.put(Path("run"), recorded.training())
    change(made, made.parent / f"{made.stem}.steps.csv")
    code, _, err = run("attach", made)
    assert code == 2
    assert says in err
    assert not (entry / "results").exists()


def test_a_table_named_out_of_the_folder_is_refused(entry: Path, run: Run) -> None:
    made = recorded.put(Path("run"), recorded.training())
    text = made.read_text("utf-8").replace(f"{made.stem}.steps.csv", "other.steps.csv")
    body = text[: text.rindex("seal: ")]
    made.write_text(f'{body}seal: "{hashlib.sha256(body.encode()).hexdigest()}"\n', "utf-8")
    code, _, err = run("attach", made)
    assert code == 2
    assert "should be" in err


def test_tables_are_put_down_first_and_taken_back_where_the_record_fails(
    entry: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, order, link = recorded.put(Path("run"), recorded.training()), [], os.link

    def full(source: Path, target: Path) -> None:
        order.append(target.name.split(".", 1)[1])
        if target.suffix == ".yaml":
            raise OSError(28, "No space left on device")
        link(source, target)

    monkeypatch.setattr(attach.os, "link", full)
    code, _, err = run("attach", made)
    assert (code, "No space left" in err) == (1, True)
    assert order == ["steps.csv", "answers.csv", "verdicts.csv", "yaml"]
    assert list((entry / "results").iterdir()) == []


def test_a_kill_between_tables_and_record_is_completed_by_attaching_again(entry: Path, run: Run) -> None:
    made = recorded.put(Path("run"), recorded.training())
    killed = f"""
import os, runner.attach as a
link = os.link
def kill(source, target):
    if str(target).endswith('.yaml'):
        os.kill(os.getpid(), 9)
    link(source, target)
a.os.link = kill
a.attach_path(a.Path({str(made)!r}))
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    assert {path.suffix for path in (entry / "results").iterdir()} == {".csv", ".part"}
    assert run("attach", made, "--json")[1]["written"] is True
    assert sum(path.suffix == ".yaml" for path in (entry / "results").iterdir()) == 1


def test_a_table_of_that_name_that_holds_something_else_stays(entry: Path, run: Run) -> None:
    made = recorded.put(Path("run"), recorded.training())
    mine = entry / "results" / f"{made.stem}.answers.csv"
    mine.parent.mkdir()
    mine.write_text("mine\n", "utf-8")
    code, _, err = run("attach", made)
    assert (code, "holds something else" in err) == (1, True)
    assert [(path.name, path.read_text("utf-8")) for path in mine.parent.iterdir()] == [(mine.name, "mine\n")]


# Archives


Member = tuple[str, bytes | tarfile.TarInfo]


def packed(path: Path, members: Iterable[Member]) -> Path:
    """A tar.gz of (name, bytes), or of headers as they are given."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            if isinstance(content, tarfile.TarInfo):
                content.name = name
                archive.addfile(content)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path


def of(folder: Path) -> list[Member]:
    return [(f"records/{path.name}", path.read_bytes()) for path in sorted(folder.iterdir())]


def test_attach_takes_an_archive_of_several(entry: Path, run: Run) -> None:
    for content in (recorded.training(), recorded.probe(), recorded.refused()):
        recorded.put(Path("run"), content)
    file = packed(Path("records.tgz"), of(Path("run")))
    code, placed, err = run("attach", file, "--json")
    assert (code, [one["written"] for one in placed]) == (0, [True] * 3), err
    assert {path.name for path in (entry / "results").iterdir()} == {path.name for path in Path("run").iterdir()}
    assert [one["written"] for one in run("attach", file, "--json")[1]] == [False] * 3
    assert run("attach", file)[1].count("was there") == 3


def header(kind: bytes, link: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo()
    info.type, info.linkname, info.size = kind, link, size
    return info


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ([("../x.yaml", b"x")], "leads out of it"),
        ([("a/../../x.yaml", b"x")], "leads out of it"),
        ([("/etc/x.yaml", b"x")], "leads out of it"),
        ([("a\\x.yaml", b"x")], "leads out of it"),
        ([("x.yaml", header(tarfile.SYMTYPE, "/etc/passwd"))], "no plain file"),
        ([("x.yaml", header(tarfile.LNKTYPE, "records/y.yaml"))], "no plain file"),
        ([("x.yaml", header(tarfile.CHRTYPE))], "no plain file"),
        ([("x.yaml", header(tarfile.FIFOTYPE))], "no plain file"),
        ([("x.sh", b"x")], "neither *.yaml nor *.csv"),
        ([("x.yaml", b"x" * 1_000_001)], "larger than 1,000,000 bytes"),
        ([("a/x.yaml", b"x"), ("b/x.yaml", b"x")], "stands in it twice"),
        ([(f"{n}.yaml", b"x") for n in range(501)], "more than 500 files"),
        ([], "there is no result"),
        ([("x.yaml", b"name: x\n")], "this is no result"),
        ([("x.steps.csv", b"x")], "there is no result"),
    ],
)
def test_a_hostile_archive_is_refused_and_nothing_is_attached(
    entry: Path, run: Run, members: list[Member], says: str
) -> None:
    before = set(Path().rglob("*"))
    code, _, err = run("attach", packed(Path("records.tgz"), members))
    assert code == 2
    assert says in err
    assert set(Path().rglob("*")) - before == {Path("records.tgz")}


@pytest.mark.parametrize("flaw", ["unsound", "stray", "entry"])
def test_one_flaw_keeps_the_whole_archive_out(entry: Path, run: Run, flaw: str) -> None:
    recorded.put(Path("run"), recorded.probe())
    members = of(Path("run"))
    if flaw == "unsound":
        members += [("records/zz.yaml", members[0][1].replace(b"480", b"481"))]  # type: ignore[union-attr]
    elif flaw == "stray":
        members += [("records/zz.steps.csv", recorded.steps_csv().encode())]
    else:
        recorded.put(Path("other"), recorded.probe("nobody"))
        members += of(Path("other"))
    code, _, err = run("attach", packed(Path("records.tgz"), members))
    assert code == 2, err
    assert not (entry / "results").exists()


@pytest.mark.parametrize("raw", [b"", b"not gzip", gzip.compress(b"not tar" * 200), gzip.compress(b"\0" * 10_240)])
def test_what_is_no_archive_is_refused(entry: Path, run: Run, raw: bytes) -> None:
    Path("records.tgz").write_bytes(raw)
    code, _, err = run("attach", "records.tgz")
    assert code == 2
    assert "archive" in err
    assert run("attach", "nothing.tgz")[0] == 2


def test_an_archive_that_unpacks_to_gigabytes_is_refused_before(
    entry: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size stands in the header of a long name, which tarfile reads whole before anybody can look at it."""
    monkeypatch.setattr(archive, "MAX_UNPACKED", 2_000_000)
    pax = tarfile.TarInfo("pax")
    pax.type, pax.size = tarfile.XHDTYPE, 50_000_000
    Path("records.tgz").write_bytes(gzip.compress(pax.tobuf() + b"\0" * 50_000_000))
    code, _, err = run("attach", "records.tgz")
    assert code == 2
    assert "unpacks to more than" in err


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_archive_never_ends_in_a_traceback(entry: Path, data: st.DataObject) -> None:
    recorded.put(Path("run"), recorded.probe())
    raw = bytearray(gzip.decompress(packed(Path("good.tgz"), of(Path("run"))).read_bytes()))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, min(len(raw) - 1, 1500)))] = data.draw(st.integers(0, 255))
    Path("records.tgz").write_bytes(gzip.compress(bytes(raw)))
    with contextlib.suppress(UserError):
        attach.attach_path(Path("records.tgz"))
