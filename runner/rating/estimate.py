"""What every method gives, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runner.battles import Battles, Floats, Notice
from runner.rating.resample import Clusters
from runner.rating.result import Trace
from runner.rating.settings import Settings


@dataclass(frozen=True, eq=False)
class Job:
    """The battles that count, none of them invalid, and how to work."""

    battles: Battles
    settings: Settings
    clusters: Clusters
    threads: int
    progress: Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Estimate:
    """Ratings of the models as they are numbered, before any anchor."""

    ratings: Floats
    """[models]"""
    replicates: Floats | None = None
    """Of the bootstrap, else of the random orderings. [replicates, models]"""
    notices: tuple[Notice, ...] = ()
    trace: Trace | None = None
    order_term: float | None = None
    """bt: points of being shown first."""
    order_terms: Floats | None = None
    """[replicates]"""
