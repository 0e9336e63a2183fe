"""The page of one training: what came out beside what was published, curves, inputs, settings, and how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.attached import table_path
from catalog.current import is_current_training
from catalog.recipes import Recipe
from catalog.register import Catalog, File
from catalog.resolving import resolve
from catalog.result_kinds import tables_of
from catalog.results import Verdict
from catalog.training import Training
from catalog.training_results import MetricCompared, TrainingResult
from generator.figures import scaled_bytes
from generator.language import Language
from generator.training_charts import Line
from generator.views.citing import Citations
from generator.views.heat import HeatView, wins
from generator.views.metrics import claimed_text, difference_text, seconds_text, trimmed
from generator.views.recipe import DifferenceView, GroupView, differences, setting_rows, target
from generator.views.shown import Part, Shower
from generator.views.tournament import RunView, made_with, rated_run
from generator.words import known, word

LONGEST_NAME = 40
"""Characters of a player's name beside a picture."""
ROWS = 40
"""Steps that the table behind the curves shows; the download has them all."""


@dataclass(frozen=True)
class ComparedView:
    """A published figure beside the one that came out."""

    name: str
    published: str
    reproduced: str
    difference: str
    tolerance: str
    verdict: Verdict | None
    verdict_name: str
    why: str | None


@dataclass(frozen=True)
class InputView:
    """A file the run started from."""

    role: str
    name: str
    revision: str
    sha256: str
    size: str
    pinned: bool


@dataclass(frozen=True)
class CurveView:
    """Loss and learning rate of every step, and a table of some of them."""

    loss: Line
    rate: Line
    rows: tuple[tuple[str, ...], ...]
    description: str


@dataclass(frozen=True)
class AnsweredView:
    """How many held-out questions were answered exactly."""

    questions: str
    shares: tuple[tuple[str, str], ...]
    """(who was asked, share)."""


@dataclass(frozen=True)
class TrainingPage:
    """Everything `training.html` shows."""

    entry: Part
    title: str
    partial: str | None
    older: bool
    facts: tuple[tuple[str, str, str], ...]
    """(name, figure, note)."""
    claims: tuple[ComparedView, ...]
    curve: CurveView | None
    answered: AnsweredView | None
    runs: tuple[RunView, ...]
    wins: HeatView | None
    measured: tuple[tuple[str, str], ...]
    trained: tuple[tuple[str, str], ...]
    inputs: tuple[InputView, ...]
    deviations: tuple[str, ...]
    settings: tuple[GroupView, ...]
    differences: tuple[DifferenceView, ...]
    assumed: tuple[tuple[str, str], ...]
    command: str
    verify: str
    made: tuple[tuple[str, str], ...]
    record: str
    tables: tuple[tuple[str, str], ...]
    """(name, address below api/v1/)."""


def training_page(catalog: Catalog, file: File, language: Language, home: str) -> TrainingPage:
    """The whole page of a training's result."""
    result = file.record
    assert isinstance(result, TrainingResult)
    show = Shower(catalog, Citations(catalog, file, language, home))
    entry = catalog.reproducible.get(result.entry)
    current, training = is_current_training(catalog, result), _training(catalog, result)
    settings = result.resolved.get("settings", {})
    rows, assumed = setting_rows(
        settings if isinstance(settings, dict) else {}, training if current else None, language, faster=False
    )
    runs = result.tournament.rating.runs if result.tournament else ()
    players = {model: Part(player(model, language)) for run in runs for model in (row.model for row in run.ratings)}
    return TrainingPage(
        entry=Part(str(getattr(entry.name, language)) if entry else result.entry, f"{home}models/{result.entry}/"),
        title=_title(show, result, training),
        partial=_partial(result, language),
        older=not current,
        facts=tuple(_facts(result, language)),
        claims=tuple(_compared(show, one) for one in (*result.claims, *result.measured.claims)),
        curve=_curve(catalog, result, language),
        answered=_answered(result, language),
        runs=tuple(rated_run(run, players, frozenset(("tuned",)), {}, language) for run in runs),
        wins=wins(result.tournament.rating.pairs, players, language) if result.tournament else None,
        measured=tuple(_measured(result, language)),
        trained=tuple(_trained(result, language)),
        inputs=tuple(_inputs(show, result)),
        deviations=tuple(str(show.text(one)) for one in result.deviations),
        settings=rows,
        differences=tuple(differences(training, language)) if training and current and result.mode == "fast" else (),
        assumed=assumed,
        command=command(catalog, result),
        verify=f"runner verify catalog/{file.relative}",
        made=tuple(made_with(result.made, language)),
        record=file.relative,
        tables=tuple((word(f"{role}_csv", language), table_path(result.entry, one.file))
                     for role, one in tables_of(result).items()),
    )  # fmt: skip


