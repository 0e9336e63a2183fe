"""Every setting of a rating with its default, and what cannot go together."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn

from catalog.errors import UserError

Method = Literal["elo", "bt", "winrate", "ratio"]
Order = Literal["recorded", "random"]
Ties = Literal["half", "drop"]
MergeOrders = Literal["none", "agree-or-tie"]

MAX_REPLICATES = 1_000_000


@dataclass(frozen=True)
class Settings:
    """The flags of `runner rate`. Raises UserError (exit code 2) that tells all impossible values together."""

    method: Method = "elo"
    k: float = 32.0
    """Elo: most points that one battle of weight 1 can move."""
    init: float = 1000.0
    """Rating of a model that has not fought; Bradley-Terry: mean rating."""
    scale: float = 400.0
    base: float = 10.0
    """A model `scale` points ahead is expected to win `base` times as often as it loses."""
    start: Mapping[str, float] = field(default_factory=dict)
    """Elo: ratings to begin from; models that are not named begin at `init`."""
    order: Order | None = None
    """Elo: order of the battles; None means random where `orderings` is set, else recorded."""
    orderings: int = 0
    """Elo: number of random orderings to average over."""
    bootstrap: int = 0
    """Number of resamples for the intervals."""
    cluster: str | None = None
    """Column whose values are resampled; None means `question_id` where the battles have it, else single battles;
    `none` means single battles."""
    ci: float = 95.0
    """Width of the intervals in per cent."""
    ties: Ties = "half"
    merge_orders: MergeOrders = "none"
    category: str | None = None
    seed: int = 0
    anchor: tuple[str, float] | None = None
    """elo, bt: shift all ratings so that this model has this one. ratio: the reference and its value."""
    order_term: bool = False
    """bt: also fit the advantage of the model that is shown first."""
    trace: bool = False
    """elo in recorded order: keep the rating of every model after every battle."""

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise UserError(
                "these settings cannot be" if len(faults) > 1 else faults[0],
                why="; ".join(faults) if len(faults) > 1 else "",
                hint="`runner rate --help` tells every flag",
                exit_code=2,
            )

    @property
    def played(self) -> Order:
        """The order the battles are played in."""
        return self.order or ("random" if self.orderings else "recorded")


def _faults(s: Settings) -> Iterator[str]:
    yield from _number_faults(s)
    if s.method != "elo":
        for flag, given in (
            ("--start", bool(s.start)),
            ("--order", s.order is not None),
            ("--orderings", bool(s.orderings)),
            ("--trace", s.trace),
        ):
            if given:
                yield f"{flag} is for --method elo"
    if s.order_term and s.method != "bt":
        yield "--order-term is for --method bt"
    if s.order == "recorded" and s.orderings:
        yield "--orderings are random, --order says recorded"
    if s.trace and (s.played != "recorded"):
        yield "--trace needs --order recorded"
    if s.anchor and s.method == "winrate":
        yield "--anchor has no meaning for win rates"
    if s.method == "ratio" and s.ties != "half":
        yield "--ties has no meaning for score ratios"
    if s.method == "ratio" and s.merge_orders != "none":
        yield "--merge-orders has no meaning for score ratios, which take both orders as they are"
    if s.cluster not in (None, "none", "question_id", "category", "judge", "annotator"):
        yield f"--cluster `{s.cluster}` is not question_id, category, judge, annotator or none"


def _number_faults(s: Settings) -> Iterator[str]:
    for flag, value in (("--k", s.k), ("--scale", s.scale)):
        if not (math.isfinite(value) and value > 0):
            yield f"{flag} must be above 0, not {value}"
    if not (math.isfinite(s.base) and s.base > 1):
        yield f"--base must be above 1, not {s.base}"
    if not math.isfinite(s.init):
        yield f"--init must be a number, not {s.init}"
    for name, value in s.start.items():
        if not math.isfinite(value):
            yield f"the rating of `{name}` to start from must be a number, not {value}"
    if s.anchor and not math.isfinite(s.anchor[1]):
        yield f"--anchor must be a number, not {s.anchor[1]}"
    if s.anchor and s.method == "ratio" and not s.anchor[1] > 0:
        yield f"--anchor must be above 0 for a ratio, not {s.anchor[1]}"
    if not 0 < s.ci < 100:
        yield f"--ci must lie between 0 and 100, not {s.ci}"
    for flag, count in (("--orderings", s.orderings), ("--bootstrap", s.bootstrap)):
        if not 0 <= count <= MAX_REPLICATES or count == 1:
            yield f"{flag} must be 0 or between 2 and {MAX_REPLICATES:,}, not {count}"
    if not 0 <= s.seed < 2**63:
        yield f"--seed must be between 0 and 2^63 - 1, not {s.seed}"


def read_start(path: Path) -> dict[str, float]:
    """Ratings to begin from: `{"model": rating}`, or the JSON that `runner rate` printed."""
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise _wrong_start(path, error.strerror or "") from None
    except UnicodeDecodeError:
        raise _wrong_start(path, "it is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise _wrong_start(path, f"it is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise _wrong_start(path, "it is not a JSON object")
    pairs = list(found.items())
    if isinstance(found.get("ratings"), list):
        rows = found["ratings"]
        if not all(isinstance(row, dict) and isinstance(row.get("model"), str) for row in rows):
            raise _wrong_start(path, "an entry of `ratings` has no `model`")
        pairs = [(row["model"], row.get("rating")) for row in rows]
    for name, value in pairs:
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise _wrong_start(path, f"the rating of `{name[:60]}` is not a number")
    return {name: float(value) for name, value in pairs}


def _wrong_start(path: Path, why: str) -> UserError:
    hint = '{"model": rating, ...} or the output of `runner rate --format json`'
    return UserError("the ratings to start from cannot be read", where=str(path), why=why, hint=hint, exit_code=2)


def read_anchor(text: str) -> tuple[str, float]:
    """`MODEL=R`; the name may hold `=` itself."""
    model, sign, value = text.rpartition("=")
    try:
        return (model, float(value)) if sign and model else _no_anchor(text)
    except ValueError:
        return _no_anchor(text)


def _no_anchor(text: str) -> NoReturn:
    hint = "for example --anchor chatgpt=1000"
    raise UserError(f"--anchor `{text}` is not MODEL=RATING", hint=hint, exit_code=2)
