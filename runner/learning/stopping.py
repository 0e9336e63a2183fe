"""Ctrl-C and SIGTERM: the step is finished, a checkpoint taken, and the run can go on later."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from catalog.errors import UserError

STOPPED = 130
"""Exit code, as shells give it after Ctrl-C."""


class Stopped(UserError):
    """The user asked for an end; what was done is kept."""

    def __init__(self, what: str, why: str = "") -> None:
        super().__init__(what, why=why, hint="run the same command again to go on", exit_code=STOPPED)


class Request:
    """Whether an end was asked for."""

    def __init__(self) -> None:
        self.made = False


@contextmanager
def listening() -> Iterator[Request]:
    """Within it a first signal makes a request, and a second one ends the program at once.

    Outside the main thread, where Python allows no handlers, signals do what they always did.
    """
    request = Request()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, frame: FrameType | None) -> None:
        if request.made:
            raise KeyboardInterrupt
        request.made = True

    for number in before:
        signal.signal(number, note)
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
