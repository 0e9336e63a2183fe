"""What to beware of in a set of battles: groups that never met, perfect records, models with too few battles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from runner.battles import Battles, Notice
from runner.rating import different

_FEW = 20


def cautions(battles: Battles, counts: npt.NDArray[np.int64]) -> list[Notice]:
    """`counts` are battles, wins, ties, losses of every model. [models, 4]"""
    notices = []
    groups = components(battles)
    if len(groups) > 1:
        listed = "; ".join(_named([battles.models[at] for at in group]) for group in groups[:4])
        more = f" and {len(groups) - 4} more" if len(groups) > 4 else ""
        message = f"{len(groups)} groups of models never met, so ratings compare within a group only: {listed}{more}"
        notices.append(Notice("disconnected", message))
    total, wins, _, losses = counts.T
    for code, what, mask in (
        ("perfect-record", "won every battle", wins == total),
        ("perfect-record", "lost every battle", losses == total),
    ):
        if mask.any():
            names = _named([name for name, holds in zip(battles.models, mask, strict=True) if holds])
            notices.append(Notice(code, f"{what}, so only a bound of the strength is known: {names}"))
    few = [f"{name} ({count})" for name, count in zip(battles.models, total.tolist(), strict=True) if count < _FEW]
    if few:
        notices.append(Notice("few-battles", f"fewer than {_FEW} battles: {_named(few)}"))
    return notices


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def components(battles: Battles) -> list[list[int]]:
    """Models that are joined by battles, group by group, the largest first."""
    label = np.arange(len(battles.models))
    found, _ = different.pairs(battles)
    one, other = found // len(label), found % len(label)
    while True:
        # Every model takes the smallest label among itself and its opponents, until none changes.
        before = label.copy()
        np.minimum.at(label, one, before[other])
        np.minimum.at(label, other, before[one])
        label = label[label]
        if (label == before).all():
            break
    groups = [np.flatnonzero(label == root).tolist() for root in np.unique(label)]
    return sorted(groups, key=len, reverse=True)
