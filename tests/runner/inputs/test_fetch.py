"""Inputs come from the hub at their revision, checked, resumed, settled for later attempts, or from the user's disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import UserError
from runner.inputs.fetch import fetch
from runner.inputs.rows import read_rows
from tests.hub_server import Hub
from tests.runner.inputs.farm import MODEL, ROWS, WEIGHTS, failing, inputs_of, model, pinned, sha
from tests.runner.inputs.trainings import data, rows, training

# What comes ----------------------------------------------------------------------------------------------------------


def test_weights_tokenizer_and_data_come_and_nothing_else(farm: Hub, tmp_path: Path) -> None:
    found = fetch(pinned(farm, model_safetensors=WEIGHTS), tmp_path)
    assert found.base is not None
    assert {one.name for one in found.base.iterdir()} == {
        "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip
    assert found.tokenizer == found.base
    assert found.data[0] is not None
    assert read_rows(found.data[0], pinned(farm).data[0]) == rows(20)
    assert found.deviations == ()
    told = inputs_of(found)
    assert told["farm/ewe-7b/model.safetensors"] == {
        "role": "base", "name": "farm/ewe-7b/model.safetensors", "revision": model(farm).commits[-1].sha,
        "sha256": sha(WEIGHTS), "bytes": len(WEIGHTS), "pinned": True,
    }  # fmt: skip
    assert (told["farm/ewe-7b/config.json"]["role"], told["farm/ewe-7b/config.json"]["pinned"]) == ("base", False)
    assert told["farm/ewe-7b/tokenizer.json"]["role"] == "tokenizer"
    assert told["farm/notes/notes.json"]["pinned"]
    assert told["template: alpaca"]["role"] == "prompts"


def test_nothing_absolute_stands_in_the_record_or_the_lock(farm: Hub, tmp_path: Path) -> None:
    local = tmp_path / "mine"
    local.mkdir()
    (local / "notes.json").write_bytes(ROWS)
    found = fetch(pinned(farm), tmp_path / "cache", data=local, lock=tmp_path / "run" / "inputs.lock.json")
    said = json.dumps([found.inputs, found.deviations]) + (tmp_path / "run" / "inputs.lock.json").read_text()
    assert str(tmp_path) not in said


def test_a_second_call_asks_nobody_anything(farm: Hub, tmp_path: Path) -> None:
    first = fetch(pinned(farm), tmp_path / "cache", lock=tmp_path / "a.json")
    farm.asked.clear()
    again = fetch(pinned(farm), tmp_path / "cache", lock=tmp_path / "a.json")
    other_run = fetch(pinned(farm), tmp_path / "cache", lock=tmp_path / "b.json")
    assert farm.asked == []
    assert again == first == other_run


def test_an_unpinned_revision_is_resolved_once_and_kept(farm: Hub, tmp_path: Path) -> None:
    first = fetch(training(), tmp_path / "cache", lock=tmp_path / "a.json")
    before = model(farm).commits[-1].sha
    model(farm).commit({"config.json": b'{"model_type": "other"}'})
    again = fetch(training(), tmp_path / "cache", lock=tmp_path / "a.json")
    assert again == first
    assert {one["revision"] for one in first.inputs if one["name"].startswith("farm/ewe")} == {before}
    assert [text["en"] for text in first.deviations if before in text["en"]]
    assert all(set(text) == {"en", "zh"} for text in first.deviations)
    other = fetch(training(), tmp_path / "cache", lock=tmp_path / "b.json")
    assert model(farm).commits[-1].sha in json.dumps(other.inputs)


def test_a_killed_attempt_goes_on_with_its_commit(farm: Hub, tmp_path: Path) -> None:
    farm.fault("error", "*/model.safetensors", status=404)
    failing(training(), tmp_path)
    first = model(farm).commits[-1].sha
    model(farm).commit({"config.json": b'{"later": 1}'})
    farm.faults.clear()
    assert {one["revision"] for one in fetch(training(), tmp_path).inputs if "ewe" in one["name"]} == {first}


def test_tokenizer_and_base_of_two_repositories(farm: Hub, tmp_path: Path) -> None:
    farm.add("farm/words", {"tokenizer.model": b"words", "config.json": b"{}"})
    hub = {"repo": "farm/words", "revision": None}
    found = fetch(training(tokenizer={"hub": hub, "bos": True, "eos": True, "pad": "unk"}), tmp_path)
    assert found.base is not None
    assert not (found.base / "tokenizer.json").exists()
    assert found.tokenizer is not None
    assert sorted(one.name for one in found.tokenizer.iterdir()) == ["config.json", "tokenizer.model"]


def test_shards_and_their_index(farm: Hub, tmp_path: Path) -> None:
    names = [f"model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    index = json.dumps({"weight_map": {"a": names[0], "b": names[1]}}).encode()
    model(farm).commit({"model.safetensors": None, "model.safetensors.index.json": index,
                        "adapter_model.safetensors": WEIGHTS, **dict.fromkeys(names, WEIGHTS)})  # fmt: skip
    found = fetch(training(), tmp_path)
    assert found.base is not None
    assert sorted(one.name for one in found.base.glob("*.safetensors")) == names


def test_what_the_run_makes_itself_is_none(tmp_path: Path) -> None:
    shape = {"layers": 1, "hidden": 8, "intermediate": 8, "heads": 1, "vocabulary": 300}
    made = training(
        base={"made": {"shape": shape, "seed": 1}},
        tokenizer={"made": 300, "bos": True, "eos": True, "pad": "own"},
        data=(data(hub=None, made="demo-corpus", template="demo"),),
    )
    found = fetch(made, tmp_path)
    assert (found.base, found.tokenizer, found.data) == (None, None, (None,))
    assert [one["role"] for one in found.inputs] == ["prompts"]


def test_progress_and_the_bytes_to_come_are_told(farm: Hub, tmp_path: Path) -> None:
    heard: list[float] = []
    sizes: list[int] = []
    fetch(pinned(farm), tmp_path, progress=heard.append, agree=sizes.append)
    assert heard[-1] == 1.0
    assert sizes == [len(WEIGHTS) + len(ROWS) + sum(len(MODEL[n]) for n in MODEL if n.endswith(".json"))]
    heard.clear()
    fetch(pinned(farm), tmp_path, progress=heard.append, agree=sizes.append)
    assert len(sizes) == 1


def test_who_does_not_agree_gets_nothing(farm: Hub, tmp_path: Path) -> None:
    def refuse(size: int) -> None:
        raise UserError("no", exit_code=2)

    assert failing(pinned(farm), tmp_path, agree=refuse).exit_code == 2
    assert not list(tmp_path.rglob("*.safetensors"))


def test_a_token_goes_to_the_hub_and_not_to_the_store_behind_it(
    farm: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch(pinned(farm), tmp_path)
    assert {one.token for one in farm.asked if not one.path.startswith("/cdn/")} == {"hf_secret"}
    assert {one.token for one in farm.asked if one.path.startswith("/cdn/")} == {None}
    assert not [one for one in tmp_path.rglob("*") if one.is_file() and b"hf_secret" in one.read_bytes()]


# The user's own copies -----------------------------------------------------------------------------------------------


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_bytes(MODEL[name])
    (folder / "notes.json").write_bytes(ROWS)
    return folder


def test_local_copies_do_without_the_hub(farm: Hub, copies: Path, tmp_path: Path) -> None:
    wanted = pinned(farm, model_safetensors=WEIGHTS)
    found = fetch(wanted, tmp_path / "cache", base=copies, data=copies / "notes.json")
    assert farm.asked == []
    assert (found.base, found.tokenizer, found.data) == (copies, copies, (copies / "notes.json",))
    told = inputs_of(found)
    assert told["local copy: model.safetensors"]["pinned"]
    assert told["local copy: notes.json"]["revision"] is None
    assert [text["en"] for text in found.deviations if "tokenizer" in text["en"]]
    assert not [text["en"] for text in found.deviations if "base" in text["en"]]


def test_a_local_copy_with_another_hash_is_refused_and_left_alone(farm: Hub, copies: Path, tmp_path: Path) -> None:
    (copies / "notes.json").write_bytes(ROWS + b" ")
    error = failing(pinned(farm), tmp_path / "cache", base=copies, data=copies / "notes.json")
    assert sha(ROWS) in error.why
    assert sha(ROWS + b" ") in error.why
    assert error.exit_code == 1
    assert (copies / "notes.json").exists()


def test_a_file_that_changed_since_the_run_began_is_refused(farm: Hub, copies: Path, tmp_path: Path) -> None:
    fetch(training(), tmp_path / "cache", base=copies, data=copies / "notes.json")
    (copies / "notes.json").write_bytes(ROWS + b"\n")
    assert "began with" in failing(training(), tmp_path / "cache", base=copies, data=copies / "notes.json").what


def test_a_folder_with_pickles_only_says_how_to_convert(farm: Hub, copies: Path, tmp_path: Path) -> None:
    (copies / "model.safetensors").rename(copies / "pytorch_model.bin")
    error = failing(training(), tmp_path / "cache", base=copies)
    assert "pickle" in error.why
    assert "save_pretrained" in error.hint
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda at: (at / "model.safetensors").write_bytes(WEIGHTS[:-1]), "no whole safetensors"),
        (lambda at: (at / "model.safetensors").write_bytes(b"\xff" * 64), "no whole safetensors"),
        (lambda at: (at / "model.safetensors").write_bytes(b""), "no whole safetensors"),
        (lambda at: (at / "config.json").unlink(), "config.json"),
        (lambda at: (at / "model.safetensors").unlink(), "no weights"),
        (lambda at: (at / "model.safetensors.index.json").write_text('{"weight_map": {"a": "model-9.safetensors"}}'),
         "`model-9.safetensors` is missing"),
        (lambda at: (at / "model.safetensors.index.json").write_text("[]"), "cannot be read"),
    ],
)  # fmt: skip
def test_a_damaged_local_base_is_named(farm: Hub, copies: Path, tmp_path: Path, change: Any, says: str) -> None:
    change(copies)
    error = failing(training(), tmp_path / "cache", base=copies)
    assert says in error.what
    assert error.exit_code == 2


SHAPE = {"layers": 2, "hidden": 64, "intermediate": 128, "heads": 4, "vocabulary": 300}


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"num_hidden_layers": 2, "hidden_size": 64}, ""),
        ({"num_hidden_layers": 2, "hidden_size": 64, "num_key_value_heads": 4, "intermediate_size": 128}, ""),
        ({"num_hidden_layers": 3, "hidden_size": 64}, "`num_hidden_layers` is 3, the recipe says 2"),
        ({"hidden_size": 64, "num_key_value_heads": 2}, "`num_key_value_heads` is 2, the recipe says 4"),
        ({"hidden_size": "64"}, "`hidden_size` is 64"),
        ([], "no JSON object"),
    ],
)
@pytest.mark.parametrize("on_disk", [True, False])
def test_a_base_of_another_shape_is_not_the_recipe_s(
    farm: Hub, copies: Path, tmp_path: Path, config: Any, says: str, on_disk: bool
) -> None:
    raw = json.dumps(config).encode()
    (copies / "config.json").write_bytes(raw)
    model(farm).commit({"config.json": raw})
    wanted = training(base={"hub": {"repo": "farm/ewe-7b", "revision": None}, "shape": SHAPE})
    options = {"base": copies} if on_disk else {}
    if not says:
        assert fetch(wanted, tmp_path / "cache", **options).base
        return
    error = failing(wanted, tmp_path / "cache", **options)
    assert says in error.why
    assert error.exit_code == 2


def test_options_that_lead_nowhere(farm: Hub, copies: Path, tmp_path: Path) -> None:
    for options in ({"base": copies / "no"}, {"base": copies / "config.json"}, {"data": copies / "no"}):
        assert failing(training(), tmp_path / "cache", **options).exit_code == 2
    (copies / "notes.json").write_bytes(b"")
    assert "empty" in failing(training(), tmp_path / "cache", data=copies / "notes.json").what
    made = training(data=(data(hub=None, made="demo-corpus", template="demo"),))
    assert "makes its data itself" in failing(made, tmp_path / "cache", data=copies).what


def test_several_data_sets_are_found_by_their_names(farm: Hub, copies: Path, tmp_path: Path) -> None:
    (copies / "notes").mkdir()
    (copies / "notes" / "notes_train.json").write_bytes(ROWS)
    (copies / "more.json").write_bytes(ROWS)
    web = {"url": "https://example.org/files/more.json?x=1", "sha256": sha(ROWS)}
    two = training(data=(data(), data(hub=None, web=web)))
    found = fetch(two, tmp_path / "cache", base=copies, data=copies)
    assert found.data == (copies / "notes", copies / "more.json")
    (copies / "more.json").unlink()
    assert "has no `more.json`" in failing(two, tmp_path / "cache", base=copies, data=copies).what


def test_inputs_that_are_gone_are_all_named_without_asking(farm: Hub, copies: Path, tmp_path: Path) -> None:
    gone = {"repo": "farm/old", "revision": None, "access": "gone"}
    never = data(hub={"repo": "farm/never", "revision": None, "access": "never-released"})
    wanted = training(
        base={"hub": gone}, tokenizer={"hub": gone, "bos": True, "eos": True, "pad": "unk"}, data=(never,)
    )
    error = failing(wanted, tmp_path / "cache")
    assert "farm/old" in error.why
    assert "farm/never" in error.why
    assert error.exit_code == 3
    assert farm.asked == []
    assert fetch(wanted, tmp_path / "cache", base=copies, data=copies / "notes.json").base == copies


def test_the_published_template_is_used_where_the_user_brought_it(farm: Hub, copies: Path, tmp_path: Path) -> None:
    text = "Do {instruction} with {input} "
    plain = "Do {instruction} "
    wanted = training(data=(data(template_sha256={"with": sha(text.encode()), "without": sha(plain.encode())}),))
    ours = fetch(wanted, tmp_path / "a", base=copies, data=copies / "notes.json")
    assert not ours.templates[0].published
    assert "template" in ours.deviations[-1]["en"]
    (copies / "templates").mkdir()
    (copies / "templates" / "both.json").write_text(json.dumps([text, plain]))
    theirs = fetch(wanted, tmp_path / "b", base=copies, data=copies / "notes.json")
    assert theirs.templates[0].prompt({"instruction": "I", "input": ""}) == "Do I "
    assert inputs_of(theirs)["template: alpaca"]["pinned"]
