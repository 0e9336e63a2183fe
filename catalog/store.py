"""Files to a catalog: finds the root, reads every record, and says what could not be read and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from catalog.attached import kind_of_attachment, read_attached, read_attachment, read_tables_of
from catalog.errors import UserError
from catalog.facts import Strict
from catalog.files import as_finding, read_bytes, real, show, validate
from catalog.findings import Finding
from catalog.forms import SLUG
from catalog.links import LinkFile
from catalog.reader import START, Map, part, place_of, read
from catalog.records import Alias, AnyRecord, Model, Outside
from catalog.register import KINDS, TABLES, Catalog, File, Kind

_ENTRY_FILE = "model.yaml"
_SIDE: dict[Kind, type[BaseModel]] = {"outside": Outside, "aliases": Alias}
TABLE_FILES = frozenset(f"{name}.yaml" for name in (*TABLES, *_SIDE)) | {"translations.lock.yaml", "links.yaml"}


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
    attached = read_attached(root)
    for kind, slug, path in [*_records(root, findings), *_elsewhere(root, only)]:
        if kind in ("recipes", "results"):
            file, wrong = read_attachment(kind, path, root)
            findings += wrong
            if file:
                attached.files.append(file)
                read_tables_of(file, path, attached)
            continue
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
    lock, wrong = _read_whole(root / "translations.lock.yaml", _Lock)
    links, more = _read_whole(root / "links.yaml", LinkFile)
    findings += [*wrong, *more, *attached.findings]
    files.sort(key=lambda f: (f.kind, f.slug))
    catalog = Catalog(
        root,
        tuple(files),
        **tables,
        side_files=tuple(side),
        translations=lock.translations,
        links=links.links,
        attached=tuple(sorted(attached.files, key=lambda f: (f.kind, f.slug))),
        judgments=attached.judgments,
        tables=attached.tables,
    )
    return Loading(catalog, tuple(findings))


def read_record(kind: Kind, slug: str, path: Path, root: Path) -> tuple[File | None, list[Finding]]:
    """One record and the findings about its text and shape; None where it cannot be built."""
    resolved, shown = real(path), show(path)
    raw, finding = read_bytes(path, shown)
    if finding:
        return None, [finding]
    tree, problems = read(raw)
    findings = [as_finding(shown, problem) for problem in problems]
    if not is_slug(slug):
        findings.append(
            Finding(shown, START, "HB109", f"`{slug}` is not a slug", "lower-case letters, digits, hyphens")
        )
    if tree is None:
        return None, findings
    kind = "models" if kind == "demonstrations" else kind  # a record says of itself that it is one
    record, wrong = validate(shown, tree, KINDS[kind])
    findings += wrong
    if record is None:
        return None, findings
    relative = resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.name
    if isinstance(record, Model) and record.kind == "demonstration":
        kind = "demonstrations"
    return File(kind, slug, shown, relative, tree, cast(AnyRecord, record)), findings


def is_slug(text: str) -> bool:
    """Whether `text` may name an entry."""
    return len(text) <= 80 and re.fullmatch(SLUG, text) is not None


def kind_of(path: Path) -> tuple[Kind, str]:
    """Kind and slug of a record from its place; a file in an unknown place is read as a model."""
    if path.name == _ENTRY_FILE:
        return "models", real(path).parent.name
    if kind := kind_of_attachment(path):
        return kind, path.stem
    for folder in KINDS:
        if real(path).parent.name == folder and folder != "models":
            return folder, path.stem
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


class _Lock(Strict):
    translations: dict[str, dict[str, str]] = {}


_Whole = TypeVar("_Whole", bound=BaseModel)


def _read_whole(path: Path, model: type[_Whole]) -> tuple[_Whole, list[Finding]]:
    """A file of its own shape that a command writes; empty where it is not there or cannot be read."""
    if not path.exists():
        return model(), []
    shown = show(path)
    raw, finding = read_bytes(path, shown)
    if finding:
        return model(), [finding]
    tree, problems = read(raw)
    findings = [as_finding(shown, problem) for problem in problems]
    record, wrong = validate(shown, tree, model) if tree is not None else (None, [])
    return (record if isinstance(record, model) else model()), findings + wrong


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
    raw, finding = read_bytes(path, shown)
    if finding:
        return {}, [finding]
    tree, problems = read(raw)
    findings = [as_finding(shown, problem) for problem in problems]
    if tree is None:
        return {}, findings
    if not isinstance(tree, Map):
        return {}, [*findings, Finding(shown, START, "HB112", "this file maps ids to records")]
    items: dict[str, tuple[Any, Any]] = {}
    for key in tree:
        item = part(tree, key)
        record, wrong = validate(shown, item, model)
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
