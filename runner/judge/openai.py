"""Asks a language model behind any OpenAI-compatible endpoint which answer is better."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import math
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from catalog.errors import UserError
from runner.judge import prompts
from runner.judge.answers import name_fault
from runner.judge.base import Form, NoAnswer, Pair, Ruling, Winner
from runner.judge.budget import Budget, Price
from runner.judge.reading import read_verdict
from runner.judge.replies import Reply
from runner.judge.secret import VARIABLES, Secret

if TYPE_CHECKING:
    from runner.judge.endpoint import Endpoint, Trouble

OFFICIAL = "https://api.openai.com/v1"
MAX_ATTEMPTS = 6
PATIENCE_S = 300.0
"""Waiting between the attempts at one pair, in all."""


@dataclass(frozen=True)
class Options:
    """What to ask, whom, and how."""

    model: str
    base_url: str = OFFICIAL
    language: prompts.Language = "en"
    temperature: float | None = 0.0
    """None leaves it to the endpoint; some models take no other."""
    max_tokens: int = 1024
    timeout_s: float = 120.0
    price: Price | None = None


class OpenAIJudge:
    """Rules by what the model replies; `stop` ends the waiting between attempts."""

    form: Form = "winner"

    def __init__(
        self, options: Options, key: Secret | None, *, budget: Budget | None = None, stop: threading.Event | None = None
    ) -> None:
        """Raises UserError for options that cannot work, before anything is asked."""
        _check(options, key)
        self._options, self._budget, self._stop = options, budget or Budget(), stop or threading.Event()
        self._endpoint = _endpoint(options, key)

    @property
    def name(self) -> str:
        """`openai/` and the model."""
        return f"openai/{self._options.model}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """Model, endpoint, prompt and sampling; nothing about the machine that asks."""
        options = self._options
        return {
            "model": options.model,
            "endpoint": public_address(options.base_url),
            "prompt": {"language": options.language, "sha256": prompts.digest(options.language)},
            "temperature": options.temperature,
            "max_tokens": options.max_tokens,
        }

    def close(self) -> None:
        """Let the connections go."""
        self._endpoint.close()

    def ceiling(self, pair: Pair) -> float:
        """The most USD one attempt at `pair` can cost; 0 where no price is known."""
        price = self._options.price
        text = "".join(prompts.messages(pair, self._options.language))
        return price.ceiling(text, self._options.max_tokens) if price else 0.0

    def compare(self, pair: Pair) -> Ruling:
        """Ask about `pair`, again where the endpoint is busy; NoAnswer when it gives none in the end."""
        system, user = prompts.messages(pair, self._options.language)
        request = _request(self._options, system, user)
        case = _Case(hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest())
        ceiling = self.ceiling(pair)
        for attempt in range(MAX_ATTEMPTS):
            if not self._budget.reserve(ceiling):
                raise NoAnswer("the next question could exceed the cost limit", "budget", case.evidence())
            outcome = self._endpoint.ask(request)
            if isinstance(outcome, Reply):
                return self._ruling(outcome, case, ceiling)
            lost = ceiling if outcome.maybe_billed else 0.0
            self._budget.settle(ceiling, lost)
            case.note(outcome, lost)
            if not outcome.passing or attempt + 1 == MAX_ATTEMPTS:
                break
            self._wait(outcome, attempt, case)
        raise NoAnswer(case.last, case.kind, case.evidence())

    def _ruling(self, reply: Reply, case: _Case, ceiling: float) -> Ruling:
        winner, why = judge_reply(reply)
        cost = None
        if self._options.price:
            cost = self._options.price.of(*reply.tokens) if reply.tokens else ceiling
        self._budget.settle(ceiling, cost or 0.0)
        kept = {
            "reply": reply.text,
            "finish_reason": reply.finish,
            "prompt_tokens": reply.tokens[0] if reply.tokens else None,
            "completion_tokens": reply.tokens[1] if reply.tokens else None,
            "cost_usd": cost,
            "response": reply.body,
        }
        return Ruling(winner, why=why, evidence=case.evidence() | kept)

    def _wait(self, trouble: Trouble, attempt: int, case: _Case) -> None:
        """Wait as long as the endpoint asks, else twice as long each time, with jitter so that threads spread out."""
        delay = trouble.retry_after
        if delay is None:
            delay = 2.0**attempt * random.uniform(0.75, 1.25)
        if case.waited + delay > PATIENCE_S:
            why = f"{case.last}; it asks to wait {delay:.0f} s" if trouble.retry_after else case.last
            raise NoAnswer(why, case.kind, case.evidence())
        case.waited += delay
        if self._stop.wait(delay):
            raise NoAnswer("stopped while waiting to ask again", "stopped", case.evidence())


class _Case:
    """What happened to one pair so far."""

    def __init__(self, request: str) -> None:
        self._request = request
        self._troubles: list[dict[str, Any]] = []
        self._unconfirmed = 0.0
        self.waited = 0.0
        self.last = self.kind = ""

    def note(self, trouble: Trouble, lost: float) -> None:
        """Remember an attempt without a reply, and what it may have cost all the same."""
        self.last, self.kind = trouble.why, trouble.kind
        self._unconfirmed += lost
        self._troubles.append({"kind": trouble.kind, "status": trouble.status, "why": trouble.why})

    def evidence(self) -> dict[str, Any]:
        """For the record."""
        return {"request": self._request, "troubles": self._troubles, "unconfirmed_usd": self._unconfirmed}


def judge_reply(reply: Reply) -> tuple[Winner | None, str]:
    """The verdict, or why there is none. What was cut off is not read: its last line may have gone on."""
    if reply.too_large:
        return None, "the reply is too large"
    if reply.finish == "length":
        return None, "the reply was cut at its token limit"
    if not reply.text:
        return None, "the reply holds no text"
    winner = read_verdict(reply.text)
    return winner, "" if winner else "the reply has no verdict that was on offer"


def _request(options: Options, system: str, user: str) -> dict[str, Any]:
    """The request. OpenAI's own models refuse the older name of the token limit, other servers know no other."""
    limit = "max_completion_tokens" if options.base_url.rstrip("/") == OFFICIAL else "max_tokens"
    request: dict[str, Any] = {
        "model": options.model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        limit: options.max_tokens,
    }
    return request if options.temperature is None else request | {"temperature": options.temperature}


