"""`runner doctor`: what this machine can do, what is missing, and the fix for each.

The libraries of the training extra are looked up without loading them; whether they work is tried in a process of its
own. A machine without a card, a token or a network can do less and is not ill: that is said and changes no exit code.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any, Literal

from catalog import estimate
from catalog.errors import UserError
from runner.here import threads, version
from runner.inputs import hub
from runner.machine import FoundCard, memory_bytes, nvidia_cards, processors
from runner.provenance import ROOT, TRAINING_PACKAGES

Json = dict[str, Any]
Status = Literal["fine", "missing", "limits"]
"""`missing`: training needs it; `limits`: without it less can be done."""

DISK = 2e9
"""Bytes that the demonstration and its libraries' work take."""
MEMORY = 2e9
NF4_ERROR = (0.07, 0.12)
"""Relative error that NF4 has on Gaussian weights: 0.09, give or take the draw. Outside of it the kernels are wrong."""
CPU_TORCH = "pip install torch=={} --index-url https://download.pytorch.org/whl/cpu"
SIZES = ("llama-7b", "llama-13b", "llama-33b", "llama-65b")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    status: Status
    found: str
    fix: str = ""


@dataclass(frozen=True)
class Ability:
    """Something one may want to do here."""

    what: str
    can: bool
    why: str = ""
    """What it needs, where it cannot be done."""


@dataclass(frozen=True)
class Health:
    """Everything that was found."""

    checks: tuple[Check, ...]
    abilities: tuple[Ability, ...]

    @property
    def exit_code(self) -> int:
        """3 where something that training needs is missing, else 0."""
        return 3 if any(check.status == "missing" for check in self.checks) else 0

    def to_json(self) -> Json:
        """As in `doctor --json`."""
        return {
            "status": "incomplete" if self.exit_code else "ready",
            "checks": [asdict(check) for check in self.checks],
            "abilities": [asdict(ability) for ability in self.abilities],
        }


def examine(told: Callable[[Check], None] = lambda check: None) -> Health:
    """Look at everything. `told` hears of each check as soon as it is made: what is quick first, then the hub, for
    which nine seconds are the most, then the libraries, for as long as they take to load."""
    checks: list[Check] = []

    def note(some: Iterable[Check]) -> None:
        for check in some:
            checks.append(check)
            told(check)

    note(_machine())
    note(_versions(pinned()))
    whole = not any(check.status == "missing" for check in checks)
    note(_network())
    cards = nvidia_cards()
    note(_works(tried() if whole else None, cards))
    return Health(tuple(checks), tuple(_abilities(checks, cards)))


# The extra -----------------------------------------------------------------------------------------------------------


def pinned() -> dict[str, str]:
    """Version of each library of the training extra, and of the hub's client, as this package asks for it."""
    try:
        asked = metadata.requires("herdbook") or []
        wanted = [line for line in asked if "extra" not in line or 'extra == "train"' in line]
    except metadata.PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        wanted = [*project["dependencies"], *project["optional-dependencies"]["train"]]
    pairs = [line.partition(";")[0].strip().partition("==") for line in wanted]
    libraries = {name: version for name, _, version in pairs if version}
    return {name: libraries[name] for name in TRAINING_PACKAGES if name in libraries}


def _versions(pins: dict[str, str]) -> Iterator[Check]:
    for name, pin in pins.items():
        found = version(name)
        if found is None:
            fix = CPU_TORCH.format(pin) + " (without a card)" if name == "torch" else "pip install 'herdbook[train]'"
            yield Check(name, "missing", f"not installed; {pin} is asked for", fix)
            continue
        # A build's own suffix, as in 2.13.0+cpu, is the same version.
        if found.partition("+")[0] == pin:
            yield Check(name, "fine", found)
        else:
            fix = f"pip install {name}=={pin}, where results are to be compared bit by bit"
            yield Check(name, "limits", f"{found}; {pin} is asked for", fix)


def tried() -> Json:
    """What `runner.learning.check` says; `error` where it does not come to an end."""
    command = [sys.executable, "-m", "runner.learning.check"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=180, check=False, env=environment
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"error": "loading them takes more than three minutes"}
    try:
        found: Json = json.loads(done.stdout.splitlines()[-1])
        return found
    except (ValueError, IndexError):
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return {"error": last[0][:300]}


def _works(loads: Json | None, cards: tuple[FoundCard, ...]) -> Iterator[Check]:
    if loads is None:
        yield from _driver_only(cards)
        return
    if "error" in loads:
        yield Check("libraries", "missing", loads["error"], "pip install --force-reinstall 'herdbook[train]'")
        return
    low, high = NF4_ERROR
    for device, error in loads["nf4"].items():
        if isinstance(error, float) and low <= error <= high:
            yield Check(f"NF4 on {device}", "fine", f"packed and unpacked, relative error {error:.3f}")
        else:
            found = error if isinstance(error, str) else f"relative error {error:.3f}, {low} to {high} is right"
            yield Check(f"NF4 on {device}", "missing", found, "pip install --force-reinstall bitsandbytes")
    if loads["cards"]:
        for card in loads["cards"]:
            told = f"{card['name']}, {card['bytes'] / 2**30:.1f} GiB, compute capability {card['capability']}"
            yield Check("card", "fine", told + ("" if card["bfloat16"] else ", no bfloat16"))
        return
    if cards and loads["cuda"] is None:
        found = f"{cards[0].name} is there, but this build of torch cannot use it"
        yield Check("card", "limits", found, f"pip install torch=={loads['torch'].partition('+')[0]} (the CUDA build)")
    else:
        yield from _driver_only(cards)


