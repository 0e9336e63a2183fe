"""One probe: the model is built, steps are made, and what they took is written down."""

from __future__ import annotations

import gc
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch

from catalog import estimate
from catalog.training import Training
from runner.learning import attention
from runner.learning.adapter import attach
from runner.learning.base import DTYPES
from runner.learning.collate import pack, padded
from runner.learning.determinism import multiply_as, settle
from runner.learning.learn import quiet
from runner.learning.loss import teach
from runner.learning.measure import device_name, paged_bytes, peaks
from runner.learning.steps import Row, weights
from runner.learning.tokens import Tokenised
from runner.probe.ask import GENERATED, WARMUP, Ask, family_of
from runner.probe.largest import MOST, search
from runner.probe.weights import DoesNotFit, build

Json = dict[str, Any]
CONTEXT = 600 * 2**20
"""Bytes that the driver's context takes of a card before the first tensor; a cap leaves room for it."""


def measure(ask: Ask, *, seed: int = 0, threads: int = 2) -> Json:
    """What came out: `fits`, and step times or what was refused; peaks; trainable parameters; kernels."""
    settle(seed, threads)
    quiet()
    multiply_as(ask.training.execution.precision)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    cuda = device.type == "cuda"
    with _capped(ask.cap) as budget:
        found: Json = {"fits": True, "refused": None, "trainable": 0, "kernels": [], "managed": None}
        try:
            found |= (
                _training(ask, device, budget, seed)
                if ask.method != "inference"
                else _inference(ask, device, budget, seed)
            )
        except DoesNotFit as refused:
            told = {"stage": refused.stage, "wanted": refused.wanted, "available": refused.available}
            found |= {"fits": False, "step": None, "tokens_per_second": None, "refused": told}
        peak = found.pop("before", None) or peaks(0)
        found["peak"] = {
            "allocated": peak["allocated"], "reserved": peak["reserved"], "managed": found.pop("managed"),
            "resident": None if cuda else peak["resident"],
        }  # fmt: skip
    found["device"] = {"name": device_name(), "memory": _device_memory(), "cap": ask.cap}
    return found


def _training(ask: Ask, device: torch.device, budget: int | None, seed: int) -> Json:
    training = ask.training
    packed = training.batching.packing == "packed"
    with _refusals("loading", ask.cap or _device_memory()):
        model = build(
            ask.shape, training.quantisation, DTYPES[training.execution.weights], seed=seed, device=device,
            budget=budget, attention=attention.NAME if packed else "sdpa",
        )  # fmt: skip
        kernels = _fused(model, training)
        teach(model)
        learner = attach(model, training, seed).to(device).train()
        learnt = [one for one in learner.parameters() if one.requires_grad]
        trainable = sum(one.numel() for one in learnt)
        _room(budget, sum(one.numel() * one.element_size() for one in learner.parameters()))
        optimiser = _optimiser(training, learnt)
    rows = _rows(ask, seed)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    limit = ask.cap or _device_memory()
    seconds = [_step(learner, optimiser, learnt, rows, training, device, limit) for _ in range(ask.steps)]
    tokens = sum(len(example.ids) for row in rows for example in row.examples)
    managed = paged_bytes(optimiser) or (0 if device.type == "cuda" else None)
    peak = peaks(0)
    sizes = _largest(model, learner, ask, device, limit, seed) if ask.largest else []
    return {
        **_pace(seconds, tokens),
        "before": peak,
        "largest": sizes,
        "trainable": trainable,
        "kernels": kernels,
        "managed": managed,
    }


def _largest(model: Any, learner: Any, ask: Ask, device: torch.device, limit: int, seed: int) -> list[Json]:
    """Each size is tried with one forward and backward pass; the optimiser's states are there already."""
    half = ask.training.execution.precision in ("bfloat16", "float16")

    def fits(size: int) -> bool:
        batching = ask.training.batching.model_copy(update={"micro_batch": size, "accumulation": 1})
        training = ask.training.model_copy(update={"batching": batching})
        [row] = _rows(replace(ask, training=training), seed)
        try:
            batch = pack(row) if batching.packing == "packed" else padded(row, 0)
            batch = {name: one.to(device) if isinstance(one, torch.Tensor) else one for name, one in batch.items()}
            with _refusals("backward", limit), torch.autocast(device.type, torch.bfloat16, enabled=half):
                learner(**batch).loss.backward()
        except DoesNotFit:
            return False
        finally:
            learner.zero_grad(set_to_none=True)
            if device.type == "cuda":
                torch.cuda.empty_cache()
        return True

    return search(model, fits, MOST if device.type == "cuda" else 4)


def _step(
    learner: Any, optimiser: Any, learnt: Sequence[Any], rows: Sequence[Row], training: Training, device: torch.device,
    cap: int | None,
) -> float:  # fmt: skip
    """Seconds of one optimiser step."""
    _wait(device)
    began = time.perf_counter()
    half = training.execution.precision in ("bfloat16", "float16")
    for row in rows:
        batch = pack(row) if training.batching.packing == "packed" else padded(row, 0)
        batch = {name: one.to(device) if isinstance(one, torch.Tensor) else one for name, one in batch.items()}
        with _refusals("forward", cap), torch.autocast(device.type, torch.bfloat16, enabled=half):
            loss = learner(**batch).loss
        with _refusals("backward", cap):
            loss.backward()
    with _refusals("optimiser", cap):
        if training.optimisation.clip:
            torch.nn.utils.clip_grad_norm_(learnt, float(training.optimisation.clip))
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    _wait(device)
    return time.perf_counter() - began


