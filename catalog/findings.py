"""What is wrong with a record, where, and what to do: a value, printed in one of three formats."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from catalog.reader import START, Place

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing to mend."""

    path: str
    at: Place
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"


def order(findings: Iterable[Finding]) -> list[Finding]:
    """By file and place, without repeats."""
    return sorted(set(findings), key=lambda f: (f.path, f.at, f.code, f.message))


def as_text(findings: Iterable[Finding]) -> str:
    """`path:line:col: CODE message (hint) [name of the rule]`, one a line; warnings say so."""
    from catalog.rules import name_of

    return "".join(
        _one_line(
            f"{f.path}:{f.at.line}:{f.at.column}: {f.code} {'warning: ' if f.severity == 'warning' else ''}{f.message}"
            f"{f' ({f.hint})' if f.hint else ''}{f' [{name_of(f.code)}]' if name_of(f.code) else ''}"
        )
        + "\n"
        for f in findings
    )


def _one_line(text: str) -> str:
    """Messages quote what a stranger wrote; a line end in it must not start a line of the terminal or of a CI log."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def as_json(findings: Iterable[Finding]) -> str:
    """A JSON array of objects: path, line, column, code, rule, severity, message, hint (null where there is none)."""
    from catalog.rules import name_of

    rows = [
        {
            "path": f.path,
            "line": f.at.line,
            "column": f.at.column,
            "code": f.code,
            "rule": name_of(f.code) or None,
            "severity": f.severity,
            "message": f.message,
            "hint": f.hint or None,
        }
        for f in findings
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def as_github(findings: Iterable[Finding]) -> str:
    """Workflow commands that GitHub shows as annotations on the changed lines."""
    from catalog.rules import name_of

    return "".join(
        f"::{f.severity} file={_property(f.path)},line={f.at.line},col={f.at.column},"
        f"title={_property(f'{f.code} {name_of(f.code)}'.strip())}::"
        f"{_data(f.message + (f' ({f.hint})' if f.hint else ''))}\n"
        for f in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def missing(path: str, message: str, hint: str = "") -> Finding:
    """A finding about a file as a whole."""
    return Finding(path, START, "HB108", message, hint)
