"""The static API: the register as JSON and CSV, version 1. Files of one version never lose a field."""

from __future__ import annotations

from catalog.export import export, models_csv, to_json
from catalog.register import Catalog
from generator.language import Language
from generator.openapi import openapi

KINDS = ("models", "datasets", "frameworks", "hardware", "terms", "sources", "outside")

_WHAT = {
    "models": ("All models, whole entries by slug", "全部模型，按条目名给出完整内容"),
    "datasets": ("All data sets", "全部数据集"),
    "frameworks": ("All frameworks", "全部框架"),
    "hardware": ("The cards", "显卡"),
    "terms": ("The terms", "术语"),
    "sources": ("The documents", "原始文献"),
    "outside": ("What entries lean on without an entry of its own", "条目所依据、但没有独立条目的模型与数据"),
}


def files(catalog: Catalog, address: str = "") -> dict[str, bytes]:
    """Path below the site -> bytes."""
    data = export(catalog)
    found: dict[str, bytes] = {}
    for kind in KINDS:
        found[f"api/v1/{kind}.json"] = to_json(data[kind]).encode()
        if kind != "outside":
            for slug, entry in data[kind].items():
                found[f"api/v1/{kind}/{slug}.json"] = to_json(entry).encode()
    found["api/v1/models.csv"] = models_csv(catalog).encode()
    found["api/v1/openapi.json"] = openapi(catalog, KINDS, address)
    return found


def directory(language: Language) -> list[tuple[str, str]]:
    """(file, what it holds) for the page about the API."""
    zh = language == "zh"
    listed = [(f"{kind}.json", _WHAT[kind][zh]) for kind in KINDS]
    per_entry = "单个条目，各类同此" if zh else "One entry; the same for every kind"
    return [
        *listed,
        ("models/alpaca.json", per_entry),
        ("models.csv", "每个模型一行" if zh else "One row a model"),
        ("openapi.json", "接口说明（OpenAPI 3.1）" if zh else "Description of these files (OpenAPI 3.1)"),
    ]
