"""`catalog show`: one record with every claim."""

from __future__ import annotations

import argparse
import sys

from catalog.commands import Declare, named, register


def add(declare: Declare) -> None:
    parser = declare("show", "print one record with every claim", "catalog show alpaca")
    parser.add_argument("slug", metavar="SLUG", help="slug, variant or alias")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog.export import entry, to_json
    from catalog.show import as_text

    catalog = register()
    file = named(catalog, arguments.slug)
    sys.stdout.write(to_json(entry(catalog, file)) if arguments.json else as_text(catalog, file))
    return 0