def _inference(ask: Ask, device: torch.device, budget: int | None, seed: int) -> Json:
    """A prompt of `sequence` tokens, then tokens one by one with a cache; the time of one of them is the step."""
    training = ask.training
    with _refusals("loading", ask.cap or _device_memory()):
        dtype = DTYPES[training.execution.weights]
        model = build(ask.shape, training.quantisation, dtype, seed=seed, device=device, budget=budget)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, ask.shape.vocabulary, (1, ask.sequence), generator=generator).to(device)
    seconds, cache = [], None
    with _refusals("generating", ask.cap or _device_memory()), torch.no_grad():
        for _ in range(GENERATED + 1):
            _wait(device)
            began = time.perf_counter()
            out = model(input_ids=ids, past_key_values=cache, use_cache=True)
            cache, ids = out.past_key_values, out.logits[:, -1:].argmax(-1)
            _wait(device)
            seconds.append(time.perf_counter() - began)
    return _pace(seconds[1:], 1)


def _pace(seconds: Sequence[float], tokens: int) -> Json:
    warmup = min(WARMUP, len(seconds) - 1)
    kept = list(seconds[warmup:])
    cuts = statistics.quantiles(kept, n=10, method="inclusive") if len(kept) > 1 else kept * 9
    median = statistics.median(kept)
    step = {"warmup": warmup, "median": median, "p10": cuts[0], "p90": cuts[8], "mean": statistics.fmean(kept)}
    return {"step": step, "tokens_per_second": tokens / median}


def _rows(ask: Ask, seed: int) -> list[Row]:
    """A step of random examples of full length, as the collator takes them."""
    batching = ask.training.batching
    generator = torch.Generator().manual_seed(seed)
    count = batching.micro_batch * batching.accumulation
    drawn = torch.randint(3, ask.shape.vocabulary, (count, ask.sequence), generator=generator).tolist()
    examples = [Tokenised(tuple(ids), 1, False) for ids in drawn]
    size = count if batching.packing == "packed" else batching.micro_batch
    alone = [[one] for one in examples] if batching.packing == "packed" else [
        examples[start : start + size] for start in range(0, count, size)
    ]  # fmt: skip
    parts = [Row(tuple(one), tuple([weight] * len(one)))
             for one, weight in zip(alone, weights(alone, batching), strict=True)]  # fmt: skip
    if batching.packing == "none":
        return parts
    return [Row(tuple(e for row in parts for e in row.examples), tuple(w for row in parts for w in row.weights))]


def _optimiser(training: Training, learnt: Sequence[Any]) -> Any:
    import bitsandbytes as bnb

    how = training.optimisation
    kinds: dict[str, Any] = {
        "paged_adamw_32bit": bnb.optim.PagedAdamW32bit, "paged_adamw_8bit": bnb.optim.PagedAdamW8bit,
        "adamw_8bit": bnb.optim.AdamW8bit,
    }  # fmt: skip
    make = kinds.get(how.optimiser, torch.optim.AdamW)
    fused = {"fused": True} if make is torch.optim.AdamW and torch.cuda.is_available() else {}
    return make(
        learnt, lr=float(how.learning_rate), betas=tuple(map(float, how.betas)), eps=float(how.epsilon),
        weight_decay=float(how.weight_decay), **fused,
    )  # fmt: skip


def _fused(model: Any, training: Training) -> list[str]:
    from importlib import metadata

    from runner.learning.kernels import fuse, wanted

    if not wanted(training) or model.config.model_type != "llama":
        return []
    fuse(model)
    return [f"liger-kernel {metadata.version('liger-kernel')}"]


@contextmanager
def _capped(cap: int | None) -> Iterator[int | None]:
    """Keeps this process to `cap` bytes of the card, its context taken off; gives the bytes that tensors may take.

    On a processor nothing holds a process back; there only what the weights take is compared with the cap. Paged states
    are managed memory, which no limit of the framework sees: they stand in the record by themselves.
    """
    budget = None if cap is None else max(0, cap - (CONTEXT if torch.cuda.is_available() else 0))
    if torch.cuda.is_available():
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(1.0 if budget is None else min(1.0, budget / total))
    try:
        yield budget
    finally:
        if torch.cuda.is_available():
            torch.cuda.set_per_process_memory_fraction(1.0)
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _room(budget: int | None, spent: int) -> None:
    if budget is not None and spent > budget:
        raise DoesNotFit("loading", spent, budget)


@contextmanager
def _refusals(stage: str, cap: int | None) -> Iterator[None]:
    """An allocation that failed becomes an answer."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise DoesNotFit(stage, _asked(str(error)), cap) from None
    except RuntimeError as error:
        if "allocate memory" in str(error) or "out of memory" in str(error).lower():
            raise DoesNotFit(stage, _asked(str(error)), cap) from None
        raise


def _asked(text: str) -> int | None:
    """Bytes that the framework says it wanted."""
    found = re.search(r"allocate ([0-9.]+) ([KMG]iB)", text)
    return round(float(found[1]) * 2 ** {"K": 10, "M": 20, "G": 30}[found[2][0]]) if found else None


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _device_memory() -> int:
    from runner.machine import memory_bytes

    if torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    return memory_bytes() or 1


def architecture(shape: estimate.Shape) -> Json:
    """As in the record."""
    return {
        "family": family_of(shape), "layers": shape.layers, "hidden": shape.hidden,
        "intermediate": shape.intermediate, "heads": shape.heads, "kv_heads": shape.kv_heads,
        "vocabulary": shape.vocabulary, "parameters": shape.parameters,
    }  # fmt: skip
