"""`runner rate FILE`: rate any battles with honest uncertainty.

runner rate battles.csv
runner rate battles.csv --orderings 10000 --k 4
runner rate battles.csv --method bt --bootstrap 1000 --format json
runner rate battles.csv --method ratio --anchor chatgpt=100
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import UserError
from runner.progress import bar

if TYPE_CHECKING:
    from runner.rating.settings import Settings


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `rate` to the runner's commands."""
    parser = commands.add_parser(
        "rate",
        help="rate the models of a file of battles",
        description=_DESCRIPTION,
        epilog="examples:" + (__doc__ or "").partition("\n")[2].replace("\nrunner", "\n  runner"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV, JSON lines (.jsonl) or Parquet")
    _add_method(parser)
    _add_uncertainty(parser)
    _add_choice(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=("table", "json", "csv"), default="table")
    output.add_argument("--plot", type=Path, metavar="DIR", help="write pictures (SVG) into this folder")
    parser.set_defaults(run=run)


_DESCRIPTION = """\
Rate the models of a file of battles. Columns: model_a, model_b and either winner (model_a, model_b, tie, invalid;
model_a_strong and model_b_strong count as plain wins) or score_a and score_b; and, where there are any, question_id,
category, round, judge, annotator, weight."""


def _add_method(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("method")
    group.add_argument("--method", choices=("elo", "bt", "winrate", "ratio"), default="elo", help="default: elo")
    group.add_argument("--k", type=float, default=32.0, help="Elo: most points a battle moves; default: 32")
    group.add_argument("--init", type=float, default=1000.0, help="rating to begin with, bt: mean; default: 1000")
    group.add_argument("--scale", type=float, default=400.0, help="default: 400")
    group.add_argument("--base", type=float, default=10.0, help="odds of SCALE points; default: 10")
    group.add_argument("--start", type=Path, metavar="RATINGS.json", help='Elo: {"model": rating} or our own JSON')
    group.add_argument(
        "--order", choices=("recorded", "random"), help="Elo: default: recorded, random with --orderings"
    )
    group.add_argument("--orderings", type=int, default=0, metavar="N", help="Elo: average over N random orders")
    group.add_argument("--trace", action="store_true", help="Elo, recorded order: ratings after every round, in JSON")
    group.add_argument("--order-term", action="store_true", help="bt: fit the advantage of being shown first too")
    group.add_argument(
        "--anchor", metavar="MODEL=R", help="shift all so that MODEL has R; ratio: MODEL is the reference and gets R"
    )


def _add_uncertainty(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("uncertainty")
    group.add_argument("--bootstrap", type=int, default=0, metavar="B", help="intervals from B resamples")
    group.add_argument(
        "--cluster",
        metavar="COLUMN",
        help="resample this column's values; default: question_id where there is one, else single battles (none)",
    )
    group.add_argument("--ci", type=float, default=95.0, metavar="PERCENT", help="default: 95")
    group.add_argument("--seed", type=int, default=0, help="default: 0; the same seed gives the same bytes")


def _add_choice(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("battles")
    group.add_argument("--ties", choices=("half", "drop"), default="half", help="default: half")
    group.add_argument(
        "--merge-orders",
        choices=("none", "agree-or-tie"),
        default="none",
        help="one battle of a pair judged in both orders: the winner both agree on, else a tie; default: none",
    )
    group.add_argument("--category", metavar="NAME", help="only this category")


def run(arguments: argparse.Namespace) -> int:
    """Read, rate, and only then write; the exit code is 0."""
    settings = _settings(arguments)
    # Here, so that `--help` need not wait for numpy.
    from runner.battles import read
    from runner.rating import plots, rate, report

    battles = read(arguments.file)
    rating = rate(battles, settings, threads=_threads(), progress=bar())
    made = plots.pictures(rating) if arguments.plot else {}
    text = {"table": report.as_table, "json": report.as_json, "csv": report.as_csv}[arguments.format](rating)
    if made:
        _write(arguments.plot, made)
    sys.stdout.write(text)
    if arguments.format == "csv":
        sys.stderr.write("".join(f"warning: {notice.message}\n" for notice in rating.warnings))
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    from runner.rating.settings import Settings, read_anchor, read_start

    same = ("method", "k", "init", "scale", "base", "order", "orderings", "bootstrap", "cluster", "ci", "ties")
    more = ("merge_orders", "category", "seed", "order_term", "trace")
    return Settings(
        **{name: getattr(arguments, name) for name in (*same, *more)},
        start=read_start(arguments.start) if arguments.start else {},
        anchor=read_anchor(arguments.anchor) if arguments.anchor is not None else None,
    )


def _threads() -> int:
    """HERDBOOK_THREADS, else the processors this process may use; the result is the same for any number."""
    said = os.environ.get("HERDBOOK_THREADS", "")
    if said.isdigit() and int(said):
        return int(said)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _write(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            half = folder / f".{name}.part"
            half.write_text(text, encoding="utf-8", newline="\n")
            half.replace(folder / name)
    except OSError as error:
        raise UserError(f"`{folder}` cannot be written", why=error.strerror or "", exit_code=2) from None


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m runner.rate_cli rate FILE`: this command alone."""
    parser = argparse.ArgumentParser(prog="runner")
    add(parser.add_subparsers(metavar="COMMAND", required=True))
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
