"""What goes wrong on the way is one clear error each, found out soon, and leaves what came for the next attempt."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.errors import UserError
from runner.inputs import download, taking
from runner.inputs import hub as asking
from runner.inputs.fetch import fetch
from tests.http_server import Answer, Plain, Request, Server
from tests.hub_server import Hub, Large, safetensors
from tests.runner.inputs.farm import MODEL, ROWS, WEIGHTS, failing, model, of_web, pinned, sha
from tests.runner.inputs.trainings import data, training

FILE = "*/model.safetensors"
STORED = "/cdn/*"


def parts(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.part"))


# Out of reach --------------------------------------------------------------------------------------------------------


def test_a_silent_hub_is_found_out_within_ten_seconds(farm: Hub, tmp_path: Path) -> None:
    farm.fault("hang")
    began = time.monotonic()
    error = failing(training(), tmp_path)
    assert time.monotonic() - began < 10
    assert "cannot be reached" in error.what
    assert "--base PATH" in error.hint
    assert error.exit_code == 3


def test_the_deadline_holds_where_a_request_s_own_timeouts_do_not(
    farm: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "DEADLINE", 0.4)
    farm.fault("drip", "/api/*", after=1, pause=0.1)
    began = time.monotonic()
    assert "no answer within" in failing(training(), tmp_path).why
    assert time.monotonic() - began < 5


def test_a_hub_that_nobody_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    error = failing(training(), tmp_path)
    assert (error.exit_code, str(port) in error.where) == (3, True)
    monkeypatch.setenv("HF_ENDPOINT", "https://nowhere.invalid")
    assert failing(training(), tmp_path).exit_code == 3


def test_a_store_that_is_silent_while_the_hub_answers(
    farm: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "QUIET", 1.1)
    farm.fault("hang", STORED)
    error = failing(training(), tmp_path)
    assert "cannot be reached" in error.what
    assert error.exit_code == 3


# Refused -------------------------------------------------------------------------------------------------------------


def test_a_revision_that_is_gone(farm: Hub, tmp_path: Path) -> None:
    gone = {"repo": "farm/ewe-7b", "revision": "f" * 40}
    error = failing(training(base={"hub": gone}), tmp_path)
    assert "no longer holds revision ffffffffffff" in error.what
    assert error.exit_code == 3


@pytest.mark.parametrize("held", [None, "private"])
def test_a_repository_that_is_gone_or_private(farm: Hub, tmp_path: Path, held: str | None) -> None:
    if held:
        farm.add("farm/lost", MODEL, private=True)
    error = failing(training(base={"hub": {"repo": "farm/lost", "revision": None}}), tmp_path)
    assert "no public model `farm/lost`" in error.what
    assert error.exit_code == 3


def test_a_renamed_repository_is_followed(farm: Hub, tmp_path: Path) -> None:
    farm.renamed["farm/old-ewe"] = "farm/ewe-7b"
    old = {"repo": "farm/old-ewe", "revision": None}
    found = fetch(training(base={"hub": old}), tmp_path)
    assert found.base is not None
    assert (found.base / "model.safetensors").read_bytes() == WEIGHTS


def test_gated_without_a_token_and_with_one_that_has_no_access(
    farm: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model(farm).gated = "manual"
    error = failing(training(), tmp_path)
    assert "gated, and there is no token" in error.what
    assert "HF_TOKEN" in error.hint
    assert "/settings/tokens" in error.hint
    assert error.exit_code == 3
    monkeypatch.setenv("HF_TOKEN", "hf_stranger")
    assert "no access" in failing(training(), tmp_path).what
    assert "hf_stranger" not in str(error)
    farm.tokens["hf_friend"] = {"farm/ewe-7b"}
    monkeypatch.setenv("HF_TOKEN", "hf_friend")
    assert fetch(training(), tmp_path).base is not None


def test_a_token_that_lies_on_the_disk_is_not_sent(farm: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    (tmp_path / "token").write_text("hf_stored")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    fetch(training(), tmp_path / "cache")
    assert {one.token for one in farm.asked} == {None}


@pytest.mark.parametrize("status", [500, 503, 404])
def test_a_hub_that_fails(farm: Hub, tmp_path: Path, status: int) -> None:
    farm.fault("error", "/api/*", status=status)
    error = failing(training(), tmp_path)
    assert error.exit_code == 3
    assert str(status) in error.why or "no public model" in error.what


def test_a_file_that_fails_again_and_again_and_one_that_fails_once(
    farm: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TRIES", 2)
    farm.fault("error", STORED, status=503)
    error = failing(training(), tmp_path)
    assert "503" in error.why
    assert error.exit_code == 3
    farm.faults.clear()
    farm.fault("error", STORED, status=503, times=1)
    assert fetch(training(), tmp_path).base is not None


def test_a_file_the_recipe_names_and_the_hub_has_not(farm: Hub, tmp_path: Path) -> None:
    named = {"repo": "farm/notes", "revision": None, "files": {"rows.json": "0" * 64}}
    error = failing(training(data=(data(hub=named),)), tmp_path)
    assert "`farm/notes` has no `rows.json`" in error.what
    assert error.exit_code == 3


def test_repositories_without_what_is_needed(farm: Hub, tmp_path: Path) -> None:
    farm.add("farm/pickled", {"config.json": b"{}", "pytorch_model.bin": b"x"})
    farm.add("farm/dumb", {"config.json": b"{}", "model.safetensors": WEIGHTS})
    farm.add("farm/bare", {"README.md": b"x"}, kind="dataset")
    assert "pickle" in failing(training(base={"hub": {"repo": "farm/pickled", "revision": None}}), tmp_path).why
    dumb = {"hub": {"repo": "farm/dumb", "revision": None}, "bos": True, "eos": True, "pad": "unk"}
    assert "no tokenizer" in failing(training(tokenizer=dumb), tmp_path).what
    bare = data(hub={"repo": "farm/bare", "revision": None})
    assert "no data files" in failing(training(data=(bare,)), tmp_path).what


def test_a_recipe_cannot_ask_for_code(farm: Hub, tmp_path: Path) -> None:
    hub = {"repo": "farm/ewe-7b", "revision": None, "files": {"modeling_ewe.py": "0" * 64}}
    assert "never taken" in failing(training(base={"hub": hub}), tmp_path).what


# Cut, wrong, full ----------------------------------------------------------------------------------------------------


@pytest.fixture
def big(farm: Hub) -> bytes:
    """Weights of 4 MB, so that a cut leaves something behind."""
    content = safetensors({"w": ("F32", [1000, 1000])})
    assert isinstance(content, bytes)
    model(farm).commit({"model.safetensors": content})
    return content


def test_a_cut_file_goes_on_where_it_was_cut(farm: Hub, tmp_path: Path, big: bytes) -> None:
    farm.fault("cut", STORED, after=3_000_000, times=1)
    fetch(training(), tmp_path)
    ranges = [one.headers.get("range") for one in farm.asked if one.path.startswith("/cdn/")]
    assert ranges[0] is None
    assert ranges[1] is not None
    assert not parts(tmp_path)


def test_a_file_that_is_cut_always_stays_for_the_next_attempt(
    farm: Hub, tmp_path: Path, big: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TRIES", 2)
    farm.fault("cut", STORED, after=2_500_000, times=1)
    farm.fault("cut", STORED, after=0)
    error = failing(training(), tmp_path)
    assert "comes cut" in error.what
    assert error.exit_code == 1
    [part] = parts(tmp_path)
    assert part.stat().st_size > 1_000_000
    farm.faults.clear()
    farm.asked.clear()
    assert fetch(training(), tmp_path).base is not None
    [again] = [one.headers["range"] for one in farm.asked if one.path.startswith("/cdn/")]
    assert int(again.removeprefix("bytes=").rstrip("-")) > 1_000_000


def test_what_came_before_a_kill_is_not_taken_again(farm: Hub, tmp_path: Path, big: bytes) -> None:
    farm.fault("drip", STORED, after=400_000, pause=0.2, times=1)
    code = "import sys; from pathlib import Path; from runner.inputs.fetch import fetch; "
    code += "from tests.runner.inputs.trainings import training; fetch(training(), Path(sys.argv[1]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    try:
        deadline = time.monotonic() + 60
        while not any(one.stat().st_size > 1_000_000 for one in parts(tmp_path)) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    assert parts(tmp_path)
    model(farm).commit({"config.json": b'{"later": 1}'})
    farm.faults.clear()
    farm.asked.clear()
    found = fetch(training(), tmp_path)
    assert found.base is not None
    assert (found.base / "model.safetensors").read_bytes() == big
    assert (found.base / "config.json").read_bytes() == MODEL["config.json"]
    [again] = [one.headers["range"] for one in farm.asked if one.path.startswith("/cdn/")]
    assert int(again.removeprefix("bytes=").rstrip("-")) > 1_000_000


@pytest.mark.parametrize(("path", "name"), [(STORED, "model.safetensors"), ("*/config.json", "config.json")])
def test_wrong_bytes_of_the_right_length_are_removed(farm: Hub, tmp_path: Path, path: str, name: str) -> None:
    farm.fault("wrong", path, after=10)
    error = failing(training(), tmp_path)
    assert "is not the file it should be" in error.what
    assert "the hub says" in error.why
    assert error.exit_code == 1
    assert not [one for one in parts(tmp_path) if one.name.startswith(f".{name}.")]
    farm.faults.clear()
    assert fetch(training(), tmp_path).base is not None


def test_a_hash_that_is_not_the_recipe_s_names_both(farm: Hub, tmp_path: Path) -> None:
    wanted = pinned(farm, model_safetensors=b"another")
    error = failing(wanted, tmp_path)
    assert "farm/ewe-7b/model.safetensors" in error.what
    assert sha(WEIGHTS) in error.why
    assert f"the recipe says {sha(b'another')}" in error.why
    assert error.exit_code == 1
    assert not list(tmp_path.rglob("model.safetensors"))


def test_a_file_in_the_cache_that_was_damaged_is_taken_anew(farm: Hub, tmp_path: Path) -> None:
    found = fetch(training(), tmp_path)
    assert found.base is not None
    (found.base / "model.safetensors").write_bytes(WEIGHTS[:-5])
    fetch(training(), tmp_path)
    assert (found.base / "model.safetensors").read_bytes() == WEIGHTS


def test_weights_that_are_cut_on_the_hub_itself(farm: Hub, tmp_path: Path) -> None:
    model(farm).commit({"model.safetensors": WEIGHTS[:-5]})
    assert "no whole safetensors" in failing(training(), tmp_path).what


def test_no_room_is_said_before_anything_is_taken(farm: Hub, tmp_path: Path) -> None:
    model(farm).commit({"model.safetensors": Large(b"x", 10**16)})
    error = failing(training(), tmp_path)
    assert "10,000,000.0 GB are to come" in error.what
    assert error.exit_code == 3
    assert not [one for one in farm.asked if "resolve" in one.path]


def test_a_disk_that_fills_up_on_the_way(farm: Hub, tmp_path: Path, big: bytes) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    try:
        error = failing(training(), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "the disk is full in the middle of `farm/ewe-7b/model.safetensors`" in error.what
    assert error.exit_code == 1
    assert fetch(training(), tmp_path).base is not None


def test_a_folder_that_cannot_be_written(farm: Hub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    assert failing(training(), tmp_path).exit_code == 1


def test_two_runs_at_a_time_do_not_write_into_one_file(farm: Hub, tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / ".taking.lock"):
        assert "another run" in failing(training(), tmp_path).what


@pytest.mark.parametrize("text", ["{", "[]", '{"sources": {"a": 1}}', '{"sources": {"a": {"files": {"b": {}}}}}'])
def test_a_damaged_lock_is_named(farm: Hub, tmp_path: Path, text: str) -> None:
    (tmp_path / "inputs.lock.json").write_text(text)
    error = failing(training(), tmp_path)
    assert "`inputs.lock.json` cannot be read" in error.what


def test_names_from_the_hub_cannot_leave_the_folder() -> None:
    for bad in ("../x.json", "/x.json", "a/../b.json", "a//b.json", ".git/config.json", "a\\b.json", "C:x.json",
                "a\nb.json", "x" * 201, ""):  # fmt: skip
        assert not asking.is_safe_name(bad)
    assert asking.is_safe_name("data/训练-00001.json")


# A file of the web ---------------------------------------------------------------------------------------------------


class Site(Server):
    """One file, whose content and state can change."""

    content, etag = ROWS * 200, '"first"'

    def answer(self, request: Request) -> Answer:
        headers = {"ETag": self.etag} if self.etag else {}
        other = request.headers.get("if-range", self.etag) != self.etag
        # With any status but 200 the server of the tests gives the whole content and no range of it.
        return Answer(203 if other else 200, headers, Plain(self.content))


@pytest.fixture
def site(farm: Hub) -> Iterator[Site]:
    with Site() as site:
        yield site


def test_a_web_file_comes_and_is_settled(site: Site, tmp_path: Path) -> None:
    found = fetch(of_web(f"{site.url}/notes.json"), tmp_path)
    assert found.data[0] is not None
    assert found.data[0].read_bytes() == site.content
    assert [text for text in found.deviations if "No hash" in text["en"]]
    assert [one for one in found.inputs if one["name"].endswith("/notes.json") and one["revision"] is None]
    site.content = b"[]"
    assert fetch(of_web(f"{site.url}/notes.json"), tmp_path) == found
    found.data[0].unlink()
    error = failing(of_web(f"{site.url}/notes.json"), tmp_path)
    assert "this run's lock says" in error.why


def test_a_web_file_with_another_hash(site: Site, tmp_path: Path) -> None:
    error = failing(of_web(f"{site.url}/notes.json", sha(b"other")), tmp_path)
    assert sha(b"other") in error.why
    assert sha(site.content) in error.why


@pytest.mark.parametrize("etag", ['"second"', ""])
def test_a_web_file_that_changed_in_between_is_begun_anew(
    site: Site, tmp_path: Path, etag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "CHUNK", 1000)
    monkeypatch.setattr(download, "TRIES", 1)
    site.fault("cut", method="GET", after=50_000, times=1)
    site.fault("cut", method="GET", after=0)
    failing(of_web(f"{site.url}/notes.json"), tmp_path)
    site.faults.clear()
    site.content, site.etag = site.content.replace(b"Count", b"Sheep"), etag
    found = fetch(of_web(f"{site.url}/notes.json"), tmp_path)
    assert found.data[0] is not None
    assert found.data[0].read_bytes() == site.content


class Changing(Site):
    """Another content from the second request for it on."""

    def answer(self, request: Request) -> Answer:
        if request.method == "GET" and self.paths("GET")[1:]:
            self.content, self.etag = Site.content.replace(b"Count", b"Sheep"), '"second"'
        return super().answer(request)


def test_a_web_file_that_changes_while_it_comes_is_begun_anew(
    farm: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "CHUNK", 1000)
    with Changing() as site:
        site.fault("cut", method="GET", after=50_000, times=1)
        found = fetch(of_web(f"{site.url}/notes.json"), tmp_path)
    assert found.data[0] is not None
    assert b"Count" not in found.data[0].read_bytes()


def test_a_web_file_that_is_gone_or_silent(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.fault("error", status=404)
    assert failing(of_web(f"{site.url}/notes.json"), tmp_path).exit_code == 3
    site.faults.clear()
    monkeypatch.setattr(download, "QUIET", 1.1)
    site.fault("hang")
    assert failing(of_web(f"{site.url}/notes.json"), tmp_path).exit_code == 3


def test_an_address_without_https_is_refused(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://huggingface.co")
    wanted = download.Wanted("notes.json", f"{site.url}/notes.json", tmp_path / "x", None, None)
    with pytest.raises(UserError, match="without https"):
        download.take(wanted, lambda count: None, download.threading.Event())
    with pytest.raises(UserError, match="without https"):
        download.about(wanted.url)
    assert site.asked == []
    assert taking.AT_ONCE
