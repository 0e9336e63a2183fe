"""`catalog cite`: an entry of the register as people and programs cite it."""

from __future__ import annotations

import argparse
import json
import os
import sys

from catalog.commands import Declare, named, register


def add(declare: Declare) -> None:
    parser = declare("cite", "print how to cite an entry", "catalog cite alpaca --format bibtex")
    parser.add_argument("slug", metavar="SLUG", help="slug, variant or alias")
    parser.add_argument("--format", choices=("text", "bibtex", "csl"), default="text", help="csl: CSL-JSON")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument(
        "--address",
        default=os.environ.get("HERDBOOK_SITE_URL", ""),
        metavar="URL",
        help="home page of the site; default: HERDBOOK_SITE_URL",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog import citation
    from catalog.errors import UserError

    file = named(register(), arguments.slug)
    address: str = arguments.address
    if address and not address.startswith(("https://", "http://")):
        raise UserError(f"`{address}` is no address of a site", hint="it begins with https://", exit_code=2)
    if address and arguments.language == "zh":
        address = f"{address.rstrip('/')}/zh/"
    if arguments.format == "csl":
        items = [citation.csl(file, arguments.language, address)]
        sys.stdout.write(json.dumps(items, ensure_ascii=False, indent=2) + "\n")
    else:
        make = citation.bibtex if arguments.format == "bibtex" else citation.text
        sys.stdout.write(make(file, arguments.language, address) + "\n")
    return 0
