"""`catalog schema`: the JSON Schemas, printed or written."""

from __future__ import annotations

import argparse
import sys

from catalog.commands import Declare


def add(declare: Declare) -> None:
    parser = declare("schema", "print a JSON Schema, or write all of them", "catalog schema model")
    parser.add_argument("kind", nargs="?", help="model, dataset, framework, hardware, term, source, recipe or result")
    parser.add_argument("--write", action="store_true", help="write catalog/schema/*.json")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
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
