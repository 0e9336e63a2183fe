"""One training of a recipe as it is to be run: a variant filled in, and the changes of its mode made.

Whatever is changed by its path is validated again as if it had been written out, and every fault names the place in the
recipe that has to be mended.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from catalog.errors import UserError
from catalog.facts import Day, Evidence, Text
from catalog.reader import Path, place_of
from catalog.recipes import Json, Recipe, metric_claims, plain
from catalog.records import Entry
from catalog.register import File
from catalog.schema_errors import words
from catalog.spelling import did_you_mean
from catalog.training import Base, Change, Data, HubFiles, Mode, Training, TrainingVariant, WebFile

SETTINGS = (
    "base", "tokenizer", "data", "method", "quantisation", "lora", "optimisation", "batching", "execution", "seeds",
    "answers",
)  # fmt: skip
"""Parts of a training that decide what comes out; only these can be changed by a path."""


@dataclass(frozen=True)
class Fault:
    """What keeps a training from being resolved."""

    path: Path
    """In the recipe, as `place_of` takes it."""
    message: str
    hint: str = ""


class Unresolved(UserError):
    """A training that cannot be resolved, with all its faults; the message tells the first."""

    def __init__(self, name: str, faults: Sequence[Fault], where: str = "") -> None:
        first = faults[0]
        super().__init__(
            f"the training `{name}` cannot be resolved",
            where=where or ".".join(map(str, first.path)),
            why=first.message,
            hint=first.hint or "`catalog lint` names every fault",
            exit_code=2,
        )
        self.faults = tuple(faults)


def training(recipe: Recipe, name: str, mode: Mode = "faithful") -> Training:
    """The training `name` with every setting as `mode` has it. Unresolved where that cannot be."""
    found, faults = resolve(recipe, name, mode)
    if found is None:
        raise Unresolved(name, faults)
    return found


def training_of(file: File, name: str, mode: Mode = "faithful") -> Training:
    """The same, from a recipe with its text: the error names file, line and column."""
    assert isinstance(file.record, Recipe)
    found, faults = resolve(file.record, name, mode)
    if found is None:
        at = place_of(file.tree, faults[0].path, key=True)
        raise Unresolved(name, faults, f"{file.path}:{at.line}:{at.column}")
    return found


def modes(recipe: Recipe, name: str) -> tuple[Mode, ...]:
    """The modes that a training has; Unresolved where it cannot be resolved."""
    return ("faithful", "fast") if training(recipe, name).modes.fast else ("faithful",)


def deviations(recipe: Recipe, name: str, mode: Mode = "faithful") -> tuple[Text, ...]:
    """What a run in this mode does not replay as it was: the deviations, and in `fast` its differences."""
    found = training(recipe, name, mode)
    fast = found.modes.fast if mode == "fast" else None
    return (*found.deviations, *(Text(en=one.en, zh=one.zh) for one in (fast.differences if fast else ())))


def resolve(recipe: Recipe, name: str, mode: Mode = "faithful") -> tuple[Training | None, list[Fault]]:
    """The training, or None and every fault."""
    chain, faults = _chain(recipe, name)
    if faults:
        return None, faults
    found = recipe.training[chain[-1]]
    assert isinstance(found, Training)
    for link in reversed(chain[:-1]):
        variant = recipe.training[link]
        assert isinstance(variant, TrainingVariant)
        filled, faults = _filled(found, variant, ("training", link))
        if filled is None:
            return None, faults
        found = filled
    if mode == "faithful":
        return found, []
    if found.modes.fast is None:
        return None, [Fault(("training", name), f"`{name}` has no mode `{mode}`", "its only mode is `faithful`")]
    return _changed(_raw(found), found.modes.fast.changes, ("training", chain[-1], "modes", "fast", "changes"))


def _chain(recipe: Recipe, name: str) -> tuple[list[str], list[Fault]]:
    """The names from `name` to the training that is written out."""
    if name not in recipe.training:
        hint = did_you_mean(name, list(recipe.training)) or f"its trainings: {', '.join(recipe.training) or 'none'}"
        return [], [Fault(("training",), f"the recipe has no training `{name}`", hint)]
    chain = [name]
    while isinstance(variant := recipe.training[chain[-1]], TrainingVariant):
        path = ("training", chain[-1], "like")
        if variant.like in chain:
            circle = " -> ".join([*chain[chain.index(variant.like) :], variant.like])
            return [], [Fault(path, f"the variants lead in a circle: {circle}", "write one of them out")]
        if variant.like not in recipe.training:
            known = [one for one in recipe.training if one != chain[-1]]
            hint = did_you_mean(variant.like, known) or f"the others: {', '.join(known) or 'none'}"
            return [], [Fault(path, f"the recipe has no training `{variant.like}`", hint)]
        chain.append(variant.like)
    return chain, []


def _filled(of: Training, variant: TrainingVariant, path: Path) -> tuple[Training | None, list[Fault]]:
    """`of` with the parts and settings that the variant has of its own."""
    raw = _raw(of)
    for part in ("title", "base", "tokenizer", "data", "planning_only", "from_"):
        if (own := getattr(variant, part)) is not None:
            raw[part.rstrip("_")] = _raw(own)
    raw["assumed"] |= _raw(variant.assumed)
    raw["deviations"] += _raw(variant.deviations)
    return _changed(raw, variant.changes, (*path, "changes"))


def _changed(raw: Json, changes: Mapping[str, Change], path: Path) -> tuple[Training | None, list[Fault]]:
    """A training written out, with some settings changed."""
    unchanged, faults = copy.deepcopy(raw), []
    for setting, value in changes.items():
        if fault := _set(raw, setting, value):
            faults.append(Fault((*path, setting), *fault))
        elif _same(_get(unchanged, setting), _plain_list(value)):
            faults.append(Fault((*path, setting), f"`{setting}` is {value} without this change", "take the line out"))
    if faults:
        return None, faults
    try:
        return Training.model_validate(raw), []
    except ValidationError as error:
        return None, list(_faults(error, list(changes), path))


def _faults(error: ValidationError, changes: list[str], path: Path) -> Iterator[Fault]:
    for detail in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in detail["loc"])
        guilty = next((one for one in changes if f"{where}.".startswith(f"{one}.")), None)
        message, hint = words(detail)
        if guilty:
            yield Fault((*path, guilty), message, hint)
        else:  # a rule over several settings of a part
            near = next((one for one in changes if not where or one.startswith(f"{where}.")), None)
            yield Fault((*path, near) if near else path, f"{f'{where}: ' if where else ''}{message}", hint)


def _set(raw: Json, setting: str, value: Change) -> tuple[str, str] | None:
    """Set one setting in place; why it cannot be and what to do, where it cannot."""
    names = setting.split(".")
    if names[0] not in SETTINGS:
        hint = did_you_mean(names[0], list(SETTINGS)) or f"settings stand in: {', '.join(SETTINGS)}"
        return f"`{names[0]}` is not a part with settings", hint
    here: Any = raw
    for depth, name in enumerate(names):
        known = [str(n) for n in range(len(here))] if isinstance(here, list) else list(here) if _is_part(here) else []
        if name not in known:
            inside = f"`{'.'.join(names[:depth])}`"
            if here is None:
                return f"{inside} is empty here, so there is no `{setting}` to change", "write the part out instead"
            hint = did_you_mean(name, known) or f"known here: {', '.join(known) or 'nothing, it is a setting itself'}"
            return f"{inside} has no `{name}`", hint
        key: Any = int(name) if isinstance(here, list) else name
        if depth == len(names) - 1:
            if value is not None and _is_part(here[key]):
                return f"`{setting}` is a part, not a setting", f"name one of: {', '.join(_names(here[key]))}"
            here[key] = _plain_list(value)
        else:
            here = here[key]
    return None


def _get(raw: Any, setting: str) -> Any:
    """What stands at a path; NotImplemented, which equals no value, where there is no such path."""
    for name in setting.split("."):
        if isinstance(raw, list) and name.isdigit() and int(name) < len(raw):
            raw = raw[int(name)]
        elif isinstance(raw, dict) and name in raw:
            raw = raw[name]
        else:
            return NotImplemented
    return raw


def _same(one: Any, other: Any) -> bool:
    """Python holds True and 1 for equal; settings do not."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def has_setting(of: Training, setting: str) -> bool:
    """Whether there is a setting or a part at this path."""
    return setting.split(".")[0] in SETTINGS and _get(_raw(of), setting) is not NotImplemented


