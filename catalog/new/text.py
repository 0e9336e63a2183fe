"""YAML as a person would type it, one line at a time; whatever a stranger wrote comes out as one quoted scalar."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from catalog.new.told import clean
from catalog.reader import Map, read

MAX_COMMENT = 160


def scalar(text: str) -> str:
    """The text plain where it reads back as itself even inside {...}, else in double quotes."""
    tree, problems = read(f"[{{v: {text}}}]".encode("utf-8", "replace"))
    if not problems and isinstance(tree, list) and len(tree) == 1 and isinstance(tree[0], Map) and len(tree[0]) == 1:
        value = tree[0].get("v")
        same = str(getattr(value, "text", value)) == text
        if same and not isinstance(value, bool | None) and "://" not in text and text:
            return text
    return json.dumps(text, ensure_ascii=False)


def flow(pairs: Mapping[str, str]) -> str:
    """`{a: b, c: d}` of values that are YAML already."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"


def listed(values: Iterable[str]) -> str:
    """One value alone, several as `[a, b]`."""
    texts = [scalar(value) for value in values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def both(en: str, zh: str) -> str:
    """A text in both languages."""
    return flow({"en": scalar(en), "zh": scalar(zh)})


def comment(text: str) -> str:
    """A comment that stays one."""
    return f"# {clean(text, MAX_COMMENT)}"


def indented(lines: Iterable[str], by: int = 2) -> list[str]:
    """The lines further to the right."""
    return [" " * by + line if line else line for line in lines]
