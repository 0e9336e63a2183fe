"""From the hub: the card, the settings, the list of files and the heads of the weights, all at one commit."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import quote

from huggingface_hub import DatasetInfo, HfApi, ModelInfo, constants, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

from catalog.errors import UserError
from catalog.new.gathered import MAX_FILES, MAX_TEXT, Event, Gathered, Page, Weights
from catalog.new.web import WAIT, Web, reaching
from catalog.new.weights import elements

HubKind = Literal["model", "dataset"]
PUBLIC = "https://huggingface.co"
"""Where a reader finds the same commit, whichever mirror it was read from."""
TEXTS = {"README.md": "card", "config.json": "config", "adapter_config.json": "adapter-config"}
_EXPAND: Any = ["author", "cardData", "createdAt", "gated", "lastModified", "sha"]
_COMMIT_PAGES = 20
_SHARDS = 64


def gather(repo: str, kind: HubKind, revision: str | None, today: str) -> Gathered:
    """Everything the hub says of a repository; UserError where it cannot be had at all."""
    endpoint = (os.environ.get("HF_ENDPOINT") or constants._HF_DEFAULT_ENDPOINT).rstrip("/")
    token = os.environ.get("HF_TOKEN") or False
    api = HfApi(endpoint=endpoint, token=token, library_name="herdbook")
    headers = build_hf_headers(token=token, library_name="herdbook")
    with failures(repo, kind, revision), Web("the hub", hf_raise_for_status) as web:
        info = _info(api, repo, kind, revision)
        if not info.sha:
            raise UserError(f"the hub names no commit of `{repo}`", hint="is it empty?")
        return _Reading(web, headers, endpoint, info, kind, today).all()


def _info(api: HfApi, repo: str, kind: HubKind, revision: str | None) -> ModelInfo | DatasetInfo:
    told = api.model_info if kind == "model" else api.dataset_info
    return told(repo, revision=revision, timeout=WAIT, expand=_EXPAND)


class _Reading:
    """One repository at one commit, read text by text."""

    def __init__(
        self, web: Web, headers: Mapping[str, str], endpoint: str, info: ModelInfo | DatasetInfo, kind: HubKind,
        today: str,
    ) -> None:  # fmt: skip
        self.web, self.headers, self.endpoint = web, headers, endpoint
        self.info, self.kind, self.today, self.sha = info, kind, today, str(info.sha)
        self.id = str(info.id)
        self.as_of = info.last_modified.date().isoformat() if info.last_modified else today
        self.remarks: list[str] = []
        self.locked = False
        """The gate is closed to us."""

    def all(self) -> Gathered:
        commits = self._commits()
        if commits:
            self.as_of = commits[0][1]
        files = self._files()
        pages = {}
        for name, source in TEXTS.items():
            if name in files and (self.kind == "model" or source == "card"):
                page = self._text(name, files[name])
                if page:
                    pages[source] = page
        owner, _, name = self.id.rpartition("/")
        card: Any = self.info.card_data
        return Gathered(
            origin=f"{self.id} at {self.sha[:12]}",
            name=name,
            owner=owner or None,
            hub_id=self.id,
            pages=pages,
            files={name: int(entry.get("size") or 0) for name, entry in files.items()},
            listing=self._page("", "tree", title=f"{self.id}: files on the hub"),
            weights=None if self.locked or self.kind == "dataset" else self._weights(files),
            card=dict(card.to_dict()) if card is not None and "card" not in pages else None,
            gated=bool(self.info.gated),
            first=self._first(commits),
            today=self.today,
            remarks=tuple(self.remarks),
        )

    def _address(self, *parts: str) -> str:
        middle = "datasets/" if self.kind == "dataset" else ""
        return f"{PUBLIC}/{middle}{quote(self.id)}/{quote('/'.join(part for part in parts if part))}"

    def _page(self, name: str, view: str, text: str = "", **source: str) -> Page:
        address = self._address(view, self.sha, name)
        return Page(name, text, {"url": address, "kind": "card", **source, "as_of": self.as_of, "accessed": self.today})

    def _api(self, *parts: str) -> str:
        return f"{self.endpoint}/api/{self.kind}s/{'/'.join((quote(self.id), *parts))}"

    def _commits(self) -> list[tuple[str, str]]:
        """(id, day) from this commit back to the first; empty where there are too many to follow."""
        found: list[tuple[str, str]] = []
        url: str | None = self._api("commits", self.sha)
        for _ in range(_COMMIT_PAGES):
            if url is None:
                return found
            got = self.web.get(url, headers=self.headers)
            found += [(str(row["id"])[:40], str(row["date"])[:10]) for row in got.json()]
            url = got.next
        self.remarks.append(f"more than {len(found):,} commits: the first was not looked up")
        return found if url is None else found[:1]

    def _first(self, commits: list[tuple[str, str]]) -> Event | None:
        if not commits or any("commits" in remark for remark in self.remarks):
            return None
        sha, day = commits[-1]
        source = {"url": self._address("commit", sha), "as_of": day, "accessed": self.today}
        return Event(day, {**source, "title": f"First commit of {self.id} on the hub"})

    def _files(self) -> dict[str, dict[str, Any]]:
        """Path -> what the hub says of the file."""
        found: dict[str, dict[str, Any]] = {}
        url: str | None = self._api("tree", self.sha)
        params = {"recursive": "True", "expand": "False"}
        while url is not None and len(found) < MAX_FILES:
            got = self.web.get(url, headers=self.headers, params=params if not found else None, limit=5 * MAX_TEXT)
            found.update({str(row["path"]): row for row in got.json() if row.get("type") == "file"})
            url = got.next
        if url is not None:
            self.remarks.append(f"more than {MAX_FILES:,} files: the rest was not listed")
        return found

    def _text(self, name: str, entry: Mapping[str, Any]) -> Page | None:
        size = int(entry.get("size") or 0)
        if size > MAX_TEXT:
            self.remarks.append(f"{name} has {size:,} bytes and was not read")
            return None
        url = hf_hub_url(self.id, name, repo_type=self.kind, revision=self.sha, endpoint=self.endpoint)
        try:
            content = self.web.get(url, headers=self.headers).content
        except GatedRepoError:
            if not self.locked:
                self.remarks.append("the files are gated and were not read: set HF_TOKEN if you were let in")
            self.locked = True
            return None
        if _hash(content, entry) not in (entry.get("oid"), (entry.get("lfs") or {}).get("oid")):
            raise UserError(f"`{name}` arrived damaged", why="its hash is not the one that the hub names")
        text = content.decode("utf-8", "replace").replace("\r\n", "\n")
        title = {"title": f"{self.id} on the hub"} if name == "README.md" else {"title": f"{name} of {self.id}"}
        return self._page(name, "blob", text, **title)

    def _weights(self, files: Mapping[str, Any]) -> Weights | None:
        shards = sorted(name for name in files if name.endswith(".safetensors") and "/" not in name)
        shards = [name for name in shards if name.startswith(("model", "adapter_model"))]
        if not shards or len(shards) > _SHARDS:
            if shards:
                self.remarks.append(f"{len(shards)} files of weights: their heads were not read")
            return None
        counts: dict[str, int] = {}
        for name in shards:
            url = hf_hub_url(self.id, name, revision=self.sha, endpoint=self.endpoint)

            def read(first: int, end: int, url: str = url) -> bytes:
                headers = {**self.headers, "Range": f"bytes={first}-{end - 1}"}
                try:
                    return self.web.get(url, headers=headers, limit=end - first).content
                except HfHubHTTPError as error:
                    if error.response.status_code == 416:
                        return b""  # the file ends before
                    raise

            try:
                for dtype, count in elements(read).items():
                    counts[dtype] = counts.get(dtype, 0) + count
            except ValueError as error:
                self.remarks.append(f"the head of {name} could not be read: {error}")
                return None
            except GatedRepoError:
                return None
        if len(shards) == 1:
            title = f"{shards[0]} of {self.id}"
            return Weights(counts, self._page(shards[0], "blob", title=title))
        return Weights(counts, None)


def _hash(content: bytes, entry: Mapping[str, Any]) -> str:
    if entry.get("lfs"):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@contextmanager
def failures(repo: str, kind: HubKind, revision: str | None) -> Iterator[None]:
    """The hub's ways to say no, as a UserError."""
    other = "dataset" if kind == "model" else "model"
    try:
        with reaching("the hub"):
            yield
    except RevisionNotFoundError:
        raise UserError(f"`{repo}` has no revision `{revision}`", hint="name a branch, a tag or a commit") from None
    except GatedRepoError:
        why = "the repository is gated, and this token was not let in"
        raise UserError(f"`{repo}` cannot be read", why=why, hint="ask for access there, then set HF_TOKEN") from None
    except RepositoryNotFoundError:
        raise UserError(
            f"the hub has no {kind} `{repo}`",
            why="there is none of this name, or it is private",
            hint=f"check the name; is it a {other}? (`catalog new {other} ...`); for a private one set HF_TOKEN",
        ) from None
    except HFValidationError as error:
        why = str(error).splitlines()[0][:200]
        raise UserError(f"`{repo}` is no id of the hub", why=why, hint="write owner/name", exit_code=2) from None
    except OfflineModeIsEnabled:
        raise UserError("the hub may not be asked", why="HF_HUB_OFFLINE is set", hint="unset it") from None
    except HfHubHTTPError as error:
        status = error.response.status_code
        hint = "wait a little; with HF_TOKEN set the limits are higher" if status == 429 else "try again later"
        raise UserError(f"the hub answered with an error ({status})", hint=hint) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            "the hub's answer is not what a hub answers",
            why=f"{type(error).__name__}: {str(error)[:200]}",
            hint="is HF_ENDPOINT set to something else, or a proxy in between?",
        ) from None
