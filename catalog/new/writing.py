"""Where a draft is written: a new file or none, and lines added to the files that many records share."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import UserError
from catalog.new.text import flow, scalar
from catalog.reader import Map, read
from catalog.writing import write_atomically


def write_new(path: Path, text: str) -> None:
    """The file, whole; UserError where there is one already, even one that appeared a moment ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        os.link(beside, path)
    except FileExistsError:
        raise taken(path) from None
    except OSError as error:
        raise UserError(f"cannot write {path}", why=error.strerror or str(error)) from None
    finally:
        beside.unlink(missing_ok=True)


def taken(path: Path) -> UserError:
    """What is said where the file is there."""
    return UserError(
        f"there is a record at {path}", why="a draft never overwrites", hint="edit that one, or choose another slug"
    )


@dataclass(frozen=True)
class Addition:
    """One line for publishers.yaml or outside.yaml."""

    file: str
    id: str
    pairs: dict[str, str]

    @property
    def line(self) -> str:
        return f"{self.id}: {flow({key: scalar(value) for key, value in self.pairs.items()})}"


def add(root: Path, addition: Addition) -> None:
    """The line in its place of the alphabet where the file keeps to it, else at the end; every other byte stays."""
    path = root / addition.file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    tree, _ = read(text.encode())
    if isinstance(tree, Map) and addition.id in tree:
        return
    lines = text.split("\n")
    heads = [(number, match[1]) for number, line in enumerate(lines) if (match := re.match(r"([\w.-]+):", line))]
    names = [name for _, name in heads]
    after = [number for number, name in heads if name > addition.id] if names == sorted(names) else []
    at = after[0] if after else len(lines) - (lines[-1] == "")
    lines.insert(at, addition.line)
    write_atomically(path, ("\n".join(lines).rstrip("\n") + "\n").encode())
