"""Gives the verdicts that somebody else gave, from a file of them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UserError
from runner.judge.base import Form, Pair, Ruling, Winner

if TYPE_CHECKING:
    from runner.battles import Battles, Labels

_WINNERS: Mapping[float, Winner] = {1.0: "model_a", 0.0: "model_b", 0.5: "tie"}


@dataclass(frozen=True)
class _Recorded:
    row: int
    ruling: Ruling


class RecordedJudge:
    """Looks each pair up, in the order it is shown in; a pair that was judged the other way round only is not found."""

    name = "recorded"

    def __init__(self, path: Path, annotator: str | None = None) -> None:
        """Read a file of verdicts; UserError (exit 2) where two differ on one pair, or none is the annotator's."""
        from runner import battles

        read = battles.read(path)
        self.form: Form = "scores" if _scores_decide(read) else "winner"
        self._annotator = annotator
        self._sha256 = _sha256(path)
        self._verdicts = _index(path, read, self.form, annotator)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The file, by its hash, and whose verdicts were taken from it."""
        return {"verdicts_sha256": self._sha256, "annotator": self._annotator}

    def compare(self, pair: Pair) -> Ruling | None:
        """The recorded verdict; None where there is none."""
        found = self._verdicts.get(pair.key)
        return found.ruling if found else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _scores_decide(read: Battles) -> bool:
    """Whether the scores alone say who won; where a file names the winner beside them, they may not."""
    a, b = read.score_a, read.score_b
    if a is None or b is None:
        return False
    return all(
        (math.isnan(score) and (math.isnan(x) or math.isnan(y))) or score == (1.0 if x > y else 0.0 if x < y else 0.5)
        for score, x, y in zip(read.score.tolist(), a.tolist(), b.tolist(), strict=True)
    )


def _index(path: Path, read: Battles, form: Form, annotator: str | None) -> dict[tuple[str, str, str], _Recorded]:
    if read.question is None:
        what, why = "these verdicts do not say on which question they are", "`question_id` is missing or empty"
        raise UserError(what, where=str(path), why=why, hint="`runner rate` needs none", exit_code=2)
    verdicts: dict[tuple[str, str, str], _Recorded] = {}
    for at in range(len(read)):
        ruling = _ruling(read, at, form)
        if annotator is not None and ruling.annotator != annotator:
            continue
        key = _label(read.question, at), read.models[read.a[at]], read.models[read.b[at]]
        other = verdicts.setdefault(key, _Recorded(at + 1, ruling))
        if other.ruling != ruling:
            what = f"two verdicts on question `{key[0]}`, `{key[1]}` before `{key[2]}`"
            why = f"verdicts {other.row} and {at + 1} of the file differ"
            raise UserError(what, where=str(path), why=why, hint="choose one with --annotator", exit_code=2)
    if not verdicts:
        raise UserError("the file holds no verdict of this annotator", where=str(path), exit_code=2)
    return verdicts


def _ruling(read: Battles, at: int, form: Form) -> Ruling:
    score = float(read.score[at])
    if math.isnan(score):
        said = Ruling(why="recorded as invalid")
    elif form == "scores" and read.score_a is not None and read.score_b is not None:
        said = Ruling(scores=(float(read.score_a[at]), float(read.score_b[at])))
    else:
        said = Ruling(_WINNERS[score])
    return Ruling(
        said.winner, said.scores, said.why, judge=_label(read.judge, at), annotator=_label(read.annotator, at)
    )


def _label(labels: Labels | None, at: int) -> str:
    code = -1 if labels is None else int(labels.codes[at])
    return "" if labels is None or code < 0 else labels.names[code]