def _training(catalog: Catalog, result: TrainingResult) -> Training | None:
    """The training of the recipe as it stands, in the mode without changes."""
    file = catalog.recipes.get(result.entry)
    if file is None or not isinstance(file.record, Recipe):
        return None
    return resolve(file.record, result.recipe)[0]


def _title(show: Shower, result: TrainingResult, training: Training | None) -> str:
    name = show.text(training.title) if training and training.title else None
    return f"{name or result.recipe}{'，' if show.language == 'zh' else ', '}{show.word(f'mode.{result.mode}')}"


def command(catalog: Catalog, result: TrainingResult) -> str:
    """How to run the same again. Made from what was asked: the command on record is a stranger's text."""
    file = catalog.recipes.get(result.entry)
    recipe = file.record if file and isinstance(file.record, Recipe) else None
    parts = ["runner reproduce", target(result.entry, recipe, result.recipe)]
    if result.mode == "fast":
        parts.append("--mode fast")
    if result.partial:
        parts.append(f"--steps {result.partial.steps}")
    if result.seed:
        parts.append(f"--seed {result.seed}")
    return " ".join(parts)


def player(model: str, language: Language) -> str:
    """`base`, `tuned`, and a checkpoint by its step."""
    if model.isascii() and model.isdigit() and len(model) < 13:
        return f"{word('step', language)} {int(model):,}"
    if known(f"player.{model}"):
        return word(f"player.{model}", language)
    return model if len(model) <= LONGEST_NAME else f"{model[: LONGEST_NAME - 1]}…"


def _partial(result: TrainingResult, language: Language) -> str | None:
    if result.partial is None:
        return None
    done, of = f"{result.partial.steps:,}", f"{result.partial.of:,}"
    if language == "zh":
        return f"只运行了 {of} 步中的 {done} 步，只能说明时间与显存。"
    return f"{done} of {of} steps were run, so it speaks of time and memory only."


def _facts(result: TrainingResult, language: Language) -> Iterator[tuple[str, str, str]]:
    trained, measured = result.trained, result.measured
    yield word("steps", language), f"{trained.steps.rows:,}", ""
    yield word("loss_first_last", language), f"{trimmed(trained.first_loss)} → {trimmed(trained.last_loss)}", ""
    metrics = result.answered.metrics if result.answered else {}
    if {"exact-match-base", "exact-match-tuned"} <= set(metrics):
        before, after = (f"{100 * metrics[f'exact-match-{name}']:.1f}%" for name in ("base", "tuned"))
        yield word("answers_exact", language), f"{before} → {after}", word("exact_share", language)
    yield word("training_seconds", language), seconds_text(measured.seconds, language), measured.device
    rate = f"{trimmed(measured.tokens_per_second)}"
    yield word("tokens_per_second", language), rate, word("without_padding", language)
    if measured.peak_allocated is not None:
        yield word("peak_memory", language), scaled_bytes(measured.peak_allocated), word("peak_allocated", language)
    elif measured.peak_resident is not None:
        yield word("peak_memory", language), scaled_bytes(measured.peak_resident), word("peak_resident", language)
    yield word("digest", language), result.digest[:12], word("digest_note", language)


