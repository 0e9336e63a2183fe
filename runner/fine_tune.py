"""The stages of a fine-tune: prepare, train, generate, judge, rate and report, as a training of a recipe asks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.recipes import digest
from catalog.resolving import deviations, resolved_training, training_of
from catalog.training import Training
from catalog.training_results import TrainingResult
from runner import provenance
from runner.entries import Prepared
from runner.here import lacking, threads
from runner.pipeline import CannotRunHere, Stage, write_atomically

Json = dict[str, Any]
LARGE = 5e9
"""Bytes of downloads above which the user is asked first."""


@dataclass(frozen=True)
class Job:
    """One training as it was asked for."""

    entry: Prepared
    name: str
    mode: str
    training: Training
    resolved: Json
    steps: int | None
    """Fewer steps than the recipe has; None for all."""
    seed: int
    """Added to every seed of the recipe."""
    yes: bool
    base: Path | None
    data: Path | None
    command: str
    cache: Path

    @property
    def folder_name(self) -> str:
        """Different jobs never share a folder."""
        parts = [self.name, self.mode]
        parts += [f"seed{self.seed}"] if self.seed else []
        return "-".join(parts + ([f"steps{self.steps}"] if self.steps else []))


def job(entry: Prepared, name: str, mode: str, **asked: Any) -> Job:
    """UserError (exit code 2) where the recipe has no such training or mode."""
    training = training_of(entry.recipe_file, name, mode)  # type: ignore[arg-type]
    resolved = resolved_training(entry.record, entry.recipe, name, mode)  # type: ignore[arg-type]
    return Job(entry, name, mode, training, resolved, **asked)


def stages(job: Job, wanted: Sequence[str]) -> list[Stage]:
    """Each stage with everything that decides what comes out; of the code only what the stage runs."""
    training = job.training
    here = {"platform": provenance.platform_key(threads()), "packages": provenance.packages(_LEARNING)}
    settings = job.resolved["settings"]
    asked = {"settings": settings, "seed": job.seed, **here}
    missing = lacking(training)
    unfetched = missing.prepare or (_in_vain(job) if missing.train and list(wanted) != ["prepare"] else ())
    untrained = ("the stage `train`",) if missing.train else ()
    no_questions = () if training.answers else ("questions to ask, which the recipe does not name",)
    every = [
        Stage(
            "prepare",
            {"asked": asked, "code": _code("inputs", "demo", "learning"), "base": _place(job.base),
             "data": _place(job.data)},
            lambda out, work: prepare(job, out, work),
            unfetched,
        ),
        Stage(
            "train",
            {**asked, "steps": job.steps, "code": _code("learning")},
            lambda out, work: train(job, out, work),
            missing.train,
            after=("prepare",),
        ),
        Stage(
            "generate",
            {**asked, "code": _code("learning")},
            lambda out, work: generate(job, out, work),
            no_questions or untrained,
            after=("prepare", "train"),
        ),
        Stage("judge", {"code": _code("judge")}, lambda out, work: judge(out), no_questions,
              after=("prepare", "generate")),
        Stage("rate", {"code": _code("rating", "judge"), "answers": settings.get("answers"), **here},
              lambda out, work: rate(job, out), no_questions, after=("judge",)),
        Stage("report", {"resolved": job.resolved, "command": job.command, "code": provenance.tree()},
              lambda out, work: report(job, out), untrained,
              after=("prepare", "train", *(() if no_questions else ("generate", "judge", "rate"))), reads_times=True),
    ]  # fmt: skip
    chosen = [stage for stage in every if stage.name in wanted and (training.answers or stage.name not in _ASKING)]
    return [_unable(stage) for stage in chosen]


def _in_vain(job: Job) -> tuple[str, ...]:
    """What would have to be downloaded for a run that cannot go on here; it is left alone."""
    sources = [job.training.base.hub] if job.base is None else []
    sources += [data.hub for data in job.training.data] if job.data is None else []
    named = [f"{one.repo}{f' ({one.bytes / 1e9:,.1f} GB)' if one.bytes else ''}" for one in sources if one]
    told = "not fetched for a run that cannot go on here; `--only prepare` fetches it all the same"
    return (f"{', '.join(named)}: {told}",) if named else ()


_ASKING = ("judge", "rate")
_LEARNING = provenance.TRAINING_PACKAGES


def _unable(stage: Stage) -> Stage:
    """A stage that lacks something does not begin."""
    return Stage(stage.name, stage.inputs, None, stage.needs) if stage.needs else stage


def _code(*parts: str) -> str:
    return provenance.tree([f"runner/{part}" for part in parts])


def _place(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def prepare(job: Job, out: Path, work: Path) -> None:
    """Base, tokenizer and examples, from the hub, from the user's own copies, or made here.

    Writes examples.jsonl, held_out.jsonl, inputs.json, deviations.json and places.json, which says where base and
    tokenizer lie: inside this folder, or in the cache.
    """
    from runner.inputs.examples import examples
    from runner.inputs.fetch import fetch
    from runner.inputs.rows import read_rows
    from runner.progress import bar

    def agree(size: int) -> None:
        if size > LARGE and not job.yes:
            raise CannotRunHere(f"`--yes`, for {size / 1e9:,.1f} GB have to be downloaded (`runner plan` has more)")

    fetched = fetch(
        job.training, job.cache, base=job.base, data=job.data, progress=bar(), lock=out.parent / ".inputs.lock.json",
        agree=agree,
    )  # fmt: skip
    made: list[Json] = []
    places = {"base": fetched.base, "tokenizer": fetched.tokenizer}
    pairs = zip(fetched.data, job.training.data, strict=True)
    rows = [read_rows(path, data) if path else [] for path, data in pairs]
    if any(data.made for data in job.training.data):
        from runner.demo.make import make

        rows, made = make(job.training, job.seed, out, work, threads())
        places = {"base": out / "base", "tokenizer": out / "tokenizer"}
    learnt, held = examples(job.training, rows, seed=job.seed, templates=fetched.templates)
    for name, some in (("examples", learnt), ("held_out", held)):
        text = "".join(json.dumps([e.id, e.prompt, e.answer], ensure_ascii=False) + "\n" for e in some)
        write_atomically(out / f"{name}.jsonl", text.encode())
    _write_json(out / "inputs.json", [*fetched.inputs, *made])
    _write_json(out / "deviations.json", list(fetched.deviations))
    final = {name: path.relative_to(out).as_posix() if path.is_relative_to(out) else str(path.absolute())
             for name, path in places.items() if path}  # fmt: skip
    _write_json(out / "places.json", final)


def read_examples(path: Path) -> list[Any]:
    """Examples as `prepare` wrote them."""
    from runner.inputs.examples import Example

    return [Example(*json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def _places(prepared: Path) -> tuple[Path, Path]:
    said = json.loads((prepared / "places.json").read_text("utf-8"))
    return prepared / said["base"], prepared / said["tokenizer"]  # an absolute path stays as it is


def train(job: Job, out: Path, work: Path) -> None:
    """The adapter, the checkpoints that answer, and a row for each step."""
    from runner.learning import launch
    from runner.learning.train import train as learn
    from runner.machine import nvidia_cards
    from runner.progress import bar

    prepared = out.parent / "prepare"
    base, tokenizer = _places(prepared)
    given = read_examples(prepared / "examples.jsonl")
    cards = len(nvidia_cards())
    if cards > 1 and job.training.batching.accumulation % cards == 0:
        several = launch.Job(job.training, base, tokenizer, tuple(given), out, work, job.steps, job.seed, threads())
        launch.launch(several, work / "job.json", cards, cuda=True)
        return
    learn(
        job.training, base, tokenizer, given, out, work,
        steps=job.steps, seed=job.seed, threads=threads(), progress=bar(),
    )  # fmt: skip


def generate(job: Job, out: Path, work: Path) -> None:
    """Answers of the base and of each checkpoint to the held-out prompts."""
    from runner.learning.answer import answer
    from runner.progress import bar

    prepared, trained = out.parent / "prepare", out.parent / "train"
    base, tokenizer = _places(prepared)
    adapters: dict[str, Path | None] = {"base": None}
    folders = sorted((trained / "checkpoints").iterdir(), key=lambda path: int(path.name))
    adapters |= {f"step-{path.name}": path for path in folders}
    questions = read_examples(prepared / "held_out.jsonl")
    answer(job.training, base, tokenizer, adapters, questions, out, work, threads=threads(), progress=bar())


def export(entry: Prepared, name: str, mode: str, result: TrainingResult, run: Path, out: Path, *, merge: bool) -> None:
    """What a run has learnt, into a folder of its own with a model card; `merge`: as one model with its base."""
    from runner.learning.export import export as write

    training = training_of(entry.recipe_file, name, mode)  # type: ignore[arg-type]
    base, tokenizer = _places(run / "prepare")
    learnt = run / "train" / ("adapter" if training.lora else "model")
    write(result, training, learnt, out, merge_into=base if merge else None, tokenizer=tokenizer)


def judge(out: Path) -> None:
    """Every two answers to a question against each other, by the reference: verdicts.csv, and exact.json by model."""
    from runner.judge.held_out import judged

    prepared, generated = out.parent / "prepare", out.parent / "generate"
    questions = read_examples(prepared / "held_out.jsonl")
    verdicts, answers, exact = judged(questions, (generated / "answers.csv").read_text("utf-8"))
    write_atomically(out / "verdicts.csv", verdicts.encode())
    write_atomically(out / "answers.csv", answers.encode())
    _write_json(out / "exact.json", exact)


def rate(job: Job, out: Path) -> None:
    """The tournament of base and checkpoints."""
    from runner.judge.held_out import rated
    from runner.progress import bar

    answers = job.training.answers
    assert answers is not None
    _write_json(out / "rating.json", rated(out.parent / "judge" / "verdicts.csv", answers, job.seed, bar()))


def report(job: Job, out: Path) -> None:
    """result.yaml with its tables beside it."""
    from runner.training_report import write_report

    write_report(job, out.parent, out)


def all_deviations(job: Job, prepared: Path) -> list[Json]:
    """Those of the recipe and its mode, then those that came up while preparing."""
    named = deviations(job.entry.recipe, job.name, job.mode)  # type: ignore[arg-type]
    met: list[Json] = json.loads((prepared / "deviations.json").read_text("utf-8"))
    return [{"en": one.en, "zh": one.zh} for one in named] + met


def recipe_sha256(job: Job) -> str:
    """Hash of what was asked for."""
    return digest(job.resolved)


def _write_json(path: Path, value: Any) -> None:
    write_atomically(path, (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode())
