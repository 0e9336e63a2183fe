"""`runner`: repeat what projects published, as far as it can be done here, and attach what came out to its entry.

runner list                              entries that can be reproduced, and what was found
runner reproduce anima33b --only rate    replay the published tournament
runner verify catalog/models/anima33b/results/FILE.yaml
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.command import finish

if TYPE_CHECKING:
    from runner.verify import Verified

Commands = Any  # argparse does not name the type of what add_subparsers returns

STAGES = ("prepare", "train", "generate", "judge", "rate", "report")
"""As in runner.pipeline, which is imported only when something runs: `runner --help` has to be quick."""
ELSEWHERE = ("runner.rate_cli", "runner.judge_cli", "runner.advice_cli", "runner.probe_cli")
"""Modules with a function `add(commands)` that bring their own subcommands."""


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point. 0 all held; 1 failure; 2 usage or bad input; 3 a stage could not run here; 4 not reproduced."""
    arguments = parser().parse_args(argv)
    return finish(lambda: int(arguments.run(arguments)))


def parser() -> argparse.ArgumentParser:
    """Every command with its flags; nothing heavy is imported for it."""
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(prog="runner", description=__doc__, formatter_class=raw)
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for add in (_list_command, _reproduce_command, _verify_command, _attach_command, _extract_command):
        add(commands)
    for module in ELSEWHERE:
        importlib.import_module(module).add(commands)
    return top


def _command(
    commands: Commands, name: str, summary: str, example: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--json", action="store_true", help="print JSON and nothing else on standard output")
    command.set_defaults(run=run)
    return command


def _list_command(commands: Commands) -> None:
    _command(commands, "list", "entries that can be reproduced, and what was found", "runner list --json", _list)


def _reproduce_command(commands: Commands) -> None:
    summary = "run a recipe as far as it can be run here, compare, and attach the result"
    command = _command(commands, "reproduce", summary, "runner reproduce anima33b --only rate", _reproduce)
    command.add_argument("slug", metavar="SLUG", help="the entry; SLUG/NAME for another of its trainings")
    command.add_argument(
        "--mode",
        choices=("faithful", "fast"),
        default="faithful",
        help="faithful: as it was published; fast: with the differences that the recipe names (default: faithful)",
    )
    command.add_argument(
        "--steps", type=_count, metavar="N", help="stop after N steps: a try that compares time and memory only"
    )
    command.add_argument(
        "--seed", type=_seed, default=0, metavar="N", help="added to every seed of the recipe (default: 0)"
    )
    command.add_argument("--yes", action="store_true", help="agree to downloads above 5 GB")
    command.add_argument("--base", type=Path, metavar="PATH", help="a folder with the base, instead of a download")
    command.add_argument("--data", type=Path, metavar="PATH", help="a file or folder with the data, likewise")
    command.add_argument(
        "--only",
        action="append",
        choices=STAGES,
        default=[],
        metavar="STAGE",
        help=f"one of {', '.join(STAGES)}; repeatable",
    )
    command.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="where runs are kept (default: runs)"
    )
    command.add_argument("--export", type=Path, metavar="DIR", help="also write the adapter, with a model card")
    command.add_argument("--merge", action="store_true", help="with --export: base and adapter as one model")
    command.add_argument("--no-attach", action="store_true", help="leave the result in the run's folder")


def _verify_command(commands: Commands) -> None:
    example = "runner verify catalog/models/anima33b/results/*.yaml"
    command = _command(
        commands, "verify", "check results and recompute them from the recorded inputs", example, _verify
    )
    command.add_argument(
        "results", nargs="+", type=Path, metavar="RESULT", help="a result of the catalog, or a copy of one"
    )
    command.add_argument("--rerun", action="store_true", help="train again what was trained, and compare")
    command.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="where runs are kept (default: runs)"
    )


def _attach_command(commands: Commands) -> None:
    summary = "put results that were made elsewhere, with their tables, into the catalog"
    example = "runner attach runs/anima33b/elo-vicuna80-zh-rate/report/result.yaml"
    command = _command(commands, "attach", summary, example, _attach)
    told = "a result with its tables beside it, or an archive of several (records.tgz)"
    command.add_argument("file", type=Path, metavar="FILE", help=told)


def _extract_command(commands: Commands) -> None:
    summary = "derive the recorded tables again from the published file, and compare them row by row"
    example = "runner extract anima33b --from elo_tournanment_all_models_on_translated_vicuna.ipynb"
    command = _command(commands, "extract", summary, example, _extract)
    command.add_argument("slug", metavar="SLUG", help="the entry")
    command.add_argument(
        "--from",
        dest="source",
        type=Path,
        required=True,
        metavar="FILE",
        help="the file, its folder, or a checkout of it",
    )
    command.add_argument("--output", type=Path, metavar="DIR", help="also write the tables derived now, as CSV")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**9:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of steps: 1 or more")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"`{text}` is no seed: 0 to 2147483647")
    return int(text)


def print_json(data: Any) -> None:
    """One JSON document on standard output, numbers with all their digits."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2) + "\n")


def _list(arguments: argparse.Namespace) -> int:
    from runner.listing import as_text, rows

    found = rows()
    if arguments.json:
        print_json(found)
    else:
        sys.stdout.write(as_text(found))
    return 0


def _reproduce(arguments: argparse.Namespace) -> int:
    from runner.reproduce import Asked, reproduce

    outcome = reproduce(
        Asked(
            slug=arguments.slug,
            mode=arguments.mode,
            only=tuple(arguments.only),
            runs=arguments.runs,
            steps=arguments.steps,
            seed=arguments.seed,
            yes=arguments.yes,
            base=arguments.base,
            data=arguments.data,
            attaching=not arguments.no_attach,
            export=arguments.export,
            merge=arguments.merge,
        )
    )
    for stage in outcome.stages:
        if stage.error:
            sys.stderr.write(f"{stage.error}\n")
    if arguments.json:
        print_json(outcome.to_json())
    else:
        from runner.told import outcome_text

        sys.stdout.write(outcome_text(outcome))
    return outcome.exit_code


def _verify(arguments: argparse.Namespace) -> int:
    from runner.told import verified_text
    from runner.verify import verify

    rerun = arguments.runs if arguments.rerun else None
    found: list[Verified] = [verify(path, rerun=rerun) for path in arguments.results]
    if arguments.json:
        print_json(found[0].to_json() if len(found) == 1 else [one.to_json() for one in found])
    else:
        sys.stdout.write("".join(map(verified_text, found)))
    codes = {one.exit_code for one in found}
    return next((code for code in (1, 4) if code in codes), 0)


def _attach(arguments: argparse.Namespace) -> int:
    from catalog.files import show
    from runner.archive import is_archive
    from runner.attach import attach_path

    placed = attach_path(arguments.file)
    if arguments.json:
        found = [{"result": show(one.path), "digest": one.digest, "written": one.written} for one in placed]
        print_json(found if is_archive(arguments.file) else found[0])
    else:
        for one in placed:
            told = "written" if one.written else "was there: the same finding, nothing written"
            sys.stdout.write(f"{show(one.path)} {told}\n")
    return 0


def _extract(arguments: argparse.Namespace) -> int:
    from runner.extract.command import extract
    from runner.told import extracted_text

    found = extract(arguments.slug, arguments.source, arguments.output)
    if arguments.json:
        print_json(found.to_json())
    else:
        sys.stdout.write(extracted_text(found))
    return found.exit_code


if __name__ == "__main__":
    sys.exit(main())
