"""The closed lists of words a record may use, with their names in both languages."""

from __future__ import annotations

from typing import Literal, get_args

Component = Literal[
    "training_code", "inference_code", "pretraining_data", "tuning_data", "base_weights", "tuned_weights", "adapters",
    "licence_code", "licence_data", "licence_weights", "paper", "model_card", "datasheet", "hardware_and_time",
]  # fmt: skip
COMPONENTS: tuple[Component, ...] = get_args(Component)

Method = Literal[
    "pre-training", "continued-pre-training", "full", "lora", "qlora", "lora-8bit", "p-tuning", "reward-model", "rlhf",
]  # fmt: skip

Form = Literal["full", "delta", "adapter", "merged", "quantised", "api", "none"]

Relation = Literal[
    "code", "weights", "data", "paper", "report", "model-card", "demo", "documentation", "blog", "homepage", "app",
]  # fmt: skip

StatementKind = Literal["claim", "method", "feature", "limitation", "plan", "opinion", "setting", "context"]

CorrectionKind = Literal[
    "wrong", "incomplete", "ambiguous", "outdated", "naming", "conflict", "unverified", "confirmed"
]

TableKind = Literal[
    "elo", "ratio", "win-tie-lose", "win-rate", "time-cost", "sizes", "memory", "speed", "benchmark", "cost"
]

DataKind = Literal["instructions", "dialogues", "preferences", "pre-training", "evaluation", "mixed"]
