"""The processes that train together: one, or those that `accelerate launch` started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Processes:
    """How many there are and which of them this is."""

    count: int
    rank: int
    device: str
    """`cpu` or `cuda`."""

    @property
    def first(self) -> bool:
        """The one that writes and tells."""
        return self.rank == 0

    def wait(self) -> None:
        """Until all have come here."""
        if self.count > 1:
            from accelerate import PartialState

            PartialState().wait_for_everyone()

    def platform(self, threads: int) -> dict[str, Any]:
        """What must stay the same while a run goes on, for the same bits."""
        import torch

        here = {"processes": self.count, "threads": threads, "device": self.device, "torch": torch.__version__}
        return {**here, "cpu": torch.backends.cpu.get_cpu_capability()}


def processes() -> Processes:
    """Joins those that were launched together."""
    import torch
    from accelerate import PartialState

    cuda = torch.cuda.is_available()
    state = PartialState(cpu=not cuda)
    return Processes(state.num_processes, state.process_index, "cuda" if cuda else "cpu")
