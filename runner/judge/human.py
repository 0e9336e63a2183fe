"""Lets people judge: writes one page per annotator that works offline, and reads what the pages save.

A page knows the annotator only by a label and the models not at all: `key.json` says which answer is whose and stays
with whoever asks. Each annotator meets the same comparisons, shuffled and turned round in a way of their own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from runner.judge import output, page, verdicts
from runner.judge.answers import Answers, coin, plan
from runner.judge.base import Form, Pair, Ruling
from runner.judge.sheets import CHOICES, KEY, Item, Key, read_key, read_sheet

MAX_ITEMS = 5_000
MAX_PAGE = 64_000_000
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class HumanJudge:
    """One annotator, who ruled on a page."""

    name = "human"
    form: Form = "winner"

    def __init__(self, annotator: str, seed: int, choices: Mapping[tuple[str, str, str], str]) -> None:
        self._annotator, self._seed, self._choices = annotator, seed, choices

    @property
    def settings(self) -> Mapping[str, Any]:
        """The seed of the orders; who rules stands in each ruling."""
        return {"seed": self._seed}

    def compare(self, pair: Pair) -> Ruling | None:
        """What the annotator said of the pair in this order; None where nothing."""
        choice = self._choices.get(pair.key)
        if choice is None:
            return None
        winner = CHOICES[choice]
        return Ruling(winner, why="" if winner else "the annotator could not tell", annotator=self._annotator)


def arrange(answers: Answers, annotators: Sequence[str], seed: int, limit: int | None) -> dict[str, tuple[Pair, ...]]:
    """Per annotator the pairs in the order of the sheet.

    Places and turns come from hashes of seed, label and pair, so they are the same on every machine, and another
    annotator changes nothing for those before. `limit` draws the same pairs for all.
    """
    pairs = [pair for pair in plan(answers, both_orders=True) if pair.order == 1]
    if limit is not None:
        pairs = sorted(pairs, key=lambda pair: _place(seed, "", pair))[:limit]
    if len(pairs) > MAX_ITEMS:
        hint = f"set --limit to {MAX_ITEMS:,} or less; a person manages some hundred"
        raise UserError(f"{len(pairs):,} comparisons are too many for a page", hint=hint, exit_code=2)
    sheets = {}
    for annotator in annotators:
        shuffled = sorted(pairs, key=lambda pair: _place(seed, annotator, pair))
        sheets[annotator] = tuple(_turned(p) if coin(seed, annotator, *p.key) else p for p in shuffled)
    return sheets


def _place(seed: int, annotator: str, pair: Pair) -> str:
    return hashlib.sha256("\0".join((str(seed), "place", annotator, *pair.key)).encode()).hexdigest()


def _turned(pair: Pair) -> Pair:
    return replace(
        pair, model_a=pair.model_b, answer_a=pair.answer_b, model_b=pair.model_a, answer_b=pair.answer_a, order=2
    )


def write(
    answers: Answers, annotators: Sequence[str], seed: int, limit: int | None, language: page.Language, out: Path
) -> dict[str, Any]:
    """Write `<label>.html` for each annotator and `key.json`; UserError (exit 2) rather than write over a key."""
    _check_labels(annotators)
    sheets = arrange(answers, annotators, seed, limit)
    key = Key(seed, answers.sha256, {label: tuple(map(_item, pairs)) for label, pairs in sheets.items()})
    # The key comes first: a page without one is lost work.
    files = {KEY: key.to_json()}
    for label, pairs in sheets.items():
        files[f"{label}.html"] = page.render(label, key.sheet(label), pairs, language).encode()
    if (largest := max(map(len, files.values()))) > MAX_PAGE:
        raise UserError(f"a page would have {largest / 1e6:.0f} MB", hint="set a lower --limit", exit_code=2)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if (out / KEY).exists() and (out / KEY).read_bytes() != files[KEY]:
            why = "without it what their pages saved cannot be read"
            raise UserError(f"`{out}` holds the key of other sheets", why=why, hint="choose another --out", exit_code=2)
    except OSError as error:
        raise UserError(f"cannot write to `{out}`", why=error.strerror or str(error), exit_code=2) from None
    for name, data in files.items():
        output.write(out / name, data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    comparisons = len(sheets[annotators[0]])
    return {"seed": seed, "annotators": list(annotators), "comparisons": comparisons, "files": digests}


def _item(pair: Pair) -> Item:
    return Item(pair.question_id, pair.category, pair.model_a, pair.model_b, pair.order)


def _check_labels(annotators: Sequence[str]) -> None:
    folded = [label.casefold() for label in annotators]
    for label in annotators:
        if not _LABEL.fullmatch(label):
            why = "a label has letters, digits, `-` and `_`, 32 at most; it is not a name"
            raise UserError("that is no label for an annotator", why=why, hint="--annotators a,b", exit_code=2)
        if folded.count(label.casefold()) > 1:
            raise UserError(f"annotator `{label}` stands there twice", exit_code=2)


def take(files: Sequence[Path], key_path: Path, out: Path) -> dict[str, Any]:
    """Read saved sheets and write verdicts and settings; returns what settings.json holds."""
    key = read_key(key_path)
    source: dict[str, Path] = {}
    ruled: dict[str, list[tuple[Pair, Ruling]]] = {}
    for path in files:
        annotator, said = read_sheet(path, key)
        if annotator in source:
            what = f"two files hold verdicts of annotator `{annotator}`"
            raise UserError(what, where=f"{source[annotator]} and {path}", hint="import the later one", exit_code=2)
        source[annotator] = path
        pairs = [item.pair() for item in key.sheets[annotator]]
        judge = HumanJudge(annotator, key.seed, {pairs[item - 1].key: choice for item, choice in said.items()})
        ruled[annotator] = [(pair, ruling) for pair in pairs if (ruling := judge.compare(pair))]
    return _save(out, key, [row for annotator in sorted(ruled) for row in ruled[annotator]], sorted(source))


def _save(out: Path, key: Key, ruled: Sequence[tuple[Pair, Ruling]], annotators: Sequence[str]) -> dict[str, Any]:
    judge = HumanJudge("", key.seed, {})
    known = output.identity(judge, key.answers_sha256, {"annotators": sorted(key.sheets)})
    output.claim(out, known)
    table = verdicts.to_csv(ruled, judge.name, judge.form)
    output.write(out / verdicts.NAME, table)
    planned = sum(len(key.sheets[annotator]) for annotator in annotators)
    record = {
        **known,
        "counts": {**output.counts([ruling for _, ruling in ruled]), "planned": planned},
        "files": {verdicts.NAME: hashlib.sha256(table).hexdigest()},
    }
    output.write(out / output.SETTINGS, (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode())
    return record
