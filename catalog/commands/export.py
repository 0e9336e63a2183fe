"""`catalog export`: the register, or an earlier export of it, in the format another program wants."""

from __future__ import annotations

import argparse
from pathlib import Path

from catalog.commands import Declare, register

FORMATS = ("json", "jsonl", "csv", "parquet", "sqlite")


def add(declare: Declare) -> None:
    parser = declare(
        "export",
        "print the register as data",
        "catalog export --format sqlite --output herdbook.db",
    )
    parser.add_argument("--format", choices=FORMATS, default="json", help="parquet needs herdbook[parquet]")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="convert an earlier export (json, jsonl or sqlite) instead of reading the records",
    )
    parser.add_argument("--metadata", type=Path, metavar="FILE", help="with sqlite: descriptions for Datasette")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog import export, interchange
    from catalog.errors import UserError
    from catalog.writing import deliver

    if arguments.metadata and arguments.format != "sqlite":
        raise UserError("--metadata describes a database", hint="add --format sqlite", exit_code=2)
    data = interchange.read(arguments.source) if arguments.source else export.export(register())
    content = interchange.write(data, arguments.format)
    deliver(content, arguments.output, binary=arguments.format in ("parquet", "sqlite"))
    if arguments.metadata:
        name = arguments.output.stem if arguments.output else "herdbook"
        deliver(interchange.metadata(name), arguments.metadata)
    return 0
