"""Results of trainings and probes: types, digests, tables, and each fault found at its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from catalog import checks
from catalog.export import entry as export_entry
from catalog.probe_results import ProbeResult
from catalog.reader import read as read_yaml
from catalog.result_kinds import result_type, tables_of
from catalog.result_tables import MAX_CELL, cell, read
from catalog.results import Result
from catalog.sealing import digest_of, sealed, write
from catalog.store import read_catalog
from catalog.training_results import TrainingResult
from generator.api import files as api_files
from tests.catalog.small import TODAY
from tests.runner import recorded, small

Json = dict[str, Any]


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return small.write(tmp_path)


def found(entry: Path) -> list[tuple[str, str, str]]:
    """(code, file, message) of everything wrong beside the entry."""
    loading = read_catalog(entry.parents[1])
    every = [*loading.findings, *checks.run(loading.catalog, TODAY, loading.catalog.attached)]
    return [(f.code, Path(f.path).name, f.message) for f in every]


OLDER = "the recipe or its claims have changed since"


def faults(entry: Path) -> list[tuple[str, str, str]]:
    """Those that are there for the change a test made: the small recipe has no training."""
    return [one for one in found(entry) if one[2] != OLDER]


def built(content: Json) -> Any:
    """The record that the written content reads as."""
    tree, problems = read_yaml(write(content))
    assert not problems
    wanted = result_type(tree)
    assert wanted is not None
    return wanted.model_validate(tree)


def changed(content: Json, path: str, value: Any) -> Json:
    """A copy with one place changed."""
    copied = copy.deepcopy(content)
    here: Any = copied
    *way, last = path.split(".")
    for part in way:
        here = here[int(part) if isinstance(here, list) else part]
    here[int(last) if isinstance(here, list) else last] = value
    return copied


def test_the_kind_chooses_the_type() -> None:
    assert isinstance(built(recorded.training()), TrainingResult)
    assert isinstance(built(recorded.probe()), ProbeResult)
    assert result_type({"schema": 1}) is Result
    assert result_type({"kind": "prob"}) is result_type({"kind": ["probe"]}) is result_type({"kind": None}) is None
    assert built(recorded.probe()).kind == "probe"


def test_what_is_written_is_sealed_and_written_again_the_same() -> None:
    for content in (recorded.training(), recorded.probe(), recorded.refused()):
        raw = write(content)
        tree, _ = read_yaml(raw)
        assert sealed(raw)
        assert write(tree) == raw
        assert digest_of(tree) == tree["digest"]


def test_the_tables_are_called_like_their_result() -> None:
    result = built(recorded.training())
    assert {role: one.file for role, one in tables_of(result).items()} == {
        role: f"tiny-faithful-{result.digest[:12]}.{role}.csv" for role in ("steps", "answers", "verdicts")
    }
    assert recorded.name_of(recorded.probe()).startswith("probe-llama-7b-qlora-faithful-")


@pytest.mark.parametrize(
    "path",
    ["measured.seconds", "measured.device", "made.command", "deviations", "inputs.0.name", "inputs.0.revision"],
)
def test_what_need_not_come_out_again_is_no_part_of_the_digest(path: str) -> None:
    values = {"measured.seconds": 1.0, "deviations": [], "inputs.0.revision": None}
    content = recorded.training()
    assert digest_of(changed(content, path, values.get(path, "another"))) == digest_of(content)


@pytest.mark.parametrize(
    ("path", "value"),
    [("inputs.0.sha256", "0" * 64), ("inputs.0.role", "tokenizer"), ("trained.steps.sha256", "0" * 64), ("seed", 1),
     ("trained.adapter_sha256", "0" * 64), ("answered.answers.sha256", "0" * 64), ("mode", "fast"),
     ("resolved.settings.optimisation.learning_rate", 0.1), ("tournament.verdicts.rows", 9),
     ("tournament.rating.runs.0.ratings.0.rating", 1.5)],
)  # fmt: skip
def test_what_must_come_out_again_is_in_the_digest(path: str, value: Any) -> None:
    content = recorded.training()
    assert digest_of(changed(content, path, value)) != digest_of(content)


def test_two_probes_of_the_same_settings_are_two_records() -> None:
    first, second = recorded.probe(), changed(recorded.probe(), "step.median", 1.26)
    assert recorded.name_of(first) != recorded.name_of(second)
    assert recorded.name_of(first) == recorded.name_of(changed(first, "made.command", "another"))


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("fits", False, "`refused` belongs to what does not fit"),
        ("step", None, "belong to what fits"),
        ("tokens_per_second", None, "belong to what fits"),
        ("mfu.value", 0.5, "is not tokens_per_second x flop_per_token / peak"),
        ("settings.generated", 64, "belongs to `method: inference`"),
        ("settings.optimiser", None, "inference has none"),
        ("weights", "trained", "Input should be 'random'"),
        ("accuracy", 0.9, "Extra inputs are not permitted"),
        ("peak.allocated", -1, "greater than or equal to 0"),
        ("claims", [{"id": "x", "metric": "exact-match-tuned"}], "Input should be 'hours', 'peak-memory'"),
        ("device.name", "<b>card</b>", "markup"),
        ("tokens_per_second", float("inf"), "finite number"),
    ],
)
def test_a_probe_that_contradicts_itself_is_refused(path: str, value: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says.replace("(", r"\(")):
        ProbeResult.model_validate({**changed(recorded.probe(), path, value), "digest": "0" * 64, "seal": "0" * 64})


def test_no_field_of_a_probe_speaks_of_quality() -> None:
    text = json.dumps(ProbeResult.model_json_schema())
    assert not {word for word in ("loss", "exact", "accuracy", "perplexity", "score") if f'"{word}' in text}


# Tables


@pytest.mark.parametrize(
    ("file", "raw", "says"),
    [
        ("x.steps.csv", b"step,loss\n1,2\n", "the first line must be"),
        ("x.steps.csv", b"", "the first line must be"),
        ("x.steps.csv", b"step,loss,learning_rate,grad_norm,tokens,targets,padding\n", "no rows"),
        ("x.steps.csv", b"step,loss,learning_rate,grad_norm,tokens,targets,padding\n2,1,1,1,1,1,1\n", "step 2 comes"),
        ("x.steps.csv", b"step,loss,learning_rate,grad_norm,tokens,targets,padding\n1,nan,1,1,1,1,1\n", "not a number"),
        (
            "x.steps.csv",
            b"step,loss,learning_rate,grad_norm,tokens,targets,padding\n1,1e999,1,1,1,1,1\n",
            "not a number",
        ),
        ("x.steps.csv", b"step,loss,learning_rate,grad_norm,tokens,targets,padding\n1,1,1,1,1.5,1,1\n", "not a whole"),
        ("x.steps.csv", b"step,loss,learning_rate,grad_norm,tokens,targets,padding\n1,1,1\n", "3 cells"),
        ("x.steps.csv", b"step,loss,learning_rate,grad_norm,tokens,targets,padding\r\n1,1,1,1,1,1,1\r\n", "CR line"),
        ("x.answers.csv", b"question_id,model,answer,exact\n1,a,=1+1,0\n", "a spreadsheet would run it"),
        ("x.answers.csv", b"question_id,model,answer,exact\n1,a,b,2\n", "neither 0 nor 1"),
        ("x.answers.csv", b"question_id,model,answer,exact\n1,=a,b,1\n", "a name has at most"),
        ("x.answers.csv", b"question_id,model,answer,exact\n1,a,\x1b[2J,1\n", "cannot be printed"),
        ("x.answers.csv", "question_id,model,answer,exact\n1,a,\u202eb,1\n".encode(), "cannot be printed"),
        ("x.answers.csv", b"question_id,model,answer,exact\n1,a,\xff,1\n", "not UTF-8"),
        ("x.answers.csv", b'question_id,model,answer,exact\n1,a,"b,1\n', "not CSV"),
        ("x.answers.csv", b"question_id,model,answer,exact\n1,a," + b"w" * (MAX_CELL + 1) + b",1\n", "longer than"),
        ("x.answers.csv", b"question_id,model,answer,exact\n1,a," + b"w" * 200_000 + b",1\n", "not CSV"),
        ("x.verdicts.csv", b"model_a,model_b,winner\na,b,tie\n", "must name question_id"),
        ("x.verdicts.csv", b"question_id,model_a,model_b,winner\n1,a,<b>,tie\n", "a name has at most"),
    ],
)
def test_a_hostile_or_broken_table_is_found(file: str, raw: bytes, says: str) -> None:
    _, problems = read(file, raw)
    assert says in problems[0].message


@pytest.mark.parametrize("first", ["=1", "+1", "-1", "@x", "", "a\nb", "\x00", "\u202e", "\ud800", "w" * 9000, "羊"])
def test_any_text_can_be_written_as_a_cell(first: str) -> None:
    check_cell(first)


@given(st.text(alphabet=st.characters()))
def test_every_text_can_be_written_as_a_cell(text: str) -> None:
    check_cell(text)


def check_cell(text: str) -> None:
    quoted = cell(text).replace('"', '""')
    _, problems = read("x.answers.csv", f'question_id,model,answer,exact\n1,a,"{quoted}",1\n'.encode())
    assert problems == []


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for role in ("steps", "answers", "verdicts"):
        read(f"x.{role}.csv", raw)


def test_floats_are_read_as_python_writes_them() -> None:
    table, problems = read("x.steps.csv", recorded.steps_csv().encode())
    assert problems == []
    assert [repr(float(row["learning_rate"])) for row in table.read()][:2] == ["3e-05", "6e-05"]


# In the catalog


def test_results_of_every_kind_are_without_fault(entry: Path) -> None:
    for content in (recorded.training(), recorded.probe(), recorded.refused()):
        recorded.put(entry / "results", content)
    assert faults(entry) == []
    assert [one[0] for one in found(entry)] == ["HB252"]


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda f, stem: (f / f"{stem}.steps.csv").unlink(), "HB253", "there is no readable"),
        (lambda f, stem: (f / f"{stem}.steps.csv").write_text(recorded.steps_csv(39)), "HB253", "has the SHA-256"),
        (lambda f, stem: (f / f"{stem}.answers.csv").write_text("x"), "HB262", "the first line must be"),
        (lambda f, stem: (f / f"{stem}.yaml").unlink(), "HB253", "which is not here"),
        (lambda f, stem: (f / f"{stem}.yaml").rename(f / "tiny-fast-000000000000.yaml"), "HB251", "is called"),
        (lambda f, stem: (f / f"{stem}.notes.csv").write_text("x"), "HB108", "in `results` lie"),
        (lambda f, stem: (f / "other.steps.csv").symlink_to("/etc/passwd"), "HB108", "this is a link"),
        (lambda f, stem: (f / f"{stem}.steps.csv").write_bytes(b"1" * 5_000_001), "HB101", "bytes"),
    ],
)
def test_a_fault_of_a_table_is_found(entry: Path, change: Any, code: str, says: str) -> None:
    path = recorded.put(entry / "results", recorded.training())
    change(path.parent, path.stem)
    assert [one for one in faults(entry) if one[0] == code and says in one[2]], found(entry)


@pytest.mark.parametrize(
    ("path", "value", "code", "says"),
    [
        ("trained.first_loss", 1.0, "HB254", "the table of steps says"),
        ("trained.last_loss", 1.0, "HB254", "the table of steps says"),
        ("answered.questions", 5, "HB254", "has 12 questions"),
        ("answered.metrics.exact-match-tuned", 1.0, "HB254", "it is 11 of 12"),
        ("partial", {"steps": 7, "of": 100}, "HB254", "has 40"),
        ("trained.steps.rows", 9, "HB253", "has 40 rows"),
        ("recipe_sha256", "0" * 64, "HB251", "not the hash of `resolved`"),
        ("entry", "other", "HB251", "this is a result of `other`"),
        ("trained.adapter_sha256", "x", "HB113", "does not have the form"),
        ("kind", "traning", "HB113", "not a kind of result"),
    ],
)
def test_a_fault_of_a_training_is_found(entry: Path, path: str, value: Any, code: str, says: str) -> None:
    content = changed(recorded.training(), path, value)
    if path == "kind":
        good = recorded.put(entry / "results", recorded.training())
        good.write_text(good.read_text("utf-8").replace('kind: "training"', 'kind: "traning"'), "utf-8")
    else:
        recorded.put(entry / "results", content)
    assert [one for one in faults(entry) if one[0] == code and says in one[2]], found(entry)


def test_a_table_that_the_result_does_not_name_is_found(entry: Path) -> None:
    path = recorded.put(entry / "results", recorded.training(answered=None))
    (path.parent / f"{path.stem}.answers.csv").write_text(recorded.answers_csv(), "utf-8")
    assert [(code, "names no such table" in message) for code, _, message in faults(entry)] == [("HB253", True)]


def test_a_probe_of_a_claim_that_there_is_none_of_is_found(entry: Path) -> None:
    claim = {"id": "published.elo-tiny", "metric": "hours", "published": 3.0, "reproduced": 4.0, "difference": 1.0,
             "tolerance": None, "unit": "h", "verdict": None}  # fmt: skip
    recorded.put(entry / "results", recorded.probe(claims=[claim]))
    assert faults(entry) == []
    recorded.put(entry / "results", recorded.probe(claims=[{**claim, "id": "released.hours"}]))
    assert [(code, message) for code, _, message in faults(entry)] == [
        ("HB255", "`tiny` has no claim `released.hours`")
    ]


def test_lint_takes_a_copy_of_a_training_with_its_tables(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from catalog.cli import main

    copied = recorded.put(Path("away"), recorded.training())
    assert main(["lint", str(copied)]) == 0
    Path("away", f"{copied.stem}.steps.csv").unlink()
    capsys.readouterr()
    assert main(["lint", str(copied)]) == 1
    assert "HB253" in capsys.readouterr().out


def test_export_and_api_carry_every_kind_and_the_tables(entry: Path) -> None:
    for content in (recorded.training(), recorded.probe()):
        recorded.put(entry / "results", content)
    catalog = read_catalog(entry.parents[1]).catalog
    data = json.loads(json.dumps(export_entry(catalog, catalog.by_key["models", "tiny"]), allow_nan=False))
    assert {one["kind"] for one in data["results"]} == {"training", "probe"}
    served = api_files(catalog)
    here = {path.name: path.read_bytes() for path in (entry / "results").iterdir()}
    assert {f"api/v1/models/tiny/results/{name}": raw for name, raw in here.items()}.items() <= served.items()
    described = json.loads(served["api/v1/openapi.json"])["paths"]
    assert {f"/models/tiny/results/{name}" for name in here} <= set(described)
