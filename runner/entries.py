"""The one entry a command works on: its record, recipe, recorded verdicts and results, without reading all others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.attached import Attached, read_beside
from catalog.errors import UserError
from catalog.files import show
from catalog.findings import Finding
from catalog.judgments import JudgmentTable
from catalog.recipes import Evaluation, Recipe, digest, resolved
from catalog.records import Entry
from catalog.register import File
from catalog.store import find_root, is_slug, read_record

Json = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """An entry whose recipe can be run, and the recipe resolved to figures."""

    slug: str
    folder: Path
    record: Entry
    recipe: Recipe
    recipe_file: File
    """The recipe with its text, so that a fault is found by its line."""
    evaluation: Evaluation | None
    """The published tournament; None where the recipe has none."""
    resolved: Json
    """Of the tournament; empty where there is none."""
    judgments: dict[str, JudgmentTable]
    """Recorded files by their name below the entry's folder."""
    results: tuple[File, ...]

    @property
    def recipe_sha256(self) -> str:
        """Hash of the resolved recipe."""
        return digest(self.resolved)


def slugs(root: Path) -> list[str]:
    """Entries with a recipe, in order of their names."""
    return sorted(path.parent.name for path in (root / "models").glob("*/recipe.yaml"))


def prepare(slug: str, root: Path | None = None) -> Prepared:
    """Read one entry. UserError (exit code 2) where it has no recipe, or where anything beside it cannot be read."""
    root = root or find_root()
    if not is_slug(slug) or not (root / "models" / slug / "model.yaml").is_file():
        raise _unknown(slug, root)
    folder = root / "models" / slug
    file, findings = read_record("models", slug, folder / "model.yaml", root)
    beside = Attached()
    read_beside(folder, root, beside)
    # A damaged result must not keep anybody from making a new one; `catalog lint` names it.
    _raise_first([*findings, *(f for f in beside.findings if "/results/" not in f.path)])
    recipe_file = next((f for f in beside.files if isinstance(f.record, Recipe)), None)
    recipe = recipe_file.record if recipe_file else None
    if file is None or recipe_file is None or not isinstance(recipe, Recipe) or not isinstance(file.record, Entry):
        hint = "`runner list` names the entries that have one"
        raise UserError(f"`{slug}` has no recipe", where=show(folder), hint=hint, exit_code=2)
    figures = resolved(file.record, recipe)
    if recipe.evaluation and not figures:
        why = f"the entry has no table `{recipe.evaluation.published}`"
        raise UserError(
            f"the recipe of `{slug}` cannot be resolved", where=show(folder / "recipe.yaml"), why=why, exit_code=2
        )
    tables = {table.file: table for table in beside.judgments.values()}
    results = tuple(f for f in beside.files if f.kind == "results")
    return Prepared(slug, folder, file.record, recipe, recipe_file, recipe.evaluation, figures, tables, results)


def check_inputs(entry: Prepared) -> list[Json]:
    """The recorded files with hash and size. UserError (exit code 2) where one lacks or is not the one on record."""
    found = []
    for one in entry.resolved.get("inputs", ()):
        table = entry.judgments.get(one["file"])
        if table is None:
            raise UserError(f"there is no `{one['file']}`", where=show(entry.folder), exit_code=2)
        if table.sha256 != one["sha256"]:
            raise UserError(
                f"`{one['file']}` is not the file on record",
                where=show(entry.folder / one["file"]),
                why=f"its SHA-256 is {table.sha256}, the recipe says {one['sha256']}",
                hint=f"restore it, or derive it again: runner extract {entry.slug} --from FILE",
                exit_code=2,
            )
        found.append({"file": one["file"], "sha256": table.sha256, "bytes": len(table.raw)})
    return found


def _unknown(slug: str, root: Path) -> UserError:
    from catalog.spelling import did_you_mean

    names = [path.parent.name for path in (root / "models").glob("*/model.yaml")]
    hint = did_you_mean(slug, names) or "`runner list` names the entries that have a recipe"
    return UserError(f"no model is called `{slug[:80]}`", where=show(root), hint=hint, exit_code=2)


def _raise_first(findings: list[Finding]) -> None:
    if findings:
        first = findings[0]
        raise UserError(
            f"{len(findings)} faults in the entry" if len(findings) > 1 else "a fault in the entry",
            where=f"{first.path}:{first.at.line}:{first.at.column}",
            why=first.message,
            hint=first.hint or "`catalog lint` names them all",
            exit_code=2,
        )
