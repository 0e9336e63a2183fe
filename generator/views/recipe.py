"""A recipe as an entry's page shows it: start, settings, what is assumed, what the fast mode changes, and results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from catalog import resolving
from catalog.recipes import Json, MetricClaim, Recipe, metric_claims
from catalog.register import Catalog, File
from catalog.training import Data, HubFiles, Training, TrainingVariant, WebFile
from generator.figures import scaled_bytes
from generator.language import Language
from generator.recipe_words import name_of, value_of
from generator.tame import outward
from generator.views.citing import Citations, Ref
from generator.views.metrics import claimed_text
from generator.views.result_links import ResultLink, links_of
from generator.views.shown import Part, Shower

MOST_ROWS = 400
"""Settings of one training that a page shows; the record has them all."""


@dataclass(frozen=True)
class SettingView:
    """One setting; `fast` is its value in the fast mode where that changes it."""

    name: str
    value: str
    assumed: str | None
    """Why it was chosen so, where the publication left it open."""
    fast: str | None


@dataclass(frozen=True)
class GroupView:
    """Settings of one part of a training."""

    name: str
    rows: tuple[SettingView, ...]


@dataclass(frozen=True)
class StartView:
    """Something a training starts from."""

    role: str
    name: Part
    entry: Part | None
    revision: str | None
    """None where none was pinned."""
    access: str
    licence: Part | None
    size: str
    note: str | None
    refs: tuple[Ref, ...]


@dataclass(frozen=True)
class DifferenceView:
    """What the fast mode changes: settings, and what that does."""

    changes: tuple[tuple[str, str, str], ...]
    """(setting, faithful value, fast value)."""
    text: str


@dataclass(frozen=True)
class ClaimToCheck:
    """A published figure that a run is compared with."""

    name: str
    published: str
    card: Part | None
    tolerance: str
    why: str
    refs: tuple[Ref, ...]


@dataclass(frozen=True)
class TrainingView:
    """One training of the recipe."""

    id: str
    title: str
    commands: tuple[str, ...]
    planning_only: str | None
    refs: tuple[Ref, ...]
    starts: tuple[StartView, ...]
    settings: tuple[GroupView, ...]
    like: str | None
    """The training that all settings not shown are taken from."""
    like_title: str
    assumed: tuple[tuple[str, str], ...]
    """(what, why) of assumptions that are no setting of their own."""
    differences: tuple[DifferenceView, ...]
    deviations: tuple[str, ...]
    claims: tuple[ClaimToCheck, ...]
    results: tuple[ResultLink, ...]


@dataclass(frozen=True)
class RecipeView:
    """Everything the section `reproduce` shows."""

    trainings: tuple[TrainingView, ...]
    earlier: tuple[ResultLink, ...]
    """Results of trainings that the recipe has no more."""
    probes: tuple[ResultLink, ...]


def recipe_view(catalog: Catalog, slug: str, citations: Citations) -> RecipeView | None:
    """None where there is neither a training nor a result of one, nor a probe."""
    file = catalog.recipes.get(slug)
    recipe = file.record if file else None
    results = links_of(catalog, slug, citations.language, citations.home)
    probes = tuple(link for link in results if link.kind == "probe")
    found: list[TrainingView] = []
    if file and isinstance(recipe, Recipe):
        show = Shower(catalog, citations.beside(file))
        for name in recipe.training:
            mine = tuple(link for link in results if link.kind == "training" and link.recipe == name)
            if view := _training(show, file, recipe, name, mine):
                found.append(view)
    shown = {view.id for view in found}
    earlier = tuple(link for link in results if link.kind == "training" and link.recipe not in shown)
    return RecipeView(tuple(found), earlier, probes) if found or results else None


def _training(
    show: Shower, file: File, recipe: Recipe, name: str, results: tuple[ResultLink, ...]
) -> TrainingView | None:
    """None for a training that cannot be resolved; `catalog lint` says why."""
    training, _ = resolving.resolve(recipe, name)
    if training is None:
        return None
    written = recipe.training[name]
    entry = show.catalog.reproducible[file.slug]
    settings = resolving.resolved_training(entry, recipe, name)["settings"]
    like = written.like if isinstance(written, TrainingVariant) else None
    others = resolving.resolved_training(entry, recipe, like)["settings"] if like else None
    rows, rest = setting_rows(settings, training, show.language, others)
    title = show.text(written.title) or name
    return TrainingView(
        name,
        title,
        commands(file.slug, recipe, name, training),
        show.text(training.planning_only),
        show.citations.cite(written.from_) if written.from_ else (),
        tuple(_starts(show, training)),
        rows,
        like,
        (show.text(recipe.training[like].title) or like) if like else "",
        rest,
        tuple(differences(training, show.language)),
        tuple(str(show.text(one)) for one in training.deviations),
        tuple(_claim(show, claim) for claim in metric_claims(recipe, name).values()),
        results,
    )


def target(slug: str, recipe: Recipe | None, name: str) -> str:
    """What `runner reproduce` is told: the first training of a recipe goes without its name."""
    first = next(iter(recipe.training), None) if recipe else None
    return slug if first == name else f"{slug}/{name}"


def commands(slug: str, recipe: Recipe, name: str, training: Training) -> tuple[str, ...]:
    """How it is run in each of its modes; only planned where it cannot be run."""
    wanted = target(slug, recipe, name)
    if training.planning_only:
        return (f"runner plan {wanted}",)
    fast = (f"runner reproduce {wanted} --mode fast",) if training.modes.fast else ()
    return (f"runner plan {wanted}", f"runner reproduce {wanted}", *fast)


def setting_rows(
    settings: Json, training: Training | None, language: Language, others: Json | None = None, *, faster: bool = True
) -> tuple[tuple[GroupView, ...], tuple[tuple[str, str], ...]]:
    """Settings as rows in the groups of a recipe, and the assumptions that belong to none of them.

    With `others`, only what differs from these. `training` knows what is assumed and, if `faster`, what the fast mode
    changes.
    """
    assumed = dict(training.assumed) if training else {}
    fast = dict(training.modes.fast.changes) if training and training.modes.fast and faster else {}
    same = dict(flat(others)) if others else {}
    groups: dict[str, list[SettingView]] = {}
    told: set[str] = set()
    for path, value in islice(flat(settings), MOST_ROWS):
        why = next((key for key in assumed if path == key or path.startswith(f"{key}.")), None)
        told |= {why} if why else set()
        if others is not None and path in same and same[path] == value:
            continue
        reason = str(getattr(assumed[why], language)) if why else None
        changed = value_of(fast[path], language, path) if path in fast else None
        view = SettingView(name_of(path, language), value_of(value, language, path), reason, changed)
        groups.setdefault(path.partition(".")[0], []).append(view)
    rest = tuple(
        (name_of(key, language), str(getattr(text, language))) for key, text in assumed.items() if key not in told
    )
    found = tuple(GroupView(name_of(part, language), tuple(rows)) for part, rows in groups.items())
    return found, rest if others is None else ()


def flat(settings: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of every setting; what is fetched stands in a table of its own."""
    for key, value in settings.items():
        here = f"{path}{key}"
        if key in ("hub", "web") and (path in ("base.", "tokenizer.") or path.startswith("data.")):
            continue
        if isinstance(value, dict):
            yield from flat(value, f"{here}.")
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            for number, one in enumerate(value):
                if isinstance(one, dict):
                    yield from flat(one, f"{here}.{number}.")
        else:
            yield here, value


