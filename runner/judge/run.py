"""Puts pairs before a judge and keeps what it says; goes on where an earlier run stopped."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Literal, Protocol

from catalog.errors import UserError
from runner.judge.base import Judge, NoAnswer, Pair, Ruling
from runner.judge.journal import Journal

FAILURES_IN_A_ROW = 3
"""An endpoint that fails so often has a fault of its own, and asking on would only cost."""

Progress = Callable[[int, int], None]
Halt = Literal["", "budget", "failing", "interrupted", "refused"]


class Remote(Judge, Protocol):
    """A judge that costs money and may not answer."""

    def compare(self, pair: Pair) -> Ruling:
        """Rule on a pair; NoAnswer where none could be had."""

    def ceiling(self, pair: Pair) -> float:
        """The most USD one attempt at `pair` can cost; 0 where that is not known."""


@dataclass
class Course:
    """How a run went."""

    rulings: Mapping[tuple[str, str, str], Ruling]
    """By `Pair.key`; those of earlier runs too."""
    asked: int = 0
    """Pairs this run put before the judge and got a ruling on."""
    no_basis: int = 0
    """Pairs on which this judge cannot rule."""
    failures: Counter[str] = field(default_factory=Counter)
    """Pairs without an answer, by kind; another run asks them again."""
    last_failure: str = ""
    halted: Halt = ""
    """Why the run stopped early."""
    error: UserError | None = None
    """What made every further question pointless."""


def judge_here(judge: Judge, pairs: Sequence[Pair], progress: Progress) -> Course:
    """Rule on every pair with a judge that needs nobody else."""
    rulings = {}
    for done, pair in enumerate(pairs):
        progress(done, len(pairs))
        if ruling := judge.compare(pair):
            rulings[pair.key] = ruling
    return Course(rulings, asked=len(pairs), no_basis=len(pairs) - len(rulings))


def judge_remotely(
    judge: Remote, pairs: Sequence[Pair], journal: Journal, *, workers: int, stop: threading.Event, progress: Progress
) -> Course:
    """Ask about every pair the journal has no ruling on, `workers` at a time.

    Ends early when the budget is spent, when failures follow each other, or by Ctrl-C. Answers that are on their way
    are then waited for and kept, for they are paid; `stop` tells the judge not to ask again.
    """
    asking = _Asking(judge, pairs, journal, workers, progress)
    with _noticing_interrupt() as interrupted, ThreadPoolExecutor(workers) as pool:
        while asking.step(pool):
            if interrupted.is_set():
                asking.course.halted = "interrupted"
            if asking.course.halted:
                stop.set()
    return asking.course


@contextlib.contextmanager
def _noticing_interrupt() -> Iterator[threading.Event]:
    """Ctrl-C sets the event instead of breaking in anywhere, as between a reply and its line in the journal."""
    noticed = threading.Event()

    def notice(*_: object) -> None:
        if noticed.is_set():
            raise KeyboardInterrupt
        noticed.set()

    if threading.current_thread() is not threading.main_thread():
        yield noticed
        return
    before = signal.signal(signal.SIGINT, notice)
    try:
        yield noticed
    finally:
        signal.signal(signal.SIGINT, before)


class _Asking:
    """Which pairs are on their way; only the main thread touches it and the journal."""

    def __init__(
        self, judge: Remote, pairs: Sequence[Pair], journal: Journal, workers: int, progress: Progress
    ) -> None:
        self.course = Course(journal.past.settled)  # which grows with every ruling the journal takes
        self._judge, self._journal, self._workers, self._progress = judge, journal, workers, progress
        left = [pair for pair in pairs if pair.key not in journal.past.settled]
        self._waiting, self._known, self._total = deque(left), len(pairs) - len(left), len(pairs)
        self._running: dict[Future[Ruling], tuple[Pair, bool]] = {}
        """With each pair, whether it is asked alone."""
        self._in_a_row = 0

    def step(self, pool: ThreadPoolExecutor) -> bool:
        """Send what there is room for and take in what arrived; False when all is done."""
        while self._waiting and not self.course.halted and len(self._running) < self._workers:
            pair = self._waiting.popleft()
            self._journal.asked(pair, self._judge.ceiling(pair))
            self._running[pool.submit(self._judge.compare, pair)] = pair, self._workers == 1
        if not self._running:
            return False
        self._progress(self._known + self.course.asked, self._total)
        arrived, _ = wait(self._running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in arrived:
            self._take(future, *self._running.pop(future))
        return True

    def _take(self, future: Future[Ruling], pair: Pair, alone: bool) -> None:
        try:
            ruling = future.result()
        except NoAnswer as error:
            self._journal.fail(pair, error)
            self._fail(error, pair, alone)
        except UserError as error:
            self._journal.fail(pair, NoAnswer(error.what, "refused", {}))
            self.course.error, self.course.halted = error, "refused"
        else:
            self._journal.settle(pair, ruling)
            self.course.asked += 1
            self._in_a_row = 0

    def _fail(self, error: NoAnswer, pair: Pair, alone: bool) -> None:
        course = self.course
        if error.kind == "budget" and not alone:
            # The others set aside more than they cost; ask again, one at a time, once they gave the rest back.
            self._waiting.appendleft(pair)
            self._workers = 1
            return
        if error.kind == "budget":
            course.halted = course.halted or "budget"
            return
        course.failures[error.kind] += 1
        course.last_failure = error.why
        self._in_a_row += 1
        if self._in_a_row == FAILURES_IN_A_ROW:
            course.halted = course.halted or "failing"
