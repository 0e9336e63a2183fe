"""What lies beside a model's record: its recipe, its recorded verdicts and the results of runs with their tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from catalog import judgments, result_tables
from catalog.files import as_finding, read_bytes, real, show, validate
from catalog.findings import Finding
from catalog.judgments import JudgmentTable
from catalog.reader import START, Map, place_of, read
from catalog.recipes import Recipe
from catalog.register import File, Kind
from catalog.result_kinds import KINDS, UNKNOWN, AnyResult, result_type, tables_of
from catalog.result_tables import ResultTable
from catalog.sealing import digest_of, sealed
from catalog.spelling import did_you_mean

RECIPE_FILE = "recipe.yaml"


@dataclass
class Attached:
    """Recipes and results as files, tables by path below the catalog's root, and what is wrong with any of them."""

    files: list[File] = field(default_factory=list)
    judgments: dict[str, JudgmentTable] = field(default_factory=dict)
    tables: dict[str, ResultTable] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_attached(root: Path) -> Attached:
    """Everything that lies beside the models."""
    found = Attached()
    folder = root / "models"
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _is_folder(entry) and not entry.name.startswith("."):
            read_beside(entry, root, found)
    return found


def read_beside(entry: Path, root: Path, found: Attached) -> None:
    """What lies in the folder of one entry; anything that does not belong there is a finding."""
    for path in sorted(entry.iterdir()):
        if path.name == RECIPE_FILE:
            _add(read_attachment("recipes", path, root), found)
        elif path.name == "results" and _is_folder(path):
            _read_results(entry, path, root, found)
        elif path.name == "judgments" and _is_folder(path):
            for one in _only(path, ".csv", found):
                _add_judgments(entry, one, found)
        elif path.name != "model.yaml" and not path.name.startswith("."):
            hint = f"beside a record lie {RECIPE_FILE}, judgments/*.csv and results/"
            found.findings.append(Finding(show(path), START, "HB108", "this file has no place here", hint))


def _is_folder(path: Path) -> bool:
    """A link does not count: it could lead anywhere on the machine that checks a stranger's records."""
    return path.is_dir() and not path.is_symlink()


def _only(folder: Path, suffix: str, found: Attached) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.suffix == suffix:
            yield path
        else:
            message = f"files of `{folder.name}` end in {suffix}"
            found.findings.append(Finding(show(path), START, "HB108", message, "rename or remove it"))


def _read_results(entry: Path, folder: Path, root: Path, found: Attached) -> None:
    """Results and the tables beside them; a table whose result is not here is a finding."""
    present = {path.name for path in folder.iterdir()}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if name := result_tables.NAMES.fullmatch(path.name):
            _add_table(entry.name, path, found)
            if f"{name['stem']}.yaml" not in present:
                message = f"this table belongs to `{name['stem']}.yaml`, which is not here"
                found.findings.append(Finding(show(path), START, "HB253", message, "attach the result again"))
        elif path.suffix == ".yaml":
            _add(read_attachment("results", path, root), found)
        else:
            message = "in `results` lie *.yaml and their *.steps.csv, *.answers.csv and *.verdicts.csv"
            found.findings.append(Finding(show(path), START, "HB108", message, "rename or remove it"))


def _add_table(entry: str, path: Path, found: Attached) -> None:
    shown = show(path)
    raw, finding = read_bytes(path, shown, result_tables.MAX_BYTES)
    if finding:
        found.findings.append(finding)
        return
    table, problems = result_tables.read(path.name, raw)
    found.findings += [as_finding(shown, problem) for problem in problems]
    if not problems:
        found.tables[table_path(entry, path.name)] = table


def table_path(entry: str, name: str) -> str:
    """Below the catalog's root."""
    return f"models/{entry}/results/{name}"


def read_tables_of(file: File, path: Path, found: Attached) -> None:
    """The tables beside a result that does not lie in the catalog, as far as they are there."""
    entry = file.slug.partition("/")[0]
    for beside in tables_of(cast(AnyResult, file.record)).values():
        if (table := path.parent / beside.file).exists():
            _add_table(entry, table, found)


def _add(read_: tuple[File | None, list[Finding]], found: Attached) -> None:
    file, findings = read_
    found.findings += findings
    if file:
        found.files.append(file)


def _add_judgments(entry: Path, path: Path, found: Attached) -> None:
    shown = show(path)
    raw, finding = read_bytes(path, shown, judgments.MAX_BYTES)
    if finding:
        found.findings.append(finding)
        return
    table, problems = judgments.read(entry.name, f"judgments/{path.name}", raw)
    found.findings += [as_finding(shown, problem) for problem in problems]
    found.judgments[f"models/{entry.name}/{table.file}"] = table


def read_attachment(kind: Kind, path: Path, root: Path) -> tuple[File | None, list[Finding]]:
    """A recipe or a result; its entry is the folder it lies in. A result must be as the runner wrote it."""
    shown = show(path)
    raw, finding = read_bytes(path, shown)
    if finding:
        return None, [finding]
    tree, problems = read(raw)
    findings = [as_finding(shown, problem) for problem in problems]
    if tree is None:
        return None, findings
    wanted = Recipe if kind == "recipes" else result_type(tree)
    if wanted is None:
        said = str(tree["kind"])
        hint = did_you_mean(said, list(KINDS))
        return None, [*findings, Finding(shown, place_of(tree, ("kind",)), "HB113", UNKNOWN, hint)]
    record, wrong = validate(shown, tree, wanted)
    findings += wrong
    if kind == "results":
        findings += _edited(shown, raw, tree)
    if record is None:
        return None, findings
    folder = path.absolute().parent
    entry = folder.parent.name if kind == "results" else folder.name
    if isinstance(record, AnyResult) and not real(path).is_relative_to(root):
        entry = record.entry  # a copy on its way; where it belongs is for `runner attach`
    slug = f"{entry}/{path.stem}" if kind == "results" else entry
    return File(kind, slug, shown, _below(path, root), tree, cast(Any, record)), findings


def _edited(shown: str, raw: bytes, tree: Any) -> Iterable[Finding]:
    """A result whose bytes are not those the runner wrote."""
    hint = "results are written by the runner alone: run it again instead of editing"
    if not sealed(raw):
        at = place_of(tree, ("seal",))
        yield Finding(shown, at, "HB250", "this result was changed after it was written: its seal does not hold", hint)
    elif isinstance(tree, Map) and digest_of(tree) != tree.get("digest"):
        at = place_of(tree, ("digest",))
        yield Finding(shown, at, "HB250", "the digest is not that of what stands here", hint)


def _below(path: Path, root: Path) -> str:
    resolved = real(path)
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.name


def kind_of_attachment(path: Path) -> Kind | None:
    """Whether a file is a recipe or a result, by its name and place; None for anything else."""
    if path.name == RECIPE_FILE:
        return "recipes"
    if path.absolute().parent.name == "results" or re.search(r"-(rate|faithful|fast)-[0-9a-f]{12}\.yaml$", path.name):
        return "results"
    return None
