"""The demonstration made small: the entry and recipe of the catalog, with fewer steps, rows and layers."""

from __future__ import annotations

import re
from pathlib import Path

from catalog.store import find_root

SMALLER = {
    r"layers: 4, hidden: 128, intermediate: 384": "layers: 2, hidden: 64, intermediate: 128",
    r"steps: 600": "steps: 12",
    r"batch: 64": "batch: 8",
    r"held_out: 200": "held_out: 12",
    r"steps: 1000": "steps: 12",
    r"save_every: 100": "save_every: 4",
    r"checkpoints: 5": "checkpoints: 2",
    r"max_new_tokens: 24": "max_new_tokens: 6",
    r"published: 0.7": "published: 0.0",
}


def write(root: Path) -> Path:
    """A catalog with it alone below `root`; returns the entry's folder."""
    real = find_root(Path(__file__)) / "models" / "demo"
    entry = root / "catalog" / "models" / "demo"
    entry.mkdir(parents=True)
    (root / "catalog" / "publishers.yaml").write_text("somebody: {name: Somebody}\n", "utf-8")
    (root / "catalog" / "outside.yaml").write_text("thing: {name: Thing, kind: model, by: Somebody}\n", "utf-8")
    (entry / "model.yaml").write_bytes((real / "model.yaml").read_bytes())
    recipe = (real / "recipe.yaml").read_text("utf-8")
    for old, new in SMALLER.items():
        recipe, times = re.subn(old, new, recipe)
        assert times == 1, f"`{old}` stands {times} times in the recipe"
    (entry / "recipe.yaml").write_text(recipe, "utf-8")
    return entry
