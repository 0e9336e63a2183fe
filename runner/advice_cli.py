"""`runner plan` and `runner doctor`: before anything is downloaded or trained.

runner plan anima33b --gpu a100-80gb
runner plan guanaco/65b --json
runner doctor
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `plan` and `doctor` to the runner's commands."""
    raw = argparse.RawDescriptionHelpFormatter
    summary = "what a recipe would take: downloads, licences, memory, hours, disk, and which stages can run here"
    plan = commands.add_parser(
        "plan",
        help=summary,
        description=f"{summary}.\nNothing is downloaded. Estimates are ranges, with what they assume.",
        epilog="examples:\n  runner plan anima33b\n  runner plan guanaco/65b --gpu a6000 --json",
        formatter_class=raw,
    )
    plan.add_argument("slug", metavar="SLUG[/NAME]", help="the entry, or one of its trainings")
    plan.add_argument("--gpu", metavar="NAME", help="a card of the register (default: the one that is here, or all)")
    plan.set_defaults(run=_plan)
    summary = "what this machine can do, what is missing, and the fix for each"
    doctor = commands.add_parser(
        "doctor",
        help=summary,
        description=f"{summary}.\nExit code 3 where something that training needs is missing, else 0; a machine "
        "without a card,\na token or a network can do less, which is said.",
        epilog="example:\n  runner doctor --json",
        formatter_class=raw,
    )
    doctor.set_defaults(run=_doctor)
    for command in (plan, doctor):
        command.add_argument("--json", action="store_true", help="print JSON and nothing else on standard output")


def _plan(arguments: argparse.Namespace) -> int:
    from runner.advice import plan_text
    from runner.plan import plan

    found = plan(arguments.slug, arguments.gpu)
    _print(found, arguments.json, plan_text)
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from dataclasses import asdict

    from runner.advice import check_text, health_text
    from runner.doctor import Check, examine

    def tell(check: Check) -> None:
        if not arguments.json:
            sys.stdout.write(check_text(asdict(check)))
            sys.stdout.flush()

    health = examine(tell)
    _print(health.to_json(), arguments.json, health_text)
    return health.exit_code


def _print(found: dict[str, Any], as_json: bool, text: Any) -> None:
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=2) + "\n")
    else:
        sys.stdout.write(text(found))
