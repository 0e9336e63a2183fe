"""Which original each translation was made from, so that a changed original shows its translation as stale.

`catalog/translations.lock.yaml` holds, per record and path, a hash of the English and of the Chinese text as they
stood when somebody last said that they agree (`catalog translations --accept`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

from catalog.facts import Text
from catalog.register import Catalog, File
from catalog.walk import Path, texts

State = Literal["agreed", "stale", "changed", "new"]


def fingerprint(text: Text) -> str:
    """Twelve hex digits of the English and twelve of the Chinese text."""
    return f"{_digest(text.en)}-{_digest(text.zh)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def key(path: Path) -> str:
    """The path as written in the lock."""
    return "/".join(str(part) for part in path)


def state(text: Text, locked: str | None) -> State:
    """`stale`: one language changed and the other did not; `changed`: both did, so the lock is behind."""
    if locked is None:
        return "new"
    now = fingerprint(text)
    if now == locked:
        return "agreed"
    en_then, _, zh_then = locked.partition("-")
    en_now, _, zh_now = now.partition("-")
    return "changed" if en_then != en_now and zh_then != zh_now else "stale"


def of_record(file: File) -> dict[str, str]:
    """Fingerprints of every text of a record that differs between the languages."""
    return {key(path): fingerprint(text) for path, text in texts(file.record) if text.en != text.zh}


def bilingual(catalog: Catalog) -> list[File]:
    """Every file with texts in two languages; a result has none."""
    return [*catalog.files, *catalog.recipes.values()]


def lock_text(catalog: Catalog, accepted: Mapping[str, Mapping[str, str]]) -> str:
    """The lock file; records that are gone are left out."""
    lines = [
        "# Written by `catalog translations --accept`: hashes of English-Chinese pairs that somebody read together.",
        "translations:",
    ]
    for file in sorted(bilingual(catalog), key=lambda f: (f.kind, f.slug)):
        name = f"{file.kind}/{file.slug}"
        if rows := accepted.get(name):
            lines.append(f"  {name}:")
            lines += [f'    "{path}": "{digest}"' for path, digest in sorted(rows.items())]
    return "\n".join(lines) + "\n"
