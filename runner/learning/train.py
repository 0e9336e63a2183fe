"""The stage `train`: from a base and examples to an adapter, its checkpoints, and a row of figures a step."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.recipes import digest
from catalog.resolving import settings_of
from catalog.training import Training
from runner.inputs.examples import Example
from runner.learning.determinism import multiply_as, settle
from runner.learning.deviations import deviations
from runner.learning.order import order, steps_of
from runner.learning.stopping import Request, Stopped, listening
from runner.learning.tokens import Words, load_words
from runner.pipeline import write_atomically
from runner.progress import Progress

Json = dict[str, Any]
COLUMNS = ("step", "loss", "learning_rate", "grad_norm", "tokens", "targets", "padding")


@dataclass(frozen=True)
class Run:
    """Everything that decides what comes out of one run."""

    training: Training
    base: Path
    words: Words
    examples: Sequence[Example]
    order: list[list[int]]
    total: int
    """Steps of the whole recipe: the schedule's length."""
    stop: int
    """Steps of this run."""
    seed: int
    """Added to every seed of the recipe."""
    parameters: int
    work: Path
    progress: Progress

    @property
    def answering(self) -> list[int]:
        """Steps whose adapters answer: evenly spaced, the last among them."""
        wanted = self.training.answers.checkpoints if self.training.answers else 0
        return sorted({max(1, round(self.stop * number / wanted)) for number in range(1, wanted + 1)})


def train(
    training: Training,
    base: Path,
    tokenizer: Path,
    examples: Sequence[Example],
    out: Path,
    work: Path,
    *,
    steps: int | None,
    seed: int,
    threads: int,
    progress: Progress,
) -> None:
    """Writes `steps.csv`, `adapter/` (`model/` for a full fine-tune), `checkpoints/<step>/`, `trained.json`,
    `measured.json` and `deviations.json` into `out`.

    `work` is kept between attempts. A killed run goes on from its newest whole checkpoint and ends in the same bytes.
    Under `accelerate launch` every process calls this; the first one writes. Raises Stopped after Ctrl-C or SIGTERM,
    and UserError for whatever the user can mend.
    """
    settle(training.seeds.order + seed, threads)
    from runner.learning import learn
    from runner.learning.processes import processes
    from runner.learning.settings import check, identity

    multiply_as(training.execution.precision)
    world = processes()
    words = load_words(training, tokenizer)
    parameters = check(training, base, words, len(examples), steps, world.count)
    total = steps_of(training.batching, len(examples))
    stop = total if steps is None else steps
    run = Run(
        training,
        base,
        words,
        examples,
        order(training.batching, lengths(words, examples), stop, training.seeds.order + seed),
        total,
        stop,
        seed,
        parameters,
        work,
        progress,
    )
    if world.first:
        what = {"training": settings_of(training), "seed": seed, "steps": stop}
        begin(work, {**what, **identity(base, tokenizer), "examples": fingerprint(examples)}, world.platform(threads))
    world.wait()
    with listening() as request:
        last = learn.finished(run)
        if last is None:
            last = learn.learn(run, request, world)
    if world.first:
        report(run, last, out, world.count)
    world.wait()
    _ended(request, last, run)


def lengths(words: Words, examples: Sequence[Example]) -> list[int]:
    """By which examples are grouped. Scripts with lengths of their own for prompt and answer counted the characters of
    both; those with one length counted tokens, as they had them already."""
    batching = words.batching
    if batching.order != "grouped-by-length":
        return [1] * len(examples)
    if batching.source_length is None and batching.target_length is None:
        return [len(words.tokenise(example).ids) for example in examples]
    return [len(example.prompt) + len(example.answer) for example in examples]


def _ended(request: Request, last: Path, run: Run) -> None:
    from runner.learning.checkpoints import step_of

    if step_of(last) < run.stop:
        raise Stopped(f"stopped after step {step_of(last)} of {run.stop}")


def fingerprint(examples: Sequence[Example]) -> str:
    """SHA-256 of all examples in order."""
    found = hashlib.sha256()
    for one in examples:
        found.update(json.dumps([one.id, one.prompt, one.answer]).encode())
    return found.hexdigest()


def begin(work: Path, what: Json, platform: Json) -> None:
    """Clears `work` where it belongs to other inputs. Raises UserError where it was begun on another platform: the rest
    would not come out in the same bits, and throwing hours away is the user's decision."""
    work.mkdir(parents=True, exist_ok=True)
    file, wanted = work / "run.json", digest(what)
    try:
        known = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    if known.get("inputs") == wanted:
        differs = [name for name in platform if known.get("platform", {}).get(name) != platform[name]]
        if differs:
            begun = ", ".join(f"{name} {known.get('platform', {}).get(name)}" for name in differs)
            raise UserError(
                "this run was begun elsewhere",
                where=str(work),
                why=f"it was begun with {begun}; here it is {', '.join(str(platform[name]) for name in differs)}",
                hint="go on as it was begun, or begin anew in another folder with --runs DIR",
            )
        return
    for old in work.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    write_atomically(file, (json.dumps({"inputs": wanted, "platform": platform}, indent=1) + "\n").encode())


def report(run: Run, checkpoint: Path, out: Path, devices: int) -> None:
    """Fills `out` from the last checkpoint alone, so that a kill here costs no training."""
    from runner.learning.checkpoints import step_of
    from runner.learning.measure import Attempts

    if step_of(checkpoint) < run.stop:
        return
    rows = [row for row in json.loads((checkpoint / "trainer_state.json").read_text("utf-8"))["log_history"]
            if "loss" in row]  # fmt: skip
    facts = json.loads((checkpoint / "facts.json").read_text("utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / "steps.csv", csv_of(rows))
    final = out / ("model" if run.training.lora is None else "adapter")
    copy_learnt(checkpoint, final)
    for step in run.answering:
        copy_learnt(run.work / "answering" / str(step), out / "checkpoints" / str(step))
    adapter = final / "adapter_model.safetensors"
    trained = {
        "first_loss": rows[0]["loss"],
        "last_loss": rows[-1]["loss"],
        "adapter_sha256": hashlib.sha256(adapter.read_bytes()).hexdigest() if adapter.exists() else None,
        "adapter_start_sha256": facts["start_sha256"],
        "trainable": facts["trainable"],
        "parameters": run.parameters,
        "examples": sum(len(step) for step in run.order),
        "truncated": sum(row["cut"] for row in rows),
    }
    write_atomically(out / "trained.json", (json.dumps(trained, indent=1) + "\n").encode())
    measured = Attempts(run.work / "attempts.json").measured(rows, devices)
    write_atomically(out / "measured.json", (json.dumps(measured, indent=1) + "\n").encode())
    said = deviations(run.training, fused=facts["fused"], cuda=facts["cuda"])
    write_atomically(out / "deviations.json", (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode())


def csv_of(rows: Sequence[Json]) -> bytes:
    """One line a step; floats as short as they can be read back unchanged."""
    lines = [",".join(COLUMNS), *(",".join(repr(row[column]) for column in COLUMNS) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def copy_learnt(source: Path, target: Path) -> None:
    """Adapter or model, without the Trainer's own files."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in sorted(source.iterdir()):
        if file.suffix == ".safetensors" or file.name in (
            "adapter_config.json",
            "config.json",
            "generation_config.json",
            "model.safetensors.index.json",
        ):
            shutil.copyfile(file, target / file.name)
