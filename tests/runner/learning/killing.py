"""Runs one training over and over, killed by SIGKILL at a file operation of its own, and then finished.

The libraries are imported once; each run is a fork. `python -m tests.runner.learning.killing BASE FOLDER EVERY` prints
one JSON object: the SHA-256 of the outputs of a run left alone, how many moments there are, and for each moment tried
the outputs in the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.learning import learn
from runner.learning.determinism import settle
from runner.learning.train import train
from runner.progress import silent
from tests.runner import tiny

OUTPUTS = ("steps.csv", "trained.json", "adapter/adapter_model.safetensors", "adapter/adapter_config.json",
           "checkpoints/3/adapter_model.safetensors", "checkpoints/6/adapter_model.safetensors")  # fmt: skip
WRITING = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "shutil.copyfile")


def forked(act: Callable[[], Any]) -> int:
    """Exit status of a child that does it: -9 where it was killed."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def counted(folder: Path, act: Callable[[int], None]) -> None:
    """Calls `act` with the number of each file operation below the folder, before it is done."""
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        writes = event in WRITING or (
            event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax")
        )
        if writes and str(arguments[0]).startswith(str(folder)):
            seen += 1
            act(seen)

    sys.addaudithook(hook)


def once(base: Path, folder: Path) -> None:
    train(
        tiny.training(), base, base, tiny.pairs(30), folder / "out", folder / "work",
        steps=None, seed=0, threads=1, progress=silent,
    )  # fmt: skip


def killed_at(moment: int, base: Path, folder: Path) -> None:
    counted(folder, lambda number: os.kill(os.getpid(), signal.SIGKILL) if number == moment else None)
    once(base, folder)


def killed_within_a_file(base: Path, folder: Path) -> None:
    """The optimiser's states of the second checkpoint are half on the disk."""
    import torch

    whole, calls = torch.save, []

    def half(content: Any, file: Any, *rest: Any, **kept: Any) -> None:
        whole(content, file, *rest, **kept)
        calls.append(file)
        if str(file).endswith("checkpoint-4/optimizer.pt"):
            os.truncate(file, os.path.getsize(file) // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    torch.save = half
    once(base, folder)


def hashes(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / "out" / name).read_bytes()).hexdigest() for name in OUTPUTS}


def main(base: Path, folder: Path, every: int) -> None:
    settle(0, 1)
    learn.quiet()
    moments = folder / "moments"

    def alone() -> None:
        last = [0]
        counted(folder / "alone", lambda number: last.__setitem__(0, number))
        once(base, folder / "alone")
        moments.write_text(str(last[0]))

    assert forked(alone) == 0
    count, found = int(moments.read_text()), {}
    for moment in range(1, count + 1, every):
        where = folder / f"at-{moment}"
        status = forked(lambda where=where, moment=moment: killed_at(moment, base, where))  # type: ignore[misc]
        after = forked(lambda where=where: once(base, where))  # type: ignore[misc]
        found[str(moment)] = {"killed": status == -signal.SIGKILL, "finished": after == 0, "outputs": hashes(where)}
    where = folder / "within"
    status = forked(lambda: killed_within_a_file(base, where))
    after = forked(lambda: once(base, where))
    found["within"] = {"killed": status == -signal.SIGKILL, "finished": after == 0, "outputs": hashes(where)}
    print(json.dumps({"alone": hashes(folder / "alone"), "moments": count, "found": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
