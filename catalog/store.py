"""Files to a catalog: finds the root, reads every record, and says what could not be read and where."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from catalog import schema_errors
from catalog.errors import UserError
from catalog.facts import SLUG, Strict
from catalog.findings import Finding
from catalog.reader import MAX_BYTES, START, Map, Problem, part, place_of, read, too_large
from catalog.records import Alias, AnyRecord, Outside
from catalog.register import KINDS, TABLES, Catalog, File, Kind

_ENTRY_FILE = "model.yaml"
_SIDE: dict[Kind, type[BaseModel]] = {"outside": Outside, "aliases": Alias}
TABLE_FILES = frozenset(f"{name}.yaml" for name in (*TABLES, *_SIDE)) | {"translations.lock.yaml"}


@dataclass(frozen=True)
class Loading:
    """A catalog and what is wrong with the files it was read from."""

    catalog: Catalog
    findings: tuple[Finding, ...]


def find_root(start: Path | None = None) -> Path:
    """The catalog's folder: upward from `start`, else from the current directory, else beside this package."""
    for origin in (start, Path.cwd()):
        if origin is None:
            continue
        here = origin.resolve()
        for folder in (here, *here.parents):
            for candidate in (folder, folder / "catalog"):
                if _is_root(candidate):
                    return candidate
    return Path(__file__).resolve().parent


def _is_root(folder: Path) -> bool:
    """Whether records lie here: the file of aliases, or one record at its place."""
    if (folder / "aliases.yaml").is_file():
        return True
    places = (
        f"models/*/{_ENTRY_FILE}",
        *(f"{kind}/*.yaml" for kind in ("datasets", "frameworks", "hardware", "terms")),
    )
    return any(next(folder.glob(place), None) is not None for place in places)


def load(root: Path | str | None = None) -> Catalog:
    """The whole catalog; raises ValueError with the first finding where a file cannot be read."""
    loading = read_catalog(find_root(Path(root)) if root else find_root())
    if loading.findings:
        first = loading.findings[0]
        raise ValueError(f"{first.path}:{first.at.line}:{first.at.column}: {first.code} {first.message}")
    return loading.catalog


def read_catalog(root: Path, only: Sequence[Path] = ()) -> Loading:
    """Read every record below `root` and the files `only` that lie elsewhere; never raises for what a file holds."""
    findings: list[Finding] = []
    files: list[File] = []
    for kind, slug, path in [*_records(root, findings), *_elsewhere(root, only)]:
        file, wrong = read_record(kind, slug, path, root)
        findings += wrong
        if file:
            files.append(file)
    tables: dict[str, dict[str, Any]] = {}
    for name, model in TABLES.items():
        tables[name], wrong = _read_table(root / f"{name}.yaml", model)
        findings += wrong
    side: list[File] = []
    for kind, model in _SIDE.items():
        items, wrong = _read_side(kind, root / f"{kind}.yaml", model)
        side += items
        findings += wrong
    lock, wrong = _read_lock(root / "translations.lock.yaml")
    findings += wrong
    files.sort(key=lambda f: (f.kind, f.slug))
    catalog = Catalog(root, tuple(files), **tables, side_files=tuple(side), translations=lock)
    return Loading(catalog, tuple(findings))


def read_record(kind: Kind, slug: str, path: Path, root: Path) -> tuple[File | None, list[Finding]]:
    """One record and the findings about its text and shape; None where it cannot be built."""
    resolved, shown = real(path), show(path)
    raw, finding = _bytes(path, shown)
    if finding:
        return None, [finding]
    tree, problems = read(raw)
    findings = [_as_finding(shown, problem) for problem in problems]
    if not is_slug(slug):
        findings.append(
            Finding(shown, START, "HB109", f"`{slug}` is not a slug", "lower-case letters, digits, hyphens")
        )
    if tree is None:
        return None, findings
    record, wrong = _validate(shown, tree, KINDS[kind])
    findings += wrong
    if record is None:
        return None, findings
    relative = resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.name
    return File(kind, slug, shown, relative, tree, cast(AnyRecord, record)), findings


def real(path: Path) -> Path:
    """The path with links followed; unlike Path.resolve, this does not raise for a link to itself."""
    return Path(os.path.realpath(path))


def show(path: Path) -> str:
    """The path as a person would type it from here."""
    resolved, here = real(path), Path.cwd()
    return resolved.relative_to(here).as_posix() if resolved.is_relative_to(here) else path.as_posix()


def is_slug(text: str) -> bool:
    """Whether `text` may name an entry."""
    return len(text) <= 80 and re.fullmatch(SLUG, text) is not None


def kind_of(path: Path) -> tuple[Kind, str]:
    """Kind and slug of a record from its place; a file in an unknown place is read as a model."""
    if path.name == _ENTRY_FILE:
        return "models", real(path).parent.name
    for kind in KINDS:
        if real(path).parent.name == kind and kind != "models":
            return kind, path.stem
    return "models", path.stem


