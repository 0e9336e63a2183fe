"""`catalog lint`: everything that is wrong with the records, and where; with `--fix`, what has one answer is mended."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.commands import Declare

if TYPE_CHECKING:
    from catalog.findings import Finding
    from catalog.register import Catalog, File

_ROUNDS = 5
"""What a misspelt key hid comes to light once it is mended."""


def add(declare: Declare) -> None:
    parser = declare("lint", "say everything that is wrong with the records, and where", "catalog lint --strict")
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files or folders; default: the whole register"
    )
    parser.add_argument("--format", choices=("text", "json", "github"), default="text")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument("--fix", action="store_true", help="mend what has one answer: line ends, quotes, misspelt keys")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog import checks, findings
    from catalog.clock import today
    from catalog.errors import UserError
    from catalog.files import real
    from catalog.store import TABLE_FILES, find_root, read_catalog

    paths: list[Path] = arguments.paths
    for path in paths:
        if not path.exists():
            raise UserError(f"there is no `{path}`", hint="`catalog lint` alone checks the whole register", exit_code=2)
    root = find_root(paths[0] if paths else None)

    def look() -> tuple[Catalog, list[File], list[Finding]]:
        loading = read_catalog(root, [path for path in paths if path.is_file()])
        catalog = loading.catalog
        files = _wanted((*catalog.files, *catalog.side_files, *catalog.attached), paths)
        found = findings.order([*loading.findings, *checks.run(catalog, today(), files)])
        return catalog, files, [finding for finding in found if _below(finding, paths)]

    catalog, files, found = look()
    for _ in range(_ROUNDS if arguments.fix else 0):
        if not _fix(found):
            break
        catalog, files, found = look()
    tables = [real(root / name) for name in (*TABLE_FILES, *catalog.judgments)]
    if paths and not found and not files and not any(t.is_relative_to(real(path)) for t in tables for path in paths):
        hint = "a model is `models/<slug>/model.yaml`, a data set `datasets/<slug>.yaml`"
        raise UserError(f"there is no record at `{paths[0]}`", hint=hint, exit_code=2)
    sys.stdout.write(getattr(findings, f"as_{arguments.format}")(found))
    errors = sum(finding.severity == "error" for finding in found)
    warnings = len(found) - errors
    if arguments.format == "text":
        checked = _plural(len(paths), "path") if paths else _plural(len(catalog.files), "record")
        sys.stderr.write(f"{checked}: {_plural(errors, 'error')}, {_plural(warnings, 'warning')}\n")
    return 1 if errors or (arguments.strict and warnings) else 0


def _fix(found: Sequence[Finding]) -> bool:
    """Mends the files that have something to mend; says what was done, and whether anything was."""
    from catalog.files import read_bytes
    from catalog.fixing import fixed
    from catalog.writing import write_atomically

    done = False
    for path in sorted({finding.path for finding in found}):
        if not path.endswith(".yaml") or "/results/" in path:
            continue
        raw, refused = read_bytes(Path(path), path)
        text, fixes = (raw, []) if refused else fixed(raw, [finding for finding in found if finding.path == path])
        if fixes:
            write_atomically(Path(path), text)
            done = True
        for fix in fixes:
            sys.stderr.write(f"mended {path}:{fix.line}: {fix.old} -> {fix.new}\n")
    return done


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _wanted(files: Sequence[File], paths: Sequence[Path]) -> list[File]:
    from catalog.files import real

    resolved = [real(path) for path in paths]
    return [f for f in files if not paths or any(real(Path(f.path)).is_relative_to(path) for path in resolved)]


def _below(finding: Finding, paths: Sequence[Path]) -> bool:
    from catalog.files import real

    return not paths or any(real(Path(finding.path)).is_relative_to(real(path)) for path in paths)
