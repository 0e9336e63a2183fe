"""Checks of a tournament's result: the recorded inputs are the ones it names, and the same ratings come out of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.recipes import plain
from catalog.store import find_root
from runner.checked import Check, difference
from runner.compare import compared
from runner.entries import Prepared, prepare

Json = dict[str, Any]
NOISE = 1e-9
"""Relative difference that another processor or library may make in the last digits."""


def checks(content: Json, path: Path) -> Iterator[Check]:
    """Everything that is compared with the catalog."""
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
