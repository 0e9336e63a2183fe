"""Commands timed in turn, so that a busy moment of the machine falls on all of them."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Runs:
    """What one command took."""

    seconds: list[float] = field(default_factory=list)
    """By the clock on the wall."""
    cpu: list[float] = field(default_factory=list)
    """Of the processor; hardly moved by what else the machine does."""
    megabytes: list[float] = field(default_factory=list)
    """Largest resident set of the process."""

    def cells(self) -> tuple[str, str, str]:
        """Medians of both kinds of seconds, and the largest memory."""
        seconds, cpu = statistics.median(self.seconds), statistics.median(self.cpu)
        return f"{seconds:.1f}", f"{cpu:.1f}", f"{max(self.megabytes):.0f}"

    def ratio(self, reference: Runs) -> str:
        """Of processor seconds."""
        return f"{statistics.median(self.cpu) / statistics.median(reference.cpu):.2f}"


def interleaved(commands: Sequence[Sequence[str]], repeat: int, folder: Path, checkout: Path) -> list[Runs]:
    """Runs every command `repeat` times in `folder`, one after the other, with the packages of `checkout`."""
    runs = [Runs() for _ in commands]
    for turn in range(repeat):
        for command, found in zip(commands, runs, strict=True):
            seconds, cpu, megabytes = once(command, folder, checkout)
            found.seconds.append(seconds)
            found.cpu.append(cpu)
            found.megabytes.append(megabytes)
            took = f"{seconds:.2f} s, {cpu:.2f} s of the processor, {megabytes:.0f} MB"
            print(f"turn {turn + 1}: {took}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return runs


def once(command: Sequence[str], folder: Path, checkout: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and megabytes of one run; its own output is dropped, and a failure is an error."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HERDBOOK_")}
    env |= {"PYTHONPATH": str(checkout), "NO_MKDOCS_2_WARNING": "1"}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{said.decode()[-2000:]}")
    return seconds, usage.ru_utime + usage.ru_stime, peak(usage) / 1e6


def peak(usage: resource.struct_rusage) -> int:
    """Bytes; Linux counts in KiB, macOS in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, *rows]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
