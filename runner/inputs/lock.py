"""What a run has settled on: revision and hashes of each source, so that every later attempt starts from the same."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from runner.inputs.hub import HubFile

Json = dict[str, Any]
_MAX_BYTES = 10_000_000


@dataclass
class Lock:
    """A JSON file: source -> {"revision", "files": {name: {"sha256", "bytes", "modified"}}, "listing"}.

    `modified` is the file's time of change: a file whose size and time are those of the lock is not hashed again.
    """

    path: Path
    sources: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Lock:
        """The lock, empty where there is none. UserError where it is none of ours."""
        if not path.exists():
            return cls(path)
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise ValueError("too large")
            told = json.loads(path.read_text(encoding="utf-8"))
            sources = told["sources"]
            for one in sources.values():
                _ = [HubFile(name, *told) for name, told in one.get("listing", {}).items()]
                for file in one["files"].values():
                    _ = str(file["sha256"]), int(file["bytes"]), int(file["modified"])
                _ = one["revision"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UserError(
                f"`{path.name}` cannot be read",
                why=f"{type(error).__name__}: {error}"[:200],
                hint="remove it: the run settles on its inputs anew",
            ) from None
        return cls(path, sources)

    def write(self) -> None:
        """Whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        half = self.path.with_name(f".{self.path.name}.part")
        text = json.dumps({"schema": 1, "sources": self.sources}, ensure_ascii=False, indent=1, sort_keys=True)
        half.write_text(text + "\n", encoding="utf-8", newline="\n")
        os.replace(half, self.path)

    def keep_listing(self, source: str, revision: str, files: Mapping[str, HubFile]) -> None:
        """Keep what the hub holds at a commit, which never changes."""
        of_source = self.sources.setdefault(source, {"revision": revision, "files": {}})
        of_source["listing"] = {one.name: [one.bytes, one.sha256, one.blob] for one in files.values()}

    def listing(self, source: str) -> dict[str, HubFile] | None:
        """What the hub said it holds; None where it was never asked."""
        told = self.sources.get(source, {}).get("listing")
        return None if told is None else {name: HubFile(name, *one) for name, one in told.items()}

    def files(self, source: str) -> dict[str, Json]:
        """Files of a source, settled before."""
        found: dict[str, Json] = self.sources.get(source, {}).get("files", {})
        return found

    def revision(self, source: str) -> str | None:
        """Commit of a source, settled before."""
        found: str | None = self.sources.get(source, {}).get("revision")
        return found

    def settle_revision(self, source: str, revision: str) -> None:
        """Keep which commit was taken."""
        self.sources.setdefault(source, {"revision": revision, "files": {}})["revision"] = revision

    def settle(self, source: str, revision: str | None, name: str, path: Path, sha256: str) -> None:
        """Keep what a file is."""
        status = path.stat()
        of_source = self.sources.setdefault(source, {"revision": revision, "files": {}})
        of_source["revision"] = revision
        of_source["files"][name] = {
            "sha256": sha256,
            "bytes": status.st_size,
            "modified": status.st_mtime_ns,
        }

    def unchanged(self, source: str, name: str, path: Path) -> str | None:
        """SHA-256 of a file that is there as it was settled; None where it lacks or was touched."""
        known = self.files(source).get(name)
        if known is None or not path.is_file():
            return None
        status = path.stat()
        same = (status.st_size, status.st_mtime_ns) == (known["bytes"], known["modified"])
        return str(known["sha256"]) if same else None
