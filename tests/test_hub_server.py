"""The hub of the tests does to the real client what the hub does: downloads, revisions, gates, faults."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.http_server import Large
from tests.hub_server import Hub, safetensors

CARD = b"---\nlicense: mit\nlanguage: [en, zh]\ndate: 2024-01-01\n---\n# Ewe\n"
WEIGHTS = safetensors({"wool": ("F16", [4, 8]), "horn": ("F32", [3])})


@pytest.fixture
def ewe(hub: Hub) -> str:
    hub.add("farm/ewe", {"README.md": CARD, "config.json": b"{}", "model.safetensors": WEIGHTS, "a/b/c.txt": b"deep"})
    return "farm/ewe"


def get(hub: Hub, folder: Path, name: str, repo: str = "farm/ewe", **options: object) -> bytes:
    path = hf_hub_download(repo, name, endpoint=hub.url, cache_dir=folder, token=False, **options)  # type: ignore[arg-type]
    return Path(path).read_bytes()


def test_client_downloads_small_and_large_files_whole(hub: Hub, ewe: str, tmp_path: Path) -> None:
    assert get(hub, tmp_path, "README.md") == CARD
    assert get(hub, tmp_path, "model.safetensors") == WEIGHTS
    assert any(request.path.startswith("/cdn/") and request.host.startswith("localhost") for request in hub.asked)


def test_revision_pins_what_is_served(hub: Hub, ewe: str, tmp_path: Path) -> None:
    repo = hub.repos["models", ewe]
    first = repo.commits[0].sha
    second = repo.commit({"config.json": b'{"a": 1}', "README.md": None}, date="2024-02-03")
    repo.tags["v1"] = first
    assert (
        get(hub, tmp_path, "config.json", revision=first) == get(hub, tmp_path, "config.json", revision="v1") == b"{}"
    )
    assert get(hub, tmp_path, "config.json") == b'{"a": 1}'
    with pytest.raises(EntryNotFoundError):
        get(hub, tmp_path, "README.md", revision=second)
    with pytest.raises(RevisionNotFoundError):
        get(hub, tmp_path, "config.json", revision="0" * 40)


def test_snapshot_has_every_file(hub: Hub, ewe: str, tmp_path: Path) -> None:
    folder = Path(snapshot_download(ewe, endpoint=hub.url, cache_dir=tmp_path, token=False))
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    assert names == ["README.md", "a/b/c.txt", "config.json", "model.safetensors"]


def test_api_tells_card_files_hashes_and_weights(hub: Hub, ewe: str) -> None:
    api = HfApi(endpoint=hub.url, token=False)
    info = api.model_info(ewe, files_metadata=True)
    assert info.card_data is not None
    assert info.card_data["license"] == "mit"
    assert info.safetensors is not None
    assert info.safetensors.parameters == {"F16": 32, "F32": 3}
    assert info.siblings is not None
    lfs = {one.rfilename: one.lfs for one in info.siblings}
    assert isinstance(WEIGHTS, bytes)
    assert lfs["model.safetensors"] is not None
    assert lfs["model.safetensors"].sha256 == hashlib.sha256(WEIGHTS).hexdigest()
    assert lfs["config.json"] is None
    assert api.get_safetensors_metadata(ewe).parameter_count == {"F16": 32, "F32": 3}
    assert [str(c.created_at.date()) for c in api.list_repo_commits(ewe)] == ["2024-01-01"]
    tree = {one.path: type(one).__name__ for one in api.list_repo_tree(ewe, recursive=True)}
    assert tree["a/b"] == "RepoFolder"
    assert [one.path for one in api.list_repo_tree(ewe, "a")] == ["a/b"]
    [told] = api.get_paths_info(ewe, ["config.json"], expand=True)
    assert told.last_commit is not None  # type: ignore[union-attr]
    assert told.last_commit.oid == info.sha  # type: ignore[union-attr]


def test_long_lists_come_in_pages(hub: Hub) -> None:
    repo = hub.add("farm/many", {f"{number:04}.txt": b"x" for number in range(1001)})
    for number in range(60):
        repo.commit({"0000.txt": str(number).encode()})
    api = HfApi(endpoint=hub.url, token=False)
    assert len(list(api.list_repo_tree("farm/many"))) == 1001
    assert len(api.list_repo_commits("farm/many")) == 61


def test_datasets_have_addresses_of_their_own(hub: Hub, tmp_path: Path) -> None:
    hub.add("farm/hay", {"README.md": CARD, "data.json": b"[]"}, kind="dataset")
    assert get(hub, tmp_path, "data.json", "farm/hay", repo_type="dataset") == b"[]"
    assert HfApi(endpoint=hub.url, token=False).dataset_info("farm/hay").id == "farm/hay"
    with pytest.raises(RepositoryNotFoundError):
        HfApi(endpoint=hub.url, token=False).model_info("farm/hay")


def test_a_file_too_large_for_memory_is_read_in_part(hub: Hub) -> None:
    big = safetensors({f"layer.{n}": ("F16", [65536, 51200]) for n in range(2)}, zeros=False)
    assert isinstance(big, Large)
    assert big.size > 13_000_000_000
    hub.add("farm/big", {"model.safetensors": big})
    metadata = HfApi(endpoint=hub.url, token=False).get_safetensors_metadata("farm/big")
    assert metadata.parameter_count == {"F16": 2 * 65536 * 51200}


def test_gate_shows_the_card_and_keeps_the_files(hub: Hub, tmp_path: Path) -> None:
    hub.add("farm/shut", {"README.md": CARD, "model.safetensors": WEIGHTS}, gated="manual")
    hub.tokens = {"hf_member": {"farm/shut"}, "hf_stranger": set()}
    assert HfApi(endpoint=hub.url, token=False).model_info("farm/shut").gated == "manual"
    for token in (False, "hf_stranger"):
        with pytest.raises(GatedRepoError):
            hf_hub_download("farm/shut", "README.md", endpoint=hub.url, cache_dir=tmp_path, token=token)
    path = hf_hub_download("farm/shut", "model.safetensors", endpoint=hub.url, cache_dir=tmp_path, token="hf_member")
    assert Path(path).read_bytes() == WEIGHTS
    assert [request.token for request in hub.asked if request.path.startswith("/cdn/")] == [None]


@pytest.mark.parametrize("token", [False, "hf_stranger"])
def test_private_and_missing_look_the_same(hub: Hub, token: str | bool) -> None:
    hub.add("farm/secret", {"README.md": CARD}, private=True)
    for name in ("farm/secret", "farm/none", "none"):
        with pytest.raises(RepositoryNotFoundError):
            HfApi(endpoint=hub.url, token=token).model_info(name)


def test_former_name_leads_to_the_present_one(hub: Hub, ewe: str, tmp_path: Path) -> None:
    hub.renamed["old/ewe"] = ewe
    assert HfApi(endpoint=hub.url, token=False).model_info("old/ewe").id == ewe
    assert get(hub, tmp_path, "config.json", "old/ewe") == b"{}"


def test_error_ordered_twice_happens_twice(hub: Hub, ewe: str) -> None:
    hub.fault("error", "/api/*", status=503, times=2)
    api = HfApi(endpoint=hub.url, token=False)
    for _ in range(2):
        with pytest.raises(HfHubHTTPError, match="503"):
            api.model_info(ewe)
    assert api.model_info(ewe).id == ewe


def test_hanging_hub_runs_into_the_timeout(hub: Hub, ewe: str) -> None:
    hub.fault("hang")
    with pytest.raises(httpx2.TimeoutException):
        HfApi(endpoint=hub.url, token=False).model_info(ewe, timeout=0.2)


def test_cut_download_is_taken_up_where_it_broke(hub: Hub, ewe: str, tmp_path: Path) -> None:
    whole = bytes(11_000_000)
    hub.repos["models", ewe].commit({"big.bin": whole})
    hub.fault("cut", "/cdn/*", times=1, after=10_900_000)
    assert get(hub, tmp_path, "big.bin") == whole
    ranges = [request.headers.get("range") for request in hub.asked if request.path.startswith("/cdn/")]
    assert ranges == [None, f"bytes={constants.DOWNLOAD_CHUNK_SIZE}-"]


def test_file_cut_for_good_is_no_file(hub: Hub, ewe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    hub.fault("cut", "*/README.md", method="GET")
    with pytest.raises(httpx2.RemoteProtocolError):
        get(hub, tmp_path, "README.md")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == CARD]


def test_wrong_bytes_have_the_right_length(hub: Hub, ewe: str, tmp_path: Path) -> None:
    hub.fault("wrong", "/cdn/*", after=8)
    wrong = get(hub, tmp_path, "model.safetensors")
    assert len(wrong) == len(WEIGHTS) if isinstance(WEIGHTS, bytes) else False
    assert wrong[:8] == WEIGHTS[:8]  # type: ignore[index]
    assert wrong != WEIGHTS


def test_dripping_file_arrives_whole(hub: Hub, ewe: str, tmp_path: Path) -> None:
    hub.fault("drip", "/cdn/*", after=64, pause=0.001)
    assert get(hub, tmp_path, "model.safetensors") == WEIGHTS


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=2-4", 206, b"234"), ("bytes=7-", 206, b"789"), ("bytes=-3", 206, b"789"), ("bytes=5-99", 206, b"56789"),
        ("bytes=10-", 416, b""), ("bytes=-", 200, b"0123456789"), ("lines=1-2", 200, b"0123456789"),
    ],
)  # fmt: skip
def test_byte_ranges(hub: Hub, asked: str, status: int, content: bytes) -> None:
    hub.add("farm/ten", {"ten.txt": b"0123456789"})
    address = "/".join((hub.url, "farm/ten/resolve", "main", "ten.txt"))
    answer = httpx2.get(address, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, content)


@pytest.mark.parametrize(
    ("first", "end"), [(0, 3), (0, 8), (2, 4), (3, 9), (5, 8), (9, 12), (11, 20), (12, 20), (4, 4)]
)
def test_part_of_a_large_file_is_as_if_it_were_there(first: int, end: int) -> None:
    assert Large(b"abcde", 12).part(first, end) == (b"abcde" + bytes(7))[first:end]


def test_another_process_finds_the_hub_by_its_environment(hub: Hub, ewe: str, tmp_path: Path) -> None:
    code = "import sys, huggingface_hub as h; print(h.hf_hub_download('farm/ewe', 'config.json'))"
    known = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=known, capture_output=True, text=True, check=True)
    assert json.loads(Path(done.stdout.strip()).read_text()) == {}