def _compared(show: Shower, one: MetricCompared) -> ComparedView:
    language = show.language
    name = f"metric.{one.metric}"
    return ComparedView(
        word(name, language) if known(name) else one.metric,
        claimed_text(one.metric, one.published, language),
        claimed_text(one.metric, one.reproduced, language),
        difference_text(one.metric, one.difference, language),
        claimed_text(one.metric, one.tolerance, language) if one.tolerance else word("exact", language),
        one.verdict,
        word(f"verdict.{one.verdict}", language),
        show.text(one.why),
    )


def _curve(catalog: Catalog, result: TrainingResult, language: Language) -> CurveView | None:
    """None where the table is not there or was changed."""
    beside = result.trained.steps
    table = catalog.tables.get(table_path(result.entry, beside.file))
    if table is None or table.sha256 != beside.sha256:
        return None
    steps = table.read()
    loss = [(int(row["step"]), float(row["loss"])) for row in steps]
    rate = [(int(row["step"]), float(row["learning_rate"])) for row in steps]
    every = max(1, -(-len(steps) // ROWS))
    shown = [row for at, row in enumerate(steps) if at % every == 0 or at == len(steps) - 1]
    low = min(loss, key=lambda point: point[1])
    first, last = trimmed(loss[0][1]), trimmed(loss[-1][1])
    if language == "zh":
        told = f"损失从 {first} 到 {last}，最低 {trimmed(low[1])}（第 {low[0]:,} 步）。"
    else:
        told = f"Loss from {first} to {last}, lowest {trimmed(low[1])} at step {low[0]:,}."
    return CurveView(loss, rate, tuple(tuple(_cells(row)) for row in shown), told)


def _cells(row: Mapping[str, str]) -> Iterator[str]:
    yield f"{int(row['step']):,}"
    for name in ("loss", "learning_rate", "grad_norm"):
        yield f"{float(row[name]):.4g}"
    for name in ("tokens", "targets", "padding"):
        yield f"{int(row[name]):,}"


def _answered(result: TrainingResult, language: Language) -> AnsweredView | None:
    if result.answered is None:
        return None
    shares = (
        (player(metric.removeprefix("exact-match-"), language), f"{100 * value:.1f}%")
        for metric, value in result.answered.metrics.items()
        if metric.startswith("exact-match-")
    )
    return AnsweredView(f"{result.answered.questions:,}", tuple(shares))


def _measured(result: TrainingResult, language: Language) -> Iterator[tuple[str, str]]:
    found = result.measured
    yield word("device", language), f"{f'{found.devices} × ' if found.devices > 1 else ''}{found.device}"
    yield word("training_seconds", language), seconds_text(found.seconds, language)
    yield word("step_time", language), step_text(found.step, language)
    yield word("tokens_per_second", language), trimmed(found.tokens_per_second)
    for key in ("peak_allocated", "peak_reserved", "peak_resident"):
        if (count := getattr(found, key)) is not None:
            yield word(key, language), scaled_bytes(count)
    yield word("resumes", language), str(found.resumes)


def step_text(step: Any, language: Language) -> str:
    """`1.25 s (1.13 to 1.5 s)`: median, p10 to p90."""
    median, low, high = (seconds_text(value, language) for value in (step.median, step.p10, step.p90))
    note = word("step_time_note", language)
    return f"{median}（{low} 至 {high}；{note}）" if language == "zh" else f"{median} ({low} to {high}; {note})"


def _trained(result: TrainingResult, language: Language) -> Iterator[tuple[str, str]]:
    found = result.trained
    yield word("trainable", language), f"{found.trainable:,}"
    yield word("parameters_base", language), f"{found.parameters:,}"
    yield word("examples_seen", language), f"{found.examples:,}"
    yield word("truncated", language), f"{found.truncated:,}"
    for key in ("adapter_start_sha256", "adapter_sha256"):
        if value := getattr(found, key):
            yield word(key, language), value


def _inputs(show: Shower, result: TrainingResult) -> Iterator[InputView]:
    for one in result.inputs:
        revision = one.revision or ""
        yield InputView(
            show.word(f"role.{one.role}"), one.name, revision[:12], one.sha256, scaled_bytes(one.bytes), one.pinned
        )
