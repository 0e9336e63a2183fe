"""Claims of time and hardware: what share of the cards' peak they imply, and what that comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.claims.account import Account, Judged
from catalog.claims.inputs import (
    Given,
    amount,
    arithmetic_format,
    hours_line,
    peak_of,
    shape_and_size,
    tokens,
    work_factor,
)
from catalog.claims.lines import Line, figures, percent
from catalog.claims.places import Place, partner
from catalog.claims.verdicts import Verdict, is_slow, of_tied, of_utilisation
from catalog.estimate import COEFFICIENTS, Range, hours_at, utilisation
from catalog.facts import Claim, Fact
from catalog.hardware_counts import HardwareCount
from catalog.register import Catalog

VOLUMES = ("tokens", "words", "steps", "examples")
SECONDS = 3600.0


def work(
    catalog: Catalog, place: Place, account: Account, read: str = "", claim: Claim[Any] | None = None
) -> Range | None:
    """FLOP of the run; None where an input is missing, which is then in the account."""
    _, size = shape_and_size(catalog, place)
    data, factor = tokens(catalog, place, read, claim), work_factor(place)
    parameters, seen = account.take(size), account.take(data)
    if isinstance(data, Given):
        account.say(f"Data: {data.line.en}", f"数据：{data.line.zh}")
    if parameters is None or seen is None:
        return None
    flop = factor.amount * parameters * seen
    product = f"{figures(flop)} FLOP"
    assert isinstance(size, Given)
    account.say(
        f"Work: {factor.line.en} × {size.line.en} × {figures(seen)} tokens = {product}",
        f"计算量：{factor.line.zh} × {size.line.zh} × {figures(seen)} token = {product}",
    )
    return flop


@dataclass(frozen=True)
class Together:
    """The claims of cards and time that belong to the judged one."""

    hardware: Claim[Any] | None
    duration: Claim[Any] | None
    gpu_hours: Claim[Any] | None

    @property
    def cards(self) -> HardwareCount | None:
        return self.hardware.value if self.hardware else None


def together(place: Place, name: str, claim: Claim[Any], fact: Fact[Any]) -> Together:
    """The cards and the time that were claimed together with a claim of `name`."""
    found = {
        other: claim if other == name else partner(place.fact(other), claim, fact, any_source=name == "cost")
        for other in ("hardware", "duration", "gpu_hours")
    }
    return Together(**found)


def spent_by(them: Together, name: str, account: Account) -> Range | None:
    """Card-hours: cards x hours, or as they were counted."""
    hours = amount(them.duration.value) if them.duration else None
    counted = amount(them.gpu_hours.value) if them.gpu_hours else None
    count = them.cards.count if them.cards else None
    if name != "gpu_hours" and hours is not None and count is not None:
        spent = hours * float(count)
        line = f"{count:,} × {hours_line(hours)} = {figures(spent)}"
        account.say(f"Spent: {line} card-hours", f"耗费：{line} 卡时")
        return spent
    if counted is not None:
        account.say(f"Spent: {figures(counted)} card-hours", f"耗费：{figures(counted)} 卡时")
        return counted
    if hours is None:
        account.lacking.append(Line("the time of this run on these cards", "该配置下的训练时长"))
    if count is None:
        account.lacking.append(Line("the number of cards", "显卡数量"))
    return None


def judge_time(catalog: Catalog, place: Place, name: str, claim: Claim[Any], fact: Fact[Any]) -> Judged:
    """Of a claim of hardware, duration or GPU-hours, or of the amount of data, at its word."""
    account = Account()
    volume = name in VOLUMES
    flop = work(catalog, place, account, *((name, claim) if volume else ()))
    them = together(place, name, claim, fact)
    spent = spent_by(them, name, account)
    peak = None
    if them.cards is None:
        account.lacking.append(Line("the cards", "显卡型号"))
    else:
        found = peak_of(catalog, arithmetic_format(place), them.cards)
        peak = account.take(found)
    derived, unit = None, ""
    if flop is not None and peak is not None and not volume:
        count = 1.0 if name == "gpu_hours" else float(them.cards.count or 0) if them.cards else 0.0
        if count:
            derived, unit = hours_at(flop, count, peak.high), "GPU-hours" if name == "gpu_hours" else "hours"
            usual = percent(COEFFICIENTS.utilisation)
            account.say(
                f"At {usual} of the peak: {figures(derived)} {unit}",
                f"按峰值的 {usual}：{figures(derived)} {'GPU 小时' if name == 'gpu_hours' else '小时'}",
            )
    if flop is None or spent is None or peak is None:
        return Judged("under-determined", account.all(), derived, unit)
    assert isinstance(found, Given)
    return by_share(account, flop, spent, found, derived, unit)


def by_share(account: Account, flop: Range, spent: Range, peak: Given, derived: Range | None, unit: str) -> Judged:
    """By the share of the peak that so much arithmetic in so many card-hours comes to."""
    share = utilisation(flop, spent, peak.amount.high)
    at_peak = figures(spent * (SECONDS * peak.amount.high))
    account.say(
        f"Peak: {figures(spent)} card-hours × 3600 s × {peak.line.en} = {at_peak} FLOP; utilisation {percent(share)}",
        f"峰值：{figures(spent)} 卡时 × 3600 秒 × {peak.line.zh} = {at_peak} FLOP；利用率 {percent(share)}",
    )
    verdict = of_utilisation(share)
    _comment(account, share, verdict)
    return Judged(verdict, account.all(), derived, unit, share)


def _comment(account: Account, share: Range, verdict: Verdict) -> None:
    """What the figures alone do not say."""
    if verdict == "contradicted":
        account.say(
            f"At least {figures(share.low)} times the peak of these cards.",
            f"至少为这些显卡峰值的 {figures(share.low)} 倍。",
        )
    elif is_slow(share) and verdict == "plausible":
        account.say("Slow: below 15% of the peak throughout.", "偏慢：始终低于峰值的 15%。")
    elif verdict == "plausible" and share.high > 1:
        account.say(
            "The upper end is beyond the peak, so the data were fewer or shorter than it assumes.",
            "上端超过峰值，因此数据实际应少于或短于上限的假定。",
        )
    elif verdict == "under-determined":
        account.say("The range is too wide to say anything.", "区间过宽，无法判断。")


def judge_volume(catalog: Catalog, place: Place, name: str, claim: Claim[Any], fact: Fact[Any]) -> Judged:
    """Of a disputed amount of data: against the compute that the entry itself states, else against time and cards."""
    stated = place.fact("compute")
    if stated is None:
        return judge_time(catalog, place, name, claim, fact)
    account = Account()
    flop = work(catalog, place, account, name, claim)
    told = amount(stated.accepted.value)
    if flop is None or told is None:
        return Judged("under-determined", account.all())
    return _tied(account, told, flop, "FLOP", ("stated compute", "所述算力总量"))


def _tied(account: Account, claimed: Range, derived: Range, unit: str, named: tuple[str, str]) -> Judged:
    verdict = of_tied(claimed, derived)
    ratio = figures(claimed / derived) if derived.low else "–"
    account.say(
        f"{named[0].capitalize()}: {figures(claimed)} {unit}; derived {figures(derived)}; ratio {ratio}",
        f"{named[1]}：{figures(claimed)} {unit}；推算 {figures(derived)}；比值 {ratio}",
    )
    return Judged(verdict, account.all(), derived, unit)


def judge_rate(catalog: Catalog, place: Place, name: str, claim: Claim[Any], fact: Fact[Any]) -> Judged:
    """Of stated compute, tokens a second and card, or FLOP a second and card: tied to work and time by arithmetic."""
    account = Account()
    claimed = amount(claim.value)
    flop = work(catalog, place, account)
    if name == "compute":
        if flop is None or claimed is None:
            return Judged("under-determined", account.all())
        return _tied(account, claimed, flop, "FLOP", ("stated compute", "所述算力总量"))
    spent = spent_by(together(place, name, claim, fact), name, account)
    if spent is None or flop is None or claimed is None:
        return Judged("under-determined", account.all())
    if name == "throughput":
        data = tokens(catalog, place)
        assert isinstance(data, Given)
        return _tied(
            account,
            claimed,
            data.amount / (spent * SECONDS),
            "tokens/s",
            ("stated tokens a second and card", "所述每卡每秒 token"),
        )
    again = Range(flop.low, flop.high * 8.0 / 6.0)
    account.say(
        "Up to a third more where layers are computed twice to save memory.", "若为省显存重算前向，至多再多三分之一。"
    )
    return _tied(account, claimed, again / (spent * SECONDS), "FLOP/s", ("stated speed of a card", "所述单卡算力"))
