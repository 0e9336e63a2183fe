"""A bar for work that takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_BAR_AFTER = 2.0  # seconds


def bar() -> Callable[[float], None]:
    """A bar on a terminal's stderr once the work has taken two seconds; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda share: None
    began = time.monotonic()

    def tell(share: float) -> None:
        if time.monotonic() - began > _BAR_AFTER:
            filled = int(30 * share)
            end = "\r\033[K" if share >= 1 else ""
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {share:4.0%}{end}")
            sys.stderr.flush()

    return tell
