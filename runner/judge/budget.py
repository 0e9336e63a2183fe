"""What a judge may cost. Prices change and differ by endpoint, so the user states them; none are built in."""

from __future__ import annotations

import threading
from dataclasses import dataclass

_MILLION = 1_000_000
_FRAME = 64  # tokens an endpoint may put around our two messages


@dataclass(frozen=True)
class Price:
    """USD per million tokens."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """USD for one reply."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION

    def ceiling(self, text: str, max_tokens: int) -> float:
        """The most USD one request with `text` can cost: no usual tokenizer makes more tokens than bytes."""
        return self.of(len(text.encode()) + _FRAME, max_tokens)


class Budget:
    """Money spent and set aside, in USD; safe between threads."""

    def __init__(self, limit: float | None = None, spent: float = 0.0) -> None:
        self.limit, self.spent, self._aside = limit, spent, 0.0
        self._lock = threading.Lock()

    def reserve(self, ceiling: float) -> bool:
        """Set `ceiling` aside; False when that could exceed the limit."""
        with self._lock:
            if self.limit is not None and self.spent + self._aside + ceiling > self.limit:
                return False
            self._aside += ceiling
            return True

    def settle(self, ceiling: float, cost: float) -> None:
        """Give back what was set aside and take what it did cost."""
        with self._lock:
            self._aside -= ceiling
            self.spent += cost
