"""A training resolves in each of its modes, and what it assumes, changes and claims speaks of things that are there."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.recipes import MetricClaim, Recipe
from catalog.register import File
from catalog.resolving import has_setting, resolve, setting_paths
from catalog.spelling import did_you_mean
from catalog.training import TEMPLATES, Training, TrainingVariant

Found = tuple[Place, str, str]


@check("HB243")
def unresolved_training(file: File, context: Context) -> Iterator[Found]:
    """Each training resolves in each of its modes: `like` leads to one, a changed path exists and takes the value."""
    seen: set[Found] = set()
    for name in _recipe(file).training:
        found, faults = resolve(_recipe(file), name)
        if found is not None and found.modes.fast:
            _, faults = resolve(_recipe(file), name, "fast")
        for fault in faults:
            one = at(file, fault.path, key=len(fault.path) > 1), fault.message, fault.hint
            if one not in seen:  # a fault of the training that others are like
                seen.add(one)
                yield one


@check("HB244")
def claim_of_no_training(file: File, context: Context) -> Iterator[Found]:
    """A claim about time, memory or answers names a training of the recipe."""
    known = list(_recipe(file).training)
    for name, claim in _recipe(file).claims.items():
        if isinstance(claim, MetricClaim) and claim.training not in known:
            hint = did_you_mean(claim.training, known) or f"the trainings are: {', '.join(known) or 'none'}"
            yield at(file, ("claims", name, "training")), f"there is no training `{claim.training}`", hint


@check("HB245")
def assumed_of_nothing(file: File, context: Context) -> Iterator[Found]:
    """What is assumed is a setting that the training has."""
    for name, own in _recipe(file).training.items():
        found, _ = resolve(_recipe(file), name)
        for path in own.assumed:
            if found and not has_setting(found, path):
                hint = did_you_mean(path, setting_paths(found)) or "write a path, as in `optimisation.learning_rate`"
                yield at(file, ("training", name, "assumed", path), key=True), f"there is no setting `{path}`", hint


@check("HB246")
def unnamed_difference(file: File, context: Context) -> Iterator[Found]:
    """Each setting that a fast mode changes is spoken of in `differences`, and nothing else is."""
    for name, own in _recipe(file).training.items():
        if not isinstance(own, Training) or own.modes.fast is None:
            continue
        fast, path = own.modes.fast, ("training", name, "modes", "fast")
        told = {setting for difference in fast.differences for setting in difference.of}
        for setting in fast.changes:
            if setting not in told:
                hint = "add an item to `differences` that has it under `of`"
                yield at(file, (*path, "changes", setting), key=True), f"nothing tells what `{setting}` changes", hint
        for number, difference in enumerate(fast.differences):
            for place, setting in enumerate(difference.of):
                if setting not in fast.changes:
                    hint = did_you_mean(setting, list(fast.changes)) or f"it changes: {', '.join(fast.changes)}"
                    there = at(file, (*path, "differences", number, "of", place))
                    yield there, f"this mode does not change `{setting}`", hint


@check("HB247")
def unknown_template(file: File, context: Context) -> Iterator[Found]:
    """A template comes with the runner, and the data have the columns it needs."""
    for name, own in _recipe(file).training.items():
        found, _ = resolve(_recipe(file), name)
        for number, data in enumerate(found.data if found and _has_data_of_its_own(own) else ()):
            path = ("training", name, "data", number)
            needed = TEMPLATES.get(data.template)
            if needed is None:
                hint = did_you_mean(data.template, list(TEMPLATES)) or f"templates are: {', '.join(TEMPLATES)}"
                place = _place(file, name, own, f"data.{number}.template")
                yield place, f"there is no template `{data.template}`", hint
            for column in sorted(needed - set(data.columns) if needed else ()):
                what = f"the template `{data.template}` needs the column `{column}`"
                yield at(file, (*path, "columns"), key=True), what, "say what the file calls it"


def _has_data_of_its_own(of: Training | TrainingVariant) -> bool:
    return isinstance(of, Training) or of.data is not None or any(path.startswith("data.") for path in of.changes)


def _place(file: File, name: str, own: Training | TrainingVariant, setting: str) -> Place:
    """Where a training sets it: in its own part, or under `changes`."""
    changed = isinstance(own, TrainingVariant) and setting in own.changes
    parts = tuple(int(part) if part.isdigit() else part for part in setting.split("."))
    return at(file, ("training", name, *(("changes", setting) if changed else parts)))


@check("HB248", "warning")
def implausible_training(file: File, context: Context) -> Iterator[Found]:
    """Steps, warm-up, lengths and rates are of the size that such trainings have, and fit together."""
    for name, own in _recipe(file).training.items():
        found, _ = resolve(_recipe(file), name)
        told = set(_implausible(found)) if found else set()
        if isinstance(own, TrainingVariant):
            other, _ = resolve(_recipe(file), own.like)
            told -= set(_implausible(other)) if other else set()
        for setting, message in sorted(told):
            yield _place(file, name, own, setting), message, ""


def _implausible(training: Training) -> Iterator[tuple[str, str]]:
    """(setting, what is strange about it)."""
    batching, optimisation, shape = training.batching, training.optimisation, training.base.shape
    batch = batching.micro_batch * batching.accumulation
    rows = sum(data.rows for data in training.data if data.rows) if all(d.rows for d in training.data) else None
    epochs = batching.epochs or (batching.steps or 0) * batch / (rows or float("inf"))
    steps = batching.steps or (int(epochs * rows / batch) if rows else None)
    if epochs > 100:
        yield "batching.steps" if batching.steps else "batching.epochs", f"that is {epochs:,.0f} times the data"
    if batch > 65_536:
        yield "batching.accumulation", f"a step has {batch:,} examples"
    if steps and optimisation.warmup >= 1 and optimisation.warmup >= steps:
        yield "optimisation.warmup", f"the warm-up is as long as the training, about {steps:,} steps"
    if optimisation.schedule == "constant" and optimisation.warmup:
        yield "optimisation.warmup", "a constant schedule has no warm-up; it would be constant_with_warmup"
    if optimisation.learning_rate > 0.1:
        yield "optimisation.learning_rate", f"{optimisation.learning_rate:g} is a thousand times the usual"
    if batching.source_length and batching.target_length:
        both = batching.source_length + batching.target_length
        if batching.length > both:
            yield "batching.length", f"source and target together have at most {both:,} tokens"
    if shape and shape.hidden % shape.heads:
        yield "base.shape.heads", f"{shape.hidden:,} cannot be cut into {shape.heads} heads"
    for number, data in enumerate(training.data):
        if data.split and data.rows and data.split.held_out >= data.rows:
            yield f"data.{number}.split.held_out", f"the data have {data.rows:,} rows"


def _recipe(file: File) -> Recipe:
    """The recipe of the file; for any other record one without trainings."""
    return file.record if isinstance(file.record, Recipe) else _NONE


_NONE = Recipe()
