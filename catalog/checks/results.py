"""A result lies where it says it belongs, and speaks of the recipe as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.recipes import Recipe, digest, resolved
from catalog.register import File
from catalog.results import Result
from catalog.sealing import file_name


@check("HB251")
def result_out_of_place(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Entry and file name follow from what the result says."""
    result = file.record
    if not isinstance(result, Result):
        return
    if result.entry != file.slug.partition("/")[0]:
        yield (
            at(file, ("entry",)),
            f"this is a result of `{result.entry}`",
            f"it belongs to models/{result.entry}/results/",
        )
    wanted = file_name(result.recipe, result.mode, result.digest)
    if PurePosixPath(file.relative).name != wanted:
        yield at(file, ("digest",)), f"a result with this digest is called `{wanted}`", "attach it with `runner attach`"
    if digest(file.tree["resolved"]) != result.recipe_sha256:
        yield at(file, ("recipe_sha256",)), "this is not the hash of `resolved`", "run the recipe again"


@check("HB252", "warning")
def result_of_an_older_recipe(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """The recipe, a published figure or a tolerance was changed after the run."""
    if isinstance(file.record, Result) and not is_current(context, file.record):
        hint = f"`runner reproduce {file.record.entry} --only rate` makes a new one"
        yield at(file, ("recipe_sha256",)), "the recipe or the published figures have changed since", hint


def is_current(context: Context, result: Result) -> bool:
    """Whether the entry's recipe still resolves to what the result was asked."""
    recipe, entry = context.catalog.recipes.get(result.entry), context.catalog.entries.get(result.entry)
    if recipe is None or entry is None or not isinstance(recipe.record, Recipe):
        return False
    return digest(resolved(entry, recipe.record)) == result.recipe_sha256
