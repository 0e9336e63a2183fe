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
from catalog.sealing import digest_of, file_name_of, sealed
from runner import attach
from runner.checked import Check

Json = dict[str, Any]


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
        if failed - {"recomputed", "verdicts", "again"}:
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


def verify(path: Path, *, rerun: Path | None = None) -> Verified:
    """Check the file, then what lies beside it, then recompute. UserError (exit code 2) where it is no result at all.

    `rerun`: a folder for runs; a training is then run again in it and compared.
    """
    raw = _bytes(path)
    whole = sealed(raw)
    seal = Check(
        "seal", whole, "the file is as it was written" if whole else "the file was changed after it was written"
    )
    try:
        result, tree, _ = attach.load_any(path)
    except UserError as error:
        if b"\nseal: " not in raw:
            raise
        return Verified(path, None, None, None, None, (seal, Check("form", False, f"{error.what}: {error.why}")))
    content = plain(tree)
    own = digest_of(content) == result.digest
    checks = [seal, Check("digest", own, "is that of the content" if own else "is not that of the content")]
    name = file_name_of(content)
    if path.resolve().parent.name == "results":
        checks.append(Check("name", path.name == name, path.name if path.name == name else f"it should be {name}"))
    if "resolved" in content:
        resolved = digest(content["resolved"]) == content["recipe_sha256"]
        checks.append(Check("recipe", resolved, "has the hash given" if resolved else "does not have the hash given"))
    checks += _by_kind(content, path, rerun)
    recipe = content.get("recipe")
    return Verified(path, result.entry, recipe, result.mode, result.digest, tuple(checks))


def _by_kind(content: Json, path: Path, rerun: Path | None) -> Iterator[Check]:
    kind = content.get("kind")
    if kind == "training":
        from runner import verify_training

        yield from verify_training.checks(content, path)
        if rerun is not None:
            yield verify_training.rerun(content, rerun)
    elif kind is None:
        from runner import verify_tournament

        yield from verify_tournament.checks(content, path)
    if rerun is not None and kind != "training":
        yield Check("again", None, "only a training is run again; this was recomputed as far as it goes")


def _bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        why = error.strerror or str(error)
        raise UserError(
            f"`{path}` cannot be read", why=why, hint="name a result: catalog/models/SLUG/results/*.yaml", exit_code=2
        ) from None
