"""How fast ratings are, beside the peers, in one run on one thread.

python benchmarks/rating.py                   all of it, with the peers' slow ones from a slice (marked x)
python benchmarks/rating.py --repeat 5        medians of five
python benchmarks/rating.py --battles catalog/models/guanaco/judgments/elo-vicuna80-gpt4.csv

Peers: a plain dict loop as of 2023 and, where it is installed (the test extra), evalica. Times are wall seconds and
processor seconds; on a shared machine only the second tell much. Generated battles: 1,000,000 among 100 models.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runner.battles import Battles, read
from runner.rating import Settings, rate
from runner.rating import bt as bradley_terry
from runner.rating.native import LIBRARY

_MODELS, _BATTLES = 100, 1_000_000


@dataclass(frozen=True)
class Timing:
    """Medians in seconds; `share` is the part that was run where the rest is extrapolated."""

    what: str
    who: str
    wall: float
    processor: float
    share: float = 1.0


def measure(what: str, who: str, work: Callable[[], object], repeat: int, share: float = 1.0) -> Timing:
    """Median of `repeat` runs, divided by the share that `work` does of the whole."""
    walls, processors = [], []
    for _ in range(repeat):
        before = _spent()
        began = time.perf_counter()
        work()
        walls.append((time.perf_counter() - began) / share)
        processors.append((_spent() - before) / share)
    timing = Timing(what, who, statistics.median(walls), statistics.median(processors), share)
    mark = "" if share == 1.0 else f"  x {share:g} run"
    print(f"{what:58} {who:10} {timing.wall:9.3f} {timing.processor:9.3f}{mark}", flush=True)
    return timing


def _spent() -> float:
    """Processor seconds of this process and of its children that ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def dict_loop(battles: list[tuple[str, str, float]], k: float = 32.0) -> dict[str, float]:
    """Elo as notebooks of 2023 have it."""
    ratings: dict[str, float] = {}
    for a, b, score in battles:
        own, other = ratings.setdefault(a, 1000.0), ratings.setdefault(b, 1000.0)
        ratings[a] += k * (score - 1 / (1 + 10 ** ((other - own) / 400)))
        ratings[b] += k * (1 - score - 1 / (1 + 10 ** ((own - other) / 400)))
    return ratings


def generated(path: Path) -> None:
    """A CSV of 1,000,000 battles among 100 models on 5,000 questions, 15% ties."""
    rng = np.random.default_rng(1)
    strength = rng.normal(0, 200, _MODELS)
    a = rng.integers(0, _MODELS, _BATTLES)
    b = (a + rng.integers(1, _MODELS, _BATTLES)) % _MODELS
    first = rng.random(_BATTLES) < 1 / (1 + 10 ** ((strength[b] - strength[a]) / 400))
    winner = np.where(rng.random(_BATTLES) < 0.15, "tie", np.where(first, "model_a", "model_b"))
    with open(path, "w", encoding="utf-8") as file:
        file.write("question_id,model_a,model_b,winner\n")
        for at, (one, two, word) in enumerate(zip(a.tolist(), b.tolist(), winner.tolist(), strict=True)):
            file.write(f"{at % 5000},model-{one:02d},model-{two:02d},{word}\n")


def command(*arguments: str) -> Callable[[], object]:
    """`runner rate ...` as a user starts it."""
    line = [sys.executable, "-m", "runner.rate_cli", "rate", *arguments, "--format", "json"]
    return lambda: subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def peak_memory(*arguments: str) -> float:
    """Largest resident memory of the command, in MB; Linux only, where it is not the parent's that is told."""
    code = (
        "import sys; from runner.rate_cli import main; main(sys.argv[1:]); "
        "sys.stderr.write(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
    )
    line = [sys.executable, "-c", code, "rate", *arguments, "--format", "json"]
    done = subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(done.stderr.split()[-1]) / 1000


