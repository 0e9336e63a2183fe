"""A recipe speaks of a table that the entry has, of players in it, and of files that lie beside it unchanged."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.recipes import Recipe, Recorded, published_figures, published_table, rating_claims
from catalog.register import File
from catalog.spelling import did_you_mean
from catalog.walk import Path


@check("HB241")
def recipe_of_nothing(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """`evaluation.published` and each claim's `column` stand in the entry's record."""
    recipe = file.record
    if not isinstance(recipe, Recipe):
        return
    entry = context.catalog.reproducible.get(file.slug)
    if entry is None:
        yield at(file, ()), f"there is no entry `{file.slug}` beside this recipe", "add its model.yaml"
        return
    if recipe.evaluation is None:
        return
    table = published_table(entry, recipe)
    if table is None:
        known = [one.id for one in entry.published]
        hint = did_you_mean(recipe.evaluation.published, known) or f"its tables: {', '.join(known) or 'none'}"
        yield at(file, ("evaluation", "published")), f"the entry has no table `{recipe.evaluation.published}`", hint
        return
    for name, claim in rating_claims(recipe).items():
        place = at(file, ("claims", name, "column"))
        if claim.column is None:
            continue
        if claim.column not in table.columns:
            yield place, f"`{table.id}` has no column `{claim.column}`", did_you_mean(claim.column, list(table.columns))
        elif not published_figures(table, claim.column):
            yield place, f"no row of `{table.id}` has a figure here and a name in its `players`", "fill `players`"
    if table.judgments != recipe.evaluation.judgments.file:
        what = f"the entry's table names `{table.judgments or 'no judgments'}`"
        yield at(file, ("evaluation", "judgments", "file")), what, "make the two the same"


@check("HB242")
def recorded_file_differs(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """Recorded figures lie beside the recipe and have the SHA-256 it gives."""
    evaluation = file.record.evaluation if isinstance(file.record, Recipe) else None
    if evaluation is None:
        return
    files: list[tuple[Path, Recorded]] = [(("evaluation", "judgments"), evaluation.judgments)]
    if evaluation.states:
        files.append((("evaluation", "states"), evaluation.states))
    for path, recorded in files:
        table = context.catalog.judgments.get(f"models/{file.slug}/{recorded.file}")
        if table is None:
            yield at(file, (*path, "file")), f"there is no `{recorded.file}` here", ""
        elif table.sha256 != recorded.sha256:
            hint = f"derive it again with `runner extract {file.slug} --from FILE`"
            yield at(file, (*path, "sha256")), f"`{recorded.file}` has the SHA-256 {table.sha256}", hint
