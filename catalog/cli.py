"""`catalog`: draft records, lint and show them, export them; each command is a file of catalog/commands/.

catalog new model ewe-7b --from-hf farm/ewe-7b
catalog lint                        every record of the register
catalog show alpaca
catalog export --format json --output catalog.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from catalog.command import finish
from catalog.commands import (
    cite,
    diff,
    evals,
    explain,
    export,
    fmt,
    links,
    lint,
    listing,
    new,
    schema,
    show,
    translations,
)

# Only help is printed most often; what commands need to act is imported when they do.
_COMMANDS = (lint, new, fmt, explain, listing, show, schema, export, cite, evals, diff, links, translations)


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

    for module in _COMMANDS:
        module.add(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
