"""Builds both languages into one folder: English at its root, Chinese in zh/."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jinja2 import TemplateError

from catalog.collector import passed_over, uncollected
from catalog.errors import UserError
from catalog.store import find_root as catalog_root
from catalog.store import read_catalog, readable
from generator.links import dead_links
from generator.render import LANGUAGES, Catalog, Language

CONFIGS: dict[Language, str] = {"en": "mkdocs.yml", "zh": "mkdocs.zh.yml"}

SMALLEST_PAGE = 2_000
"""Bytes; what is smaller only leads on from another spelling and is not counted."""

EPOCH = 1672531200
"""2023-01-01, the date inside compressed files unless SOURCE_DATE_EPOCH says another: the clock must not show."""


def load_catalog() -> Catalog:
    """The records to render; UserError with the first fault where one cannot be read."""
    with uncollected():
        return readable(read_catalog(catalog_root()))


def find_root(start: Path) -> Path:
    """The folder with the configuration: upward from `start`, else beside this package."""
    for folder in (start, *start.parents, Path(__file__).resolve().parents[1]):
        if all((folder / name).is_file() for name in CONFIGS.values()):
            return folder
    raise UserError(
        "no site to build here",
        where=str(start),
        why=f"neither this folder nor one above it has {' and '.join(CONFIGS.values())}",
        hint="run the command inside a checkout of the repository",
    )


def build(root: Path, output: Path, *, strict: bool = False, epoch: int = EPOCH, live: bool = False) -> int:
    """Builds beside `output` and swaps, so a build that fails leaves the site that was there. Returns the page count.

    `strict`: warnings and links that lead nowhere are errors. `live`: for the preview that reloads by itself.
    """
    output = output.absolute()
    check_output(root, output)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as scratch:
            fresh, old = Path(scratch, "new"), Path(scratch, "old")
            build_into(root, fresh, strict, epoch, live)
            swap(fresh, output, old)
    except OSError as error:
        why = error.strerror or str(error)
        raise UserError("the site could not be written", where=str(error.filename or output), why=why) from error
    return sum(path.stat().st_size > SMALLEST_PAGE for path in output.rglob("index.html"))


def swap(fresh: Path, output: Path, old: Path) -> None:
    if output.exists():
        output.rename(old)
    try:
        fresh.rename(output)
    except OSError:
        if old.exists():
            old.rename(output)
        raise


def check_output(root: Path, output: Path) -> None:
    """The old site is deleted, so what is there must be one."""
    if output == root or output in root.parents:
        raise UserError(
            "the site cannot replace its own sources", where=str(output), hint="choose a folder such as public"
        )
    if not output.exists() or (output.is_dir() and not any(output.iterdir())):
        return
    if not (output / "assets/hb/hb.css").is_file():
        raise UserError(
            "the output folder holds something else than a built site",
            where=str(output),
            why="building would delete it",
            hint="choose a new folder, or empty this one",
        )


def build_into(root: Path, folder: Path, strict: bool, epoch: int, live: bool) -> None:
    """Both builds, English first: it empties the folder."""
    catalog = load_catalog()
    with source_date(epoch), passed_over():
        for language in LANGUAGES:
            build_language(root, folder if language == "en" else folder / language, language, strict, live, catalog)
    if strict and (dead := dead_links(folder)):
        raise UserError(
            f"{len(dead)} links lead nowhere",
            where="; ".join(dead[:5]),
            hint="repair the pages named, or build without --strict",
        )


def build_language(root: Path, folder: Path, language: Language, strict: bool, live: bool, catalog: Catalog) -> None:
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # read when the theme is imported; a banner about the theme's future
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, MkDocsException

    logging.getLogger("mkdocs").setLevel(logging.WARNING)
    where = root / CONFIGS[language]
    try:
        config = load_config(str(where), site_dir=str(folder), strict=strict)
        config.extra["hb"] |= {"live": live, "catalog": catalog}
        mkdocs_build(config)
    except (MkDocsException, TemplateError) as error:
        raise UserError(
            f"the {'English' if language == 'en' else 'Chinese'} site could not be built",
            where=place(error) or str(where),
            why=str(error),
            hint="the warnings above name the pages"
            if isinstance(error, Abort)
            else "correct the file, then build again",
        ) from error


def place(error: Exception) -> str:
    """File and line of an error in a template."""
    name, line = getattr(error, "filename", None) or getattr(error, "name", None), getattr(error, "lineno", None)
    return f"{name}:{line}" if name and line else ""


@contextmanager
def source_date(epoch: int) -> Iterator[None]:
    """MkDocs reads the date of its archives from the environment."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = given or str(epoch)
    try:
        yield
    finally:
        if given is None:
            del os.environ["SOURCE_DATE_EPOCH"]
