"""The probes that answer the catalog's own claims of memory and time, and a suite of probes that can be stopped.

A record lies whole in the run's folder or not at all, and `records.tgz` is made anew after each: a host that is taken
away, or gives few files back, loses one probe at most.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.recipes import metric_claims
from catalog.resolving import modes, training_of
from catalog.sealing import file_name_of
from runner.attach import parse
from runner.entries import Prepared, prepare
from runner.pipeline import write_atomically
from runner.probe.ask import Ask, Method, shape_named, training_of_method

Json = dict[str, Any]
GIB = 2**30
ARCHIVE = "records.tgz"


@dataclass(frozen=True)
class Of:
    """A training of a recipe, on cards of these sizes in GiB; None is the whole card."""

    slug: str
    training: str
    caps: tuple[int | None, ...]
    modes: tuple[str, ...] = ("faithful",)


TRAININGS = (
    Of("anima33b", "anima33b", (80,), ("faithful", "fast")),
    Of("guanaco", "7b", (None,), ("faithful", "fast")),
    Of("guanaco", "33b", (24,)),
    Of("guanaco", "65b", (48,)),
    Of("chinese-vicuna", "8bit", (11,)),
    Of("alpaca-lora", "official", (24,)),
    Of("guanaco", "13b", (None,)),
)
ANSWERING = (
    ("vicuna", "llama-13b", "float16", "variants.vicuna-13b.inference.memory.fp16", 28.0),
    ("chatglm-6b", "chatglm-6b", "float16", "variants.chatglm-6b.inference.memory.fp16", 13.0),
)
"""Entry, shape, format, fact of the record, and its figure in GB."""


def claims_suite() -> list[Ask]:
    """What the catalog claims, worth most first."""
    return [*_trainings(), *_answering()]


def _trainings() -> Iterator[Ask]:
    for one in TRAININGS:
        entry = prepare(one.slug)
        for cap in one.caps:
            for mode in one.modes:
                if mode == "faithful" or mode in modes(entry.recipe, one.training):
                    yield of_training(entry, one.training, mode, cap)


def _answering() -> Iterator[Ask]:
    for slug, name, dtype, fact, figure in ANSWERING:
        shape = shape_named(name)
        training = training_of_method(shape, "inference", "faithful", 512, 1)
        half = {"precision": dtype, "weights": dtype}
        training = training.model_copy(update={"execution": training.execution.model_copy(update=half)})
        claim = {"id": fact, "metric": "peak-memory", "published": figure, "direction": "at-most", "tolerance": 1.0,
                 "steps": None}  # fmt: skip
        yield Ask(slug, shape, "inference", "faithful", training, 512, None, (claim,))


def of_training(entry: Prepared, name: str, mode: str, cap: int | None) -> Ask:
    """A training of a recipe as a probe: its settings, examples of the full length that it allows."""
    training = training_of(entry.recipe_file, name, mode)  # type: ignore[arg-type]
    told = training.base.shape or (training.base.made.shape if training.base.made else None)
    shape = shape_named(_shape_name(entry, training.base.entry)) if told is None else _as_shape(told)
    batching = training.batching
    steps = batching.steps
    method: Method = "full"
    if training.quantisation:
        method = "lora8" if training.quantisation.form == "int8" else "qlora"
    claims = tuple(
        {"id": id, "metric": one.metric, "published": float(one.published), "direction": one.direction,
         "tolerance": float(one.tolerance), "steps": steps}
        for id, one in metric_claims(entry.recipe, name).items()
        if (one.metric == "peak-memory" and one.count == 1) or (one.metric == "hours" and steps)
    )  # fmt: skip
    return Ask(
        entry.slug, shape, method, mode, training, batching.length, None if cap is None else cap * GIB, claims  # type: ignore[arg-type]
    )  # fmt: skip


def _shape_name(entry: Prepared, base: str | None) -> str:
    return base or entry.slug


def _as_shape(told: Any) -> Any:
    """The named shape of the same sizes, where there is one."""
    from catalog import estimate

    sizes = (told.layers, told.hidden, told.intermediate, told.heads)
    for shape in estimate.shapes().values():
        if (shape.layers, shape.hidden, shape.intermediate, shape.heads) == sizes:
            return shape
    return estimate.llama("llama", *sizes, told.vocabulary, told.kv_heads)


@dataclass(frozen=True)
class Row:
    """What became of one probe."""

    ask: Ask
    file: Path
    content: Json
    reused: bool


def run(
    asks: Sequence[Ask], runs: Path, output: Path, make: Callable[[Ask], bytes], tell: Callable[[str], None]
) -> Iterator[Row]:
    """Each probe in turn; one whose record lies in `runs` is not made again. `make` gives a record's bytes."""
    runs.mkdir(parents=True, exist_ok=True)
    output.mkdir(parents=True, exist_ok=True)
    for number, ask in enumerate(asks, 1):
        file = runs / f"{ask.key}.yaml"
        content = _read(file)
        tell(f"{number} of {len(asks)}  {ask.title}{'' if content is None else '  (was measured before)'}")
        reused = content is not None
        if content is None:
            raw = make(ask)
            _, content = parse(raw, str(file))
            write_atomically(file, raw)
        archive(sorted(runs.glob("*.yaml")), output / ARCHIVE)
        yield Row(ask, file, content, reused)


def _read(file: Path) -> Json | None:
    """A record of an earlier run; None where there is none or it is damaged."""
    from catalog.errors import UserError
    from catalog.sealing import sealed

    try:
        raw = file.read_bytes()
        return parse(raw, str(file))[1] if sealed(raw) else None
    except (OSError, UserError):
        return None


def archive(files: Sequence[Path], target: Path) -> None:
    """The records by their own names in one archive; the same records give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for file in files:
            raw = file.read_bytes()
            _, content = parse(raw, str(file))
            entry = tarfile.TarInfo(file_name_of(content))
            entry.size = len(raw)
            tar.addfile(entry, io.BytesIO(raw))
    write_atomically(target, gzip.compress(packed.getvalue(), mtime=0))
