"""`--export`: what was learnt, in a folder of its own, with a card that says where it comes from."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from catalog.errors import UserError
from catalog.training import Training
from catalog.training_results import TrainingResult
from runner.learning.trouble import told

TEMPLATE = Path(__file__).with_name("card.md")
_KEPT = (".safetensors", ".json", ".model")


def export(
    result: TrainingResult,
    training: Training,
    learnt: Path,
    out: Path,
    *,
    merge_into: Path | None = None,
    tokenizer: Path | None = None,
) -> None:
    """Makes the folder `out` with the adapter (or for a full fine-tune the model) and `README.md`.

    `merge_into`: the folder of the base; then `out` is a model of its own, in the type of `execution.weights`, with the
    tokenizer beside it. Raises UserError where `out` exists, or what was learnt is not what the result speaks of.
    """
    if out.exists():
        raise UserError("the folder to export to exists already", where=str(out), hint="name another", exit_code=2)
    _must_match(result, learnt)
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with told("the export is written", training, out):
            if merge_into is not None and training.lora is not None:
                merge(training, merge_into, learnt, part)
            else:
                _copy(learnt, part, _KEPT)
            if tokenizer is not None:
                _copy(tokenizer, part, ("tokenizer.json", "tokenizer_config.json", "tokenizer.model"))
            card(result, training, merged=merge_into is not None).save(part / "README.md")
            os.replace(part, out)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _must_match(result: TrainingResult, learnt: Path) -> None:
    wanted, file = result.trained.adapter_sha256, learnt / "adapter_model.safetensors"
    if wanted is None:
        return
    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError("there is no adapter to export", where=str(file), why=error.strerror or str(error)) from None
    if found != wanted:
        raise UserError(
            "the adapter is not the one that the result speaks of",
            where=str(file),
            why=f"its SHA-256 is {found}, the result has {wanted}",
            hint="run the recipe again, or export from the run that made the result",
        )


def _copy(source: Path, target: Path, endings: tuple[str, ...]) -> None:
    for file in sorted(source.iterdir()):
        if file.is_file() and file.name.endswith(endings):
            shutil.copyfile(file, target / file.name)


def merge(training: Training, base: Path, adapter: Path, out: Path) -> None:
    """Base plus adapter as one model. The base is not quantised: in 4-bit weights most of the adapter would be lost."""
    from runner.learning.base import load_base
    from runner.learning.full import save_full
    from runner.learning.learn import quiet
    from runner.learning.models import adapted

    quiet()
    whole = load_base(training.model_copy(update={"quantisation": None}), base)
    save_full(adapted(whole, adapter).merge_and_unload(), out)


def card(result: TrainingResult, training: Training, *, merged: bool = False) -> ModelCard:
    """The model card: `model-index` with the figures, base and revision, seeds, digests, and the command."""
    hub = training.base.hub
    adapter = training.lora is not None
    base = hub.repo if hub else "a base that the run makes itself"
    data = ModelCardData(
        model_name=f"{result.entry}/{result.recipe}",
        base_model=base if hub else None,
        library_name="peft" if adapter and not merged else "transformers",
        tags=["herdbook", "reproduction", *(["lora"] if adapter else [])],
        datasets=[one.hub.repo for one in training.data if one.hub] or None,
        eval_results=list(_measured(result, training)),
        pipeline_tag="text-generation",
    )
    made: ModelCard = ModelCard.from_template(
        data,
        template_str=TEMPLATE.read_text("utf-8"),
        name=f"{result.entry}/{result.recipe}",
        base=base,
        base_named=f"[{base}](https://huggingface.co/{base})" if hub else base,
        hub=hub is not None,
        revision=hub.revision if hub else None,
        adapter=adapter,
        merged=merged,
        quantised=training.quantisation.form if training.quantisation else None,
        entry=result.entry,
        recipe=result.recipe,
        mode=result.mode,
        partial=result.partial,
        zh=_chinese(result, training),
        figures=_figures(result),
        inputs=result.inputs,
        settings=_settings(result, training),
        digests=_digests(result),
        deviations=[one.en for one in result.deviations],
        command=result.made.command,
    )
    return made


def _measured(result: TrainingResult, training: Training) -> Iterator[EvalResult]:
    """What was measured, each with the data it was measured on."""
    data = training.data[0]
    name = data.hub.repo if data.hub else str(data.web.url) if data.web else "the run's own corpus"
    shared: dict[str, Any] = {"task_type": "text-generation", "dataset_type": name, "dataset_name": name,
              "dataset_revision": data.hub.revision if data.hub else None}  # fmt: skip
    if result.answered is not None:
        yield EvalResult(
            metric_type="exact_match", metric_name="exact match, held-out prompts", dataset_split="held-out",
            metric_value=result.answered.metrics["exact-match-tuned"], **shared,
        )  # fmt: skip
    yield EvalResult(
        metric_type="loss", metric_name="training loss, last step", dataset_split="train",
        metric_value=result.trained.last_loss, **shared,
    )  # fmt: skip


def _figures(result: TrainingResult) -> list[tuple[str, Any]]:
    answered = result.answered.metrics if result.answered else {}
    return [
        ("training loss, first step", result.trained.first_loss),
        ("training loss, last step", result.trained.last_loss),
        *((name.replace("-", " "), value) for name, value in answered.items()),
        ("seconds of training", round(result.measured.seconds, 1)),
        ("tokens a second", round(result.measured.tokens_per_second, 1)),
        ("device", f"{result.measured.devices} x {result.measured.device}"),
    ]


def _settings(result: TrainingResult, training: Training) -> list[tuple[str, Any]]:
    seeds, how, batching = training.seeds, training.optimisation, training.batching
    return [
        ("method", training.method),
        ("quantisation", training.quantisation.form if training.quantisation else "none"),
        *((("LoRA", f"r {lora.r}, alpha {lora.alpha}, dropout {lora.dropout}, on {', '.join(lora.targets)}"),)
          if (lora := training.lora) else ()),
        ("optimiser", f"{how.optimiser}, rate {how.learning_rate}, {how.schedule}, clip {how.clip}"),
        ("batch", f"{batching.micro_batch} x {batching.accumulation}, weighted {batching.loss_weighting}"),
        ("packing", batching.packing),
        ("precision", training.execution.precision),
        ("seeds", f"adapter {seeds.adapter}, order {seeds.order}, data {seeds.data}; {result.seed} added to each"),
    ]  # fmt: skip


def _digests(result: TrainingResult) -> list[tuple[str, str]]:
    named = {
        "result": result.digest,
        "recipe": result.recipe_sha256,
        "adapter": result.trained.adapter_sha256,
        "adapter before the first step": result.trained.adapter_start_sha256,
        "losses of every step": result.trained.steps.sha256,
    }
    return [(what, value) for what, value in named.items() if value]


def _chinese(result: TrainingResult, training: Training) -> str:
    base = f" {training.base.hub.repo} " if training.base.hub else "由运行自行生成的基座"
    partial = (
        f"这是一次不完整的训练，只跑了 {result.partial.of} 步中的 {result.partial.steps} 步。" if result.partial else ""
    )
    return (
        f"由 Herdbook（羊驼谱）的运行器按配方 `{result.entry}/{result.recipe}`（模式 `{result.mode}`）"
        f"在{base}上训练而成。{partial}以下数字均为本次运行实测，而非原发布所称。"
    )
