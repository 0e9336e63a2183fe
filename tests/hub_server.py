"""A hub for the tests: what the real huggingface_hub client asks of a hub, answered from a dict of files.

with Hub() as hub:
    repo = hub.add("farm/ewe-7b", {"README.md": b"---\\nlicense: mit\\n---\\n", "config.json": b"{}"})
    later = repo.commit({"config.json": b'{"a": 1}'}, date="2024-02-03")         # a pinned revision
    hf_hub_download("farm/ewe-7b", "config.json", revision=later, endpoint=hub.url)   # or HF_ENDPOINT=hub.url

Files of more than LFS_FROM bytes and weights are kept as LFS: `resolve` redirects to another host, as the hub does,
where a token must not follow. Gated: the card is public, files need a token of `hub.tokens`. Faults: see `Server`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, quote

import yaml

from tests.http_server import Answer, Body, Large, Plain, Request, Server

LFS_FROM = 10_000_000
_WEIGHTS = (".safetensors", ".bin", ".gguf", ".pt", ".parquet", ".arrow", ".model")
_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1}

Files = Mapping[str, bytes | Large | None]
Json = dict[str, Any]


@dataclass(frozen=True)
class Blob:
    """A file's content with the hashes the hub tells."""

    body: Body
    oid: str
    """Of git; of an LFS file that of its pointer."""
    sha256: str | None
    """Only of LFS files."""

    @property
    def lfs(self) -> Json | None:
        return {"oid": self.sha256, "size": self.body.size, "pointerSize": 134} if self.sha256 else None


@dataclass(frozen=True)
class Commit:
    """A revision."""

    sha: str
    date: str
    title: str
    files: dict[str, Blob]


@dataclass
class Repo:
    """A repository of the hub; its newest commit is `main`."""

    id: str
    kind: Literal["model", "dataset"]
    gated: bool | str = False
    private: bool = False
    extra: Json = field(default_factory=dict)
    """Over the fields that the API tells of the repository."""
    commits: list[Commit] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    """Name of a tag or branch -> commit."""

    def commit(self, files: Files, date: str = "2024-01-02", title: str = "Update") -> str:
        """Change files (None: delete) and return the commit's id, which the same history always has."""
        held = dict(self.commits[-1].files) if self.commits else {}
        for name, content in files.items():
            if content is None:
                del held[name]
            else:
                held[name] = blob(name, content)
        history = json.dumps([self.id, date, title, [c.sha for c in self.commits], {n: b.oid for n, b in held.items()}])
        sha = hashlib.sha1(history.encode()).hexdigest()
        date = date if "T" in date else f"{date}T08:09:10.000Z"
        self.commits.append(Commit(sha, date, title, held))
        return sha

    def at(self, revision: str) -> Commit | None:
        """The commit of a branch, a tag or a full commit id."""
        wanted = self.commits[-1].sha if revision in ("main", "refs/heads/main") else self.tags.get(revision, revision)
        return next((commit for commit in self.commits if commit.sha == wanted), None)


def blob(name: str, content: bytes | Large) -> Blob:
    """Content with its hashes; a `Large` file gets a made-up SHA-256, as nobody reads it whole."""
    body: Body = Plain(content) if isinstance(content, bytes) else content
    whole = content if isinstance(content, bytes) else content.head + str(content.size).encode()
    if body.size <= LFS_FROM and not name.endswith(_WEIGHTS):
        return Blob(body, hashlib.sha1(b"blob %d\0" % body.size + whole).hexdigest(), None)
    sha256 = hashlib.sha256(whole).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {body.size}\n".encode()
    return Blob(body, hashlib.sha1(b"blob %d\0" % len(pointer) + pointer).hexdigest(), sha256)


def safetensors(tensors: Mapping[str, tuple[str, list[int]]], *, zeros: bool = True) -> bytes | Large:
    """A safetensors file of zeros; with `zeros=False` its data take no memory."""
    header: Json = {}
    end = 0
    for name, (dtype, shape) in tensors.items():
        start, end = end, end + math.prod(shape) * _BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    head = len(text).to_bytes(8, "little") + text
    return head + bytes(end) if zeros else Large(head, len(head) + end)


