"""This machine: its card, memory and processors, asked of the system and not of torch."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class FoundCard:
    """A card as its driver names it."""

    name: str
    bytes: int
    driver: str
    slug: str | None
    """In the catalog; None where the register has no such card."""


@cache
def nvidia_cards() -> tuple[FoundCard, ...]:
    """Cards that the driver's own tool reports; none where there is no driver."""
    ask = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(ask, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if done.returncode:
        return ()
    lines = [line.split(", ") for line in done.stdout.splitlines()]
    return tuple(read_card(*line) for line in lines if len(line) == 3 and line[1].strip().isdigit())


def read_card(name: str, mebibytes: str, driver: str) -> FoundCard:
    """One line of the tool."""
    return FoundCard(name.strip(), int(mebibytes) * 2**20, driver.strip(), card_slug(name))


def card_here() -> str | None:
    """The catalog's name of the first card; None where there is none or it is not on record."""
    cards = nvidia_cards()
    return cards[0].slug if cards else None


def memory_bytes() -> int | None:
    """Main memory that may be used: the machine's, or less where a container bounds it."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            bound = Path(path).read_text().strip()
        except OSError:
            continue
        if bound.isdigit() and 0 < int(bound) < total:
            return int(bound)
    return total


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def card_slug(device: str) -> str | None:
    """The catalog's slug of a card by the name that its driver gives; None for a processor or a card it has not."""
    from catalog.store import find_root

    plain = device.lower().replace("nvidia", "").replace("geforce", "")
    words = set(plain.replace("-", " ").replace("_", " ").split())
    found = []
    for path in sorted((find_root() / "hardware").glob("*.yaml")):
        parts = path.stem.split("-")
        name = [part for part in parts if not part.endswith("gb")]
        memory = [part for part in parts if part.endswith("gb")]
        if all(part in words for part in name) and all(part in words for part in memory):
            found.append((len(parts), path.stem))
    return max(found)[1] if found else None
