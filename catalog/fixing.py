"""What `catalog lint --fix` mends: only what has one answer, and nothing that would change what a record says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.findings import Finding
from catalog.reader import read
from catalog.spelling import is_one_slip

_MEANT = re.compile(r"did you mean `([^`]+)`\?$")
_WORD = re.compile(r"[A-Za-z0-9_.\-]+")
# A misspelt key, a word of a closed list, a licence in other letters. Ids are not among them: they may be new.
_SPELT = ("HB110", "HB113", "HB211")


@dataclass(frozen=True)
class Fix:
    """One word for another, or a file's line ends."""

    line: int
    old: str
    new: str


def fixed(raw: bytes, findings: Iterable[Finding]) -> tuple[bytes, list[Fix]]:
    """The file mended, and what was done; `findings` are those of this file."""
    fixes: list[Fix] = []
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    if len(raw) - len(raw.removeprefix(b"\xef\xbb\xbf")):
        fixes.append(Fix(1, "a byte order mark", "none"))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        fixes.append(Fix(1, "CR line ends", "LF"))
    for finding in sorted(findings, key=lambda f: f.at, reverse=True):
        lines = text.split("\n")
        if finding.at.line > len(lines):
            continue
        line, column = lines[finding.at.line - 1], finding.at.column - 1
        match = _WORD.match(line, column)
        new = _answer(finding, match.group()) if match else None
        if match is None or new is None:
            continue
        lines[finding.at.line - 1] = line[:column] + new + line[match.end() :]
        candidate = "\n".join(lines)
        if _twice(candidate) <= _twice(text):
            text = candidate
            fixes.append(Fix(finding.at.line, match.group(), new))
    return text.encode("utf-8", "surrogateescape"), fixes


def _answer(finding: Finding, old: str) -> str | None:
    """What belongs in the place of the word there; None where a person must decide."""
    if finding.code == "HB105":
        return f'"{old}"' if "boolean" in finding.message else None
    meant = _MEANT.search(finding.hint)
    if finding.code not in _SPELT or not meant:
        return None
    same = old.lower() == meant[1].lower()
    return meant[1] if same or (finding.code != "HB211" and is_one_slip(old.lower(), meant[1])) else None


def _twice(text: str) -> int:
    """How many keys stand twice."""
    return sum(problem.code == "HB107" for problem in read(text.encode("utf-8", "replace"))[1])
