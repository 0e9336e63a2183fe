"""What a rating comes to: the JSON that `runner rate` prints, and the values it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from runner.battles import Floats, Notice


@dataclass(frozen=True)
class Row:
    """One model. Intervals and `sd` are None where nothing was resampled; `rating` where the battles do not give it."""

    model: str
    rating: float | None
    sd: float | None
    ci: tuple[float, float] | None
    rank: int | None
    """1 + the number of models rated higher."""
    rank_ci: tuple[int, int] | None
    battles: int
    wins: int
    ties: int
    losses: int

    def to_json(self) -> dict[str, Any]:
        """The row, intervals as lists."""
        return {
            "model": self.model,
            "rating": self.rating,
            "sd": self.sd,
            "ci": None if self.ci is None else list(self.ci),
            "rank": self.rank,
            "rank_ci": None if self.rank_ci is None else list(self.rank_ci),
            "battles": self.battles,
            "wins": self.wins,
            "ties": self.ties,
            "losses": self.losses,
        }


@dataclass(frozen=True)
class Counts:
    """Rows of the file, each counted once: total = valid + invalid + dropped; ties are among the valid."""

    total: int
    valid: int
    """Battles that the rating rests on."""
    ties: int
    invalid: int
    """Verdicts that could not be read."""
    dropped: int
    """Left out by --category or --ties, or merged into another row by --merge-orders."""

    def to_json(self) -> dict[str, int]:
        """The five counts."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Trace:
    """Ratings after every battle in the recorded order. `ratings` [rounds, models]"""

    rounds: tuple[int, ...]
    """Numbers of the rounds where they were recorded, else 1, 2, 3 ..."""
    models: tuple[str, ...]
    ratings: Floats

    def to_json(self) -> dict[str, Any]:
        """`ratings[i]` are those after `rounds[i]`, in the order of `models`."""
        return {"rounds": list(self.rounds), "models": list(self.models), "ratings": self.ratings.tolist()}


@dataclass(frozen=True, eq=False)
class Rating:
    """A finished rating; `rows` from the highest rating down, equal ones in the order of their first battle."""

    method: str
    settings: Mapping[str, Any]
    battles: Counts
    rows: tuple[Row, ...]
    pairs: tuple[Mapping[str, Any], ...]
    order_bias: Mapping[str, Any] | None
    agreement: Mapping[str, Any] | None
    warnings: tuple[Notice, ...]
    trace: Trace | None

    def to_json(self) -> dict[str, Any]:
        """Plain values, unrounded; null where something was not computed."""
        return {
            "method": self.method,
            "settings": dict(self.settings),
            "battles": self.battles.to_json(),
            "ratings": [row.to_json() for row in self.rows],
            "pairs": [dict(pair) for pair in self.pairs],
            "order_bias": None if self.order_bias is None else dict(self.order_bias),
            "agreement": None if self.agreement is None else dict(self.agreement),
            "warnings": [{"code": notice.code, "message": notice.message} for notice in self.warnings],
            "trace": None if self.trace is None else self.trace.to_json(),
        }
