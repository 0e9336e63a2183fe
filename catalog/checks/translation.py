"""Every text stands in both languages, and the two say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Place
from catalog.register import File
from catalog.translations import key, state

_HAN = re.compile(r"[\u3400-\u9fff]")
_ENGLISH_WORDS = re.compile(r"[a-z]{3,}(?:\s+[a-z]{2,}){3,}")


@check("HB230", "warning")
def stale_translation(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """One language of a text was changed after the two were last read together."""
    locked = context.catalog.translations.get(f"{file.kind}/{file.slug}", {})
    hint = "read both, mend the older, then `catalog translations --accept`"
    for path, text in context.walk(file).texts:
        if text.en != text.zh and state(text, locked.get(key(path))) == "stale":
            yield at(file, (*path, "zh")), f"`{key(path)}` was changed in one language only", hint


@check("HB231")
def untranslated(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """English sentences under `zh`, or Chinese ones under `en`."""
    for path, text in context.walk(file).texts:
        if text.en == text.zh and path[-1] in ("name", "title", "by"):
            continue
        if not _HAN.search(text.zh) and _ENGLISH_WORDS.search(text.zh):
            yield at(file, (*path, "zh")), "this Chinese text is English", ""
        words = len(re.findall(r"[A-Za-z]+", text.en))
        if len(_HAN.findall(text.en)) > max(20, 3 * words):
            yield at(file, (*path, "en")), "this English text is Chinese", ""
