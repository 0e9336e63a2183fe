"""A result lies where it says it belongs, with its tables, and speaks of the recipe as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from catalog.attached import table_path
from catalog.checks.base import Context, at, check
from catalog.checks.corrections import names_a_part
from catalog.current import is_current_training
from catalog.probe_results import ProbeResult
from catalog.reader import Place
from catalog.recipes import Recipe, digest, metric_claims, resolved
from catalog.register import File
from catalog.result_kinds import AnyResult, tables_of
from catalog.result_tables import ResultTable
from catalog.results import Result
from catalog.sealing import TABLES, file_name_of, table_name
from catalog.spelling import did_you_mean
from catalog.training_results import TrainingResult


@check("HB251")
def result_out_of_place(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Entry and file name follow from what the result says."""
    result = file.record
    if not isinstance(result, AnyResult):
        return
    if result.entry != file.slug.partition("/")[0]:
        yield (
            at(file, ("entry",)),
            f"this is a result of `{result.entry}`",
            f"it belongs to models/{result.entry}/results/",
        )
    wanted = file_name_of(file.tree)
    if PurePosixPath(file.relative).name != wanted:
        yield at(file, ("digest",)), f"a result with this digest is called `{wanted}`", "attach it with `runner attach`"
    if not isinstance(result, ProbeResult) and digest(file.tree["resolved"]) != result.recipe_sha256:
        yield at(file, ("recipe_sha256",)), "this is not the hash of `resolved`", "run the recipe again"


@check("HB252", "warning")
def result_of_an_older_recipe(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """The recipe, a published figure or a tolerance was changed after the run."""
    result = file.record
    if isinstance(result, Result) and not is_current(context, result):
        hint = f"`runner reproduce {result.entry} --only rate` makes a new one"
        yield at(file, ("recipe_sha256",)), "the recipe or the published figures have changed since", hint
    if isinstance(result, TrainingResult) and not is_current_training(context.catalog, result):
        hint = "keep it: it holds every setting it was run with; `runner reproduce` makes a new one"
        yield at(file, ("recipe_sha256",)), "the recipe or its claims have changed since", hint


@check("HB253")
def table_of_a_result_differs(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """The tables a result names lie beside it, unchanged, and no other does."""
    if not isinstance(file.record, AnyResult):
        return
    entry, _, stem = file.slug.partition("/")
    named = tables_of(file.record)
    for role, beside in named.items():
        place = (TABLES[role], role)
        table = context.catalog.tables.get(table_path(entry, beside.file))
        if beside.file != (wanted := table_name(f"{stem}.yaml", role)):
            yield at(file, (*place, "file")), f"the table beside this result is called `{wanted}`", ""
        elif table is None:
            hint = "attach the result again, with its tables beside it"
            yield at(file, (*place, "file")), f"there is no readable `{beside.file}` here", hint
        elif table.sha256 != beside.sha256:
            hint = "restore the file; tables are written by the runner alone"
            yield at(file, (*place, "sha256")), f"`{beside.file}` has the SHA-256 {table.sha256}", hint
        elif table.rows != beside.rows:
            yield at(file, (*place, "rows")), f"`{beside.file}` has {table.rows:,} rows", "run the recipe again"
    for role in TABLES:
        if role not in named and (name := table_name(f"{stem}.yaml", role)) in _names(context, entry):
            yield at(file, ("digest",)), f"`{name}` lies here, and this result names no such table", "remove it"


@check("HB254")
def figures_not_of_the_tables(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """First and last loss, and the count of questions, are those of the tables."""
    result = file.record
    if not isinstance(result, TrainingResult):
        return
    entry = file.slug.partition("/")[0]
    found = {role: context.catalog.tables.get(table_path(entry, one.file)) for role, one in tables_of(result).items()}
    hint = "run the recipe again; results are written by the runner alone"
    if (steps := found["steps"]) and (rows := steps.read()):
        for key, row in (("first_loss", rows[0]), ("last_loss", rows[-1])):
            if float(row["loss"]) != getattr(result.trained, key):
                yield at(file, ("trained", key)), f"the table of steps says {row['loss']}", hint
        if result.partial and result.partial.steps != len(rows):
            yield at(file, ("partial", "steps")), f"the table of steps has {len(rows):,}", hint
    if result.answered and (answers := found.get("answers")):
        yield from _of_answers(file, result, answers, hint)


def _of_answers(
    file: File, result: TrainingResult, answers: ResultTable, hint: str
) -> Iterator[tuple[Place, str, str]]:
    """Each metric `exact-match-<model>` is the share of that model's answers that are exact."""
    assert result.answered is not None
    rows = answers.read()
    count = len({row["question_id"] for row in rows})
    if count != result.answered.questions:
        yield at(file, ("answered", "questions")), f"the table of answers has {count:,} questions", hint
    exact: dict[str, list[int]] = {}
    for row in rows:
        exact.setdefault(row["model"], []).append(int(row["exact"]))
    for metric, value in result.answered.metrics.items():
        told = exact.get(metric.removeprefix("exact-match-")) if metric.startswith("exact-match-") else None
        if told and abs(sum(told) / len(told) - value) > 1e-9:
            share = f"{sum(told)} of {len(told)}"
            yield at(file, ("answered", "metrics", metric)), f"in the table of answers it is {share}", hint


@check("HB255")
def probe_of_an_unknown_claim(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """A probe speaks to claims of the entry's recipe or to facts of its record."""
    probe = file.record
    if not isinstance(probe, ProbeResult):
        return
    recipe, entry = _recipe(context, probe.entry), context.catalog.by_key.get(("models", probe.entry))
    known = [name for one in recipe.training for name in metric_claims(recipe, one)] if recipe else []
    for number, claim in enumerate(probe.claims):
        if claim.id not in known and not (entry and names_a_part(entry.tree, claim.id)):
            hint = did_you_mean(claim.id, known) or "name a claim of recipe.yaml or a path of model.yaml"
            yield at(file, ("claims", number, "id")), f"`{probe.entry}` has no claim `{claim.id}`", hint


def _names(context: Context, entry: str) -> set[str]:
    folder = table_path(entry, "")
    return {path.removeprefix(folder) for path in context.catalog.tables if path.startswith(folder)}


def _recipe(context: Context, entry: str) -> Recipe | None:
    file = context.catalog.recipes.get(entry)
    return file.record if file and isinstance(file.record, Recipe) else None


def is_current(context: Context, result: Result) -> bool:
    """Whether the entry's recipe still resolves to what the result was asked."""
    recipe, entry = _recipe(context, result.entry), context.catalog.reproducible.get(result.entry)
    if recipe is None or entry is None:
        return False
    return digest(resolved(entry, recipe)) == result.recipe_sha256
