"""`runner reproduce`: runs what a recipe asks for as far as it can here, compares, and attaches what came out."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.files import show
from catalog.store import find_root
from runner import attach, replay
from runner.compare import all_held
from runner.entries import Prepared, prepare
from runner.pipeline import STAGES, Done, run

Json = dict[str, Any]


NO_TRAINING = "a `training` part in the recipe, which says what data and weights to fetch; this recipe has none"


@dataclass(frozen=True)
class Asked:
    """What the command line says."""

    slug: str
    """Entry, or `entry/training`."""
    mode: str = "faithful"
    only: Sequence[str] = ()
    """Stages; empty means all."""
    runs: Path = Path("runs")
    steps: int | None = None
    seed: int = 0
    yes: bool = False
    base: Path | None = None
    data: Path | None = None
    attaching: bool = True
    export: Path | None = None
    """Folder for what was learnt, with a model card; None exports nothing."""
    merge: bool = False
    """Export base and adapter as one model."""

    @property
    def command(self) -> str:
        """The command that repeats it; paths of this machine are left out."""
        parts = [f"runner reproduce {self.slug}"]
        parts += [f"--mode {self.mode}"] if self.mode != "faithful" else []
        parts += [f"--only {name}" for name in self.only]
        parts += [f"--steps {self.steps}"] if self.steps else []
        parts += [f"--seed {self.seed}"] if self.seed else []
        return " ".join(parts)


@dataclass(frozen=True)
class Found:
    """A result that a run made."""

    content: Json
    placed: attach.Placed | None
    file: Path


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    slug: str
    mode: str
    stages: tuple[Done, ...]
    run: Path
    results: tuple[Found, ...] = field(default=())
    """The training's first."""

    @property
    def content(self) -> Json | None:
        """The first result; None where none was made."""
        return self.results[0].content if self.results else None

    @property
    def claims(self) -> list[Json]:
        """Every figure that was compared, or would have been."""
        of_machines = [one["measured"]["claims"] for one in self.contents if one.get("kind") == "training"]
        return [claim for claims in [*(one["claims"] for one in self.contents), *of_machines] for claim in claims]

    @property
    def contents(self) -> list[Json]:
        """All results as plain data."""
        return [one.content for one in self.results]

    @property
    def exit_code(self) -> int:
        """1 failure, 4 a claim was not reproduced, 3 a stage could not run here, 0 all held; in this precedence."""
        if any(stage.status == "failed" for stage in self.stages):
            return 1
        if not all(_held(one) for one in self.contents):
            return 4
        return 3 if any(stage.status == "skipped" for stage in self.stages) else 0

    @property
    def status(self) -> str:
        """The exit code as a word."""
        return {0: "reproduced", 1: "failed", 3: "incomplete", 4: "not-reproduced"}[self.exit_code]

    def to_json(self) -> Json:
        """The contract of `--json`; numbers are not rounded, what was not computed is null."""
        keys = ("id", "published", "reproduced", "difference", "tolerance", "verdict")
        first = self.results[0] if self.results else None
        trained = (first.content.get("trained") or {}) if first else {}
        return {
            "slug": self.slug,
            "mode": self.mode,
            "status": self.status,
            "stages": [stage.to_json() for stage in self.stages],
            "run": show(self.run),
            "result": show(first.placed.path) if first and first.placed else None,
            "digest": first.content["digest"] if first else None,
            "adapter_sha256": trained.get("adapter_sha256"),
            "claims": [{key: claim[key] for key in keys} for claim in self.claims],
            "metrics": metrics(first.content) if first else {},
        }


def _held(content: Json) -> bool:
    """A claim of a training that could not be compared says nothing; one of a tournament then was not met."""
    if content.get("kind") != "training":
        return all_held(content["claims"])
    return all(c["verdict"] != "contradicted" for c in [*content["claims"], *content["measured"]["claims"]])


def metrics(content: Json) -> Json:
    """Figures of a result by name, with underscores as the contract has them."""
    if content.get("kind") != "training":
        return replay.metrics(content)
    answered = content["answered"] or {"metrics": {}}
    found: Json = {name.replace("-", "_"): value for name, value in answered["metrics"].items()}
    measured = content["measured"]
    found |= {name: measured[name] for name in ("seconds", "tokens_per_second", "peak_allocated", "resumes")}
    return found | {name: content["trained"][name] for name in ("first_loss", "last_loss")}


