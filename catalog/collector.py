"""Python's garbage collector, which looks for circles. Records hold none, and it would walk all of them each time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leaves the collector off while records are read and commands run that end soon."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def passed_over() -> Iterator[None]:
    """Lets the collector pass over what is there already, while a long build leaves true garbage behind."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