class Hub(Server):
    """The hub. `tokens`: token -> ids of the gated and private repositories it opens."""

    def __init__(self) -> None:
        super().__init__()
        self.repos: dict[tuple[str, str], Repo] = {}
        self.renamed: dict[str, str] = {}
        """Former id -> id of now."""
        self.tokens: dict[str, set[str]] = {}
        self.elsewhere = f"http://localhost:{self.port}"
        """The host that large files come from."""

    def add(
        self, name: str, files: Files, *, kind: Literal["model", "dataset"] = "model", date: str = "2024-01-01",
        gated: bool | str = False, private: bool = False, **extra: Any,
    ) -> Repo:  # fmt: skip
        """A repository with one commit; `extra` goes over what the API tells."""
        repo = self.repos[f"{kind}s", name] = Repo(name, kind, gated, private, extra)
        repo.commit(files, date, "initial commit")
        return repo

    def answer(self, request: Request) -> Answer:
        """Routes of the hub's API and of its files."""
        parts = request.path.strip("/").split("/")
        if parts[0] == "cdn":
            return self._stored(parts[-1])
        api, kind = parts[0] == "api", "models"
        parts = parts[1:] if api else parts
        if parts and parts[0] in ("models", "datasets"):
            kind, parts = parts[0], parts[1:]
        for length in (2, 1):
            name, rest = "/".join(parts[:length]), parts[length:]
            if name in self.renamed and len(parts) >= length:
                old, new = quote(f"/{name}"), quote(f"/{self.renamed[name]}")
                return Answer(307, {"Location": quote(request.path).replace(old, new, 1)})
            repo = self.repos.get((kind, name))
            if repo and len(parts) >= length:
                return self._of_repo(request, repo, rest, api)
        return _refused(401 if request.token is None else 404, "RepoNotFound", "Repository not found")

    def _of_repo(self, request: Request, repo: Repo, rest: list[str], api: bool) -> Answer:
        entitled = repo.id in self.tokens.get(request.token or "", set())
        if repo.private and not entitled:
            return _refused(401 if request.token is None else 404, "RepoNotFound", "Repository not found")
        if rest[:1] == ["resolve"] and not api:
            if repo.gated and not entitled:
                status = 401 if request.token is None else 403
                return _refused(status, "GatedRepo", f"Access to {repo.kind} {repo.id} is restricted.")
            commit = repo.at(rest[1]) if len(rest) > 1 else None
            return self._file(repo, commit, "/".join(rest[2:])) if commit else _no_revision()
        if not api:
            return Answer.of_json({"error": "Not found"}, 404)
        if rest == ["auth-check"]:
            refused = _refused(403, "GatedRepo", "Access is restricted.")
            return refused if repo.gated and not entitled else Answer.of_json({"ok": True})
        what, revision, *below = [*rest, *["", "main"][len(rest) :]]
        commit = repo.at(revision)
        if commit is None:
            return _no_revision()
        if what in ("", "revision"):
            info = _info(repo, commit, "blobs" in request.query)
            if wanted := request.query.get("expand"):
                info = {name: info[name] for name in ("_id", "id", *wanted) if name in info}
            return Answer.of_json(info)
        if what == "commits":
            upto = repo.commits[: repo.commits.index(commit) + 1]
            return self._paged(request, [_told(one) for one in reversed(upto)], 50)
        if what == "tree":
            expand = request.query.get("expand", ["False"])[0].lower() in ("true", "1")
            recursive = request.query.get("recursive", ["False"])[0].lower() in ("true", "1")
            return self._paged(request, _tree(repo, commit, "/".join(below), recursive, expand), 1000)
        if what == "paths-info":
            wanted = parse_qs(request.body.decode()).get("paths", [])
            rows = _tree(repo, commit, "", True, True)
            return Answer.of_json([row for row in rows if row["path"] in wanted])
        return Answer.of_json({"error": "Not found"}, 404)

    def _paged(self, request: Request, rows: list[Json], size: int) -> Answer:
        page = int(request.query.get("page", ["0"])[0])
        headers = {}
        if len(rows) > (page + 1) * size:
            kept = "".join(f"&{name}={quote(v[0])}" for name, v in request.query.items() if name != "page")
            headers["Link"] = f'<{self.url}{quote(request.path)}?page={page + 1}{kept}>; rel="next"'
        return Answer.of_json(rows[page * size : (page + 1) * size], **headers)

    def _file(self, repo: Repo, commit: Commit, name: str) -> Answer:
        headers = {"X-Repo-Commit": commit.sha, "Accept-Ranges": "bytes"}
        held = commit.files.get(name)
        if held is None:
            return _refused(404, "EntryNotFound", "Entry not found", **headers)
        if held.sha256 is None:
            return Answer(200, {**headers, "ETag": f'"{held.oid}"', "Content-Type": "text/plain"}, held.body)
        linked = {"X-Linked-Size": str(held.body.size), "X-Linked-Etag": f'"{held.sha256}"', "ETag": f'"{held.oid}"'}
        return Answer(302, {**headers, **linked, "Location": f"{self.elsewhere}/cdn/{held.sha256}"})

    def _stored(self, sha256: str) -> Answer:
        for repo in self.repos.values():
            for commit in repo.commits:
                for held in commit.files.values():
                    if held.sha256 == sha256:
                        return Answer(200, {"ETag": f'"{sha256}"', "Accept-Ranges": "bytes"}, held.body)
        return Answer.of_json({"error": "Not found"}, 404)


