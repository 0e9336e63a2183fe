"""What stands at one address: follow it, ask the hub about access, look for a copy of what is gone."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from catalog.linkcheck.fetch import Private, Reply, Unreachable
from catalog.linkcheck.polite import MOST_REDIRECTS, Manners, TooMuch
from catalog.links import Address, LinkState, LinkStatus

HUB = "https://huggingface.co"
ARCHIVE = "https://archive.org/wayback/available"
_REPOSITORY = re.compile(r"/(datasets/)?([\w.-]{1,96}/[\w.-]{1,96})")
_NOT_OWNERS = frozenset(("spaces", "docs", "blog", "papers", "collections", "datasets", "api"))
_COPY = re.compile(r"https?://web\.archive\.org/(web/[0-9]{14}/[!-~]{1,500})")
_GRANTED = {"auto": "given at once", "manual": "given by its owner"}
# Some servers answer HEAD with these and GET with the page.
_ASK_AGAIN = frozenset((400, 403, 404, 405, 406, 500, 501))


@dataclass(frozen=True)
class Found:
    """What one check found."""

    status: LinkStatus
    code: int | None = None
    to: str | None = None
    archived: str | None = None
    why: str | None = None
    answered: bool = True
    """Whether any server spoke; where none does at all, the network is down and nothing is recorded."""

    def state(self, today: str, before: LinkState | None) -> LinkState:
        """For the file; a copy found earlier is kept."""
        since = before.since.said if before and before.status == self.status else today
        archived = self.archived or (before.archived if before and self.status == "gone" else None)
        to = self.to if self.to and _is_plain(self.to) else None
        said = {"code": self.code, "to": to, "archived": archived, "why": _plain_words(self.why)}
        kept = {key: value for key, value in said.items() if value is not None}
        return LinkState.model_validate({"status": self.status, "checked": today, "since": since, **kept})


_PLAIN = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(:\d{1,5})?(/[!#-&(-;=?-\[\]_a-z~]*)?")


def _is_plain(url: str) -> bool:
    """What the types of the register take; what a server sent may be anything."""
    return len(url) <= 600 and _PLAIN.fullmatch(url) is not None


def _plain_words(text: str | None) -> str | None:
    return re.sub(r"[^\w .,;()'/-]+", " ", text)[:200].strip() or None if text else None


@dataclass
class Checker:
    """Asks for one address after the other; `hub` and `archive` are theirs unless a test has its own."""

    manners: Manners
    allow_local: bool = False
    hub: str = HUB
    archive: str = ARCHIVE

    def check(self, address: Address) -> Found:
        """Raises TooMuch where the host wants to be left alone; everything else is an answer."""
        try:
            local = self.allow_local and self.manners.fetcher.is_local(address.url)
            found = self._hub(address, local) if address.download else None
            found = found or self._follow(address.url, local)
        except Private as private:
            return Found("not-checked", why=f"{private} is not on the public network", answered=False)
        except Unreachable as error:
            return Found("error", why=str(error), answered=False)
        if found.status == "gone" and not address.has_copy:
            return self._with_copy(address, found, local)
        return found

    def _follow(self, start: str, local: bool) -> Found:
        url, permanent = start, True
        for _ in range(MOST_REDIRECTS):
            if why := self.manners.forbidden(url, local=local):
                return Found("not-checked", why=why)
            reply = self.manners.ask("HEAD", url, local=local)
            if reply.code in _ASK_AGAIN:
                reply = self.manners.ask("GET", url, local=local)
            if reply.code not in (301, 302, 303, 307, 308) or "location" not in reply.headers:
                return _judged(reply, start, url if permanent else start)
            permanent = permanent and reply.code in (301, 308)
            url = urljoin(url, reply.headers["location"])
        return Found("error", reply.code, why=f"more than {MOST_REDIRECTS} redirects")

    def _hub(self, address: Address, local: bool) -> Found | None:
        """What the hub says of a repository; None where this is none, or where it gave no clear answer."""
        if not address.url.startswith(f"{self.hub}/"):
            return None
        match = _REPOSITORY.match(address.url.removeprefix(self.hub))
        if match is None or (not match[1] and match[2].split("/")[0] in _NOT_OWNERS):
            return None
        url = f"{self.hub}/api/{'datasets' if match[1] else 'models'}/{match[2]}"
        for _ in range(MOST_REDIRECTS):
            if self.manners.forbidden(url, local=local):
                return None
            reply = self.manners.ask("GET", url, local=local)
            if reply.code in (301, 302, 307, 308) and "location" in reply.headers:
                url = urljoin(url, reply.headers["location"])
                continue
            break
        if reply.code in (401, 404):
            return Found("gone", reply.code, why="the hub says: deleted, or private")
        data = _json(reply)
        if reply.code != 200 or data is None:
            return None
        if data.get("disabled"):
            return Found("gone", 200, why="the hub has disabled it")
        return (
            Found("gated", 200, why=f"access {data['gated']}")
            if data.get("gated") in ("auto", "manual")
            else Found("reachable", 200)
        )

    def _with_copy(self, address: Address, found: Found, local: bool) -> Found:
        """Asks the Wayback Machine for the copy nearest to the day that was cited."""
        when = f"&timestamp={address.as_of}" if address.as_of else ""
        url = f"{self.archive}?url={quote(address.url, safe='')}{when}"
        try:
            if self.manners.forbidden(url, local=local):
                return found
            data = _json(self.manners.ask("GET", url, local=local)) or {}
        except (Unreachable, Private, TooMuch):
            return found  # asked again on the next run
        snapshots = data.get("archived_snapshots")
        closest = snapshots.get("closest") if isinstance(snapshots, dict) else None
        if not isinstance(closest, dict) or not closest.get("available"):
            return found
        copy = _COPY.fullmatch(str(closest.get("url")))
        good = copy and str(closest.get("status", "200")).startswith("2")
        archived = f"https://web.archive.org/{copy[1]}" if copy and good else None
        return Found("gone", found.code, archived=archived if archived and _is_plain(archived) else None, why=found.why)


def _judged(reply: Reply, start: str, end: str) -> Found:
    code = reply.code
    if 200 <= code < 300:
        moved = end != start and urlsplit(end)._replace(fragment="") != urlsplit(start)._replace(fragment="")
        return Found("moved", code, to=end) if moved else Found("reachable", code)
    if code in (404, 410):
        return Found("gone", code)
    if code in (401, 403, 451):
        return Found("refused", code)
    return Found("error", code, why=f"the server answers {code}")


def _json(reply: Reply) -> dict[str, object] | None:
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
