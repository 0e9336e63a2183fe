"""From a folder on this machine: the same texts, cited by their hash, or by their address where it is a hub's cache."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from catalog.errors import UserError
from catalog.files import real
from catalog.new.gathered import MAX_FILES, MAX_TEXT, Gathered, Page, Weights
from catalog.new.hub import PUBLIC, TEXTS
from catalog.new.weights import elements

_CACHED = re.compile(r"(models|datasets)--([^/]+?)(?:--([^/]+))?/snapshots/([0-9a-f]{40})/?$")


def gather(folder: Path, today: str) -> Gathered:
    """Everything the folder says; UserError where there is none."""
    if not folder.is_dir():
        raise UserError(f"there is no folder `{folder}`", exit_code=2)
    where = folder.resolve()
    cached = _CACHED.search(where.as_posix())
    hub_id = "/".join(part for part in (cached[2], cached[3]) if part) if cached else None
    # In a cache each file is a link to ../../blobs; anywhere else a link may not lead out of the folder.
    inside = where.parent.parent if cached else where
    remarks: list[str] = []
    files = {path.relative_to(where).as_posix(): path for path in islice(_files(where, inside), MAX_FILES)}
    pages = {}
    for name, source in TEXTS.items():
        if name in files and (page := _text(files[name], name, cached, today, remarks)):
            pages[source] = page
    listing = _source(where, "", cached, today) if cached else None
    return Gathered(
        origin=f"{hub_id} at {cached[4][:12]}" if cached else f"the folder {where.name}",
        name=hub_id.rpartition("/")[2] if hub_id else where.name,
        owner=cached[2] if cached and cached[3] else None,
        hub_id=hub_id,
        pages=pages,
        files={name: path.stat().st_size for name, path in files.items()},
        listing=Page("", "", listing) if listing else None,
        weights=_weights(files, cached, today, remarks),
        today=today,
        remarks=tuple(remarks),
    )


def _files(where: Path, inside: Path) -> Iterator[Path]:
    """Regular files, not those of tools, none that a link leads out of the folder for."""
    for path in sorted(where.rglob("*")):
        parts = path.relative_to(where).parts
        if any(part.startswith(".") for part in parts):
            continue
        target = real(path)
        if target.is_relative_to(inside) and target.is_file():
            yield path


def _source(path: Path, name: str, cached: re.Match[str] | None, today: str) -> dict[str, str]:
    """How the record cites a file: its address in the hub, or its SHA-256."""
    as_of = datetime.date.fromtimestamp(path.stat().st_mtime).isoformat()
    as_of = min(as_of, today)
    if cached:
        prefix = "datasets/" if cached[1] == "datasets" else ""
        hub_id = "/".join(part for part in (cached[2], cached[3]) if part)
        view = f"blob/{cached[4]}/{quote(name)}" if name else f"tree/{cached[4]}"
        url = f"{PUBLIC}/{prefix}{quote(hub_id)}/{view}"
        title = f"{hub_id} on the hub" if name == "README.md" else f"{name or 'files'} of {hub_id}"
        return {"url": url, "kind": "card", "title": title, "as_of": as_of, "accessed": today}
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    title = f"{name} of the folder {path.parent.name}"
    return {"kind": "document", "title": title, "as_of": as_of, "accessed": today, "sha256": sha256}


def _text(path: Path, name: str, cached: re.Match[str] | None, today: str, remarks: list[str]) -> Page | None:
    try:
        size = path.stat().st_size
        if size > MAX_TEXT:
            remarks.append(f"{name} has {size:,} bytes and was not read")
            return None
        text = path.read_bytes()[:MAX_TEXT].decode("utf-8", "replace").replace("\r\n", "\n")
        return Page(name, text, _source(path, name, cached, today))
    except OSError as error:
        remarks.append(f"{name} could not be read: {error.strerror}")
        return None


def _weights(
    files: dict[str, Path], cached: re.Match[str] | None, today: str, remarks: list[str]
) -> Weights | None:  # fmt: skip
    """Counted from the heads; without an address, one file is cited by its hash, of many the index that names them."""
    shards = [n for n in sorted(files) if n.endswith(".safetensors") and n.startswith(("model", "adapter_model"))]
    counts: dict[str, int] = {}
    for name in shards:
        try:
            with files[name].open("rb") as file:

                def read(first: int, end: int, file: object = file) -> bytes:
                    file.seek(first)  # type: ignore[attr-defined]
                    return bytes(file.read(end - first))  # type: ignore[attr-defined]

                for dtype, count in elements(read).items():
                    counts[dtype] = counts.get(dtype, 0) + count
        except (ValueError, OSError) as error:
            remarks.append(f"the head of {name} could not be read: {error}")
            return None
    if not shards:
        return None
    if len(shards) == 1:
        return Weights(counts, Page(shards[0], "", _source(files[shards[0]], shards[0], cached, today)))
    index = "model.safetensors.index.json"
    if not cached and index in files:
        return Weights(counts, Page(index, "", _source(files[index], index, None, today)))
    return Weights(counts, None) if cached else None
