"""What the hub holds of a repository at a revision, asked once, with a deadline, and each refusal in plain words.

huggingface_hub asks; the files are taken by `runner.inputs.download`, because its own download begins a file anew when
it was killed (2.x), and because its listing of a folder tries a silent hub six times over 24 seconds before it says so.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from catalog.errors import UserError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import DatasetInfo, ModelInfo

Kind = Literal["model", "dataset"]
Found = TypeVar("Found")

DEADLINE = 9.0
"""Seconds after which a hub that has said nothing counts as out of reach."""
LOCAL_HINT = "local copies do without it: --base PATH, --data PATH"


@dataclass(frozen=True)
class HubFile:
    """A file as the hub tells of it."""

    name: str
    bytes: int
    sha256: str | None
    """Of files kept outside git; of the others the hub knows git's own hash only."""
    blob: str | None
    """Git's SHA-1 of the content."""


@dataclass(frozen=True)
class Listing:
    """A repository at a commit."""

    kind: Kind
    repo: str
    revision: str
    files: Mapping[str, HubFile]


def endpoint() -> str:
    """Address of the hub: HF_ENDPOINT, else huggingface.co."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def token() -> str | None:
    """From HF_TOKEN and from nowhere else: a token that lies on the disk is not ours to send."""
    return os.environ.get("HF_TOKEN", "").strip() or None


def page(kind: Kind, repo: str) -> str:
    """Where a person reads about it."""
    return f"{endpoint()}/{'datasets/' if kind == 'dataset' else ''}{repo}"


def address(listing: Listing, name: str) -> str:
    """Where a file is taken from."""
    from huggingface_hub import hf_hub_url

    return hf_hub_url(
        listing.repo, name, repo_type=listing.kind, revision=listing.revision, endpoint=endpoint()
    )  # fmt: skip


def headers() -> dict[str, str]:
    """Headers of a request for a file; the token among them if there is one."""
    of_token = {"Authorization": f"Bearer {token()}"} if token() else {}
    return {"User-Agent": "herdbook", "Accept-Encoding": "identity", **of_token}


def listing(kind: Kind, repo: str, revision: str | None) -> Listing:
    """Files, sizes and hashes at a commit, or at `main` as it is now.

    UserError where the hub cannot be reached within DEADLINE, or refuses (all exit code 3: it is not to be had here).
    """
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint(), token=token() or False, library_name="herdbook")
    ask: Callable[..., ModelInfo | DatasetInfo] = api.model_info if kind == "model" else api.dataset_info

    def told_of(name: str) -> ModelInfo | DatasetInfo:
        told = ask(name, revision=revision, files_metadata=True, timeout=DEADLINE)
        # A repository that was renamed is followed to its new name, but on the way the sizes are forgotten.
        lacking = any(one.size is None for one in told.siblings or ())
        return ask(told.id, revision=revision, files_metadata=True, timeout=DEADLINE) if lacking else told

    try:
        told = within(DEADLINE, lambda: told_of(repo), endpoint())
    except UserError:
        raise
    except Exception as error:
        raise explained(error, kind, repo, revision) from None
    if told.gated and token() is None:
        raise _gated(kind, repo)
    return _listing(kind, repo, told)


def _listing(kind: Kind, repo: str, told: ModelInfo | DatasetInfo) -> Listing:
    files: dict[str, HubFile] = {}
    for one in told.siblings or ():
        if is_safe_name(one.rfilename) and isinstance(one.size, int) and one.size >= 0:
            sha256 = one.lfs.sha256 if one.lfs else None
            files[one.rfilename] = HubFile(one.rfilename, one.size, sha256, one.blob_id)
    if not told.sha:
        raise UserError(f"the hub names no commit of `{repo}`", where=endpoint(), exit_code=3)
    return Listing(kind, repo, told.sha, files)


def is_safe_name(name: str) -> bool:
    """Whether a name from the hub stays below the folder it is put in, and is no hidden file."""
    parts = name.split("/")
    plain = len(name) <= 200 and name.isprintable() and not set(name) & set('\\:*?"<>|')
    return plain and all(part and not part.startswith(".") for part in parts)


def within(seconds: float, act: Callable[[], Found], where: str) -> Found:
    """What `act` gives; UserError (exit code 3) where it takes longer. A request's own timeouts do not bound it: they
    start anew with each address and each byte, and looking up a name has none."""
    found: list[Found] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(act())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise unreachable(where, f"no answer within {seconds:.0f} s")
    return found[0]


def unreachable(where: str, why: str) -> UserError:
    """The hub, or a site, cannot be reached."""
    hint = f"check the network or proxy and run it again; {LOCAL_HINT}"
    return UserError("the download site cannot be reached", where=where, why=why, hint=hint, exit_code=3)


def explained(error: Exception, kind: Kind, repo: str, revision: str | None) -> UserError:
    """A refusal of the hub in plain words."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return _gated(kind, repo)
    if isinstance(error, errors.RevisionNotFoundError):
        return UserError(
            f"the hub no longer holds revision {(revision or 'main')[:12]} of `{repo}`",
            where=page(kind, repo),
            hint=f"another revision is another {kind}; {LOCAL_HINT}",
            exit_code=3,
        )
    if isinstance(error, errors.RepositoryNotFoundError | errors.DisabledRepoError):
        return UserError(
            f"the hub has no public {kind} `{repo}`",
            where=page(kind, repo),
            why="it was removed, renamed or made private",
            hint=f"if you may see it, set HF_TOKEN; {LOCAL_HINT}",
            exit_code=3,
        )
    if isinstance(error, errors.HfHubHTTPError):
        return _failing(page(kind, repo), error.response.status_code)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return unreachable(endpoint(), "HF_HUB_OFFLINE is set")
    return unreachable(endpoint(), f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:300])


def _failing(where: str, status: int) -> UserError:
    if status in (401, 403):
        why, hint = f"it answered {status}", "check that HF_TOKEN is valid and may read this repository"
        return UserError("the hub refuses", where=where, why=why, hint=hint, exit_code=3)
    why, hint = f"it answered {status}", f"run it again later: what is there stays; {LOCAL_HINT}"
    return UserError("the hub fails", where=where, why=why, hint=hint, exit_code=3)


def _gated(kind: Kind, repo: str) -> UserError:
    if token() is None:
        what, first = f"`{repo}` is gated, and there is no token", "ask for access"
    else:
        what, first = f"`{repo}` is gated, and the token in HF_TOKEN has no access", "ask for access with its account"
    return UserError(
        what,
        where=page(kind, repo),
        hint=f"{first} on that page, make a token at {endpoint()}/settings/tokens that may read it, and set HF_TOKEN; "
        f"{LOCAL_HINT}",
        exit_code=3,
    )