def _endpoint(options: Options, key: Secret | None) -> Endpoint:
    try:
        from runner.judge.endpoint import Endpoint
    except ImportError:
        hint = "pip install 'herdbook[judge]'"
        raise UserError("this judge needs the `openai` client", hint=hint, exit_code=2) from None
    return Endpoint(options.base_url, key, options.timeout_s)


def _check(options: Options, key: Secret | None) -> None:
    wrong = [*_wrong_address(options.base_url)]
    if fault := name_fault(options.model):
        wrong.append(f"`--model` {fault}")
    if not 0 < options.timeout_s <= 3600:
        wrong.append("`--timeout` is between 0 and 3600 seconds")
    if options.temperature is not None and not 0 <= options.temperature <= 2:
        wrong.append("`--temperature` is between 0 and 2")
    if not 1 <= options.max_tokens <= 100_000:
        wrong.append("`--max-tokens` is between 1 and 100,000")
    if options.price and not all(math.isfinite(p) and p >= 0 for p in (options.price.prompt, options.price.completion)):
        wrong.append("`--price` holds two amounts of USD, none below 0")
    if wrong:
        raise UserError("the judge cannot be asked like this", why="; ".join(wrong), exit_code=2)
    if key is None and options.base_url.rstrip("/") == OFFICIAL:
        hint = f"set {VARIABLES[0]} (or {VARIABLES[1]}), or name another --base-url"
        raise UserError("there is no key for the endpoint", hint=hint, exit_code=2)


def _wrong_address(base_url: str) -> list[str]:
    """What is wrong with an address; it is not repeated, for it may hold a password."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or not base_url.isascii() or not base_url.isprintable():
        return ["`--base-url` is not an address like https://host/v1"]
    if parts.username or parts.password or parts.query or parts.fragment or "@" in parts.netloc:
        return [f"`--base-url` holds a user, a query or a fragment; a key belongs into {VARIABLES[0]}"]
    return []


def public_address(base_url: str) -> str:
    """The endpoint as a record may name it: the address of a machine of one's own is nobody's business."""
    host = urlsplit(base_url).hostname or ""
    try:
        private = not ipaddress.ip_address(host).is_global
    except ValueError:
        private = "." not in host or host.endswith((".local", ".internal", ".lan", ".localdomain", ".home.arpa"))
    return "local" if private else base_url.rstrip("/")


def goes_in_clear(base_url: str) -> bool:
    """Whether others on the network can read what is sent."""
    parts = urlsplit(base_url)
    try:
        loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = parts.hostname == "localhost"
    return parts.scheme == "http" and not loopback
