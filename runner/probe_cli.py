"""`runner probe`: memory and speed of the true shapes with random weights, on this machine's card."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.probe.ask import Ask
    from runner.probe.suite import Row

Json = dict[str, Any]
METHODS = ("qlora", "lora8", "full", "inference")


def add(commands: Any) -> None:
    """Adds the command."""
    summary = "measure memory and speed of a model's true shape with random weights"
    command = commands.add_parser(
        "probe",
        help=summary,
        description=f"{summary}: right for memory and speed, and for nothing else",
        epilog="examples:\n  runner probe --suite claims\n  runner probe anima33b --mode both --memory-gb 80\n"
        "  runner probe --model llama-7b --method qlora --sequence 512 --batch 4",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "slug", nargs="?", metavar="SLUG", help="an entry with a recipe; SLUG/NAME for another training"
    )
    command.add_argument("--model", metavar="SHAPE", help="a shape by its name, as llama-33b")
    command.add_argument("--suite", choices=("claims",), help="every probe that answers a claim of the register")
    command.add_argument("--method", choices=METHODS, default="qlora", help="with --model (default: qlora)")
    command.add_argument("--mode", choices=("faithful", "fast", "both"), default="faithful")
    command.add_argument("--sequence", type=_whole, metavar="N", help="tokens of an example (default: 1024)")
    command.add_argument("--batch", type=_whole, metavar="N", help="examples of a step (default: 16)")
    command.add_argument("--memory-gb", type=_positive, metavar="N", help="keep to N GiB, as a smaller card would")
    command.add_argument("--steps", type=_whole, metavar="N", help="steps to make, two of them not timed (default: 6)")
    command.add_argument("--largest", action="store_true", help="also search for the largest micro-batch that fits")
    command.add_argument("--runs", type=Path, default=Path("runs/probe"), metavar="DIR",
                         help="records of this and earlier runs; what lies there is not measured again")  # fmt: skip
    command.add_argument("--output", type=Path, metavar="DIR", help="where records.tgz is kept (default: the runs)")
    command.add_argument("--json", action="store_true", help="print JSON and nothing else on standard output")
    command.set_defaults(run=run)


def _whole(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**6:
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number of 1 or more")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 10**6:
        raise argparse.ArgumentTypeError(f"`{text}` is no number above 0")
    return value


def run(arguments: argparse.Namespace) -> int:
    """0 also where a model does not fit: that is an answer. 2 for wrong use, 3 where the training extra is missing."""
    from catalog.errors import UserError
    from runner.here import EXTRA, missing_extra

    asks = _asks(arguments)
    if missing_extra():
        raise UserError("nothing can be measured here", why=f"it needs {EXTRA}", exit_code=3)
    from runner.probe import suite

    rows = []
    output = arguments.output or arguments.runs
    for row in suite.run(asks, arguments.runs, output, _maker(_command(arguments)), _tell):
        rows.append(row)
        if not arguments.json:
            sys.stdout.write(_line(row))
            sys.stdout.flush()
    if arguments.json:
        from runner.cli import print_json

        print_json([_row(row) for row in rows])
    else:
        from catalog.files import show

        sys.stdout.write(f"\nrecords: {show(output / suite.ARCHIVE)}; `runner attach` files them under their entries\n")
    return 0


def _asks(arguments: argparse.Namespace) -> list[Ask]:
    from catalog.errors import UserError

    given = [name for name in ("slug", "model", "suite") if getattr(arguments, name)]
    if len(given) != 1:
        raise UserError(
            "name one of SLUG, --model SHAPE and --suite claims", hint="runner probe --suite claims", exit_code=2
        )
    from runner.probe import suite

    if arguments.suite:
        asks = suite.claims_suite()
    else:
        modes = ("faithful", "fast") if arguments.mode == "both" else (arguments.mode,)
        asks = [_one(arguments, mode) for mode in modes]
    return [_changed(ask, arguments) for ask in asks]


def _one(arguments: argparse.Namespace, mode: str) -> Ask:
    from runner.probe import suite
    from runner.probe.ask import Ask, shape_named, training_of_method

    if arguments.model:
        shape = shape_named(arguments.model)
        sequence, batch = arguments.sequence or 1024, arguments.batch or 16
        training = training_of_method(shape, arguments.method, mode, sequence, batch)
        return Ask(_entry_of(shape.id), shape, arguments.method, mode, training, sequence, None)  # type: ignore[arg-type]
    from catalog.errors import UserError
    from runner.entries import prepare

    slug, _, name = arguments.slug.partition("/")
    entry = prepare(slug)
    names = list(entry.recipe.training)
    if not names or (name and name not in names):
        hint = f"its trainings: {', '.join(names)}" if names else "take `--model SHAPE`"
        raise UserError(f"the recipe of `{slug}` has no training `{name[:80]}`", hint=hint, exit_code=2)
    return suite.of_training(entry, name or names[0], mode, None)


def _entry_of(shape: str) -> str:
    """The entry whose name the shape's begins with, so that a record of it has a place."""
    from catalog.store import find_root

    slugs = sorted((path.parent.name for path in (find_root() / "models").glob("*/model.yaml")), key=len, reverse=True)
    return next((slug for slug in slugs if shape == slug or shape.startswith(f"{slug}-")), shape)


