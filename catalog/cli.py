"""`catalog`: lint the records, list and show them, export them.

catalog lint                        every record of the register
catalog lint catalog/models/alpaca/model.yaml
catalog show alpaca
catalog export --format json --output catalog.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.command import finish
from catalog.commands import cite, diff, evals, explain, export, fmt, links, named, new, register

if TYPE_CHECKING:
    from catalog.findings import Finding
    from catalog.register import Catalog, File

_KINDS = ("models", "datasets", "frameworks", "hardware", "terms", "sources", "demonstrations")
_ROUNDS = 5
# Only help is printed most often; what commands need to act is imported when they do.
_COMMANDS = (new, fmt, explain, export, cite, evals, diff, links)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; the exit code is 0, 1 for faults of content, 2 for wrong arguments."""
    arguments = _parser().parse_args(argv)

    def act() -> int:
        from catalog.collector import uncollected

        with uncollected():
            return int(arguments.run(arguments))

    return finish(act)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="catalog", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, summary: str, example: str) -> argparse.ArgumentParser:
        raw = argparse.RawDescriptionHelpFormatter
        return commands.add_parser(
            name, help=summary, description=summary, epilog=f"example:\n  {example}", formatter_class=raw
        )

    lint = command("lint", "say everything that is wrong with the records, and where", "catalog lint --strict")
    lint.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files or folders; default: the whole register"
    )
    lint.add_argument("--format", choices=("text", "json", "github"), default="text")
    lint.add_argument("--strict", action="store_true", help="warnings count as errors")
    lint.add_argument("--fix", action="store_true", help="mend what has one answer: line ends, quotes, misspelt keys")
    lint.set_defaults(run=_lint)

    listing = command("list", "list the records", "catalog list models")
    listing.add_argument("kind", nargs="?", choices=_KINDS, help="only this kind")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=_list)

    show = command("show", "print one record with every claim", "catalog show alpaca")
    show.add_argument("slug", metavar="SLUG", help="slug, variant or alias")
    show.add_argument("--json", action="store_true", help="print JSON")
    show.set_defaults(run=_show)

    schema = command("schema", "print a JSON Schema, or write all of them", "catalog schema model")
    schema.add_argument("kind", nargs="?", help="model, dataset, framework, hardware, term, source, recipe or result")
    schema.add_argument("--write", action="store_true", help="write catalog/schema/*.json")
    schema.set_defaults(run=_schema)

    translations = command(
        "translations", "say which texts changed in one language only", "catalog translations --accept"
    )
    translations.add_argument("--accept", action="store_true", help="record that both languages were read together")
    translations.add_argument("slugs", nargs="*", metavar="SLUG", help="only these records")
    translations.set_defaults(run=_translations)
    for module in _COMMANDS:
        module.add(command)
    return parser


def _lint(arguments: argparse.Namespace) -> int:
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
    for _ in range(_ROUNDS if arguments.fix else 0):  # what a misspelt key hid comes to light once it is mended
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


def _list(arguments: argparse.Namespace) -> int:
    from catalog.export import to_json

    files = [f for f in register().files if arguments.kind in (None, f.kind)]
    if arguments.json:
        sys.stdout.write(
            to_json([{"kind": f.kind, "id": f.slug, "name": {"en": f.name.en, "zh": f.name.zh}} for f in files])
        )
    else:
        sys.stdout.write("".join(f"{f.kind:<11} {f.slug:<32} {f.name.en}\n" for f in files))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from catalog.export import entry, to_json
    from catalog.show import as_text

    catalog = register()
    file = named(catalog, arguments.slug)
    sys.stdout.write(to_json(entry(catalog, file)) if arguments.json else as_text(catalog, file))
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    from catalog import schemas
    from catalog.errors import UserError
    from catalog.store import find_root

    if arguments.write:
        for path in schemas.write(find_root() / "schema"):
            sys.stdout.write(f"{path}\n")
        return 0
    known = schemas.names()
    if arguments.kind not in known:
        raise UserError(f"no schema is called `{arguments.kind or ''}`", hint=f"one of {', '.join(known)}", exit_code=2)
    sys.stdout.write(schemas.text(arguments.kind))
    return 0


def _translations(arguments: argparse.Namespace) -> int:
    from catalog import translations
    from catalog.errors import UserError
    from catalog.writing import write_atomically

    catalog = register()
    names = {f.slug for f in catalog.files}
    if unknown := [slug for slug in arguments.slugs if slug not in names]:
        raise UserError(f"nothing is called `{unknown[0]}`", hint="`catalog list` names all", exit_code=2)
    accepted = {name: dict(rows) for name, rows in catalog.translations.items()}
    pending = 0
    for file in translations.bilingual(catalog):
        if arguments.slugs and file.slug not in arguments.slugs:
            continue
        name, rows = f"{file.kind}/{file.slug}", translations.of_record(file)
        for path, digest in rows.items():
            if accepted.get(name, {}).get(path) != digest:
                pending += 1
                if not arguments.accept:
                    sys.stdout.write(f"{name}: {path}\n")
        accepted[name] = rows
    if arguments.accept:
        write_atomically(catalog.root / "translations.lock.yaml", translations.lock_text(catalog, accepted).encode())
    sys.stderr.write(f"{pending} texts {'recorded as read together' if arguments.accept else 'to read'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