def orderings(path: Path, repeat: int) -> list[Timing]:
    """10,000 random orderings of a small tournament."""
    battles = read(path)
    valid = battles.take(~np.isnan(battles.score))
    rows = _rows(valid)
    what = f"10,000 orderings of {len(battles):,} battles"
    found = [measure(what, "ours", lambda: rate(battles, Settings(orderings=10_000)), repeat)]
    found.append(measure(f"{what}, whole command", "ours", command(str(path), "--orderings", "10000"), repeat))
    rng = np.random.default_rng(0)
    shuffled = [rows[at] for at in rng.permutation(len(rows))]
    found.append(measure(what, "dict loop", lambda: [dict_loop(shuffled) for _ in range(10)], repeat, 0.001))
    peer = evalica_elo(shuffled)
    if peer:
        found.append(measure(what, "evalica", lambda: [peer() for _ in range(10)], repeat, 0.001))
    return found


def _rows(battles: Battles) -> list[tuple[str, str, float]]:
    names = np.array(battles.models, object)
    return list(zip(names[battles.a].tolist(), names[battles.b].tolist(), battles.score.tolist(), strict=True))


def evalica_elo(rows: list[tuple[str, str, float]]) -> Callable[[], object] | None:
    """One pass of evalica's Elo; None where it is not installed."""
    try:
        import evalica
    except ImportError:
        return None
    words = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    xs, ys = [row[0] for row in rows], [row[1] for row in rows]
    winners = [words[row[2]] for row in rows]
    return lambda: evalica.elo(xs, ys, winners, k=32.0)


def large(path: Path, repeat: int) -> list[Timing]:
    """1,000,000 battles: one pass from CSV, one Bradley-Terry fit, 1,000 bootstraps."""
    battles = read(path)
    rows = _rows(battles)
    found = [measure("one Elo pass over 1,000,000, whole command", "ours", command(str(path)), repeat)]
    found.append(measure("one Elo pass over 1,000,000", "dict loop", lambda: dict_loop(rows), 1))
    peer = evalica_elo(rows)
    if peer:
        found.append(measure("one Elo pass over 1,000,000", "evalica", peer, repeat))

    def fit() -> object:
        cells = bradley_terry.cells(battles, order_term=False)
        return bradley_terry.fit(cells.pairs, cells.wins[:, None], cells.losses[:, None], 1000.0, 400.0, 10.0)

    found.append(measure("one Bradley-Terry fit of 1,000,000", "ours", fit, repeat))
    single = Settings(method="bt", bootstrap=1000, cluster="none")
    what = "1,000 Bradley-Terry bootstraps of 1,000,000"
    found.append(measure(f"{what}, by battle", "ours", lambda: rate(battles, single), repeat))
    clustered = Settings(method="bt", bootstrap=1000)
    found.append(measure(f"{what}, by question", "ours", lambda: rate(battles, clustered), repeat))
    try:
        import evalica
    except ImportError:
        return found
    words = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    xs, ys = [row[0] for row in rows], [row[1] for row in rows]
    winners = [words[row[2]] for row in rows]
    found.append(
        measure("one Bradley-Terry fit of 1,000,000", "evalica", lambda: evalica.bradley_terry(xs, ys, winners), 1)
    )
    resample = {"n_resamples": 2, "bootstrap_method": "percentile", "random_state": 0}
    # One of the three fits is the point estimate.
    slow = lambda: evalica.bootstrap(evalica.bradley_terry, xs, ys, winners, **resample)  # noqa: E731
    found.append(measure(f"{what}, by battle", "evalica", slow, 1, 0.003))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--battles", type=Path, help="a small tournament; default: the register's own, if it is there")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, of which the median is told; default: 3")
    parser.add_argument("--json", type=Path, help="write the figures into this file too")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    compiled = "compiled" if LIBRARY is not None else "not compiled"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"Python {platform.python_version()}, numpy {np.__version__}, lanes {compiled}, one processor{load}")
    print(f"{'':58} {'':10} {'wall':>9} {'processor':>9}")
    small = arguments.battles or next(Path("catalog/models").glob("guanaco/judgments/*.csv"), None)
    found = orderings(small, arguments.repeat) if small else []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "battles.csv"
        generated(path)
        print(f"peak memory of one pass over 1,000,000: {peak_memory(str(path)):,.0f} MB")
        boot = ("--method", "bt", "--bootstrap", "1000")
        print(f"peak memory of 1,000 bootstraps of 1,000,000: {peak_memory(str(path), *boot):,.0f} MB")
        found += large(path, arguments.repeat)
    if arguments.json:
        arguments.json.write_text(json.dumps([timing.__dict__ for timing in found], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