def _driver_only(cards: tuple[FoundCard, ...]) -> Iterator[Check]:
    if cards:
        told = f"{cards[0].name}, {cards[0].bytes / 2**30:.1f} GiB, driver {cards[0].driver}"
        yield Check("card", "limits", f"{told}; torch does not see it", "update the driver, then install torch")
    else:
        fix = "a machine with an NVIDIA card and its driver, for bases above 0.1 billion parameters"
        yield Check("card", "limits", "no NVIDIA card", fix)


# The machine ---------------------------------------------------------------------------------------------------------


def _machine() -> Iterator[Check]:
    yield Check("Python", "fine", platform.python_version())
    yield _enough("disk", shutil.disk_usage(".").free, DISK, "free here", "make {} GB free")
    if (memory := memory_bytes()) is not None:
        yield _enough("memory", memory, MEMORY, "in all", "a machine with {} GB")
    fix = "" if threads() <= processors() else "set HERDBOOK_THREADS; other threads, other last digits"
    told = f"{threads()} used, of {processors()} processors"
    yield Check("threads", "limits" if fix else "fine", told, fix)
    compiler = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    made = any((ROOT / "runner" / "rating").glob("_lanes*"))
    if made or compiler:
        yield Check("compiler", "fine", f"{compiler or 'none'}; fast rating {'is' if made else 'not yet'} built")
    else:
        yield Check("compiler", "limits", "none, so that ratings are slower", "install gcc, then herdbook again")
    if pyarrow := version("pyarrow"):
        yield Check("pyarrow", "fine", pyarrow)
    else:
        yield Check("pyarrow", "limits", "not installed; Parquet data cannot be read", "pip install pyarrow")


def _enough(name: str, there: int, needed: float, where: str, fix: str) -> Check:
    said = f"{there / 1e9:,.1f} GB {where}"
    lack = Check(name, "missing", said, fix.format(f"{needed / 1e9:.0f}"))
    return Check(name, "fine", said) if there > needed else lack


def _network() -> Iterator[Check]:
    fix = "check network and proxy, or bring copies: --base PATH, --data PATH"
    try:
        status = hub.within(hub.DEADLINE, _knock, hub.endpoint())
        if status < 500:
            yield Check("hub", "fine", f"{hub.endpoint()} answers")
        else:
            yield Check("hub", "limits", f"{hub.endpoint()} answers {status}", "try again later")
    except UserError as error:
        yield Check("hub", "limits", f"{hub.endpoint()}: {error.why}", fix)
    except Exception as error:
        yield Check("hub", "limits", f"{hub.endpoint()}: {str(error) or type(error).__name__}"[:200], fix)
    if hub.token():
        yield Check("token", "fine", "HF_TOKEN is set")
    else:
        fix = f"make one at {hub.endpoint()}/settings/tokens and set HF_TOKEN"
        yield Check("token", "limits", "HF_TOKEN is not set: gated repositories stay closed", fix)


def _knock() -> int:
    import httpx2

    with httpx2.Client(timeout=hub.DEADLINE, follow_redirects=True) as client:
        return int(client.head(hub.endpoint()).status_code)


# What can be done ----------------------------------------------------------------------------------------------------


def _abilities(checks: list[Check], cards: tuple[FoundCard, ...]) -> Iterator[Ability]:
    missing = [check.name for check in checks if check.status == "missing"]
    extra = any(name in pinned() for name in missing)
    needs = ", ".join([*(["the training extra"] if extra else []), *(one for one in missing if one not in pinned())])
    yield Ability("rate published tournaments and your own battles", True)
    yield Ability(
        "run and repeat the demonstration: runner reproduce demo", not missing, f"needs {needs}" if needs else ""
    )
    reached = next((check for check in checks if check.name == "hub" and check.status == "fine"), None)
    yield Ability("download pinned weights and data", reached is not None, "" if reached else "needs the hub")
    usable = cards[0].bytes * estimate.COEFFICIENTS.usable_share if cards else 0.0
    seen = any(check.name == "card" and check.status == "fine" for check in checks)
    lack = needs or ("a torch that uses the card" if cards else "a card")
    for name in SIZES:
        shape = estimate.shapes()[name]
        memory = estimate.training_memory(shape, estimate.Training("qlora", sequence=512, adapter="fp32", paged=True))
        what = f"QLoRA of {shape.name}, 512 tokens, one at a time"
        if missing or not seen:
            yield Ability(what, False, f"needs {lack}")
            continue
        fit = estimate.fit(memory, usable)
        said = f"{memory.total.low / 2**30:.0f} to {memory.total.high / 2**30:.0f} GiB, {usable / 2**30:.0f} are there"
        yield Ability(what, fit in ("fits", "narrowly", "paging"), said)
