"""One command a file: `add` declares its arguments and imports nothing heavy, so that help stays quick; `run` acts."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.register import Catalog, File

Declare = Callable[[str, str, str], argparse.ArgumentParser]
"""(name, summary, example) -> the parser of a command."""


def register() -> Catalog:
    """The catalog from here upward, or a UserError with the first thing that could not be read."""
    from catalog.store import find_root, read_catalog, readable

    return readable(read_catalog(find_root()))


def named(catalog: Catalog, name: str) -> File:
    """The record that `name` leads to; UserError with the nearest name where there is none."""
    from catalog.errors import UserError
    from catalog.finding import find
    from catalog.spelling import did_you_mean

    if file := find(catalog, name):
        return file
    near = did_you_mean(name, [*catalog.ids()])
    raise UserError(f"nothing is called `{name}`", hint=near or "`catalog list` names all", exit_code=2)
