"""Which battles a rating rests on: one category, ties kept or dropped, both orders merged; every row accounted for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from catalog.errors import UserError
from runner.battles import Battles, Labels, Notice
from runner.rating import different
from runner.rating.result import Counts
from runner.rating.settings import Settings


@dataclass(frozen=True, eq=False)
class Selection:
    """`asked` are the battles of the category with their invalid ones, `used` those the rating rests on."""

    asked: Battles
    used: Battles
    counts: Counts
    notices: tuple[Notice, ...]


def select(battles: Battles, settings: Settings) -> Selection:
    """Apply --category, --merge-orders and --ties, in this order. Raises UserError where nothing is left."""
    asked, notices = _category(battles, settings)
    used = asked.take(~np.isnan(asked.score))
    invalid = len(asked) - len(used)
    if settings.merge_orders == "agree-or-tie":
        used, more = merge_orders(asked)
        notices += more
    if settings.ties == "drop":
        kept = used.take(used.score != 0.5)
        if len(kept) < len(used):
            notices.append(Notice("ties-dropped", f"{len(used) - len(kept):,} ties were dropped"))
        used = kept
    if not len(used):
        raise UserError(
            "no battle is left to rate",
            why=f"{len(battles):,} rows, {invalid:,} of them invalid; see --category, --ties and --merge-orders",
            exit_code=2,
        )
    ties = int(np.count_nonzero(used.score == 0.5))
    dropped = len(battles) - len(used) - invalid
    counts = Counts(len(battles), len(used), ties, invalid, dropped)
    return Selection(asked, _fighting(used), counts, tuple(notices))


def _category(battles: Battles, settings: Settings) -> tuple[Battles, list[Notice]]:
    if settings.category is None:
        return battles, []
    if battles.category is None:
        raise UserError("--category needs a column `category`, which the file lacks", exit_code=2)
    names = battles.category.names
    if settings.category not in names:
        known = ", ".join(names[:12]) + (" and more" if len(names) > 12 else "")
        raise UserError(f"there is no category `{settings.category}`", hint=f"the file has {known}", exit_code=2)
    asked = battles.take(battles.category.codes == names.index(settings.category))
    left = len(battles) - len(asked)
    return asked, [Notice("other-categories", f"{left:,} battles of other categories were left out")] if left else []


def _fighting(battles: Battles) -> Battles:
    """Without models that have no battle left."""
    count = len(battles.models)
    fights = np.bincount(battles.a, minlength=count) + np.bincount(battles.b, minlength=count) > 0
    if fights.all():
        return battles
    number = (np.cumsum(fights) - 1).astype(np.int32)
    names = tuple(name for name, fighting in zip(battles.models, fights, strict=True) if fighting)
    return replace(battles, models=names, a=number[battles.a], b=number[battles.b])


def swapped_pairs(battles: Battles) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows that are the same question, models, judge and annotator in the two orders: (earlier, later) of each pair.

    Of several, the first of one order goes with the first of the other, and so on. Empty without questions.
    """
    rows = _perhaps_swapped(battles)
    if battles.question is None or not rows.size:
        none = np.empty(0, np.intp)
        return none, none
    earlier, later = _swapped(battles.take(rows))
    return rows[earlier], rows[later]


def _perhaps_swapped(battles: Battles) -> npt.NDArray[np.intp]:
    """Rows whose question and models occur in both orders; quick, as in most large files there are few."""
    if battles.question is None:
        return np.empty(0, np.intp)
    found, pair = different.pairs(battles)
    questions = len(battles.question.names)
    reverse = battles.a > battles.b
    asked = battles.question.codes >= 0
    code = pair * questions + np.where(asked, battles.question.codes, 0)
    if len(found) * questions > 2**27:
        both = np.intersect1d(code[asked & ~reverse], code[asked & reverse])
        return np.flatnonzero(asked & np.isin(code, both))
    seen = np.zeros(len(found) * questions, np.uint8)
    seen[code[asked & ~reverse]] = 1
    back = code[asked & reverse]
    both = back[seen[back] > 0]
    if not both.size:
        return both
    seen[both] = 2
    return np.flatnonzero(asked & (seen[code] == 2))


def _swapped(battles: Battles) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    low, high = np.minimum(battles.a, battles.b), np.maximum(battles.a, battles.b)
    keys = [high, low, *(column.codes for column in _given(battles))]
    reverse = battles.a > battles.b
    order = np.lexsort([reverse, *keys])
    group = np.zeros(len(battles), np.intp)
    change = np.zeros(len(battles), np.bool_)
    for key in keys:
        change[1:] |= key[order][1:] != key[order][:-1]
    group[order] = np.cumsum(change)
    forward_of, backward_of = _numbered(group, ~reverse), _numbered(group, reverse)
    shared = np.intersect1d(forward_of[1], backward_of[1], return_indices=True)
    forward, backward = forward_of[0][shared[1]], backward_of[0][shared[2]]
    earlier, later = np.minimum(forward, backward), np.maximum(forward, backward)
    by_row = np.argsort(earlier)
    return earlier[by_row], later[by_row]


def _given(battles: Battles) -> list[Labels]:
    columns = (battles.question, battles.judge, battles.annotator, battles.category)
    return [column for column in columns if column is not None]


def _numbered(
    group: npt.NDArray[np.intp], chosen: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    """The chosen rows, and for each a key of its group and its number within it."""
    rows = np.flatnonzero(chosen)
    by_group = np.argsort(group[rows], kind="stable")
    rows = rows[by_group]
    sorted_group = group[rows].astype(np.int64)
    starts = np.r_[True, sorted_group[1:] != sorted_group[:-1]] if rows.size else np.empty(0, np.bool_)
    begin = np.maximum.accumulate(np.where(starts, np.arange(rows.size), 0))
    return rows, sorted_group * (len(group) + 1) + (np.arange(rows.size) - begin)


def merge_orders(battles: Battles) -> tuple[Battles, list[Notice]]:
    """One battle of each pair in both orders: the winner both agree on, else a tie (FastChat's llm_judge).

    A pair with an invalid half is left out whole; a battle in one order only stays. The result has no invalid ones.
    """
    if battles.question is None:
        raise UserError("--merge-orders needs a column `question_id`, which the file lacks", exit_code=2)
    earlier, later = swapped_pairs(battles)
    score = battles.score.copy()
    swapped = 1.0 - score[later]
    score[earlier] = np.where(score[earlier] == swapped, swapped, 0.5)
    broken = np.isnan(battles.score[earlier]) | np.isnan(battles.score[later])
    weight = battles.weight.copy()
    weight[earlier] = (weight[earlier] + weight[later]) / 2
    keep = ~np.isnan(battles.score)
    keep[later] = False
    keep[earlier[broken]] = False
    merged = replace(battles, score=score, weight=weight).take(keep)
    alone = int(keep.sum()) - int((~broken).sum())
    notices = [Notice("orders-merged", f"{int((~broken).sum()):,} pairs of battles in both orders became one each")]
    half = int((np.isnan(battles.score[earlier]) ^ np.isnan(battles.score[later])).sum())
    if half:
        notices.append(Notice("half-invalid", f"{half:,} pairs were left out because one of the two was invalid"))
    if alone:
        notices.append(Notice("one-order", f"{alone:,} battles were judged in one order only and stay as they are"))
    return merged, notices
