"""The demonstration's inputs, made here: corpus, tokenizer and a small base that is pre-trained on the corpus."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.training import MadeBase, Shape, Training
from runner.demo import tokenizer
from runner.demo.corpus import Corpus, corpus, words
from runner.inputs.examples import Example, examples
from runner.pipeline import hashes, write_atomically

Json = dict[str, Any]


def make(training: Training, seed: int, out: Path, work: Path, threads: int) -> tuple[list[list[Json]], list[Json]]:
    """(rows of each data set, `inputs` of the result). Writes `out/tokenizer` and `out/base`.

    The base's weights come from `base.made.seed` + `seed`; the corpus from `seeds.data` + `seed`.
    """
    base, vocabulary = training.base.made, training.tokenizer.made
    if base is None or vocabulary is None or len(training.data) != 1:
        raise UserError("a made data set needs a made base and a made tokenizer, and no other data", exit_code=2)
    from runner.learning.determinism import settle

    settle(base.seed + seed, threads)
    made = corpus(training.seeds.data + seed)
    _write_corpus(made, out / "corpus")
    tokenizer.make(_texts(training, made, seed), vocabulary, out / "tokenizer")
    pretrain(training, base, made, out, work, seed, threads)
    name = f"demo corpus, seed {training.seeds.data + seed}"
    inputs = [
        _input("base", f"LLaMA of {base.steps} steps, seed {base.seed + seed}", out / "base"),
        _input("tokenizer", f"byte-level BPE of {name}", out / "tokenizer"),
        _input("data", name, out / "corpus"),
    ]
    return [list(made.rows)], inputs


def _texts(training: Training, made: Corpus, seed: int) -> list[str]:
    """What the tokenizer is made from: everything but the held-out rows."""
    learnt, _ = examples(training, [made.rows], seed=seed)
    return [*words(), *made.texts, *(example.prompt + example.answer for example in learnt)]


def pretrain(training: Training, base: MadeBase, made: Corpus, out: Path, work: Path, seed: int, threads: int) -> None:
    """A full fine-tune of random weights on the corpus's texts, by the same code as every other training."""
    from runner.learning.train import train
    from runner.progress import bar

    start = work / "start"
    write_random(base.shape, base.seed + seed, start)
    texts = [Example(f"0/{at}", "", text) for at, text in enumerate([*words(), *made.texts])]
    trained = work / "trained"
    trained.mkdir(exist_ok=True)
    (work / "steps").mkdir(exist_ok=True)
    train(
        pretraining(training, base), start, out / "tokenizer", texts, trained, work / "steps",
        steps=None, seed=seed, threads=threads, progress=bar(),
    )  # fmt: skip
    (trained / "model").rename(out / "base")


def pretraining(training: Training, base: MadeBase) -> Training:
    """The settings of the pre-training as a training of its own: full, shuffled, every token learnt."""
    plain = training.model_dump(mode="python", by_alias=True)
    plain |= {
        "method": "full", "quantisation": None, "lora": None, "answers": None, "modes": {}, "assumed": {},
        "optimisation": {
            "optimiser": "adamw_torch", "learning_rate": base.learning_rate, "schedule": "linear", "warmup": 0.1,
            "betas": (0.9, 0.98), "weight_decay": 0.01, "clip": 1.0,
        },
        "batching": {
            "micro_batch": base.batch, "accumulation": 1, "steps": base.steps, "length": base.shape.positions,
            "loss_on": "everything", "loss_weighting": "per-token", "order": "shuffled",
        },
        "execution": {"precision": "float32", "weights": "float32", "checkpointing": False, "save_every": 200},
    }  # fmt: skip
    return Training.model_validate(plain)


def write_random(shape: Shape, seed: int, folder: Path) -> None:
    """A LLaMA of this shape with random weights, drawn in float32 so that they are the same with every torch."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from runner.learning.learn import quiet

    quiet()
    if shape.hidden % shape.heads:
        why = f"hidden {shape.hidden} is no multiple of the {shape.heads} heads"
        raise UserError("there is no base of this shape", where="`base.made.shape`", why=why, exit_code=2)
    config = LlamaConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads or shape.heads, max_position_embeddings=shape.positions,
        tie_word_embeddings=shape.tied, bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    torch.manual_seed(seed)
    LlamaForCausalLM(config).to(torch.float32).save_pretrained(folder)


def _write_corpus(made: Corpus, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, lines in (("texts", made.texts), ("rows", made.rows)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        write_atomically(folder / f"{name}.jsonl", text.encode())


def _input(role: str, name: str, folder: Path) -> Json:
    """Hash and size of a folder: of the lines `<sha256>  <name>` of its files in order of name."""
    files = hashes(folder)
    lines = "".join(f"{sha}  {path}\n" for path, sha in sorted(files.items()))
    size = sum((folder / path).stat().st_size for path in files)
    return {"role": role, "name": name, "revision": None, "sha256": hashlib.sha256(lines.encode()).hexdigest(),
            "bytes": size, "pinned": True}  # fmt: skip