def reproduce(asked: Asked) -> Outcome:
    """Run the stages that were asked for. The result lies in the run's folder in any case."""
    root = find_root()
    slug, _, name = asked.slug.partition("/")
    entry = prepare(slug, root)
    only = {*asked.only, *(["report"] if "rate" in asked.only else [])}
    wanted = [one for one in STAGES if not only or one in only]
    with _stopping():
        trained = _train(entry, name, asked, wanted)
        again = None if name or not entry.evaluation else _replay(entry, asked, _left(wanted, entry, trained))
    parts = [part for part in (trained, again) if part is not None]
    if not parts:
        raise UserError(f"the recipe of `{slug}` has neither a training nor a tournament", exit_code=2)
    if asked.export is not None:
        _export(entry, name, asked, trained)
    placed = [replace(one, placed=attach.attach_file(one.file, root) if asked.attaching else None)
              for part in parts for one in part.results]  # fmt: skip
    stages = [stage for part in parts for stage in part.stages]
    mode = trained.mode if trained else "rate"
    return Outcome(asked.slug, mode, tuple(_once(stages)), parts[0].run, tuple(placed))


def _train(entry: Prepared, name: str, asked: Asked, wanted: Sequence[str]) -> Outcome | None:
    """The fine-tune, as far as its stages are wanted."""
    if name and name not in entry.recipe.training:
        known = ", ".join(entry.recipe.training) or "it has none"
        raise UserError(f"the recipe of `{entry.slug}` has no training `{name[:80]}`", hint=known, exit_code=2)
    if not entry.recipe.training:
        needs = (NO_TRAINING,)
        done = [Done(one, "skipped", None, needs) for one in ("prepare", "train", "generate") if one in wanted]
        return Outcome(asked.slug, "rate", tuple(done), replay.folder(entry, asked.runs)) if done else None
    from runner import fine_tune

    chosen = name or next(iter(entry.recipe.training))
    job = fine_tune.job(
        entry, chosen, asked.mode, steps=asked.steps, seed=asked.seed, yes=asked.yes, base=asked.base,
        data=asked.data, command=asked.command, cache=asked.runs / "cache",
    )  # fmt: skip
    if not (stages := fine_tune.stages(job, wanted)):
        return None
    folder = asked.runs / entry.slug / job.folder_name
    done = run(folder, stages)
    return Outcome(asked.slug, asked.mode, tuple(done), folder, tuple(_found(folder, done)))


def _export(entry: Prepared, name: str, asked: Asked, trained: Outcome | None) -> None:
    """UserError where nothing was learnt, or the folder is there."""
    from catalog.training_results import TrainingResult
    from runner import fine_tune

    if trained is None or not trained.results or asked.export is None:
        raise UserError("there is nothing to export", why="no training came to its end here", exit_code=1)
    result = attach.load_any(trained.results[0].file)[0]
    assert isinstance(result, TrainingResult)
    chosen = name or next(iter(entry.recipe.training))
    fine_tune.export(entry, chosen, asked.mode, result, trained.run, asked.export, merge=asked.merge)


def _left(wanted: Sequence[str], entry: Prepared, trained: Outcome | None) -> list[str]:
    """Stages of the tournament, without those that the fine-tune has done for models of its own."""
    own = {stage.name for stage in trained.stages} if trained and any(t.answers for t in _trainings(entry)) else set()
    return [name for name in wanted if name in replay.STAGES and name not in own]


def _trainings(entry: Prepared) -> Iterator[Any]:
    return (one for one in entry.recipe.training.values() if hasattr(one, "answers"))


def _replay(entry: Prepared, asked: Asked, wanted: Sequence[str]) -> Outcome | None:
    """The published tournament, from its recorded verdicts."""
    if not wanted:
        return None
    folder = replay.folder(entry, asked.runs)
    done = run(folder, replay.stages(entry, wanted, asked.command))
    return Outcome(asked.slug, "rate", tuple(done), folder, tuple(_found(folder, done)))


def _found(folder: Path, done: Sequence[Done]) -> Iterator[Found]:
    if any(stage.name == "report" and stage.status in ("done", "reused") for stage in done):
        for path in sorted((folder / "report").glob("*.yaml")):
            yield Found(attach.load_any(path)[1], None, path)


def _once(stages: Sequence[Done]) -> Iterator[Done]:
    """A report that could not be made says nothing where another was."""
    made = {stage.name for stage in stages if stage.status != "skipped"}
    for stage in stages:
        if stage.status != "skipped" or stage.name not in made:
            yield stage


@contextmanager
def _stopping() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does, so that a stage can put away what it has."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise UserError("stopped", hint="run the same command again to go on", exit_code=130) from None
    finally:
        signal.signal(signal.SIGTERM, before)
