"""With what a result was made, and nothing about whose machine it was: no user, host, e-mail or absolute path."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from catalog.errors import UserError

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
CODE = ("runner", "catalog")
PACKAGES = ("herdbook", "numpy", "pydantic", "pyyaml")
TRAINING_PACKAGES = ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "safetensors", "tokenizers",
                     "huggingface_hub", "liger_kernel", "triton")  # fmt: skip


def made(command: str, *, threads: int = 1, device: str = "cpu", training: bool = False) -> Json:
    """The `made` part of a result: command, code, platform and the packages that are here."""
    commit, dirty = code()
    return {
        "command": command,
        "commit": commit,
        "dirty": dirty,
        "tree": tree(),
        "platform": platform_key(threads, device),
        "packages": packages((*PACKAGES, *TRAINING_PACKAGES) if training else PACKAGES),
    }


def code() -> tuple[str | None, bool | None]:
    """Commit of the code and whether anything but results differs from it.

    HERDBOOK_COMMIT counts where there is no checkout, as in an image; without either both are None, and the hash of the
    tree stands alone.
    """
    given = os.environ.get("HERDBOOK_COMMIT", "")
    if given and not re.fullmatch(r"[0-9a-f]{7,64}", given):
        raise UserError(
            "HERDBOOK_COMMIT is not a commit", why="it needs 7 to 64 lower-case hexadecimal digits", exit_code=2
        )
    top = _git("rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != ROOT:
        return given or None, None
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--", *CODE, "pyproject.toml", ":(exclude,glob)catalog/models/*/results/**")
    return commit, None if changed is None else bool(changed)


def _git(*arguments: str) -> str | None:
    """What git says; None where it is missing or this is no checkout."""
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def tree(parts: Sequence[str] = CODE) -> str:
    """SHA-256 over the Python and C files of runner and catalog: of the lines `<sha256>  <path>`, sorted by path.

    `parts` names other folders, where only some of the code decides what comes out.
    """
    files = sorted(path for name in parts for path in (ROOT / name).rglob("*") if path.suffix in (".py", ".c"))
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(ROOT).as_posix()}\n" for path in files
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def platform_key(threads: int, device: str = "cpu") -> Json:
    """What may change the last bits of a figure."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": _instructions(),
        "python": platform.python_version(),
        "threads": threads,
        "device": device,
        "torch": _version("torch"),
    }


def _instructions() -> str | None:
    """The widest instruction set that numpy found here."""
    import numpy

    found: dict[str, bool] = getattr(numpy._core._multiarray_umath, "__cpu_features__", {})  # type: ignore[attr-defined]
    order = ("AVX512_SKX", "X86_V4", "AVX512F", "AVX2", "X86_V3", "AVX", "SSE42", "SVE", "ASIMDHP", "ASIMD", "NEON")
    return next((name for name in order if found.get(name)), None)


def packages(names: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Versions of what took part."""
    return {name: version for name in names if (version := _version(name))}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
