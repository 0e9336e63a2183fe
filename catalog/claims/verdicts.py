"""What a claim comes to. The thresholds were fixed before any claim was judged; a change is explained in CURATION.md.

Three questions, three rules, one scale. Nothing here knows which claim it judges.
"""

from __future__ import annotations

from typing import Literal, get_args

from catalog.estimate.ranges import Range

Verdict = Literal["reproduced", "consistent", "plausible", "under-determined", "implausible", "contradicted"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

PEAK = 1.0
IMPLAUSIBLE_ABOVE = 0.75
IMPLAUSIBLE_BELOW = 0.01
CONSISTENT = Range(0.15, 0.60)
TOO_WIDE = 20.0
TIED = 2.0
NEAR = 0.10


def of_utilisation(share: Range) -> Verdict:
    """Of the share of the peak that a claim of time implies: 1 is the peak of the cards, which nothing exceeds."""
    if share.low > PEAK:
        return "contradicted"
    if share.low > IMPLAUSIBLE_ABOVE or share.high < IMPLAUSIBLE_BELOW:
        return "implausible"
    if share.low == 0 or share.high / share.low > TOO_WIDE:
        return "under-determined"
    if CONSISTENT.low <= share.low and share.high <= CONSISTENT.high:
        return "consistent"
    return "plausible"


def is_slow(share: Range) -> bool:
    """Whether all of it lies below what well-run training reaches."""
    return share.high < CONSISTENT.low


def of_tied(claimed: Range, derived: Range) -> Verdict:
    """Of two figures that arithmetic ties: they differ by more than two times, or they meet within 10 %, or neither.

    Ranges differ by what lies between them: two that overlap meet.
    """
    if derived.low == 0 or claimed.low == 0:
        return "under-determined"
    if derived.high / derived.low > TOO_WIDE:
        return "under-determined"
    apart = max(claimed.low / derived.high, derived.low / claimed.high)
    if apart > TIED:
        return "contradicted"
    return "consistent" if apart <= 1 + NEAR else "plausible"


def of_memory(claimed: Range, derived: Range) -> Verdict:
    """Of GPU memory that a claim says is taken or needed, against what has to be held.

    Less than half of it: contradicted. Less than nine tenths: implausible. Within 10 %: consistent. More: plausible,
    for a program can always take more than it has to.
    """
    if derived.high / derived.low > TOO_WIDE:
        return "under-determined"
    if claimed.high < derived.low / TIED:
        return "contradicted"
    if claimed.high < derived.low * (1 - NEAR):
        return "implausible"
    return "consistent" if claimed.low <= derived.high * (1 + NEAR) else "plausible"
