"""Whether the place in which an answer is shown decides: shares of the first and the points an order term gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from catalog.errors import UserError
from runner.battles import Battles, Notice
from runner.rating import bt, different, intervals, ratio
from runner.rating.estimate import Estimate
from runner.rating.settings import Settings

_MAX_MODELS = 200  # above, the order term is fitted only where it was asked for
_ONE_SIDED = 0.9
_ENOUGH = 8  # battles of a pair; fewer fall to one side by chance
_CONFOUNDED = 0.1


def order_bias(battles: Battles, settings: Settings, estimate: Estimate) -> Mapping[str, Any]:
    """As JSON, of the valid battles before orders were merged or ties dropped.

    `order_term.points` are the Elo points of being shown first (Bradley-Terry, ties half), with an interval where
    replicates were drawn with it; `one_sided` is the share of battles whose pair was shown in one order nearly always.
    """
    first, second = (int(np.count_nonzero(battles.score == side)) for side in (1.0, 0.0))
    weight = float(battles.weight.sum())
    return {
        "first_wins": first,
        "second_wins": second,
        "ties": len(battles) - first - second,
        "first_share": first / (first + second) if first + second else None,
        "first_mean": float((battles.weight * battles.score).sum()) / weight if weight > 0 else None,
        "one_sided": one_sided(battles),
        "order_term": _term(battles, settings, estimate),
        "by_order": ratio.by_order(battles, settings.anchor)
        if settings.method == "ratio" and settings.anchor
        else None,
    }


def one_sided(battles: Battles) -> float:
    """Share of the battles whose two models met eight times or more, nine of ten in the same order."""
    _, pair = different.pairs(battles)
    total = np.bincount(pair)
    forward = np.bincount(pair, battles.a < battles.b)
    sided = (np.maximum(forward, total - forward) >= _ONE_SIDED * total) & (total >= _ENOUGH)
    return float(total[sided].sum() / total.sum())


def _term(battles: Battles, settings: Settings, estimate: Estimate) -> Mapping[str, Any] | None:
    points, ci = estimate.order_term, None
    if points is None:
        if len(battles.models) > _MAX_MODELS:
            return None
        found = bt.cells(battles, order_term=True)
        try:
            fit = bt.fit(found.pairs, found.wins[:, None], found.losses[:, None], 0.0, settings.scale, settings.base)
        except UserError:
            return None
        if fit.order_term is None or fit.propped[0]:
            return None
        points = float(fit.order_term[0])
    if estimate.order_terms is not None:
        ci = intervals.percentiles(estimate.order_terms[:, None], settings.ci)[:, 0].tolist()
    return {"points": points, "ci": ci}


def cautions(bias: Mapping[str, Any], battles: Battles) -> list[Notice]:
    """A bias worth knowing, and a draw that does not let order and strength be told apart."""
    notices = []
    if bias["one_sided"] > _CONFOUNDED:
        message = (
            f"{bias['one_sided']:.0%} of the battles are of pairs shown in one order nearly always: "
            "order and strength cannot be told apart there"
        )
        notices.append(Notice("order-confounded", message))
    decisive = bias["first_wins"] + bias["second_wins"]
    share = bias["first_share"]
    # Three standard errors of a fair coin.
    if decisive >= 30 and abs(share - 0.5) > 1.5 / np.sqrt(decisive):
        place = "first" if share > 0.5 else "second"
        won = max(share, 1 - share)
        notices.append(Notice("order-bias", f"the answer shown {place} won {won:.1%} of {decisive:,} decided battles"))
    return notices
