"""What this machine can do for a training, found out without loading anything heavy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec

from catalog.training import HubFiles, Training, WebFile

PARAMETERS_ON_A_CPU = 100_000_000
"""A base larger than this would train for days without a card."""
EXTRA = "the training extra: `pip install 'herdbook[train]'`"


@dataclass(frozen=True)
class Lacking:
    """What is missing here, by stage; empty where the stage can begin."""

    prepare: tuple[str, ...] = ()
    train: tuple[str, ...] = ()


def threads() -> int:
    """How many threads compute. Two by default, on every machine, so that the same run gives the same bytes."""
    given = os.environ.get("HERDBOOK_THREADS", "")
    return int(given) if given.isdigit() and 1 <= int(given) <= 1024 else 2


def missing_extra() -> bool:
    """Whether what training needs is not installed."""
    return not all(find_spec(name) for name in ("torch", "transformers", "peft", "bitsandbytes", "accelerate"))


def lacking(training: Training) -> Lacking:
    """What this machine lacks for the stages of a training."""
    extra = (EXTRA,) if missing_extra() else ()
    if training.planning_only:
        return Lacking(prepare=(training.planning_only.en,), train=(training.planning_only.en,))
    prepare = list(extra) if training.base.made else []
    prepare += [f"{name}, which {_GONE[part.access]}" for name, part in _origins(training) if part.access in _GONE]
    return Lacking(tuple(prepare), (*extra, *_card(training)))


_GONE = {"gone": "is no longer to be had", "never-released": "was never released"}


def _origins(training: Training) -> Iterator[tuple[str, HubFiles | WebFile]]:
    parts: list[tuple[str, HubFiles | WebFile | None]] = [
        ("the base", training.base.hub),
        ("the tokenizer", training.tokenizer.hub),
    ]
    parts += [("the data set", data.hub or data.web) for data in training.data]
    for name, part in parts:
        if part is not None:
            yield f"{name} {getattr(part, 'repo', None) or getattr(part, 'url', '')}", part


def _card(training: Training) -> tuple[str, ...]:
    """A card with room for it, where the base is too large for a processor."""
    from catalog import estimate
    from runner import estimating
    from runner.machine import nvidia_cards

    found = estimating.estimable(training, {})
    if found is None or found.shape.parameters <= PARAMETERS_ON_A_CPU:
        return ()
    memory, cards = estimating.memory(found), nvidia_cards()
    wanted = f"a card with {memory.least.low / estimate.GIB:,.0f} GiB or more"
    if not cards:
        return (wanted,)
    usable = max(card.bytes for card in cards) * estimate.COEFFICIENTS.usable_share
    if estimate.fit(memory, usable) == "no":
        return (f"{wanted}; this one has {usable / estimate.GIB:,.0f}",)
    if (version("torch") or "").endswith("+cpu"):
        return ("a build of torch for the card: this one is for processors only",)
    return ()


def version(name: str) -> str | None:
    """Of an installed package, found without loading it."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
