"""The plain Trainer, told what a step is: our rows, our weights, checkpoints with a mark.

The Trainer of today divides by the tokens of the whole step; that of 2023 took each micro-batch's mean. Here each token
comes with its weight (`steps.weights`), the loss is their sum over all micro-batches and processes, and the Trainer is
told that it is normalised already.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from catalog.errors import UserError
from catalog.training import Optimiser, Training
from runner.learning import checkpoints
from runner.learning.adapter import save_adapter
from runner.learning.collate import collator
from runner.learning.full import save_full
from runner.learning.measure import Attempts, paged_bytes
from runner.learning.steps import Steps
from runner.learning.stopping import Request
from runner.pipeline import write_atomically

FACTS = "facts.json"
OPTIMISERS: dict[Optimiser, str] = {"adamw_hf": "adamw_torch"}
"""Today's names, where they differ. `adamw_hf` is gone; the same rule with the same numbers stays."""


def arguments(training: Training, folder: Path, steps: int, accumulation: int, seed: int) -> TrainingArguments:
    """The Trainer's own settings. `steps` are those of the whole recipe: the schedule ends with them."""
    how, execution = training.optimisation, training.execution
    settings = TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=1,  # one row
        gradient_accumulation_steps=accumulation,
        max_steps=steps,
        optim=OPTIMISERS.get(how.optimiser, how.optimiser),
        learning_rate=float(how.learning_rate),
        lr_scheduler_type=how.schedule,
        warmup_steps=float(how.warmup),
        adam_beta1=float(how.betas[0]),
        adam_beta2=float(how.betas[1]),
        adam_epsilon=float(how.epsilon),
        weight_decay=float(how.weight_decay),
        max_grad_norm=float(how.clip or 0),
        bf16=execution.precision == "bfloat16",
        fp16=execution.precision == "float16",
        save_strategy="steps",
        save_steps=execution.save_every,
        logging_steps=1,
        logging_nan_inf_filter=False,
        seed=seed,
        use_cpu=not torch.cuda.is_available(),
        train_sampling_strategy="sequential",
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        ddp_find_unused_parameters=False,
        disable_tqdm=True,
        report_to=[],
    )
    if settings.n_gpu > 1:
        settings._n_gpu = 1  # else one process would share each row among all cards; `launch` is there for that
    return settings


class Watch(TrainerCallback):
    """Looks on at each step's end: tells the progress, keeps the adapters that answer, and ends the run in time."""

    def __init__(
        self, stop: int, answering: frozenset[int], keep: Callable[[int], None], request: Request, attempts: Attempts
    ) -> None:
        self._stop, self._answering, self._keep, self._request = stop, answering, keep, request
        self._attempts = attempts
        self.rate, self.began = 0.0, 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """Loading is over."""
        self._attempts.begin()

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """The clock of the step."""
        self.began = time.perf_counter()

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kept: Any
    ) -> None:
        """The rate that this step was made with; the schedule moves on after it."""
        self.rate = float(kept["optimizer"].param_groups[0]["lr"])

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kept: Any
    ) -> TrainerControl:
        """A checkpoint is taken at the end of the run and when an end was asked for."""
        if state.global_step in self._answering:
            self._keep(state.global_step)
        if state.global_step >= self._stop or self._asked(args):
            control.should_save = control.should_training_stop = True
        return control

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kept: Any) -> None:
        """Time and peaks so far are worth as much as the checkpoint."""
        self._attempts.note(paged_bytes(kept["optimizer"]), now=True)

    def _asked(self, args: TrainingArguments) -> bool:
        """Whether any process was asked to end: all must end after the same step."""
        if args.world_size == 1:
            return self._request.made
        asked = torch.tensor(float(self._request.made), device=args.device)
        torch.distributed.all_reduce(asked, op=torch.distributed.ReduceOp.MAX)
        return bool(asked.item())


class Learner(Trainer):
    """Trains on `Steps`; its log has a row a step, with what `steps.csv` and `measured.json` need."""

    def __init__(
        self,
        model: torch.nn.Module,
        args: TrainingArguments,
        *,
        training: Training,
        steps: Steps,
        pad: int,
        facts: dict[str, Any],
        watch: Watch,
        tell: Callable[[int, dict[str, float]], None],
    ) -> None:
        self._training, self._steps, self._facts = training, steps, facts
        self._watch, self._tell = watch, tell
        super().__init__(
            model=model,
            args=args,
            train_dataset=steps,
            data_collator=collator(training.batching, pad),
            callbacks=[watch],
            compute_loss_func=_normalised,
        )
        self.model_accepts_loss_kwargs = False
        self.remove_callback(PrinterCallback)  # standard output belongs to the command

    def compute_loss(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> torch.Tensor:
        """The row's share of the step's loss. Several processes average their gradients, and the shares add up."""
        loss: torch.Tensor = model(**inputs).loss
        return loss * int(self.accelerator.num_processes)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Adds the figures of the step; raises UserError where the loss is no number any more."""
        if "loss" in logs:
            step = self.state.global_step
            logs["seconds"] = time.perf_counter() - self._watch.began
            self._finite(step, logs)
            logs["learning_rate"] = self._watch.rate
            logs |= asdict(self._steps.figures(step - 1))
            self._watch._attempts.note(paged_bytes(self.optimizer))
            self._tell(step, logs)
        super().log(logs, start_time)

    def _finite(self, step: int, logs: dict[str, float]) -> None:
        """Under float16 single infinite gradients are normal: the scaler leaves the step out."""
        norm = 0.0 if self.args.fp16 else float(logs.get("grad_norm", 0.0))
        if math.isfinite(logs["loss"]) and math.isfinite(norm):
            return
        what = "loss" if not math.isfinite(logs["loss"]) else "gradient"
        last = checkpoints.newest(Path(self.args.output_dir)) if self.args.should_save else None
        kept = f"the checkpoint of step {checkpoints.step_of(last)} is good and kept" if last else "no checkpoint yet"
        raise UserError(
            f"the {what} of step {step} is not a number",
            why=f"loss {logs['loss']}, norm of the gradient {logs.get('grad_norm')}, at a rate of {self._watch.rate}",
            hint=f"lower `optimisation.learning_rate` or set `optimisation.clip`, and check the base; {kept}",
        )

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        """Only what is learnt, as safetensors; no pickled arguments and no card with a path of this machine."""
        if self.args.should_save:
            save_learnt(self.model, self._training, Path(output_dir or self.args.output_dir))

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        """The Trainer's checkpoint, then its mark; older ones go only after that."""
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()  # each process writes the state of its random numbers
        if self.args.should_save:
            runs = Path(self.args.output_dir)
            folder = runs / f"{checkpoints.PREFIX}{self.state.global_step}"
            write_atomically(folder / FACTS, json.dumps(self._facts).encode())
            checkpoints.mark(folder)
            checkpoints.prune(runs)
        self.accelerator.wait_for_everyone()


def save_learnt(model: Any, training: Training, folder: Path) -> None:
    """The adapter, or for a full fine-tune the model."""
    if isinstance(model, PeftModel):
        save_adapter(model, training, folder)
    else:
        save_full(model, folder)


def _normalised(*_: Any, **__: Any) -> torch.Tensor:
    """Tells the Trainer by being there that the loss is normalised; `compute_loss` never asks it."""
    raise NotImplementedError
