"""One request to an OpenAI-compatible endpoint: a reply, or a trouble that says whether to ask again.

The only file that imports the client, so that the base install does without it. Whatever comes back from the endpoint
or the client leaves this file without the key.
"""

from __future__ import annotations

import email.utils
import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from catalog.errors import UserError
from runner.judge import bounded
from runner.judge.replies import Reply, read_completion
from runner.judge.secret import VARIABLES, Secret

_PASSING = frozenset((408, 409, 425, 429))
_OF_THIS_PAIR = frozenset((400, 413, 422))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_NO_KEY = "none"  # the client insists on one; local servers take any


@dataclass(frozen=True)
class Trouble:
    """An attempt without a reply."""

    kind: str
    why: str
    status: int | None = None
    passing: bool = True
    """Whether asking again may help."""
    maybe_billed: bool = False
    """Whether the endpoint may have worked for it all the same."""
    retry_after: float | None = None
    """Seconds the endpoint asks to wait."""


class Endpoint:
    """An address and a client; may be used from several threads."""

    def __init__(self, base_url: str, key: Secret | None, timeout_s: float) -> None:
        self._key, self._timeout_s = key or Secret(_NO_KEY), timeout_s
        own: Mapping[str, Any] = {} if base_url.startswith("https://api.openai.com/") else _WITHOUT_ACCOUNT
        self._client = openai.OpenAI(
            api_key=self._key.reveal(),
            base_url=base_url,
            max_retries=0,  # counted and bounded by the judge
            timeout=timeout_s,
            http_client=bounded.client(timeout_s),
            default_headers=own,
        )

    def __repr__(self) -> str:
        return "Endpoint(...)"

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def ask(self, request: Mapping[str, Any]) -> Reply | Trouble:
        """Send one request; UserError when no request can succeed, as when the key is refused."""
        try:
            response = self._client.chat.completions.with_raw_response.create(**request)
            content = response.http_response.content
        except openai.APITimeoutError:
            return Trouble("timeout", f"no reply within {self._timeout_s:g} s", maybe_billed=True)
        except openai.APIConnectionError as error:
            return self._lost(error)
        except openai.APIStatusError as error:
            return self._refused(error)
        reply = read_completion(content.decode("utf-8", "replace"))
        if reply is None:
            return Trouble("cut", "the reply was cut or is no completion", maybe_billed=True)
        # Written anew first: JSON may spell the key with escapes, which no search would find.
        clean = read_completion(self._key.scrub(json.dumps(reply.body)))
        return clean or Trouble("cut", "the reply holds the key where it cannot be taken out", maybe_billed=True)

    def _lost(self, error: openai.APIConnectionError) -> Reply | Trouble:
        cause = error.__cause__
        if isinstance(cause, bounded.TooLarge):
            if cause.status == 200:
                return Reply(None, None, None, None, too_large=True)
            return Trouble("server", f"status {cause.status} with an endless body", cause.status)
        unsent = isinstance(cause, httpx2.ConnectError | httpx2.ProxyError | httpx2.UnsupportedProtocol)
        why = "cannot connect" if unsent else "the connection broke before the reply was whole"
        return Trouble("connection", f"{why} ({type(cause or error).__name__})", maybe_billed=not unsent)

    def _refused(self, error: openai.APIStatusError) -> Trouble:
        status, said = error.status_code, self._said(error)
        why = f"status {status}{f': {said}' if said else ''}"
        if status in _PASSING or status >= 500:
            kind = "busy" if status == 429 else "server"
            return Trouble(kind, why, status, retry_after=_retry_after(error.response.headers.get("retry-after")))
        if status in _OF_THIS_PAIR:
            return Trouble("refused", why, status, passing=False)
        # What is said about a refused key may repeat a part of it, which no search for the key would find.
        hint = f"check {VARIABLES[0]} or {VARIABLES[1]}" if status in (401, 403) else "check --base-url and --model"
        why = "" if status in (401, 403) else said
        raise UserError(f"the endpoint refuses every question with status {status}", why=why, hint=hint) from None

    def _said(self, error: openai.APIStatusError) -> str:
        """The message in an error's body, on one line, without the key and without terminal codes."""
        body = error.body
        nested = body.get("error", body) if isinstance(body, dict) else body
        said = nested.get("message") if isinstance(nested, dict) else nested
        return " ".join(_CONTROL.sub(" ", self._key.scrub(said)).split())[:300] if isinstance(said, str) else ""


_WITHOUT_ACCOUNT: Mapping[str, Any] = {"OpenAI-Organization": openai.omit, "OpenAI-Project": openai.omit}
"""The client would send an account named in the environment to any endpoint."""


def _retry_after(value: str | None) -> float | None:
    """Seconds from a `Retry-After` header, which holds seconds or a date."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
