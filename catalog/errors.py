"""The one exception a command prints: what, where, why, and what to do next."""

from __future__ import annotations


class Impossible(ValueError):
    """Well-formed, and yet it cannot be: out of bounds, no day of the calendar, parts that do not fit each other.

    Other ValueErrors of the types say that something has not the form it must have, which the JSON Schemas say too.
    """


class UserError(Exception):
    """Something the user can mend; `exit_code` 2 is for arguments only."""

    def __init__(self, what: str, *, where: str = "", why: str = "", hint: str = "", exit_code: int = 1) -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.hint, self.exit_code = what, where, why, hint, exit_code

    def __str__(self) -> str:
        """The message for stderr, without the last line end."""
        lines = [f"error: {self.what}"]
        lines += [f"  {label}: {text}" for label, text in (("where", self.where), ("why", self.why)) if text]
        if self.hint:
            lines += ["", f"hint: {self.hint}"]
        return "\n".join(lines)
