"""Is every row of the gathered source facts findable in the export, under its entity, with its line and its figures?

    python -m tests.source_facts              every row that is not
    python -m tests.source_facts alpaca belle  only these entities

A row is found when something under its entry cites the row's document at the row's line and, taken together, what cites
that line holds every figure and address of the row.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalog.export import export
from catalog.register import Catalog
from catalog.store import find_root, read_catalog

SHARED = Path(__file__).resolve().parents[2] / "shared"
DOCUMENTS = {
    "alpaca-family-survey.zh.md": "survey",
    "anima-33b.zh.md": "anima-announcement",
    "chinese-vicuna.zh.md": "chinese-vicuna-readme",
    "ziya-writing-llama-13b-v1.md": "ziya-writing-card",
}
_SCALE = {"": 0, "k": 3, "w": 4, "万": 4, "m": 6, "百万": 6, "亿": 8, "b": 9, "t": 12, "万亿": 12}
_FIGURE = re.compile(
    r"(\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d{1,2}(?!\w))?)\s*(万亿|百万|亿|万|[kKwWmMbBtT](?![A-Za-z]))?"
)


def rows(shared: Path = SHARED) -> list[dict[str, str]]:
    """The rows of source_facts.csv."""
    with open(shared / "facts" / "source_facts.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def missing(catalog: Catalog, wanted: set[str], shared: Path = SHARED) -> Iterator[tuple[dict[str, str], str]]:
    """(row, reason) for every row that cannot be found."""
    data = export(catalog)
    pools: dict[str, list[tuple[str, list[tuple[int, int]], str]]] = {}
    for row in rows(shared):
        entity = row["entity"]
        if wanted and entity not in wanted:
            continue
        alias = catalog.aliases.get(entity)
        if alias is None:
            yield row, "catalog/aliases.yaml does not know this entity"
            continue
        if alias.entry not in pools:
            pools[alias.entry] = list(_citing(_entry(data, alias.entry)))
        reason = _look(row, pools[alias.entry])
        if reason:
            yield row, reason


def _entry(data: dict[str, Any], slug: str) -> Any:
    for kind in ("models", "frameworks", "datasets", "terms", "hardware", "outside", "sources"):
        if slug in data.get(kind, {}):
            return data[kind][slug]
    return {}


def _citing(node: Any) -> Iterator[tuple[str, list[tuple[int, int]], str]]:
    """(document, lines, text) of everything that cites; the text is the object without its other evidence."""
    if isinstance(node, list):
        for item in node:
            yield from _citing(item)
    elif isinstance(node, dict):
        for key in ("sources", "evidence", "settings_from"):
            cited = node.get(key)
            if isinstance(cited, list):
                text = json.dumps(
                    {k: v for k, v in node.items() if k not in ("sources", "evidence", "claims")}, ensure_ascii=False
                )
                for item in cited:
                    if isinstance(item, dict) and item.get("id") in DOCUMENTS.values():
                        yield item["id"], _lines(item["locator"] or ""), text
        for value in node.values():
            yield from _citing(value)


def _lines(locator: str) -> list[tuple[int, int]]:
    return [(int(a), int(b or a)) for a, b in re.findall(r"(\d+)(?:-L?(\d+))?", locator)]


def _look(row: dict[str, str], pool: list[tuple[str, list[tuple[int, int]], str]]) -> str:
    document = DOCUMENTS[row["source_file"]]
    wanted = _lines(row["line"])
    texts = [t for d, lines, t in pool if d == document and any(a <= y and x <= b for a, b in lines for x, y in wanted)]
    if not texts:
        return f"nothing here cites {document}#L{row['line']}"
    held = "\n".join(texts)
    value = row["value"]
    if value == "(blank)":
        return "" if "null" in held else "the blank cell is not null"
    if value in ("(not stated)", "未知"):
        return "" if any(s in held for s in ('"not-disclosed"', '"unknown"')) else "no status says that it is missing"
    if value.startswith("https://") and " " not in value:
        return "" if value.split("?")[0].rstrip("/") in held else f"the address {value} is not there"
    figures = set(_figures(held))
    lacking = [text for text, number in _figure_texts(value) if number not in figures and text not in held]
    return f"figures not there: {', '.join(lacking)}" if lacking else ""


def _figure_texts(text: str) -> Iterator[tuple[str, Decimal]]:
    text = re.sub(r"https?://\S+", " ", text)
    for match in _FIGURE.finditer(text):
        number = Decimal(match[1].replace(",", ""))
        yield match[0].strip(), (number * 10 ** _SCALE[(match[2] or "").lower()]).normalize()


def _figures(text: str) -> Iterator[Decimal]:
    for match in _FIGURE.finditer(text):
        number = Decimal(match[1].replace(",", ""))
        yield number.normalize()
        yield (number * 10 ** _SCALE[(match[2] or "").lower()]).normalize()


def main() -> int:
    """Print what is missing; exit 1 if anything is."""
    catalog = read_catalog(find_root(Path.cwd())).catalog
    found = list(missing(catalog, set(sys.argv[1:])))
    for row, reason in found:
        print(f"{row['entity']}.{row['field']} = {row['value'][:60]!r} ({row['source_file']}:{row['line']}): {reason}")
    print(f"{len(found)} rows not findable")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
