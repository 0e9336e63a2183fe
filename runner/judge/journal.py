"""Every raw reply beside its verdict, in JSON Lines that only grow.

A reply counts once its line is on disk, so a run that was killed knows what it need not ask again. A line `asked` goes
before each question: what was on its way when the run died may have been billed, and is counted as if it was.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_args

from catalog.errors import UserError
from runner.judge.base import NoAnswer, Pair, Ruling, Winner

NAME = "replies.jsonl"
_MAX_LINE = 16_000_000

Key = tuple[str, str, str]


@dataclass
class Past:
    """What a journal says of the runs before."""

    settled: dict[Key, Ruling] = field(default_factory=dict)
    """Without `response`: a long run's replies need not lie in memory."""
    open: dict[Key, float] = field(default_factory=dict)
    """Asked, and no outcome written: the most USD each may have cost."""
    failed_usd: float = 0.0
    """What attempts without a reply may have cost."""

    @property
    def spent(self) -> float:
        """The most USD that may be gone."""
        costs = [_usd(r.evidence, "cost_usd") + _usd(r.evidence, "unconfirmed_usd") for r in self.settled.values()]
        return sum(costs) + sum(self.open.values()) + self.failed_usd


class Journal:
    """Held by one run at a time; use as a context."""

    def __init__(self, folder: Path) -> None:
        """Open, lock and read the journal in `folder`; UserError when another run holds it or a line is damaged."""
        self.path = folder / NAME
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            why = error.strerror or str(error)
            raise UserError(f"cannot write `{self.path}`", why=why, exit_code=2) from None
        try:
            _sync_folder(folder)
            self._lock()
            self.past = self._read()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def asked(self, pair: Pair, ceiling: float) -> None:
        """Say that `pair` is about to be asked; `ceiling` is the most USD one attempt can cost."""
        self._append({"event": "asked", **_names(pair), "ceiling_usd": ceiling}, sync=False)
        self.past.open[pair.key] = ceiling

    def settle(self, pair: Pair, ruling: Ruling) -> None:
        """Write a ruling down; it counts when this returns."""
        scores = ruling.scores or (None, None)
        line = {"event": "verdict", **_names(pair), "at": _now(), "winner": ruling.winner}
        line |= {"score_a": scores[0], "score_b": scores[1], "why": ruling.why, "evidence": dict(ruling.evidence)}
        self._append(line, sync=True)
        self.past.open.pop(pair.key, None)
        self.past.settled[pair.key] = _light(ruling)

    def fail(self, pair: Pair, error: NoAnswer) -> None:
        """Write down that `pair` got no answer; the next run asks it again."""
        line = {"event": "failed", **_names(pair), "at": _now(), "kind": error.kind, "why": error.why}
        self._append(line | {"evidence": dict(error.evidence)}, sync=True)
        self.past.open.pop(pair.key, None)
        self.past.failed_usd += _usd(error.evidence, "unconfirmed_usd")

    def _append(self, line: Mapping[str, Any], *, sync: bool) -> None:
        data = (json.dumps(line, allow_nan=False) + "\n").encode()
        try:
            while data:
                data = data[os.write(self._file, data) :]
            if sync:
                os.fsync(self._file)
        except OSError as error:
            why, hint = error.strerror or str(error), "make room and run the same command again"
            raise UserError("cannot write down a reply", where=str(self.path), why=why, hint=hint) from None

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            hint = "wait for it, or choose another --out"
            raise UserError("another run is writing here", where=str(self.path), hint=hint) from None

    def _read(self) -> Past:
        past = Past()
        with open(self._file, "rb", closefd=False) as file:
            number, good = 0, 0
            while raw := file.readline(_MAX_LINE):
                number += 1
                if not raw.endswith(b"\n") and len(raw) < _MAX_LINE:
                    # The write that a kill cut short: it never counted.
                    os.ftruncate(self._file, good)
                    break
                self._take(past, number, raw)
                good += len(raw)
        return past

    def _take(self, past: Past, number: int, raw: bytes) -> None:
        try:
            line = json.loads(raw)
            key = cast(Key, tuple(line[name] for name in ("question_id", "model_a", "model_b")))
            match line["event"]:
                case "asked":
                    # An earlier line without an outcome is money that may be gone as well.
                    past.failed_usd += past.open.pop(key, 0.0)
                    past.open[key] = float(line["ceiling_usd"])
                case "verdict":
                    past.open.pop(key, None)
                    past.settled[key] = _light(_ruling(line))
                case "failed":
                    past.open.pop(key, None)
                    past.failed_usd += _usd(line["evidence"], "unconfirmed_usd")
                case other:
                    raise ValueError(f"`{other}` is no event")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            where, hint = f"{self.path}, line {number}", "restore the file, or choose another --out"
            raise UserError("a line of the journal is damaged", where=where, why=str(error), hint=hint) from None


def _sync_folder(folder: Path) -> None:
    """The name of a new file is on disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _names(pair: Pair) -> dict[str, Any]:
    return {"question_id": pair.question_id, "model_a": pair.model_a, "model_b": pair.model_b, "order": pair.order}


def _ruling(line: Mapping[str, Any]) -> Ruling:
    winner, scores = line["winner"], (line["score_a"], line["score_b"])
    if winner is not None and winner not in get_args(Winner):
        raise ValueError(f"`{winner}` is no winner")
    return Ruling(winner, None if None in scores else scores, line["why"], evidence=line["evidence"])


def _light(ruling: Ruling) -> Ruling:
    kept = ("prompt_tokens", "completion_tokens", "cost_usd", "unconfirmed_usd")
    evidence = {name: ruling.evidence[name] for name in kept if name in ruling.evidence}
    return Ruling(ruling.winner, ruling.scores, ruling.why, ruling.judge, ruling.annotator, evidence)


def _usd(evidence: Mapping[str, Any], name: str) -> float:
    return float(evidence.get(name) or 0.0)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
