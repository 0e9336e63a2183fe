"""Whether a training's result speaks of the recipe as it stands."""

from __future__ import annotations

from catalog.recipes import Recipe, digest
from catalog.register import Catalog
from catalog.resolving import Unresolved, resolved_training
from catalog.training_results import TrainingResult


def is_current_training(catalog: Catalog, result: TrainingResult) -> bool:
    """Whether the entry's recipe still resolves to what the training was asked."""
    file, entry = catalog.recipes.get(result.entry), catalog.reproducible.get(result.entry)
    if file is None or entry is None or not isinstance(file.record, Recipe):
        return False
    try:
        return digest(resolved_training(entry, file.record, result.recipe, result.mode)) == result.recipe_sha256
    except Unresolved:
        return False