def _changed(ask: Ask, arguments: argparse.Namespace) -> Ask:
    """With what the command line says of length, batch, memory and steps."""
    from dataclasses import replace

    sequence = arguments.sequence or ask.sequence
    batching = ask.training.batching
    change: Json = {"length": sequence}
    if arguments.batch:
        change |= {"accumulation": max(1, arguments.batch // batching.micro_batch)}
    training = ask.training.model_copy(update={"batching": batching.model_copy(update=change)})
    cap = round(arguments.memory_gb * 2**30) if arguments.memory_gb else ask.cap
    return replace(
        ask,
        training=training,
        sequence=sequence,
        cap=cap,
        steps=arguments.steps or ask.steps,
        largest=arguments.largest and ask.method != "inference",
    )


def _maker(command: str) -> Any:
    from runner.here import threads
    from runner.learning.determinism import settle

    settle(0, threads())  # before anything else brings the libraries in
    from runner.probe.measure import architecture, measure
    from runner.probe.record import record

    def make(ask: Ask) -> bytes:
        found = measure(ask, threads=threads())
        return record(ask, found, architecture(ask.shape), command=command, threads=threads())

    return make


def _command(arguments: argparse.Namespace) -> str:
    parts = ["runner probe", *([arguments.slug] if arguments.slug else [])]
    for name in ("model", "suite", "method", "mode", "sequence", "batch", "memory_gb", "steps"):
        value = getattr(arguments, name)
        if value is not None and not (name in ("method", "mode") and value in ("qlora", "faithful")):
            parts.append(f"--{name.replace('_', '-')} {value:g}" if isinstance(value, float) else
                         f"--{name.replace('_', '-')} {value}")  # fmt: skip
    return " ".join([*parts, *(["--largest"] if arguments.largest else [])])


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _row(row: Row) -> Json:
    keys = ("entry", "shape", "method", "mode", "fits", "refused", "tokens_per_second", "peak", "step", "mfu", "claims",
            "digest")  # fmt: skip
    return {"file": str(row.file), "reused": row.reused, **{key: row.content[key] for key in keys}}


def _line(row: Row) -> str:
    found = row.content
    name = f"{found['entry']:<16} {found['shape']:<12} {found['method']:<9} {found['mode']:<8}"
    cap = found["device"]["cap"]
    within = f" in {cap / 2**30:g} GiB" if cap else ""
    if not found["fits"]:
        refused = found["refused"]
        wanted = f": {refused['wanted'] / 2**30:.2f} GiB wanted" if refused["wanted"] else ""
        return f"{name} does not fit{within} ({refused['stage']}{wanted})\n"
    peak = found["peak"]["allocated"] or found["peak"]["resident"]
    managed = f" + {found['peak']['managed'] / 2**30:.2f} paged" if found["peak"]["managed"] else ""
    return (
        f"{name} {found['step']['median']:.3f} s a step, {found['tokens_per_second']:,.0f} tokens/s, "
        f"{peak / 2**30:.2f} GiB{managed}{within}\n"
    )
