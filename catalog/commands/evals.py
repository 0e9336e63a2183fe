"""`catalog evals` and `catalog import-evals`: published scores to and from Hugging Face model cards."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from catalog.commands import Declare, named, register


def add(declare: Declare) -> None:
    parser = declare(
        "evals", "print the published scores of an entry as a Hugging Face model-index", "catalog evals anima33b"
    )
    parser.add_argument("slug", metavar="SLUG", help="an entry, or one of its variants")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    parser.set_defaults(run=run)
    parser = declare(
        "import-evals",
        "print the scores of a model card as a `published:` block for a record",
        "catalog import-evals README.md --entity alpaca-7b --source card",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a model card, a model-index, or .eval_results/*.yaml")
    parser.add_argument("--entity", required=True, metavar="VARIANT", help="whose scores they are")
    parser.add_argument("--source", default="card", metavar="ID", help="source of the record; default: card")
    parser.set_defaults(run=run_import)


def run(arguments: argparse.Namespace) -> int:
    from catalog import evals
    from catalog.errors import UserError
    from catalog.records import Entry
    from catalog.writing import deliver

    catalog = register()
    file = named(catalog, arguments.slug)
    if file.kind == "demonstrations" or not isinstance(file.record, Entry):
        raise UserError(f"`{file.slug}` is no model or framework", hint="`catalog list models`", exit_code=2)
    variant = arguments.slug if arguments.slug in file.record.variants else None
    found = evals.results(catalog, file.slug, variant)
    if not found:
        raise UserError(f"no published table has a score of `{arguments.slug}`", hint="see its page or `catalog show`")
    name = file.record.variants[variant].name if variant else file.name
    deliver(evals.card(name.en, found).encode(), arguments.output)
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    from catalog import evals

    found = evals.tables(evals.load(arguments.file), arguments.entity, arguments.source)
    sys.stdout.write(evals.block(found))
    scores = sum(len(row.cells) for table in found for row in table.rows)
    sys.stderr.write(f"{scores} scores; title and benchmark still want their Chinese, figures their line\n")
    return 0
