"""`catalog explain`: a rule of lint, why it is there, and how to mend what it finds."""

from __future__ import annotations

import argparse
import json
import sys

from catalog.commands import Declare


def add(declare: Declare) -> None:
    parser = declare("explain", "say what a rule of lint asks, why, and how to mend it", "catalog explain HB210")
    parser.add_argument("code", nargs="?", metavar="CODE", help="code or name of a rule; without it, all are listed")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog.errors import UserError
    from catalog.rules import rules
    from catalog.spelling import did_you_mean

    every = rules()
    if arguments.code is None:
        chosen = list(every.values())
    else:
        wanted = arguments.code.lower().replace("_", "-")
        chosen = [rule for rule in every.values() if wanted in (rule.code.lower(), rule.name)]
        if not chosen:
            near = did_you_mean(arguments.code, [name for rule in every.values() for name in (rule.code, rule.name)])
            hint = near or "`catalog explain` lists all"
            raise UserError(f"no rule is called `{arguments.code[:60]}`", hint=hint, exit_code=2)
    if arguments.json:
        rows = [
            {"code": rule.code, "severity": rule.severity, **rule.explanation.model_dump(), "name": rule.name}
            for rule in chosen
        ]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
    elif arguments.code is None:
        sys.stdout.write("".join(f"{r.code} {r.name:<30} {r.explanation.what}\n" for r in chosen))
    else:
        sys.stdout.write(f"{chosen[0]}")
    return 0