def setting_paths(of: Training) -> list[str]:
    """Every path that `changes` and `assumed` may name."""
    raw = _raw(of)
    return [path for part in SETTINGS for path in _paths(raw[part], part)]


def _paths(value: Any, path: str) -> Iterator[str]:
    yield path
    if _is_part(value):
        for name in _names(value):
            yield from _paths(value[int(name) if isinstance(value, list) else name], f"{path}.{name}")


def _is_part(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def _names(part: Any) -> list[str]:
    return list(part) if isinstance(part, dict) else [str(number) for number in range(len(part))]


def _plain_list(value: Change) -> Any:
    return list(value) if isinstance(value, tuple) else value


def as_written(training: Training) -> Json:
    """A training as a recipe would hold it, so that it can go through a file and be read again."""
    written: Json = _raw(training)
    return written


def _raw(value: Any) -> Any:
    """As it would be read from a file: names as they are written there, lists, evidence and days as text."""
    if isinstance(value, BaseModel):
        return {info.alias or name: _raw(getattr(value, name)) for name, info in type(value).model_fields.items()}
    if isinstance(value, dict):
        return {key: _raw(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_raw(item) for item in value]
    return str(value) if isinstance(value, Evidence | Day) else value


_UNTOLD: dict[type[BaseModel], frozenset[str]] = {
    HubFiles: frozenset({"bytes", "access", "licence", "from_"}),
    WebFile: frozenset({"bytes", "access", "licence", "from_"}),
    Base: frozenset({"shape", "entry"}),
    Data: frozenset({"entry", "rows"}),
    Training: frozenset({"modes", "assumed", "deviations", "from_"}),
}
"""What is said about a training without deciding what comes out of it."""


def resolved_training(entry: Entry, recipe: Recipe, name: str, mode: Mode = "faithful") -> Json:
    """What decides the outcome of a training, as plain data: every setting, and each claim with its tolerance.

    Texts, evidence, licences and sizes are left out, so that a reworded note makes no result an older one. A setting
    that is empty is left out too. `entry` is taken as `resolved` takes it.
    """
    claims = [
        {"id": claim_id, **claim.model_dump(exclude={"compares", "training", "why", "from_"})}
        for claim_id, claim in metric_claims(recipe, name).items()
    ]
    settings = _telling(training(recipe, name, mode))
    return {"training": name, "mode": mode, "settings": settings, "claims": plain(claims)}


def plain_settings(of: Training) -> Json:
    """The settings alone, as `resolved_training` has them."""
    found: Json = _telling(of)
    return found


def settings_of(training: Training) -> Json:
    """Every setting that decides what comes out, as plain data; texts, evidence and sizes are left out."""
    told: Json = _telling(training)
    return told


def _telling(value: Any) -> Any:
    if isinstance(value, BaseModel):
        untold = _UNTOLD.get(type(value), frozenset())
        items = {name: getattr(value, name) for name in type(value).model_fields if name not in untold}
        return {name: _telling(item) for name, item in items.items() if item is not None and not isinstance(item, Text)}
    if isinstance(value, dict):
        return {str(key): _telling(item) for key, item in value.items()}
    return [_telling(item) for item in value] if isinstance(value, tuple) else plain(value)
