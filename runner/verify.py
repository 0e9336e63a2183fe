"""`runner verify`: is a result as it was written, and does it come out again from the recorded inputs?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.files import show
from catalog.reader import MAX_BYTES
from catalog.recipes import digest, plain
from catalog.sealing import digest_of, file_name, sealed
from catalog.store import find_root
from runner import attach
from runner.compare import compared
from runner.entries import Prepared, prepare

Json = dict[str, Any]
NOISE = 1e-9
"""Relative difference that another processor or library may make in the last digits."""


@dataclass(frozen=True)
class Check:
    """One thing that must hold. `holds` is None where it could not be tried, because something before it failed."""

    name: str
    holds: bool | None
    detail: str


@dataclass(frozen=True)
class Verified:
    """What holds of a result."""

    path: Path
    entry: str | None
    recipe: str | None
    mode: str | None
    digest: str | None
    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> int:
        """1 where the file or its inputs were changed, 4 where something else comes out, 0 where all holds."""
        failed = {check.name for check in self.checks if check.holds is False}
        if failed - {"recomputed", "verdicts"}:
            return 1
        return 4 if failed else 0

    def to_json(self) -> Json:
        """As `--json` prints it."""
        return {
            "file": show(self.path),
            "entry": self.entry,
            "recipe": self.recipe,
            "mode": self.mode,
            "digest": self.digest,
            "status": {0: "holds", 1: "changed", 4: "differs"}[self.exit_code],
            "checks": [{"name": c.name, "holds": c.holds, "detail": c.detail} for c in self.checks],
        }


def verify(path: Path) -> Verified:
    """Check the file, then its inputs, then recompute. UserError (exit code 2) where it is no result at all."""
    raw = _bytes(path)
    whole = sealed(raw)
    seal = Check(
        "seal", whole, "the file is as it was written" if whole else "the file was changed after it was written"
    )
    try:
        result, tree, _ = attach.load(path)
    except UserError as error:
        if b"\nseal: " not in raw:
            raise
        return Verified(path, None, None, None, None, (seal, Check("form", False, f"{error.what}: {error.why}")))
    content = plain(tree)
    own = digest_of(content) == result.digest
    checks = [seal, Check("digest", own, "is that of the content" if own else "is not that of the content")]
    name = file_name(result.recipe, result.mode, result.digest)
    if path.resolve().parent.name == "results":
        checks.append(Check("name", path.name == name, path.name if path.name == name else f"it should be {name}"))
    resolved = digest(content["resolved"]) == result.recipe_sha256
    checks.append(Check("recipe", resolved, "has the hash given" if resolved else "does not have the hash given"))
    checks += _against_catalog(content, path)
    return Verified(path, result.entry, result.recipe, result.mode, result.digest, tuple(checks))


def _bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"`{path}` cannot be read", why=error.strerror or str(error), exit_code=2) from None


def _against_catalog(content: Json, path: Path) -> Iterator[Check]:
    try:
        entry = prepare(content["entry"], find_root(path.resolve().parent))
    except UserError as error:
        yield Check("entry", False, f"{error.what}{f': {error.why}' if error.why else ''}")
        return
    same = entry.recipe_sha256 == content["recipe_sha256"]
    # An older recipe takes nothing from the result: it holds all it was made from but the recorded files.
    told = (
        "is the recipe as it stands" if same else "the recipe or the published figures have changed since; not a fault"
    )
    yield Check("current", True if same else None, told)
    inputs = list(_inputs(entry, content))
    yield from inputs
    if all(check.holds for check in inputs):
        yield from _recomputed(entry, content)
    else:
        yield Check("recomputed", None, "not tried, for the inputs are not the ones it was made from")


def _inputs(entry: Prepared, content: Json) -> Iterator[Check]:
    recorded = [(one["file"], one["sha256"]) for one in content["inputs"]]
    if recorded != [(one["file"], one["sha256"]) for one in content["resolved"]["inputs"]]:
        yield Check("inputs", False, "the files it read are not those that its recipe names")
    for file, sha256 in recorded:
        table = entry.judgments.get(file)
        if table is None:
            yield Check(f"input {file}", False, "is not there")
        else:
            same = table.sha256 == sha256
            yield Check(
                f"input {file}", same, "has the SHA-256 given" if same else f"was changed: SHA-256 {table.sha256}"
            )


def _recomputed(entry: Prepared, content: Json) -> Iterator[Check]:
    from runner.progress import bar
    from runner.tournament import rating

    again = plain(rating(entry.folder, content["resolved"], bar()))
    worst, where = difference(content["rating"], again)
    if worst == 0:
        yield Check("recomputed", True, "every figure comes out again to the last bit")
    elif worst <= NOISE:
        yield Check("recomputed", True, f"every figure comes out again within {worst:.1g} of its size")
    else:
        yield Check("recomputed", False, f"`{where}` comes out otherwise")
    verdicts = [(c["id"], c["tolerance"], c["verdict"]) for c in compared(content["resolved"], again)]
    same = verdicts == [(c["id"], c["tolerance"], c["verdict"]) for c in content["claims"]]
    held = sum(c["verdict"] in ("reproduced", "consistent") for c in content["claims"])
    told = f"come out again; {held} of {len(verdicts)} figures within their tolerance"
    yield Check("verdicts", same, told if same else "come out otherwise")


def difference(one: Any, other: Any, path: str = "rating") -> tuple[float, str]:
    """Largest relative difference of two plain trees and where it is; infinite where anything but a number differs."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return max((difference(one[key], other[key], f"{path}.{key}") for key in one), default=(0.0, path))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return max((difference(a, b, f"{path}.{n}") for n, (a, b) in pairs), default=(0.0, path))
    if one == other and type(one) is type(other):
        return 0.0, path
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) / max(abs(one), abs(other)), path
    return float("inf"), path
