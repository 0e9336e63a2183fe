"""Results of a training and of a probe as the runner would write them: made-up figures, through the real writer."""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalog.recipes import digest
from catalog.result_tables import cell
from catalog.sealing import TABLES, digest_of, file_name_of, table_name, write

Json = dict[str, Any]
STEPS, QUESTIONS, MODELS = 40, 12, ("base", "20", "tuned")
HASH = "ab" * 32


def steps_csv(steps: int = STEPS) -> str:
    rows = [
        f"{n},{4 * math.exp(-n / 12) + 0.05 * math.sin(n)!r},{min(n, 10) * 3e-05!r},{1 / n!r},{640 - n},{120 + n},{n}"
        for n in range(1, steps + 1)
    ]
    return "\n".join(["step,loss,learning_rate,grad_norm,tokens,targets,padding", *rows]) + "\n"


def exact(question: int, model: str) -> int:
    """The base knows every sixth, the first checkpoint every second, the last all but one."""
    return int(question % {"base": 6, "20": 2, "tuned": QUESTIONS}[model] == 0) ^ (model == "tuned")


def answers_csv() -> str:
    rows = [
        f"0/{number},{model},{cell(f'=the {number}th' if exact(number, model) else '羊驼 baa')},{exact(number, model)}"
        for model in MODELS
        for number in range(QUESTIONS)
    ]
    return "\n".join(["question_id,model,answer,exact", *rows]) + "\n"


def verdicts_csv() -> str:
    rows = []
    for number in range(QUESTIONS):
        for at, a in enumerate(MODELS):
            for b in MODELS[at + 1 :]:
                ours, theirs = exact(number, a), exact(number, b)
                rows.append(f"0/{number},{a},{b},{'tie' if ours == theirs else 'model_a' if ours else 'model_b'}")
    return "\n".join(["question_id,model_a,model_b,winner", *rows]) + "\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def beside(text: str) -> Json:
    return {"sha256": sha256(text), "rows": text.count("\n") - 1}


@lru_cache(maxsize=1)
def rating() -> Json:
    """The verdicts, rated by the real engine."""
    from runner.tournament import rating

    run = {"id": "elo", "basis": "ours", "from_start": False, "categories": False,
           "settings": {"method": "elo", "k": 32.0, "orderings": 50, "seed": 42}}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "verdicts.csv").write_text(verdicts_csv(), "utf-8")
        return rating(Path(folder), {"inputs": [{"file": "verdicts.csv"}], "runs": [run], "start": None})


SETTINGS: Json = {
    "base": {"hub": {"repo": "some/tiny-llama", "revision": None, "files": {}, "access": "open"}},
    "tokenizer": {"hub": {"repo": "some/tiny-llama", "revision": None}, "bos": True, "eos": True, "pad": "unk"},
    "data": [{"web": {"url": "https://example.org/data.json", "sha256": HASH}, "template": "alpaca",
              "columns": {"instruction": "instruction", "output": "output"}}],
    "method": "qlora",
    "quantisation": {"form": "nf4", "double": True, "compute": "float32"},
    "lora": {"targets": ["q_proj", "v_proj"], "r": 8, "alpha": 16.0, "dropout": 0.0},
    "optimisation": {"optimiser": "adamw_torch", "learning_rate": 0.0003, "schedule": "constant_with_warmup",
                     "warmup": 10.0, "clip": 0.3},
    "batching": {"micro_batch": 1, "accumulation": 16, "steps": STEPS, "length": 512, "loss_on": "answer",
                 "loss_weighting": "per-example", "order": "shuffled", "packing": "none"},
    "execution": {"precision": "float32", "checkpointing": True, "save_every": 20},
    "seeds": {"adapter": 0, "order": 1},
}  # fmt: skip


RESOLVED: Json = {"training": "tiny", "mode": "faithful", "settings": SETTINGS, "claims": []}


def made(command: str) -> Json:
    platform = {"system": "Linux", "machine": "x86_64", "cpu": "AVX2", "python": "3.12.3", "threads": 2,
                "device": "cpu", "torch": "2.13.0"}  # fmt: skip
    return {"command": command, "commit": "0123456789abcdef", "dirty": False, "tree": HASH, "platform": platform,
            "packages": {"herdbook": "0.1.0", "torch": "2.13.0"}}  # fmt: skip


def step_time() -> Json:
    return {"warmup": 5, "median": 1.25, "p10": 1.125, "p90": 1.5, "mean": 1.3}


