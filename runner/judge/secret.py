"""The key of an endpoint: from the environment only, and nowhere else ever again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalog.errors import UserError

VARIABLES = ("HERDBOOK_JUDGE_KEY", "OPENAI_API_KEY")
_REMOVED = "[key removed]"
_TOO_SHORT_TO_BE_SECRET = 8  # a local server's `EMPTY` or `none`; taking it out would garble replies


class Secret:
    """A key that no repr, error or record shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(...)"

    def reveal(self) -> str:
        """The key itself, for the client only."""
        return self._value

    def scrub(self, text: str) -> str:
        """`text` without the key, as it is or as JSON writes it; to be called before anything is cut off."""
        if len(self._value) < _TOO_SHORT_TO_BE_SECRET:
            return text
        for spelling in (self._value, self._value.replace("\\", "\\\\").replace('"', '\\"')):
            text = text.replace(spelling, _REMOVED)
        return text


def from_environment(environment: Mapping[str, str]) -> Secret | None:
    """The key of the first variable that holds one; UserError, without the key, when it cannot be sent."""
    for name in VARIABLES:
        value = environment.get(name, "").strip()
        if not value:
            continue
        if not re.fullmatch(r"[\x21-\x7e]{1,4096}", value):
            why = "it holds a space, a line end or a letter outside ASCII"
            raise UserError(f"the key in `{name}` cannot be sent", why=why, hint="copy it again", exit_code=2)
        return Secret(value)
    return None
