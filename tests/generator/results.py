"""A copy of the register with results of trainings and probes beside one entry and the demonstration."""

from __future__ import annotations

import shutil
from pathlib import Path

from catalog.register import Catalog
from catalog.store import read_catalog
from tests.runner import recorded

ENTRY = "anima33b"


def planted(register: Path, folder: Path) -> Catalog:
    """Everything of the register, and results as the runner would write them."""
    root = folder / "catalog"
    shutil.copytree(register, root, ignore=shutil.ignore_patterns("*.py", "__pycache__", "schema"))
    results = root / "models" / ENTRY / "results"
    part = {"partial": {"steps": recorded.STEPS, "of": 10_000}, "answered": None, "tournament": None, "mode": "fast"}
    claim = {"id": "summary", "metric": "hours", "published": None, "reproduced": 5.5, "difference": None,
             "tolerance": None, "unit": "h", "scaled": 10_000, "verdict": None}  # fmt: skip
    recorded.put(results, recorded.training(ENTRY))
    recorded.put(results, recorded.training(ENTRY, **part))
    recorded.put(results, recorded.probe(ENTRY, claims=[claim]))
    recorded.put(results, recorded.refused(ENTRY, mode="fast"))
    recorded.put(root / "models" / "demo" / "results", recorded.training("demo"))
    loading = read_catalog(root)
    assert loading.findings == ()
    return loading.catalog
