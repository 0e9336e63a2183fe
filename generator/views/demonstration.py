"""The page of a demonstration: why it exists, how its figures are to be read, its recipe and its results."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.records import Model
from catalog.register import Catalog, File
from generator.language import Language
from generator.views.citing import Citations, SourceView
from generator.views.recipe import RecipeView, recipe_view


@dataclass(frozen=True)
class DemonstrationPage:
    """Everything `demonstration.html` shows."""

    slug: str
    name: str
    summary: str
    purpose: str
    shows: tuple[str, ...]
    shows_not: tuple[str, ...]
    recipe: RecipeView | None
    sources: tuple[SourceView, ...]


def demonstration_page(catalog: Catalog, file: File, language: Language, home: str) -> DemonstrationPage:
    """The whole page."""
    model = file.record
    assert isinstance(model, Model)
    citations = Citations(catalog, file, language, home)
    told = model.demonstration
    return DemonstrationPage(
        slug=file.slug,
        name=str(getattr(model.name, language)),
        summary=str(getattr(model.summary, language)),
        purpose=str(getattr(told.purpose, language)) if told else "",
        shows=tuple(str(getattr(one, language)) for one in told.shows) if told else (),
        shows_not=tuple(str(getattr(one, language)) for one in told.shows_not) if told else (),
        recipe=recipe_view(catalog, file.slug, citations),
        sources=citations.sources(),
    )
