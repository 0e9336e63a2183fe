"""How far verdicts can be relied on: the same pair in both orders, and several judges or annotators on one item.

Cohen's kappa (1960) of two, Fleiss' kappa (1971) of many; with unequal numbers of raters each item counts by the
agreement among its own. Verdicts have three values: one model, the other, a tie. Invalid ones are left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from runner.battles import Battles, Labels
from runner.rating.select import swapped_pairs

_MAX_COHEN = 50  # raters; above, only Fleiss' kappa is told

Ints = npt.NDArray[np.int64]


def agreement(battles: Battles) -> Mapping[str, Any]:
    """As JSON, of the valid battles; null for what the columns do not allow."""
    return {
        "swapped": swapped(battles),
        "judges": _raters(battles, battles.judge, battles.annotator),
        "annotators": _raters(battles, battles.annotator, battles.judge),
    }


def swapped(battles: Battles) -> Mapping[str, Any] | None:
    """The same question and models in both orders: how often the verdict held, and which way it went if not."""
    one, two = swapped_pairs(battles)
    if not len(one):
        return None
    first, second = _verdicts(battles)[one], _verdicts(battles)[two]
    forward = battles.a[one] < battles.b[one]  # in `one` the model of the lower number was shown first
    same = first == second
    tie = (first == 1) ^ (second == 1)
    flip = ~same & ~tie
    # A flip in favour of whoever was shown first: the lower number won exactly where it stood first.
    to_first = flip & ((first == 2) == forward)
    pairs = len(one)
    return {
        "pairs": pairs,
        "consistent": int(same.sum()),
        "to_first": int(to_first.sum()),
        "to_second": int((flip & ~to_first).sum()),
        "one_tie": int(tie.sum()),
        "consistency": int(same.sum()) / pairs,
        "cohen_kappa": cohen(first, second),
    }


def _verdicts(battles: Battles) -> Ints:
    """2 where the model of the lower number won, 1 for a tie, 0 where the other won."""
    lower = np.where(battles.a < battles.b, battles.score, 1.0 - battles.score)
    return np.where(lower == 0.5, 1, np.where(lower > 0.5, 2, 0))


def cohen(one: Ints, two: Ints) -> float | None:
    """(observed - expected) / (1 - expected) of two raters' verdicts 0 to 2; None where chance explains all."""
    observed = float(np.mean(one == two))
    expected = float((np.bincount(one, minlength=3) / len(one)) @ (np.bincount(two, minlength=3) / len(two)))
    return (observed - expected) / (1 - expected) if expected < 1 else None


def fleiss(counts: Ints) -> float | None:
    """Of counts [items, verdicts], two raters or more each; None where chance explains all."""
    raters = counts.sum(axis=1)
    observed = float(np.mean(((counts**2).sum(axis=1) - raters) / (raters * (raters - 1))))
    expected = float(((counts.sum(axis=0) / counts.sum()) ** 2).sum())
    return (observed - expected) / (1 - expected) if expected < 1 else None


def _raters(battles: Battles, raters: Labels | None, others: Labels | None) -> Mapping[str, Any] | None:
    """Kappas of the raters over the items that two or more of them judged."""
    if raters is None or battles.question is None or len(raters.names) < 2:
        return None
    known = (raters.codes >= 0) & (battles.question.codes >= 0)
    item = _items(battles.take(known), raters.codes[known], None if others is None else others.codes[known])
    rater, verdict = raters.codes[known].astype(np.int64), _verdicts(battles)[known]
    counts = np.zeros((int(item.max(initial=-1)) + 1, 3), np.int64)
    np.add.at(counts, (item, verdict), 1)
    shared = counts[counts.sum(axis=1) > 1]
    return {
        "raters": list(raters.names),
        "items": len(shared),
        "fleiss_kappa": fleiss(shared) if len(shared) else None,
        "cohen": _cohen_table(raters.names, item, rater, verdict) if len(raters.names) <= _MAX_COHEN else None,
    }


def _items(battles: Battles, rater: npt.NDArray[np.int32], other: npt.NDArray[np.int32] | None) -> Ints:
    """Number of the item of each verdict: question and pair, in one order where a rater judged both orders.

    What one rater judged several times is as many items.
    """
    if battles.question is None:
        return np.empty(0, np.int64)
    low, high = np.minimum(battles.a, battles.b), np.maximum(battles.a, battles.b)
    keys = [battles.question.codes, low, high]
    if other is not None:
        keys.append(other)
    item = _group(keys)
    if len(np.unique(np.stack([item, rater]), axis=1).T) < len(item):
        item = _group([item, battles.a])
    again = _occurrence(_group([item, rater]))
    return _group([item, again]) if again.any() else item


def _group(keys: list[npt.NDArray[Any]]) -> Ints:
    _, number = np.unique(np.stack(keys), axis=1, return_inverse=True)
    return number.reshape(-1).astype(np.int64)


def _occurrence(group: Ints) -> Ints:
    """0 for the first of each group, 1 for the second ..."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.r_[True, ordered[1:] != ordered[:-1]] if len(ordered) else np.empty(0, np.bool_)
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(ordered)), 0)) if len(ordered) else ordered
    times = np.empty_like(group)
    times[order] = np.arange(len(ordered)) - begin
    return times


def _cohen_table(names: tuple[str, ...], item: Ints, rater: Ints, verdict: Ints) -> list[dict[str, Any]]:
    table = []
    by_rater = [(item[rater == at], verdict[rater == at]) for at in range(len(names))]
    for one, two in itertools.combinations(range(len(names)), 2):
        _, left, right = np.intersect1d(by_rater[one][0], by_rater[two][0], return_indices=True)
        first, second = by_rater[one][1][left], by_rater[two][1][right]
        table.append(
            {
                "a": names[one],
                "b": names[two],
                "items": len(left),
                "agreement": float(np.mean(first == second)) if len(left) else None,
                "kappa": cohen(first, second) if len(left) else None,
            }
        )
    return table
