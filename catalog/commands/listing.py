"""`catalog list`: kind, id and name of every record."""

from __future__ import annotations

import argparse
import sys

from catalog.commands import Declare, register

_KINDS = ("models", "datasets", "frameworks", "hardware", "terms", "sources", "demonstrations")


def add(declare: Declare) -> None:
    parser = declare("list", "list the records", "catalog list models")
    parser.add_argument("kind", nargs="?", choices=_KINDS, help="only this kind")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog.export import to_json

    files = [f for f in register().files if arguments.kind in (None, f.kind)]
    if arguments.json:
        sys.stdout.write(
            to_json([{"kind": f.kind, "id": f.slug, "name": {"en": f.name.en, "zh": f.name.zh}} for f in files])
        )
    else:
        sys.stdout.write("".join(f"{f.kind:<11} {f.slug:<32} {f.name.en}\n" for f in files))
    return 0
