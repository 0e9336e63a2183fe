"""From GitHub's API: the licence file, the README and the first commit of a repository, at its present commit."""

from __future__ import annotations

import base64
import os
import re
from typing import Any
from urllib.parse import quote

import httpx2

from catalog.errors import UserError
from catalog.new.gathered import MAX_TEXT, Event, Page, Repository
from catalog.new.web import Web, reaching

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_SHA = re.compile(r"[0-9a-f]{40}")


def gather(name: str, today: str) -> Repository:
    """What GitHub says of `owner/name`; the API is where GITHUB_API_URL says, a token is taken from GITHUB_TOKEN."""
    if not _NAME.fullmatch(name):
        raise UserError(f"`{name[:100]}` is no repository of GitHub", hint="write owner/name", exit_code=2)
    api = (os.environ.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/")
    headers = {"Accept": "application/vnd.github+json", "User-Agent": "herdbook", "X-GitHub-Api-Version": "2022-11-28"}
    if token := os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    with reaching("GitHub"), Web("GitHub", _check(name)) as web:
        try:
            return _repository(web, f"{api}/repos/{quote(name)}", headers, today)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"{type(error).__name__}: {str(error)[:200]}"
            raise UserError("GitHub's answer is not what its API answers", why=why) from None


def _check(name: str) -> Any:
    def check(response: httpx2.Response) -> None:
        status = response.status_code
        if status == 404:
            why = "there is none of this name, or it is private"
            raise UserError(f"GitHub has no repository `{name}`", why=why, hint="for a private one set GITHUB_TOKEN")
        if status in (403, 429):
            hint = "wait an hour, or set GITHUB_TOKEN"
            raise UserError("GitHub refuses to answer for now", why=f"status {status}: too many questions", hint=hint)
        if status >= 400:
            raise UserError(f"GitHub answered with an error ({status})", hint="try again later")

    return check


def _repository(web: Web, base: str, headers: dict[str, str], today: str) -> Repository:
    told = web.get(base, headers=headers).json()
    name, branch = str(told["full_name"]), str(told["default_branch"])
    url = f"https://github.com/{quote(name)}"
    commits = web.get(f"{base}/commits", headers=headers, params={"sha": branch, "per_page": "1"})
    sha, day = _commit(commits.json()[0])
    pages = {}
    for role, place in (("readme", "readme"), ("licence", "license")):
        page = _file(web, f"{base}/{place}", headers, url, sha, day, today)
        if page:
            pages[role] = page
    first = _commit(web.get(commits.last, headers=headers).json()[0]) if commits.last else (sha, day)
    source = {"url": f"{url}/commit/{first[0]}", "as_of": first[1], "accessed": today}
    homepage = str(told.get("homepage") or "")
    spdx = str((told.get("license") or {}).get("spdx_id") or "")
    return Repository(
        id=name,
        url=url,
        licence=spdx if spdx and spdx != "NOASSERTION" else None,
        pages=pages,
        first=Event(first[1], source),
        homepage=homepage if homepage.startswith("https://") else None,
    )


def _commit(row: Any) -> tuple[str, str]:
    """(id, day by the author's clock)."""
    sha, day = str(row["sha"]), str(row["commit"]["author"]["date"])[:10]
    if not _SHA.fullmatch(sha):
        raise ValueError("a commit without an id")
    return sha, day


def _file(
    web: Web, url: str, headers: dict[str, str], home: str, sha: str, day: str, today: str
) -> Page | None:  # fmt: skip
    """A file that GitHub finds by its role; None where there is none."""
    try:
        told = web.get(url, headers=headers, params={"ref": sha}, limit=2 * MAX_TEXT).json()
    except UserError as error:
        if "no repository" in error.what:
            return None
        raise
    path = str(told["path"])
    text = base64.b64decode(str(told.get("content") or ""))[:MAX_TEXT].decode("utf-8", "replace")
    source = {"url": f"{home}/blob/{sha}/{quote(path)}", "as_of": day, "accessed": today}
    return Page(path, text.replace("\r\n", "\n"), source)
