"""From rows to examples: held-out rows drawn first, then filters, then the template. Pure, and without torch."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.errors import UserError
from catalog.training import Data, Split, Training
from runner.inputs.templates import Template, own

Row = Mapping[str, Any]

_ROLES = {
    "human": "human", "user": "human", "prompter": "human",
    "gpt": "assistant", "assistant": "assistant", "chatgpt": "assistant", "bing": "assistant", "bard": "assistant",
}  # fmt: skip
_IGNORED = frozenset({"system"})


@dataclass(frozen=True)
class Example:
    """What one sequence is made of."""

    id: str
    """`<data index>/<row index>`; of a conversation's later replies `<data index>/<row index>.<reply>`."""
    prompt: str
    """After the template, everything that is not learnt when `loss_on` is `answer`."""
    answer: str
    """What is learnt. EOS is added when it is cut into tokens, not here."""


def examples(
    training: Training,
    rows: Sequence[Sequence[Row]],
    *,
    seed: int = 0,
    templates: Sequence[Template] = (),
) -> tuple[list[Example], list[Example]]:
    """(training examples, held-out examples), in the order of the data.

    `rows`: one sequence per item of `training.data`. `seed` is added to the seed of each split. `templates`: one per
    item, as `fetch` found them; without them those that come with the runner.
    UserError (exit code 2) names the data, the row and the column of what does not fit.
    """
    if len(rows) != len(training.data):
        raise ValueError(f"{len(training.data)} data sets, and rows of {len(rows)}")
    learnt: list[Example] = []
    held: list[Example] = []
    for index, (data, of_data) in enumerate(zip(training.data, rows, strict=True)):
        template = templates[index] if templates else own(data.template)
        name = data_name(data)
        _check_columns(data, template, of_data, name)
        out = held_out(len(of_data), data.split, seed)
        for number, row in enumerate(of_data):
            target = held if number in out else learnt
            target += _of_row(data, template, row, f"{index}/{number}", name)
    if not learnt:
        why = "every row is held out or filtered away" if any(map(len, rows)) else "the data have no rows"
        raise UserError("nothing is left to learn", why=why, exit_code=2)
    return learnt, held


def held_out(rows: int, split: Split | None, seed: int = 0) -> frozenset[int]:
    """Which rows are held out: those whose hash with the seed is smallest, the same with every Python and platform."""
    if split is None or split.held_out == 0:
        return frozenset()
    if split.held_out >= rows:
        raise UserError(
            f"{split.held_out:,} rows should be held out of {rows:,}",
            hint="the data may be cut; a recipe's `split.held_out` is below its rows",
            exit_code=2,
        )

    def rank(number: int) -> bytes:
        return hashlib.sha256(f"held out {split.seed + seed} {number}".encode()).digest()

    return frozenset(heapq.nsmallest(split.held_out, range(rows), key=rank))


def data_name(data: Data) -> str:
    """How messages call it."""
    if data.hub:
        return data.hub.repo
    return data.web.url.rpartition("/")[2] if data.web else data.made or ""


def _check_columns(data: Data, template: Template, rows: Sequence[Row], name: str) -> None:
    """What the template asks for has to be named by the recipe, and what the recipe names has to be in the data."""
    if lacking := sorted(template.needs() - set(data.columns)):
        raise UserError(
            f"the template `{template.name}` needs `{lacking[0]}`, and the recipe names no column for it",
            where=f"data `{name}`, `columns`",
            exit_code=2,
        )
    for column in dict.fromkeys(data.columns.values()):
        if rows and not any(column in row for row in rows):
            there = ", ".join(f"`{one}`" for one in list(rows[0])[:20]) or "none of those the recipe names"
            raise UserError(
                f"the data have no column `{column}`",
                where=name,
                why=f"columns that are there: {there}",
                hint="is this the data set, and the revision, that the recipe means?",
                exit_code=2,
            )


def _of_row(data: Data, template: Template, row: Row, id: str, name: str) -> Iterator[Example]:
    if template.conversation:
        turns = _turns(row, data.columns["conversation"], f"{name}, row {_number(id)}")
        if "first-human-turn" in data.filters:
            first = next((at for at, turn in enumerate(turns) if turn[0] == "human"), len(turns))
            turns = turns[first:]
        for reply, (prompt, answer) in enumerate(template.turns(turns)):
            if answer.strip() or "drop-empty-output" not in data.filters:
                yield Example(f"{id}.{reply}" if reply else id, prompt, answer)
        return
    where = f"{name}, row {_number(id)}"
    values: dict[str, str] = {place: _text(row, column, place, where) for place, column in data.columns.items()}
    if "drop-empty-output" in data.filters and not (values.get("output") or values.get("text") or "").strip():
        return
    if values.get("input") and not template.takes_input:
        what = f"the template `{template.name}` has no place for an input, and this row has one"
        raise UserError(what, where=where, hint="use a template with {input}", exit_code=2)
    yield Example(id, template.prompt(values), template.answer(values))


def _number(id: str) -> int:
    return int(id.partition("/")[2]) + 1


def _text(row: Row, column: str, place: str, where: str) -> str:
    """A missing or null input is empty; everything else has to be a text."""
    value = row.get(column)
    if value is None and (place in ("input", "output") or column in row):
        return ""
    if isinstance(value, str):
        return value
    what = "is not there" if column not in row else f"is no text but {type(value).__name__}"
    raise UserError(f"`{column}` {what}", where=where, exit_code=2)


def _turns(row: Row, column: str, where: str) -> list[tuple[str, str]]:
    """(`human` or `assistant`, text) of `from`/`value` or `role`/`content` pairs; system turns are left out."""
    found: list[tuple[str, str]] = []
    listed = row.get(column)
    if not isinstance(listed, list):
        raise UserError(f"`{column}` is no list of turns", where=where, exit_code=2)
    for number, turn in enumerate(listed, 1):
        said = turn if isinstance(turn, dict) else {}
        role, text = said.get("from", said.get("role")), said.get("value", said.get("content", said.get("text")))
        role = role.lower() if isinstance(role, str) else ""
        if role in _IGNORED:
            continue
        if not isinstance(text, str) or role not in _ROLES:
            why = f"roles are {', '.join(_ROLES)}; the text is under `value` or `content`"
            raise UserError(
                f"turn {number} of `{column}` has no known role and text", where=where, why=why, exit_code=2
            )
        found.append((_ROLES[role], text))
    return found
