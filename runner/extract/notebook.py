"""A notebook that prints, round by round, what the judge scored and the ratings after it, as Anima's does.

gpt4 output: {'question_id': 34, 'category': ..., 'score': [8.0, 7.0], 'first_model': ..., 'second_model': ...}
elo rating updated: defaultdict(<function ...>, {'anima': 1042.0778755317222, ...})
records: 86
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.recipes import Origin
from runner.extract.derived import Derived, Table, name, number, unreadable

MAX_BYTES = 200_000_000
_BATTLE = "gpt4 output: "
_STATE = re.compile(r"elo rating updated: (?:defaultdict\(<[^>]*(?:<lambda>)?[^>]*>, )?(\{.*\})\)?\s*")
_ROUND = re.compile(r"records: (\d{1,9})\s*")
BATTLES = ("round", "question_id", "category", "model_a", "model_b", "score_a", "score_b")
STATES = ("round", "model", "rating")


def read(path: Path, origin: Origin) -> Derived:
    """Battles and ratings of every round that is printed whole. Raises UserError (exit code 2) with the line."""
    battle: dict[str, Any] | None = None
    state: dict[str, Any] | None = None
    battles: list[tuple[str, ...]] = []
    states: list[tuple[str, ...]] = []
    for where, line in _printed(path):
        if line.startswith(_BATTLE):
            battle = _literal(line.removeprefix(_BATTLE), where)
        elif match := _STATE.fullmatch(line):
            state = _literal(match[1], where)
        elif match := _ROUND.fullmatch(line):
            if battle is None or state is None:
                raise unreadable(where, f"round {match[1]} has no scores or no ratings before it")
            battles.append(_battle_row(match[1], battle, origin, where))
            states += [(match[1], name(who, origin.names, where), _rating(r, where)) for who, r in state.items()]
            battle = state = None
    if not battles:
        raise unreadable(path.name, "it prints no round of a tournament")
    return Derived(Table(BATTLES, tuple(battles)), Table(STATES, tuple(states)))


def _printed(path: Path) -> Iterator[tuple[str, str]]:
    """(place, line) for every line that the notebook's cells wrote to standard output."""
    if path.stat().st_size > MAX_BYTES:
        raise unreadable(path.name, f"it has more than {MAX_BYTES:,} bytes")
    try:
        cells = json.loads(path.read_bytes())["cells"]
        streams = [
            (number_, "".join(output["text"]))
            for number_, cell in enumerate(cells)
            for output in cell.get("outputs", ())
            if output.get("output_type") == "stream" and output.get("name") == "stdout"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise unreadable(path.name, f"this is no notebook ({type(error).__name__})") from None
    # A line may go on in the next output of its cell.
    texts: dict[int, str] = {}
    for cell, text in streams:
        texts[cell] = texts.get(cell, "") + text
    for cell, text in texts.items():
        for count, line in enumerate(text.split("\n"), 1):
            yield f"{path.name}, output of cell {cell}, line {count}", line


def _literal(text: str, where: str) -> dict[str, Any]:
    """A printed dict; only literals are read, nothing is run."""
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise unreadable(where, "what is printed here is no dict of plain values") from None
    if not isinstance(value, dict):
        raise unreadable(where, "what is printed here is no dict")
    return value


def _battle_row(round_: str, battle: dict[str, Any], origin: Origin, where: str) -> tuple[str, ...]:
    score = battle.get("score")
    if not isinstance(score, list) or len(score) != 2:
        raise unreadable(where, "`score` is not a pair")
    return (
        round_,
        number(battle.get("question_id"), where),
        name(battle.get("category"), {}, where),
        name(battle.get("first_model"), origin.names, where),
        name(battle.get("second_model"), origin.names, where),
        number(score[0], where),
        number(score[1], where),
    )


def _rating(value: object, where: str) -> str:
    """All digits; an untouched rating is printed as a whole number."""
    return repr(value) if isinstance(value, float) else number(value, where)
