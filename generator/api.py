"""The static API: the register as JSON and CSV, version 1. Files of one version never lose a field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from catalog.claims.export import claims
from catalog.estimate.export import estimate_json
from catalog.export import KINDS, Json, entry, models_csv, outside, to_json
from catalog.register import Catalog, File
from catalog.sealing import write
from generator.language import Language
from generator.openapi import openapi

_WHAT = {
    "models": ("All models, whole entries by slug", "全部模型，按条目名给出完整内容"),
    "datasets": ("All data sets", "全部数据集"),
    "frameworks": ("All frameworks", "全部框架"),
    "hardware": ("The cards", "显卡"),
    "terms": ("The terms", "术语"),
    "sources": ("The documents", "原始文献"),
    "demonstrations": ("What shows how the runner works; no models", "演示运行器的条目，不是模型"),
    "outside": ("What entries lean on without an entry of its own", "条目所依据、但没有独立条目的模型与数据"),
}


def files(catalog: Catalog, address: str = "") -> dict[str, bytes]:
    """Path below the site -> bytes."""
    found: dict[str, bytes] = {}
    for kind in KINDS:
        entries = {slug: to_json(data) for slug, data in _entries(catalog, kind)}
        found[f"api/v1/{kind}.json"] = _together(entries).encode()
        if kind != "outside":
            found |= {f"api/v1/{kind}/{slug}.json": text.encode() for slug, text in entries.items()}
    found |= beside_entries(catalog)
    found["api/v1/claims.json"] = to_json(claims(catalog)).encode()
    found["api/v1/estimate.json"] = to_json(estimate_json(catalog)).encode()
    found["api/v1/models.csv"] = models_csv(catalog).encode()
    found["api/v1/openapi.json"] = openapi(catalog, KINDS, address)
    return found


def beside_entries(catalog: Catalog) -> dict[str, bytes]:
    """Verdicts, results and their tables as the files stand in the repository, below the address of their entry."""
    found = {f"api/v1/{path}": table.raw for path, table in catalog.judgments.items()}
    for files in catalog.results.values():
        found |= {f"api/v1/{result_path(file)}": write(file.tree) for file in files}
    return found | {f"api/v1/{path}": table.raw for path, table in catalog.tables.items()}


def _entries(catalog: Catalog, kind: str) -> Iterator[tuple[str, Json]]:
    """One after the other: all at once they would take more memory than the rest of the build."""
    if kind == "outside":
        yield from ((name, outside(catalog, name)) for name in sorted(catalog.outside))
    else:
        yield from ((file.slug, entry(catalog, file)) for file in catalog.files if file.kind == kind)


def _together(entries: Mapping[str, str]) -> str:
    """The JSON of a mapping from the JSON of its values, which need not be written out a second time."""
    rows = [f"\n {json.dumps(slug)}: " + text.rstrip().replace("\n", "\n ") for slug, text in entries.items()]
    return "{" + ",".join(rows) + ("\n}\n" if rows else "}\n")


def directory(catalog: Catalog, language: Language) -> list[tuple[str, str]]:
    """(file, what it holds) for the page about the API."""
    zh = language == "zh"
    listed = [(f"{kind}.json", _WHAT[kind][zh]) for kind in KINDS]
    per_entry = "单个条目，各类同此" if zh else "One entry; the same for every kind"
    return [
        *listed,
        ("models/alpaca.json", per_entry),
        ("models.csv", "每个模型一行" if zh else "One row a model"),
        ("claims.json", "说法台账：逐条附算式与结论" if zh else "The claims ledger: each claim with its arithmetic"),
        (
            "estimate.json",
            "推算所用的系数、模型形状与显卡" if zh else "Coefficients, shapes and cards of the estimates",
        ),
        *_beside(catalog, zh),
        ("openapi.json", "接口说明（OpenAPI 3.1）" if zh else "Description of these files (OpenAPI 3.1)"),
    ]


def _beside(catalog: Catalog, zh: bool) -> list[tuple[str, str]]:
    """Recorded verdicts and results, one line a file."""
    verdicts = "裁决记录" if zh else "Recorded verdicts"
    results = "复现记录" if zh else "A result of the runner"
    table = "复现记录的附表" if zh else "A table of a result"
    files = [(path, verdicts) for path in catalog.judgments] + [(path, table) for path in sorted(catalog.tables)]
    return files + [(result_path(file), results) for found in catalog.results.values() for file in found]


def result_path(file: File) -> str:
    """`models/<slug>/results/<name>.yaml`, below api/v1/."""
    slug, _, name = file.slug.partition("/")
    return f"models/{slug}/results/{name}.yaml"