def _starts(show: Shower, training: Training) -> Iterator[StartView]:
    base, tokenizer = training.base, training.tokenizer
    if base.hub:
        yield _hub(show, "base", base.hub, base.entry)
    if tokenizer.hub:
        yield _hub(show, "tokenizer", tokenizer.hub, None)
    for data in training.data:
        if data.hub:
            yield _hub(show, "data", data.hub, data.entry)
        elif data.web:
            yield _web(show, data.web, data)


def _hub(show: Shower, role: str, files: HubFiles, entry: str | None) -> StartView:
    place = "datasets/" if role == "data" else ""
    return StartView(
        show.word(f"role.{role}"),
        Part(files.repo, f"https://huggingface.co/{place}{files.repo}" if files.access in ("open", "gated") else None),
        show.reference(entry) if entry else None,
        files.revision[:12] if files.revision else None,
        show.word(f"access.{files.access}"),
        show.licence(files.licence) if files.licence else None,
        scaled_bytes(files.bytes) if files.bytes else "",
        show.text(files.note),
        show.citations.cite(files.from_) if files.from_ else (),
    )


def _web(show: Shower, file: WebFile, data: Data) -> StartView:
    return StartView(
        show.word("role.data"),
        Part(file.url.removeprefix("https://"), outward(file.url)),
        show.reference(data.entry) if data.entry else None,
        f"SHA-256 {file.sha256[:12]}" if file.sha256 else None,
        show.word(f"access.{file.access}"),
        show.licence(file.licence) if file.licence else None,
        scaled_bytes(file.bytes) if file.bytes else "",
        show.text(file.note),
        show.citations.cite(file.from_) if file.from_ else (),
    )


def differences(training: Training, language: Language) -> Iterator[DifferenceView]:
    """What the fast mode changes and what that does."""
    fast = training.modes.fast
    if fast is None:
        return
    faithful = dict(flat(resolving.plain_settings(training)))
    for one in fast.differences:
        changes = tuple(
            (name_of(p, language), value_of(faithful.get(p), language, p), value_of(fast.changes.get(p), language, p))
            for p in one.of
        )
        yield DifferenceView(changes, str(getattr(one, language)))


def _claim(show: Shower, claim: MetricClaim) -> ClaimToCheck:
    card = show.reference(claim.hardware) if claim.hardware else None
    if card and claim.count > 1:
        card = Part(f"{claim.count} × {card.text}", card.href)
    return ClaimToCheck(
        show.word(f"metric.{claim.metric}"),
        show.word(f"direction.{claim.direction}") + claimed_text(claim.metric, claim.published, show.language),
        card,
        claimed_text(claim.metric, claim.tolerance, show.language) if claim.tolerance else show.word("exact"),
        str(show.text(claim.why)),
        show.citations.cite(claim.from_) if claim.from_ else (),
    )