def _records(root: Path, findings: list[Finding]) -> Iterator[tuple[Kind, str, Path]]:
    for kind in KINDS:
        folder = root / kind
        if not folder.is_dir():
            continue
        for item in sorted(folder.iterdir(), key=lambda p: p.name):
            if item.name.startswith("."):
                continue
            if kind == "models":
                if item.is_dir() and (item / _ENTRY_FILE).exists():
                    yield kind, item.name, item / _ENTRY_FILE
                elif item.is_dir() or item.suffix in (".yaml", ".yml"):
                    hint = f"a model is `models/<slug>/{_ENTRY_FILE}`"
                    findings.append(Finding(show(item), START, "HB108", "there is no record here", hint))
            elif item.suffix == ".yaml":
                yield kind, item.stem, item
            elif item.suffix == ".yml":
                findings.append(Finding(show(item), START, "HB108", "records end in .yaml", "rename the file"))


def _elsewhere(root: Path, only: Iterable[Path]) -> Iterator[tuple[Kind, str, Path]]:
    for path in only:
        inside = real(path).is_relative_to(root)
        if not inside or (real(path).parent == root and path.name not in TABLE_FILES):
            yield (*kind_of(path), path)


def _bytes(path: Path, shown: str) -> tuple[bytes, Finding | None]:
    try:
        if path.is_symlink():
            # A link could lead anywhere on the machine that checks a stranger's records.
            return b"", Finding(shown, START, "HB108", "this is a link", "put the record itself here")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return b"", Finding(shown, START, "HB108", "this is not a regular file")
        if status.st_size > MAX_BYTES:
            return b"", _as_finding(shown, too_large(status.st_size))
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1), None
    except OSError as error:
        return b"", Finding(shown, START, "HB108", f"cannot be read: {error.strerror}")


def _as_finding(path: str, problem: Problem) -> Finding:
    return Finding(path, problem.at, problem.code, problem.message, problem.hint)


def _validate(path: str, tree: Any, model: type[BaseModel]) -> tuple[BaseModel | None, list[Finding]]:
    if not isinstance(tree, Map):
        return None, [Finding(path, place_of(tree, ()), "HB112", "a record is a mapping (`key: value` lines)")]
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        return None, list(schema_errors.findings(path, tree, error, model))


class _Lock(Strict):
    translations: dict[str, dict[str, str]] = {}


def _read_lock(path: Path) -> tuple[dict[str, dict[str, str]], list[Finding]]:
    if not path.exists():
        return {}, []
    shown = show(path)
    raw, finding = _bytes(path, shown)
    if finding:
        return {}, [finding]
    tree, problems = read(raw)
    findings = [_as_finding(shown, problem) for problem in problems]
    record, wrong = _validate(shown, tree, _Lock) if tree is not None else (None, [])
    return (record.translations if isinstance(record, _Lock) else {}), findings + wrong


def _read_table(path: Path, model: type[BaseModel]) -> tuple[dict[str, Any], list[Finding]]:
    """A file that maps ids to small records (publishers, licences)."""
    items, findings = _read_items(path, model)
    return {key: record for key, (record, _) in items.items()}, findings


def _read_side(kind: Kind, path: Path, model: type[BaseModel]) -> tuple[list[File], list[Finding]]:
    """Each item of the file as if it were a file, so that the checks can read it."""
    items, findings = _read_items(path, model)
    shown = show(path)
    return [File(kind, key, shown, path.name, tree, record) for key, (record, tree) in items.items()], findings


def _read_items(path: Path, model: type[BaseModel]) -> tuple[dict[str, tuple[Any, Any]], list[Finding]]:
    """id -> (record, its part of the text)."""
    if not path.exists():
        return {}, []
    shown = show(path)
    raw, finding = _bytes(path, shown)
    if finding:
        return {}, [finding]
    tree, problems = read(raw)
    findings = [_as_finding(shown, problem) for problem in problems]
    if tree is None:
        return {}, findings
    if not isinstance(tree, Map):
        return {}, [*findings, Finding(shown, START, "HB112", "this file maps ids to records")]
    items: dict[str, tuple[Any, Any]] = {}
    for key in tree:
        item = part(tree, key)
        record, wrong = _validate(shown, item, model)
        findings += [Finding(f.path, f.at if f.at != START else place_of(tree, (key,)), *_rest(f)) for f in wrong]
        if record is not None:
            items[key] = (record, item)
    return items, findings


def _rest(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.message, finding.hint


def readable(loading: Loading) -> Catalog:
    """The catalog, or a UserError with the first thing that could not be read."""
    if loading.findings:
        first = loading.findings[0]
        raise UserError(
            f"{len(loading.findings)} faults in the records",
            where=f"{first.path}:{first.at.line}:{first.at.column}",
            why=first.message,
            hint="`catalog lint` names them all",
        )
    return loading.catalog
