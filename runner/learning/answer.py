"""The stage `answer`: the base and each checkpoint answer the held-out prompts, one after another."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.recipes import digest
from catalog.training import Answers, Training
from runner.inputs.examples import Example
from runner.learning.determinism import multiply_as, settle
from runner.learning.stopping import Stopped, listening
from runner.learning.tokens import Words, load_words
from runner.pipeline import write_atomically
from runner.progress import Progress

BATCH = 16
"""Prompts answered at once. Part of the outcome: another number may round the last bits differently."""
COLUMNS = ("question_id", "model", "answer")


def answer(
    training: Training,
    base: Path,
    tokenizer: Path,
    adapters: Mapping[str, Path | None],
    questions: Sequence[Example],
    out: Path,
    work: Path,
    *,
    threads: int,
    progress: Progress,
) -> None:
    """Writes `answers.csv` into `out`: question_id, model, answer, in the order of `adapters` and of `questions`.

    `adapters`: name of a model -> folder of an adapter, or of a whole model for a full fine-tune; None: the base alone.
    What was answered is kept in `work` and not asked again, whenever the run is killed. Raises Stopped after Ctrl-C or
    SIGTERM, and UserError for whatever the user can mend.
    """
    if training.answers is None:
        raise UserError("the recipe asks for no answers", why="it has no `answers`", exit_code=2)
    settle(training.answers.seed, threads)
    from runner.learning.learn import quiet
    from runner.learning.models import Models

    quiet()
    multiply_as(training.execution.precision)
    words = load_words(training, tokenizer)
    batches = batched(words, questions)
    models = Models(training, training.answers, base, words)
    work.mkdir(parents=True, exist_ok=True)
    found: dict[tuple[str, str], str] = {}
    beneath = _identity(base)
    done, wanted = 0, max(1, len(adapters) * len(batches))
    with listening() as request:
        for name, folder in adapters.items():
            asked = {
                "model": _identity(folder),
                "answers": training.answers.model_dump(mode="json"),
                "threads": threads,
            }
            for number, batch in enumerate(batches):
                if request.made:
                    raise Stopped(f"stopped after {done} of {wanted} batches of answers")
                file = work / f"{name}.{number}.json"
                key = digest({**asked, "questions": [[one.id, one.prompt] for one in batch], "base": beneath})
                known = _known(file, key)
                if known is None:
                    texts = models.answers(name, folder, [words.question(one) for one in batch], number)
                    known = {one.id: text for one, text in zip(batch, texts, strict=True)}
                    write_atomically(file, (json.dumps({"key": key, "answers": known}, indent=1) + "\n").encode())
                found |= {(name, question): text for question, text in known.items()}
                done += 1
                progress(done / wanted, f"{name}: {min(len(questions), (number + 1) * BATCH)}/{len(questions)} answers")
    out.mkdir(parents=True, exist_ok=True)
    rows = [(one.id, name, found[name, one.id]) for name in adapters for one in questions]
    write_atomically(out / "answers.csv", _csv(rows))


def batched(words: Words, questions: Sequence[Example]) -> list[list[Example]]:
    """Questions of like length together, the longest first; the same batches every time."""
    lengths = {one.id: len(words.question(one)) for one in questions}
    if len(lengths) < len(questions):
        raise UserError("two questions have the same id", why="answers are told apart by it", exit_code=2)
    ordered = sorted(questions, key=lambda one: (-lengths[one.id], one.id))
    return [ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH)]


def _identity(folder: Path | None) -> Any:
    """What tells one model from another without reading gigabytes: small files by hash, large ones by size."""
    if folder is None:
        return None
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {file.name: _fingerprint(file) for file in files}


def _fingerprint(file: Path) -> Any:
    size = file.stat().st_size
    return size if size > 2**30 else hashlib.sha256(file.read_bytes()).hexdigest()


def _known(file: Path, key: str) -> dict[str, str] | None:
    try:
        kept = json.loads(file.read_text("utf-8"))
        return dict(kept["answers"]) if kept["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _csv(rows: Sequence[tuple[str, str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def settings_of(answers: Answers, words: Words) -> dict[str, Any]:
    """Every setting of the decoding, so that none comes from the base's own `generation_config.json`."""
    sampled = answers.temperature > 0
    return {
        "max_new_tokens": answers.max_new_tokens,
        "do_sample": sampled,
        **({"temperature": float(answers.temperature), "top_k": 0, "top_p": 1.0} if sampled else {}),
        "num_beams": 1,
        "repetition_penalty": 1.0,
        "bos_token_id": words.bos,
        "eos_token_id": words.tokenizer.eos_token_id,
        "pad_token_id": words.pad,
        "use_cache": True,
    }
