"""`runner extract SLUG --from FILE`: the recorded tables of an entry against the file that was published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from runner.entries import prepare
from runner.extract import Compared, compare, derive, published_file, sha256, tables
from runner.pipeline import write_atomically

Json = dict[str, Any]


@dataclass(frozen=True)
class Extracted:
    """What came out of the published file."""

    slug: str
    source: str
    recorded_sha256: str
    found_sha256: str
    compared: tuple[Compared, ...]

    @property
    def exit_code(self) -> int:
        """0 where the file is the one on record and every row is as published, else 4."""
        return 0 if self.recorded_sha256 == self.found_sha256 and all(one.equal for one in self.compared) else 4

    def to_json(self) -> Json:
        """As `--json` prints it."""
        return {
            "slug": self.slug,
            "source": self.source,
            "status": "equal" if self.exit_code == 0 else "differs",
            "sha256": {"recorded": self.recorded_sha256, "found": self.found_sha256},
            "tables": [
                {
                    "file": one.file,
                    "recorded_rows": one.recorded_rows,
                    "derived_rows": one.derived_rows,
                    "equal": one.equal,
                    "differences": [vars(difference) for difference in one.differences],
                }
                for one in self.compared
            ],
        }


def extract(slug: str, source: Path, output: Path | None = None) -> Extracted:
    """Derive, compare, and write the derived tables below `output` where it is given."""
    entry = prepare(slug)
    if entry.evaluation is None:
        raise UserError(f"the recipe of `{slug}` has no tournament", where=str(entry.folder), exit_code=2)
    origin = entry.evaluation.origin
    path = published_file(source, origin)
    derived = derive(path, origin)
    found = []
    for file, table in tables(entry.evaluation, derived):
        if file not in entry.judgments:
            raise UserError(f"there is no `{file}`", where=str(entry.folder), exit_code=2)
        found.append(compare(entry.judgments[file], table))
        if output is not None:
            _write(output / Path(file).name, table.to_csv())
    return Extracted(slug, origin.path, origin.sha256, sha256(path), tuple(found))


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
    except OSError as error:
        raise UserError(
            f"cannot write {path}", why=error.strerror or str(error), hint="choose another --output"
        ) from None
