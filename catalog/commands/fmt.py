"""`catalog fmt`: every record in its one form, with its comments."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from catalog.commands import Declare

if TYPE_CHECKING:
    from pydantic import BaseModel


def add(declare: Declare) -> None:
    parser = declare(
        "fmt", "put records into their form: order of keys, indentation; comments stay", "catalog fmt --check"
    )
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files or folders; default: the whole register"
    )
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where something would change")
    parser.set_defaults(run=run)


class Target(NamedTuple):
    """A file that has a form."""

    path: Path
    model: type[BaseModel]
    items: bool
    """Whether it maps ids to records of this type."""
    schema: str | None


def run(arguments: argparse.Namespace) -> int:
    from catalog.errors import UserError
    from catalog.store import find_root

    paths: list[Path] = arguments.paths
    for path in paths:
        if not path.exists():
            raise UserError(f"there is no `{path}`", hint="`catalog fmt` alone takes the whole register", exit_code=2)
    found = [*targets(find_root(paths[0] if paths else None), paths)]
    if paths and not found:
        hint = "results are written by the runner and stay as they are"
        raise UserError(f"there is no record at `{paths[0]}`", hint=hint, exit_code=2)
    changed = failed = 0
    for target in found:
        outcome = _one(target, check=arguments.check)
        changed += outcome == "changed"
        failed += outcome == "failed"
    verb = "would change" if arguments.check else "changed"
    sys.stderr.write(f"{len(found):,} files: {changed:,} {verb}{f', {failed:,} left as they are' if failed else ''}\n")
    return 1 if failed or (arguments.check and changed) else 0


def _one(target: Target, *, check: bool) -> str:
    from catalog.files import as_finding, read_bytes, show
    from catalog.findings import as_text
    from catalog.formatting import formatted
    from catalog.reader import read
    from catalog.writing import write_atomically

    shown = show(target.path)
    raw, finding = read_bytes(target.path, shown)
    tree, problems = (None, []) if finding else read(raw)
    if finding or tree is None:
        sys.stdout.write(as_text([finding] if finding else [as_finding(shown, problem) for problem in problems]))
        return "failed"
    # A byte order mark and foreign line ends are no part of what a record says.
    text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    try:
        new = formatted(text, target.model, items=target.items, schema=target.schema)
    except ValueError as error:
        sys.stdout.write(f"{shown}: {error}\n")
        return "failed"
    if new.encode() == raw:
        return "same"
    if check:
        pairs = zip(raw.decode("utf-8", "replace").split("\n"), new.split("\n"), strict=False)
        line = next((number for number, (old, now) in enumerate(pairs, 1) if old != now), 1)
        sys.stdout.write(f"{shown}:{line}: not in its form\n")
    else:
        write_atomically(target.path, new.encode())
        sys.stdout.write(f"{shown}\n")
    return "changed"


def targets(root: Path, paths: Sequence[Path]) -> Iterator[Target]:
    """The files below `root`, or of them those at or under `paths`; results have a seal and no place here."""
    from catalog.files import real

    wanted = [real(path) for path in paths]
    for target in _all(root):
        if not paths or any(real(target.path).is_relative_to(path) for path in wanted):
            yield target


def _all(root: Path) -> Iterator[Target]:
    from catalog.recipes import Recipe
    from catalog.records import Alias, Outside
    from catalog.register import KINDS, TABLES
    from catalog.schemas import SCHEMA_OF

    for kind, model in KINDS.items():
        places = sorted((root / kind).glob("*/model.yaml" if kind == "models" else "*.yaml"))
        for path in places:
            yield Target(path, model, False, _relative(root, path, SCHEMA_OF[kind]))
    for path in sorted((root / "models").glob("*/recipe.yaml")):
        yield Target(path, Recipe, False, _relative(root, path, SCHEMA_OF["recipes"]))
    tables: dict[str, type[BaseModel]] = {**TABLES, "outside": Outside, "aliases": Alias}
    for name, item in tables.items():
        if (root / f"{name}.yaml").is_file():
            yield Target(root / f"{name}.yaml", item, True, None)


def _relative(root: Path, path: Path, schema: str) -> str:
    return os.path.relpath(root / "schema" / f"{schema}.json", path.parent).replace(os.sep, "/")
