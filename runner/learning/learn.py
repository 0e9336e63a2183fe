"""One attempt at training: from the newest whole checkpoint, or from the base, to the last step or a stop."""

from __future__ import annotations

import math
import os
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
import transformers
from peft import PeftModel

from runner.learning import attention, checkpoints, kernels
from runner.learning.adapter import adapter_sha256, attach
from runner.learning.base import load_base
from runner.learning.determinism import draw_from
from runner.learning.loss import teach
from runner.learning.measure import Attempts, must_fit
from runner.learning.processes import Processes
from runner.learning.steps import Steps
from runner.learning.stopping import Request, Stopped
from runner.learning.tokens import Tokenised
from runner.learning.train import Run
from runner.learning.trainer import Learner, Watch, arguments, save_learnt
from runner.learning.trouble import told


def finished(run: Run) -> Path | None:
    """The checkpoint of the last step, where it is whole."""
    last = checkpoints.newest(run.work / "trainer")
    return last if last is not None and checkpoints.step_of(last) == run.stop else None


def learn(run: Run, request: Request, world: Processes) -> Path:
    """Trains until the last step, or until an end is asked for; gives the last checkpoint."""
    quiet()
    with told("the base is loaded", run.training, run.work):
        model = prepared(run)
    facts = _facts(model, run)
    if torch.cuda.is_available():
        must_fit(facts["trainable"], run.training.optimisation.optimiser, torch.cuda.mem_get_info()[0])
    if request.made:
        raise Stopped("stopped before the first step")
    steps = Steps(run.order, _tokeniser(run), run.training.batching, world.count)
    runs = run.work / "trainer"
    settings = arguments(
        run.training, runs, run.total, steps.rows_per_step // world.count, run.training.seeds.order + run.seed
    )
    attempts = Attempts(run.work / "attempts.json") if world.first else Attempts(run.work / f".attempts.{world.rank}")
    watch = Watch(run.stop, frozenset(run.answering), _keeper(run, model, world), request, attempts)
    learner = Learner(
        model,
        settings,
        training=run.training,
        steps=steps,
        pad=run.words.pad,
        facts=facts,
        watch=watch,
        tell=_teller(run, world),
    )
    draw_from(run.training.seeds.order + run.seed)
    before = checkpoints.newest(runs) if world.first else None
    world.wait()
    before = before if world.first else checkpoints.newest(runs)
    with told("it is trained", run.training, run.work):
        learner.train(resume_from_checkpoint=str(before) if before else None)
    return runs / f"{checkpoints.PREFIX}{learner.state.global_step}"


def prepared(run: Run) -> torch.nn.Module:
    """The base with what is to be learnt, and a forward that gives the loss."""
    packed = run.training.batching.packing == "packed"
    base = load_base(run.training, run.base, attention=attention.NAME if packed else "sdpa")
    if kernels.wanted(run.training):
        kernels.fuse(base)
    teach(base)
    model: torch.nn.Module = attach(base, run.training, run.training.seeds.adapter + run.seed)
    return model.train()


def _facts(model: torch.nn.Module, run: Run) -> dict[str, Any]:
    return {
        "cuda": torch.cuda.is_available(),
        "fused": kernels.wanted(run.training),
        "trainable": sum(one.numel() for one in model.parameters() if one.requires_grad),
        "start_sha256": adapter_sha256(model) if isinstance(model, PeftModel) else None,
    }


def _tokeniser(run: Run) -> Any:
    """Tokens are made when a step needs them; a step is needed a few times in a row."""
    return lru_cache(maxsize=4096)(lambda index: _one(run, index))


def _one(run: Run, index: int) -> Tokenised:
    return run.words.tokenise(run.examples[index])


def _keeper(run: Run, model: torch.nn.Module, world: Processes) -> Any:
    """Keeps the adapter of a step in a folder that is whole or not there."""

    def keep(step: int) -> None:
        if not world.first:
            return
        folder = run.work / "answering" / str(step)
        part = folder.with_name(f".{step}.part")
        for old in (part, folder):
            checkpoints.remove(old)
        save_learnt(model, run.training, part)
        os.replace(part, folder)

    return keep


def _teller(run: Run, world: Processes) -> Any:
    """Progress with loss, tokens a second and time left, smoothed over the last steps."""
    recent: list[tuple[float, float]] = []

    def tell(step: int, logs: dict[str, float]) -> None:
        if not world.first:
            return
        recent.append((logs["seconds"], logs["tokens"]))
        del recent[:-20]
        seconds = math.fsum(one for one, _ in recent)
        pace = math.fsum(tokens for _, tokens in recent) / max(seconds, 1e-9)
        left = seconds / len(recent) * (run.stop - step)
        run.progress(
            step / run.stop,
            f"step {step}/{run.stop}  loss {logs['loss']:.3f}  {pace:,.0f} tokens/s  {_clock(left)} left",
        )

    return tell


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def quiet() -> None:
    """The libraries' own bars and notes; what matters is an error here."""
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", module=r"(torch|transformers|peft|accelerate|bitsandbytes)\b")
