"""A bar for work that takes long."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Protocol

_BAR_AFTER = 2.0  # seconds


class Progress(Protocol):
    """Told how far the work has come."""

    def __call__(self, share: float, note: str = "") -> None:
        """`share` from 0 to 1; `note` stands beside the bar."""


def bar() -> Progress:
    """A bar on a terminal's stderr once the work has taken two seconds; nothing elsewhere."""
    if not sys.stderr.isatty():
        return silent
    began = time.monotonic()

    def tell(share: float, note: str = "") -> None:
        if time.monotonic() - began > _BAR_AFTER:
            filled = int(30 * share)
            width = max(0, shutil.get_terminal_size().columns - 40)
            end = "\r\033[K" if share >= 1 else f" {note[:width]}\033[K"
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {share:4.0%}{end}")
            sys.stderr.flush()

    return tell


def silent(share: float, note: str = "") -> None:
    """Tells nobody."""
