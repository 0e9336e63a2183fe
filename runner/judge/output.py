"""The folder a judge's run writes: `verdicts.csv`, `settings.json` and, for a judge that was asked, its raw replies."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from runner.judge import journal, verdicts
from runner.judge.base import Judge, Pair, Ruling

SETTINGS = "settings.json"


def identity(judge: Judge, answers_sha256: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """What decides the verdicts, with `digest`, its SHA-256: verdicts of two digests never share a folder."""
    known = {
        "judge": judge.name,
        "form": judge.form,
        "settings": {**judge.settings, **extra},
        "answers_sha256": answers_sha256,
    }
    return known | {"digest": hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()}


def claim(out: Path, known: Mapping[str, Any]) -> None:
    """Make `out` the folder of these settings; UserError (exit 2) where it holds verdicts by others."""
    path = out / SETTINGS
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            if taken := [name for name in (verdicts.NAME, journal.NAME) if (out / name).exists()]:
                what = f"`{out}` holds `{taken[0]}` of unknown settings"
                raise UserError(what, hint="choose another --out", exit_code=2)
            write(path, _json(known))
            return
        before = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"cannot write to `{out}`", why=error.strerror or str(error), exit_code=2) from None
    except (ValueError, RecursionError):
        before = None
    if not isinstance(before, dict) or not isinstance(before.get("settings"), dict):
        raise UserError(f"`{path}` cannot be read", hint="choose another --out", exit_code=2)
    if before.get("digest") != known["digest"]:
        differ = ", ".join(f"`{name}`" for name in _differences(before, known)) or "`digest`"
        what = f"`{out}` holds verdicts by other settings"
        raise UserError(what, why=f"these differ: {differ}", hint="choose another --out", exit_code=2)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = [name for name in ("judge", "form", "answers_sha256") if before.get(name) != now[name]]
    old, new = before["settings"], now["settings"]
    return names + [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def save(
    out: Path, known: Mapping[str, Any], judge: Judge, pairs: Sequence[Pair], rulings: Mapping[Any, Ruling]
) -> dict[str, Any]:
    """Write verdicts and settings and return the latter: identity, counts, tokens, cost, hashes of the files."""
    ruled = [(pair, rulings[pair.key]) for pair in pairs if pair.key in rulings]
    table = verdicts.to_csv(ruled, judge.name, judge.form)
    write(out / verdicts.NAME, table)
    files = {verdicts.NAME: hashlib.sha256(table).hexdigest()}
    if (out / journal.NAME).exists():
        with (out / journal.NAME).open("rb") as file:
            files[journal.NAME] = hashlib.file_digest(file, "sha256").hexdigest()
    said = [ruling for _, ruling in ruled]
    record = {**known, "counts": counts(said) | {"planned": len(pairs)}, **spending(said), "files": files}
    write(out / SETTINGS, _json(record))
    return record


def counts(rulings: Sequence[Ruling]) -> dict[str, Any]:
    """Verdicts by kind; `why_invalid` counts the unreadable ones by reason."""
    said = Counter(_winner(ruling) for ruling in rulings)
    return {
        "judged": len(rulings),
        "model_a": said["model_a"],
        "model_b": said["model_b"],
        "tie": said["tie"],
        "invalid": said["invalid"],
        "why_invalid": dict(sorted(Counter(r.why for r in rulings if not r.valid).items())),
    }


def spending(rulings: Sequence[Ruling]) -> dict[str, Any]:
    """Tokens and USD of the verdicts; null where one reply at least came without the figure, or nothing was asked."""

    def total(name: str) -> float | int | None:
        figures = [ruling.evidence.get(name) for ruling in rulings]
        known = [figure for figure in figures if figure is not None]
        return sum(known) if known and len(known) == len(figures) else None

    tokens = {"prompt": total("prompt_tokens"), "completion": total("completion_tokens")}
    return {"tokens": tokens, "cost_usd": total("cost_usd")}


def _winner(ruling: Ruling) -> str:
    if ruling.winner or ruling.scores is None:
        return ruling.winner or "invalid"
    a, b = ruling.scores
    return "model_a" if a > b else "model_b" if a < b else "tie"


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write(path: Path, data: bytes) -> None:
    """The file is whole or untouched, whatever happens on the way."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UserError(f"cannot write `{path}`", why=error.strerror or str(error)) from None
