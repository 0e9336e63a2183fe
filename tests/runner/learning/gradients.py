"""Gradients of the first step, as our Trainer makes them and as the library's own loss does."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainerCallback

from catalog.training import Training
from runner.learning import learn, trainer
from runner.learning.adapter import attach
from runner.learning.base import load_base
from runner.learning.measure import Attempts
from runner.learning.order import order
from runner.learning.processes import processes
from runner.learning.steps import Steps
from runner.learning.stopping import Request
from runner.learning.tokens import Tokenised, load_words
from runner.learning.train import Run
from runner.progress import silent
from tests.runner import tiny

Gradients = dict[str, torch.Tensor]


def run(training: Training, base: Path, work: Path, examples: int = 30) -> Run:
    """A run of one step."""
    words, pairs = load_words(training, base), tiny.pairs(examples)
    return Run(training, base, words, pairs, order(training.batching, [1] * examples, 1, 0), 1, 1, 0, 1, work, silent)


def learner_of(one: Run) -> trainer.Learner:
    """The Trainer of the run, about to begin."""
    model, world = learn.prepared(one), processes()
    steps = Steps(one.order, lambda index: one.words.tokenise(one.examples[index]), one.training.batching, 1)
    one.work.mkdir(parents=True, exist_ok=True)
    watch = trainer.Watch(1, frozenset(), lambda step: None, Request(), Attempts(one.work / "attempts.json"))
    settings = trainer.arguments(one.training, one.work / "trainer", 1, steps.rows_per_step // world.count, 0)
    return trainer.Learner(
        model, settings, training=one.training, steps=steps, pad=one.words.pad, facts={}, watch=watch,
        tell=lambda step, logs: None,
    )  # fmt: skip


class Catch(TrainerCallback):
    """Takes the gradients before the optimiser does."""

    def __init__(self) -> None:
        self.found: Gradients = {}

    def on_pre_optimizer_step(self, args: object, state: object, control: object, **kept: torch.nn.Module) -> None:
        named = kept["model"].named_parameters()
        self.found = {name: one.grad.clone() for name, one in named if one.grad is not None}


def ours(training: Training, base: Path, work: Path) -> Gradients:
    """What the run's first step gives the optimiser."""
    learner, catch = learner_of(run(training, base, work)), Catch()
    learner.add_callback(catch)
    learner.train()
    return catch.found


def step_of(training: Training, base: Path, work: Path) -> list[Tokenised]:
    """The examples of the first step."""
    one = run(training, base, work)
    return [one.words.tokenise(one.examples[index]) for index in one.order[0]]


def plain_trainer(training: Training, base: Path, work: Path, *, per_example: bool) -> Gradients:
    """The library's own forward and loss over the same examples, each alone: means of each, or the mean of all."""
    examples = step_of(training, base, work)
    model = attach(load_base(training, base), training, training.seeds.adapter).train()
    everything = sum(example.targets for example in examples)
    for example in examples:
        ids = torch.tensor([example.ids])
        labels = ids.clone()
        labels[0, : example.learnt_from] = -100
        share = len(examples) if per_example else everything / example.targets
        (model(input_ids=ids, labels=labels, use_cache=False).loss / share).backward()
    return {name: one.grad for name, one in model.named_parameters() if one.grad is not None}


def difference(some: Gradients, others: Gradients) -> float:
    """Largest absolute difference, by the largest gradient of all."""
    assert some.keys() == others.keys()
    assert some
    largest = max(float(one.abs().max()) for one in others.values())
    return max(float((some[name] - others[name]).abs().max()) for name in some) / largest