def training(entry: str = "tiny", **changes: Any) -> Json:
    """The content of a result, except digest, names of tables and seal; `changes` replace parts of it."""
    steps = [line.split(",") for line in steps_csv().splitlines()[1:]]
    share = {model: sum(exact(n, model) for n in range(QUESTIONS)) / QUESTIONS for model in MODELS}
    claim = {"tolerance": 0.1, "why": None}
    inputs = [
        {"role": "base", "name": "some/tiny-llama: model.safetensors", "revision": "01" * 20, "sha256": HASH,
         "bytes": 4_000_000, "pinned": False},
        {"role": "data", "name": "https://example.org/data.json", "revision": None, "sha256": HASH, "bytes": 22_000_000,
         "pinned": True},
    ]  # fmt: skip
    return {
        "schema": 1,
        "kind": "training",
        "entry": entry,
        "recipe": "tiny",
        "mode": "faithful",
        "recipe_sha256": digest(RESOLVED),
        "resolved": RESOLVED,
        "partial": None,
        "seed": 0,
        "inputs": inputs,
        "deviations": [{"en": "No revision was pinned.", "zh": "没有固定版本。"}],
        "trained": {
            "steps": beside(steps_csv()), "first_loss": float(steps[0][1]), "last_loss": float(steps[-1][1]),
            "adapter_sha256": "cd" * 32, "adapter_start_sha256": "ef" * 32, "trainable": 40_960,
            "parameters": 1_234_567, "examples": 640, "truncated": 3,
        },
        "answered": {
            "answers": beside(answers_csv()), "questions": QUESTIONS,
            "metrics": {f"exact-match-{model}": value for model, value in share.items()},
        },
        "tournament": {"verdicts": beside(verdicts_csv()), "rating": rating()},
        "claims": [{"id": "exact", "metric": "exact-match-tuned", "published": 0.9, "reproduced": share["tuned"],
                    "difference": share["tuned"] - 0.9, "unit": "share", "verdict": "reproduced", **claim}],
        "measured": {
            "seconds": 52.5, "step": step_time(), "tokens_per_second": 480.25, "peak_allocated": None,
            "peak_reserved": None, "peak_resident": 1_500_000_000, "device": "x86_64 AVX2", "devices": 1, "resumes": 1,
            "claims": [{"id": "hours", "metric": "hours", "published": 3.0, "reproduced": None, "difference": None,
                        "unit": "h", "verdict": None, **claim,
                        "why": {"en": "Published for another card.", "zh": "公布值针对另一种显卡。"}}],
        },
        "made": made("runner reproduce tiny"),
        **changes,
    }  # fmt: skip


def tables() -> dict[str, str]:
    return {"steps": steps_csv(), "answers": answers_csv(), "verdicts": verdicts_csv()}


def probe(entry: str = "tiny", **changes: Any) -> Json:
    """The content of a probe that fits, except digest and seal; `changes` replace parts of it."""
    rate, per_token, peak = 480.0, 4.2e10, 9.9e14
    settings = {"sequence": 1024, "batch": 16, "micro_batch": 1, "generated": None, "checkpointing": True,
                "packed": False, "dtype": "bfloat16", "quantisation": SETTINGS["quantisation"],
                "optimiser": "paged_adamw_32bit", "lora": SETTINGS["lora"], "trainable": 40_960,
                "kernels": []}  # fmt: skip
    return {
        "schema": 1,
        "kind": "probe",
        "entry": entry,
        "shape": "llama-7b",
        "method": "qlora",
        "mode": "faithful",
        "weights": "random",
        "architecture": {"family": "llama", "layers": 32, "hidden": 4096, "intermediate": 11008, "heads": 32,
                         "kv_heads": None, "vocabulary": 32000, "parameters": 6_738_415_616},
        "settings": settings,
        "device": {"name": "Card", "memory": 80_000_000_000, "cap": 24_000_000_000},
        "fits": True,
        "refused": None,
        "peak": {"allocated": 9_000_000_000, "reserved": 10_000_000_000, "managed": 1_200_000_000, "resident": None},
        "step": step_time(),
        "tokens_per_second": rate,
        "mfu": {"value": rate * per_token / peak, "flop_per_token": per_token, "formula": "6 N + 8 P",
                "peak": peak, "peak_of": "card-80gb bf16"},
        "largest": [{"checkpointing": True, "micro_batch": 8}],
        "claims": [],
        "made": made("runner probe tiny"),
        **changes,
    }  # fmt: skip


def refused(entry: str = "tiny", **changes: Any) -> Json:
    """The content of a probe that does not fit."""
    why = {"stage": "backward", "wanted": 2_000_000_000, "available": 500_000_000}
    return probe(entry, **{"fits": False, "refused": why, "step": None, "tokens_per_second": None, "mfu": None,
                           "largest": [{"checkpointing": True, "micro_batch": 0}], **changes})  # fmt: skip


def name_of(content: Json) -> str:
    """The name that the file will have."""
    return file_name_of({**content, "digest": digest_of(content)})


def put(folder: Path, content: Json, texts: Mapping[str, str] | None = None, name: str = "") -> Path:
    """The result and its tables in a folder; the record's name is its own unless another is given."""
    folder.mkdir(parents=True, exist_ok=True)
    own = name_of(content)
    path = folder / (name or own)
    path.write_bytes(write(content))
    for role, text in (tables() if texts is None else texts).items():
        if content.get(TABLES[role]):
            (folder / table_name(own, role)).write_text(text, "utf-8")
    return path
