"""Changes as Markdown for a pull request. Whatever a record says stands in code spans, where nothing is markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from catalog.changes import Change, Changes, PageChange

MOST_LINES = 80
"""Of one section; the rest is counted."""
MOST_CHARACTERS = 60_000
"""GitHub refuses a comment of more than 65,536."""
LONGEST = 160


def inert(text: str) -> str:
    """A code span that holds `text` and nothing else: one line, no hidden characters, cut when long.

    The fence is longer than any run of backticks inside, so no text can end it (CommonMark 0.31, section 6.1).
    """
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    if len(plain) > LONGEST:
        plain = plain[: LONGEST - 1] + "…"
    if not plain.strip():
        return "`(empty)`"
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    space = " " if plain[0] in "` " or plain[-1] in "` " else ""
    return f"{fence}{space}{plain}{space}{fence}"


def as_markdown(changes: Changes, base: str, pages: Sequence[PageChange] | None = None) -> str:
    """One document; `pages` is None where nothing was rendered."""
    lines = [
        "## What this changes in the register",
        "",
        f"Compared with {inert(base[:12])}: {_counts(changes, pages)}.",
    ]
    lines += _section("Records", [f"- {r.what}: {inert(r.record)}, {inert(r.name)}" for r in changes.records])
    lines += _section("Facts", _grouped(changes.facts, _fact))
    lines += _section("Verdicts", _grouped(changes.verdicts, _arrow))
    lines += _section("Openness", _grouped(changes.openness, _arrow))
    lines += _section("Commercial use, by the whole chain of licences", _grouped(changes.licences, _licence))
    lines += _section("Other text", _grouped(changes.texts, _arrow))
    if pages is None:
        lines += ["", "Pages were not rendered; `generator diff` compares those too."]
    else:
        lines += _section("Pages", [_page(page) for page in pages])
    lines += _section("Not compared", [f"- {inert(note)}" for note in changes.notes])
    return _cut(lines)


def _counts(changes: Changes, pages: Sequence[PageChange] | None) -> str:
    counted = [
        (len(changes.records), "record"),
        (len(changes.facts), "fact"),
        (len(changes.verdicts), "verdict"),
        (len(changes.openness), "openness level"),
        (len(changes.licences), "answer on commercial use"),
        *([(len(pages), "page")] if pages is not None else []),
    ]
    words = [f"{n:,} {_plural(noun) if n != 1 else noun}" for n, noun in counted if n]
    return ", ".join(words) or "nothing changes"


def _plural(noun: str) -> str:
    return noun.replace("answer", "answers") if " on " in noun else f"{noun}s"


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"### {title}", "", *lines[:MOST_LINES])
        if len(lines) > MOST_LINES:
            yield f"- and {len(lines) - MOST_LINES:,} more"


def _grouped(changes: Iterable[Change], line: Callable[[Change], str]) -> list[str]:
    found: list[str] = []
    last = ""
    for change in changes:
        if change.record != last:
            found.append(f"- {inert(change.record)}")
            last = change.record
        found.append(f"  - {inert(change.about)}: {line(change)}")
    return found


def _arrow(change: Change) -> str:
    if change.before is None:
        return f"new: {inert(change.after or '')}"
    if change.after is None:
        return f"gone: {inert(change.before)}"
    return f"{inert(change.before)} → {inert(change.after)}"


def _fact(change: Change) -> str:
    why = f" (from {inert(change.why)})" if change.why else ""
    if change.before == change.after:
        return f"{inert(change.after or '')}, with other claims, evidence or words{why}"
    return f"{_arrow(change)}{why}"


def _licence(change: Change) -> str:
    return f"{_arrow(change)}{f', decided by {inert(change.why)}' if change.why and change.after else ''}"


def _page(page: PageChange) -> str:
    lines = f", +{page.lines_added} −{page.lines_removed} lines" if page.what == "changed" else ""
    return f"- {page.what}: {inert(page.address or '(home)')}, {inert(page.title)}{lines}"


def _cut(lines: Sequence[str]) -> str:
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > MOST_CHARACTERS:
            kept += ["", "Cut here; `catalog diff --json` has everything."]
            break
        kept.append(line)
    return "\n".join(kept) + "\n"