def _refused(status: int, code: str, message: str, **headers: str) -> Answer:
    return Answer.of_json({"error": message}, status, X_Error_Code=code, X_Error_Message=message, **headers)


def _no_revision() -> Answer:
    return _refused(404, "RevisionNotFound", "Invalid rev id")


def _info(repo: Repo, commit: Commit, blobs: bool) -> Json:
    """What the API tells of a repository."""
    siblings = [
        {"rfilename": name, **({"size": held.body.size, "blobId": held.oid, "lfs": _named(held)} if blobs else {})}
        for name, held in sorted(commit.files.items())
    ]
    card = _card(commit)
    told = {
        "_id": hashlib.sha1(repo.id.encode()).hexdigest()[:24],
        "id": repo.id,
        "author": repo.id.partition("/")[0],
        "sha": commit.sha,
        "createdAt": repo.commits[0].date,
        "lastModified": repo.commits[-1].date,
        "private": repo.private,
        "gated": repo.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "siblings": siblings,
        "usedStorage": sum(held.body.size for held in commit.files.values()),
    }
    if card is not None:
        told["cardData"] = card
    if repo.kind == "model" and (counts := _parameters(commit)):
        told["safetensors"] = {"parameters": counts, "total": sum(counts.values())}
    return {**told, **repo.extra}


def _named(held: Blob) -> Json | None:
    return {"sha256": held.sha256, "size": held.body.size, "pointerSize": 134} if held.sha256 else None


def _card(commit: Commit) -> Json | None:
    """The front matter of README.md, as JSON can hold it; None where there is none."""
    held = commit.files.get("README.md")
    text = held.body.part(0, held.body.size).decode("utf-8", "replace") if held else ""
    if not text.startswith("---\n") or "\n---" not in text[4:]:
        return None
    try:
        card = yaml.safe_load(text[4:].partition("\n---")[0])
    except (yaml.YAMLError, RecursionError):
        return None
    return json.loads(json.dumps(card, default=str)) if isinstance(card, dict) else None


def _parameters(commit: Commit) -> dict[str, int]:
    """Weights by data type, summed over the safetensors files; a file that is none counts nothing."""
    counts: dict[str, int] = {}
    for name, held in commit.files.items():
        if not name.endswith(".safetensors"):
            continue
        try:
            length = int.from_bytes(held.body.part(0, 8), "little")
            header = json.loads(held.body.part(8, 8 + min(length, 1_000_000)))
            for tensor, entry in header.items():
                if tensor != "__metadata__":
                    counts[entry["dtype"]] = counts.get(entry["dtype"], 0) + math.prod(entry["shape"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return counts


def _told(commit: Commit) -> Json:
    authors = [{"user": "farm"}]
    return {"id": commit.sha, "title": commit.title, "message": "", "authors": authors, "date": commit.date}


def _tree(repo: Repo, commit: Commit, below: str, recursive: bool, expand: bool) -> list[Json]:
    """Files and folders under `below`, with the last commit that changed each where `expand` asks for it."""
    rows: dict[str, Json] = {}
    prefix = f"{below}/" if below else ""
    for name, held in sorted(commit.files.items()):
        if not name.startswith(prefix):
            continue
        steps = name.removeprefix(prefix).split("/")
        for depth in range(1, len(steps)) if recursive else range(1, min(2, len(steps))):
            folder = prefix + "/".join(steps[:depth])
            oid = hashlib.sha1(folder.encode()).hexdigest()
            rows.setdefault(folder, {"type": "directory", "path": folder, "size": 0, "oid": oid})
        if recursive or len(steps) == 1:
            row = {"type": "file", "path": name, "size": held.body.size, "oid": held.oid}
            rows[name] = {**row, "lfs": held.lfs} if held.lfs else row
            if expand:
                first = next(one for one in repo.commits if one.files.get(name) == held)
                rows[name]["lastCommit"] = {"id": first.sha, "title": first.title, "date": first.date}
    return list(rows.values())
