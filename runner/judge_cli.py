"""`runner judge`: put answers before a judge, or before people.

runner judge answers.jsonl --judge reference --out judged
runner judge answers.jsonl --judge openai --model MODEL --both-orders --out judged
runner judge human pages answers.jsonl --annotators a,b --seed 1 --out sheets
runner judge human import sheets/a.csv sheets/b.csv
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UserError

if TYPE_CHECKING:
    from runner.judge.base import Judge, Pair
    from runner.judge.openai import OpenAIJudge
    from runner.judge.run import Course

_RAW = argparse.RawDescriptionHelpFormatter
_EXAMPLE = """\
examples:
  runner judge answers.jsonl --judge reference --out judged
  runner judge answers.jsonl --judge recorded --verdicts battles.csv --out judged
  HERDBOOK_JUDGE_KEY=... runner judge answers.jsonl --judge openai --model MODEL --both-orders --out judged
  runner judge human --help"""


def add(commands: Any) -> None:
    """Add `judge` to the subcommands of `runner`."""
    summary = "put answers before a judge and write its verdicts"
    judge = commands.add_parser("judge", help=summary, description=_about(), epilog=_EXAMPLE, formatter_class=_RAW)
    _add_judge(judge)
    human = argparse.ArgumentParser(
        prog=f"{judge.prog} human", description="Let people judge, on pages that work offline.", formatter_class=_RAW
    )
    _add_human(human.add_subparsers(metavar="COMMAND", required=True))
    usual = judge.parse_known_args

    def parse(args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None) -> Any:
        # argparse has no optional subcommand beside a positional: the first word decides.
        if args and args[0] == "human":
            return human.parse_known_args(args[1:], namespace)
        return usual(args, namespace)

    judge.parse_known_args = parse


def _about() -> str:
    return (
        "Put every two answers to a question before a judge and write verdicts.csv, settings.json and, where a model\n"
        "was asked, replies.jsonl. ANSWERS is JSON Lines with question_id, question, model, answer and, where there\n"
        "is one, category and reference. Run the same command again to go on: what was answered is not asked again.\n"
        "The key of an endpoint is read from HERDBOOK_JUDGE_KEY or OPENAI_API_KEY and written nowhere."
    )


def _add_judge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("answers", type=Path, metavar="ANSWERS", help="JSON Lines, one answer a row")
    parser.add_argument("--judge", choices=("recorded", "reference", "openai"), required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the verdicts go")
    parser.add_argument("--both-orders", action="store_true", help="show every pair both ways round")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N comparisons")
    parser.add_argument("--seed", type=int, default=0, help="which way round a pair is shown once; default: 0")
    parser.add_argument("--json", action="store_true", help="print what settings.json holds")
    recorded = parser.add_argument_group("recorded: verdicts somebody else gave")
    recorded.add_argument("--verdicts", type=Path, metavar="FILE", help="CSV, JSON Lines or Parquet")
    recorded.add_argument("--annotator", metavar="LABEL", help="only the verdicts of this one")
    reference = parser.add_argument_group("reference: against the reference answers")
    reference.add_argument(
        "--match", choices=("overlap", "exact", "number", "choice"), default="overlap", help="default: overlap"
    )
    asked = parser.add_argument_group("openai: a model behind any OpenAI-compatible endpoint")
    asked.add_argument("--model", metavar="NAME")
    asked.add_argument("--base-url", metavar="URL", help="default: https://api.openai.com/v1")
    asked.add_argument("--prompt", choices=("en", "zh"), default="en", help="language of the prompt; default: en")
    asked.add_argument("--timeout", type=float, default=120.0, metavar="S", help="seconds for a reply; default: 120")
    asked.add_argument("--temperature", type=_temperature, default=0.0, help="a number or `none`; default: 0")
    asked.add_argument("--max-tokens", type=int, default=1024, metavar="N", help="of a reply; default: 1024")
    asked.add_argument("--workers", type=int, default=1, metavar="N", help="questions at a time; default: 1")
    asked.add_argument("--price", type=_price, metavar="IN,OUT", help="USD per million tokens of prompt and reply")
    asked.add_argument("--max-cost", type=float, metavar="USD", help="stop before it could cost more; needs --price")
    parser.set_defaults(run=judge)


def _add_human(commands: Any) -> None:
    pages = commands.add_parser(
        "pages",
        help="write one page per annotator",
        description="Write one self-contained page per annotator: blind, orders shuffled, works offline.",
        epilog="example:\n  runner judge human pages answers.jsonl --annotators a,b --seed 1 --out sheets",
        formatter_class=_RAW,
    )
    pages.add_argument("answers", type=Path, metavar="ANSWERS", help="JSON Lines, one answer a row")
    pages.add_argument("--annotators", required=True, metavar="A,B", help="labels, not names")
    pages.add_argument("--seed", type=int, default=0, help="shuffles orders; default: 0")
    pages.add_argument("--limit", type=int, metavar="N", help="only N comparisons, the same for every annotator")
    pages.add_argument("--language", choices=("en", "zh"), default="en", help="of the page; default: en")
    pages.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the pages and key.json go")
    pages.add_argument("--json", action="store_true", help="print what was written")
    pages.set_defaults(run=write_pages)
    take = commands.add_parser(
        "import",
        help="read what the pages saved",
        description="Read the CSVs the pages saved and write verdicts.csv and settings.json beside key.json.",
        epilog="example:\n  runner judge human import sheets/a.csv sheets/b.csv",
        formatter_class=_RAW,
    )
    take.add_argument("files", type=Path, nargs="+", metavar="FILE", help="CSV a page saved")
    take.add_argument("--key", type=Path, metavar="FILE", help="default: key.json beside the first FILE")
    take.add_argument("--out", type=Path, metavar="DIR", help="default: the folder of key.json")
    take.add_argument("--json", action="store_true", help="print what settings.json holds")
    take.set_defaults(run=import_sheets)


def _price(text: str) -> tuple[float, float]:
    try:
        prompt, completion = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("two amounts of USD are needed, as in 2.5,10") from None
    return prompt, completion


def _temperature(text: str) -> float | None:
    try:
        return None if text == "none" else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a number or `none` is needed") from None


def judge(arguments: argparse.Namespace) -> int:
    """`runner judge ANSWERS`; 0, 1 where questions stayed without an answer, 3 where the cost limit was reached."""
    from runner.judge import answers, output, run

    _check(arguments)
    given = answers.read(arguments.answers)
    _warn(given.warnings)
    # A recorded verdict has the order it was given in, so both are looked up.
    both = arguments.both_orders or arguments.judge == "recorded"
    pairs = answers.plan(given, both_orders=both, seed=arguments.seed)[: arguments.limit]
    extra = {"both_orders": both} if both else {"both_orders": False, "seed": arguments.seed}
    progress = Progress()
    if arguments.judge == "openai":
        record, course = _ask(arguments, pairs, given.sha256, extra, progress)
    else:
        local = _local(arguments)
        known = output.identity(local, given.sha256, extra)
        output.claim(arguments.out, known)
        course = run.judge_here(local, pairs, progress)
        record = output.save(arguments.out, known, local, pairs, course.rulings)
    progress.close()
    return _report(arguments, record, course)


def _check(arguments: argparse.Namespace) -> None:
    wrong = []
    if arguments.limit is not None and arguments.limit < 1:
        wrong.append("`--limit` is 1 or more")
    if not 1 <= arguments.workers <= 64:
        wrong.append("`--workers` is between 1 and 64")
    if arguments.max_cost is not None and not arguments.max_cost >= 0:
        wrong.append("`--max-cost` is 0 or more")
    if arguments.max_cost is not None and arguments.price is None:
        wrong.append("`--max-cost` needs `--price`, for prices differ by endpoint")
    if arguments.judge == "openai" and not arguments.model:
        wrong.append("`--judge openai` needs `--model`")
    if arguments.judge == "recorded" and not arguments.verdicts:
        wrong.append("`--judge recorded` needs `--verdicts`")
    if wrong:
        hint = "`runner judge --help` shows examples"
        raise UserError("the arguments do not fit together", why="; ".join(wrong), hint=hint, exit_code=2)


def _local(arguments: argparse.Namespace) -> Judge:
    if arguments.judge == "reference":
        from runner.judge.reference import ReferenceJudge

        return ReferenceJudge(arguments.match)
    from runner.judge.recorded import RecordedJudge

    return RecordedJudge(arguments.verdicts, arguments.annotator)


def _ask(
    arguments: argparse.Namespace, pairs: Sequence[Pair], sha256: str, extra: dict[str, Any], progress: Progress
) -> tuple[dict[str, Any], Course]:
    from runner.judge import output
    from runner.judge.budget import Budget
    from runner.judge.journal import Journal
    from runner.judge.run import judge_remotely

    stop, budget = threading.Event(), Budget(arguments.max_cost)
    remote = _remote(arguments, budget, stop)
    known = output.identity(remote, sha256, extra)
    output.claim(arguments.out, known)
    with Journal(arguments.out) as journal:
        budget.spent = journal.past.spent
        if journal.past.open:
            _warn([f"{len(journal.past.open)} questions had no reply when the last run ended; they are asked again"])
        course = judge_remotely(remote, pairs, journal, workers=arguments.workers, stop=stop, progress=progress)
        record = output.save(arguments.out, known, remote, pairs, course.rulings)
    remote.close()
    return record, course


def _remote(arguments: argparse.Namespace, budget: Any, stop: threading.Event) -> OpenAIJudge:
    from runner.judge.budget import Price
    from runner.judge.openai import OFFICIAL, OpenAIJudge, Options, goes_in_clear
    from runner.judge.secret import from_environment

    options = Options(
        arguments.model,
        arguments.base_url or OFFICIAL,
        arguments.prompt,
        arguments.temperature,
        arguments.max_tokens,
        arguments.timeout,
        Price(*arguments.price) if arguments.price else None,
    )
    key = from_environment(os.environ)
    remote = OpenAIJudge(options, key, budget=budget, stop=stop)
    if key and goes_in_clear(options.base_url):
        _warn(["the key goes over the network unencrypted: --base-url starts with http://"])
    return remote


def _report(arguments: argparse.Namespace, record: dict[str, Any], course: Course) -> int:
    left = record["counts"]["planned"] - record["counts"]["judged"] - course.no_basis
    if arguments.json:
        sys.stdout.write(json.dumps(record | {"left": left}, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(summary(record, arguments.out))
    if course.no_basis:
        _warn([f"on {course.no_basis:,} comparisons this judge has nothing to go by; they are not among the verdicts"])
    if course.error:
        raise course.error
    if course.halted == "interrupted":
        sys.stderr.write(f"stopped; {left:,} comparisons are left, run the same command again to go on\n")
        return 130
    if course.halted == "budget":
        what = f"the cost limit leaves {left:,} comparisons unasked"
        raise UserError(what, hint="raise --max-cost and run the same command again", exit_code=3)
    if left:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(course.failures.items()))
        what = f"{left:,} comparisons got no answer"
        why = f"{course.last_failure} (by kind: {kinds})"
        raise UserError(what, why=why, hint="run the same command again; what was answered is not asked again")
    return 0


def summary(record: dict[str, Any], out: Path) -> str:
    """What settings.json says, for people."""
    counts, lines = record["counts"], [f"{out}: {record['judge']}"]
    lines.append(f"  judged   {counts['judged']:,} of {counts['planned']:,} comparisons")
    lines.append(f"  verdicts first {counts['model_a']:,}, second {counts['model_b']:,}, tie {counts['tie']:,}")
    lines.append(f"  invalid  {counts['invalid']:,}")
    lines += [f"    {count:,}: {why}" for why, count in counts["why_invalid"].items()]
    tokens, cost = record.get("tokens", {}), record.get("cost_usd")
    if tokens.get("prompt") is not None:
        lines.append(f"  tokens   {tokens['prompt']:,} in, {tokens['completion']:,} out")
    if cost is not None:
        lines.append(f"  cost     {cost:.4f} USD")
    return "\n".join(lines) + "\n"


def write_pages(arguments: argparse.Namespace) -> int:
    """`runner judge human pages`."""
    from runner.judge import answers, human

    given = answers.read(arguments.answers)
    _warn(given.warnings)
    if arguments.limit is not None and arguments.limit < 1:
        raise UserError("`--limit` is 1 or more", exit_code=2)
    labels = [label.strip() for label in arguments.annotators.split(",")]
    record = human.write(given, labels, arguments.seed, arguments.limit, arguments.language, arguments.out)
    if arguments.json:
        sys.stdout.write(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
        return 0
    for name in record["files"]:
        sys.stdout.write(f"{arguments.out / name}\n")
    sys.stderr.write("key.json says which answer is whose: keep it from the annotators\n")
    return 0


def import_sheets(arguments: argparse.Namespace) -> int:
    """`runner judge human import`."""
    from runner.judge import human

    key = arguments.key or arguments.files[0].parent / "key.json"
    out = arguments.out or key.parent
    record = human.take(arguments.files, key, out)
    sys.stdout.write(
        json.dumps(record, indent=2, ensure_ascii=False) + "\n" if arguments.json else summary(record, out)
    )
    return 0


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        sys.stderr.write(f"warning: {warning}\n")


class Progress:
    """One line on a terminal, for what takes longer than two seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._start, self._shown = clock, clock(), False

    def __call__(self, done: int, total: int) -> None:
        """Say how far the work is."""
        if sys.stderr.isatty() and self._clock() - self._start > 2:
            filled = 30 * done // max(total, 1)
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {total:,}")
            sys.stderr.flush()
            self._shown = True

    def close(self) -> None:
        """Leave the line."""
        if self._shown:
            sys.stderr.write("\n")


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m runner.judge_cli judge ...`."""
    parser = argparse.ArgumentParser(prog="runner", description=__doc__, formatter_class=_RAW)
    add(parser.add_subparsers(metavar="COMMAND", required=True))
    arguments = parser.parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        return code
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
