"""The body of a chat completion to the parts a judge needs. Every part of it may be wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MOST_TOKENS = 10**9
_DEEPEST = 40


@dataclass(frozen=True)
class Reply:
    """A reply that arrived whole, or one that was too large to be kept."""

    text: str | None
    finish: str | None
    tokens: tuple[int, int] | None
    """Of the prompt and of the completion, as the endpoint counts; None where it does not say."""
    body: Mapping[str, Any] | None
    too_large: bool = False


def read_completion(content: str) -> Reply | None:
    """The reply in `content`; None when that is no chat completion, as when it was cut on the way."""
    try:
        body = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict) or _too_deep(body):
        return None
    message = choices[0].get("message")
    if not isinstance(message, dict):
        return None
    text, finish = message.get("content"), choices[0].get("finish_reason")
    return Reply(
        text if isinstance(text, str) else None, finish if isinstance(finish, str) else None, _tokens(body), body
    )


def _too_deep(value: object) -> bool:
    """Whether writing it down again could run out of stack."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [x for v in level for x in (v.values() if isinstance(v, dict) else v if isinstance(v, list) else ())]
        if not level:
            return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _tokens(body: Mapping[str, Any]) -> tuple[int, int] | None:
    usage = body.get("usage")
    if not isinstance(usage, dict):
        return None
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    return None if prompt is None or completion is None else (prompt, completion)


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None
