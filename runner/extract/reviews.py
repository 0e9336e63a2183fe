"""A folder of reviews, one JSONL file a pair and order, as QLoRA's: `<a>-vs-<b>-gpt-4-reviewer-threeclass.jsonl`.

Each line has `question_id` and `score`: "1" the first answer wins, "2" the second, "3" neither, "-1" unreadable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.recipes import Origin
from runner.extract.derived import Derived, Table, name, number, unreadable

MAX_BYTES = 50_000_000
_FILE = re.compile(r"(.+)-vs-(.+)-gpt-4-reviewer-threeclass\.jsonl")
WINNERS = {"1": "model_a", "2": "model_b", "3": "tie", "-1": "invalid"}


def read(folder: Path, origin: Origin) -> Derived:
    """Every verdict, in order of the models' names. Raises UserError (exit code 2) with file and line."""
    rows: list[tuple[tuple[str, str], tuple[str, ...]]] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        match = _FILE.fullmatch(path.name)
        if match is None or "-vs-" in match[2] or "-vs-" in match[1]:
            raise unreadable(path.name, "its name is not <a>-vs-<b>-gpt-4-reviewer-threeclass.jsonl")
        for said in match.groups():
            if said not in origin.names:
                raise unreadable(path.name, f"the recipe's `names` do not have `{said[:80]}`")
        a, b = (name(said, origin.names, path.name) for said in match.groups())
        rows += [((a, b), (question, a, b, winner)) for question, winner in _verdicts(path)]
    if not rows:
        raise unreadable(folder.name, "there are no reviews in this folder")
    rows.sort(key=lambda row: row[0])  # stable: the questions of a file keep their order
    return Derived(Table(("question_id", "model_a", "model_b", "winner"), tuple(row for _, row in rows)))


def _verdicts(path: Path) -> Iterator[tuple[str, str]]:
    if path.stat().st_size > MAX_BYTES:
        raise unreadable(path.name, f"it has more than {MAX_BYTES:,} bytes")
    for count, line in enumerate(path.read_bytes().splitlines(), 1):
        where = f"{path.name}, line {count}"
        review = _object(line, where)
        score = str(review.get("score"))
        if score not in WINNERS:
            raise unreadable(where, f"the score `{score[:40]}` is not one of {', '.join(WINNERS)}")
        yield number(review.get("question_id"), where), WINNERS[score]


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        review = json.loads(line)
    except (ValueError, RecursionError):
        raise unreadable(where, "this line is not JSON") from None
    if not isinstance(review, dict):
        raise unreadable(where, "this line is no JSON object")
    return review
