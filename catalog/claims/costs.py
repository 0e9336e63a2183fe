"""Claims of cost: card-hours times what a card and hour was to be had for."""

from __future__ import annotations

from catalog.claims.account import Account, Judged
from catalog.claims.assumptions import assumptions
from catalog.claims.inputs import amount, cards
from catalog.claims.lines import Line, figures
from catalog.claims.verdicts import of_tied
from catalog.estimate import Range, cost
from catalog.hardware_counts import HardwareCount
from catalog.register import Catalog
from catalog.units import Quantity


def judge_cost(
    catalog: Catalog, account: Account, value: Quantity, hardware: HardwareCount | None, spent: Range | None
) -> Judged:
    """`spent` are card-hours; what is missing of them already stands in the account."""
    claimed = amount(value)
    if claimed is None or spent is None or hardware is None:
        return Judged("under-determined", account.all() or (Line("Missing: the card-hours", "缺：卡时"),))
    implied = claimed / spent
    account.say(
        f"{figures(claimed)} USD / {figures(spent)} card-hours = {figures(implied)} USD",
        f"{figures(claimed)} 美元 / {figures(spent)} 卡时 = {figures(implied)} 美元",
    )
    family = next((catalog.hardware[card.slug].family for card in cards(catalog, hardware)), hardware.card)
    price = assumptions().prices.get(family)
    if price is None:
        account.lacking.append(Line(f"a price of {hardware.card}", f"{hardware.card} 的单价"))
        return Judged("under-determined", account.all())
    derived = cost(spent, 1, price.range)
    account.say(
        f"At {figures(price.range)} USD a card and hour (assumed: {price.why.en}): {figures(derived)} USD",
        f"按每卡每小时 {figures(price.range)} 美元（假定：{price.why.zh}）：{figures(derived)} 美元",
    )
    return Judged(of_tied(claimed, derived), account.all(), derived, "USD")


NOT_OF_A_RUN = Judged(
    "under-determined",
    (
        Line(
            "Missing: how many tokens were written at which price; this is no cost of training.",
            "缺：生成的 token 数与单价；这不是训练费用。",
        ),
    ),
)
"""What a data set cost to make."""
