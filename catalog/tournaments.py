"""The tournaments of the catalog: a published table, the verdicts on record, and what rating them again found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.recipes import Evaluation, RatingClaim, Recipe, digest, published_table, rating_claims, resolved
from catalog.records import Entry
from catalog.register import Catalog, File
from catalog.results import Compared, Result, Verdict
from catalog.tables import Table

WORST_FIRST: tuple[Verdict, ...] = ("contradicted", "under-determined", "consistent", "reproduced")


@dataclass(frozen=True)
class Tournament:
    """One tournament; `result` is None until somebody ran its recipe as it stands."""

    entry: str
    table: Table
    recipe: File
    evaluation: Evaluation
    claims: dict[str, RatingClaim]
    result: File | None

    @property
    def found(self) -> Result | None:
        """The result's record."""
        record = self.result.record if self.result else None
        return record if isinstance(record, Result) else None


@dataclass(frozen=True)
class ClaimFound:
    """What became of one claim of the recipe: every figure of it, and the verdict of the worst."""

    id: str
    claim: RatingClaim
    compared: tuple[Compared, ...]

    @property
    def verdict(self) -> Verdict | None:
        """The worst verdict among its figures; None where nothing was computed."""
        return worst(one.verdict for one in self.compared)

    @property
    def within(self) -> int:
        """How many figures lie within the tolerance."""
        return sum(one.verdict in ("reproduced", "consistent") for one in self.compared)

    @property
    def largest_difference(self) -> float | None:
        """The difference that is largest in size, with its sign."""
        differences = [one.difference for one in self.compared if one.difference is not None]
        return max(differences, key=abs, default=None)


def worst(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """The verdict to show for several."""
    found = set(verdicts)
    return next((verdict for verdict in WORST_FIRST if verdict in found), None)


def tournaments(catalog: Catalog) -> list[Tournament]:
    """All of them, in order of their entries."""
    return [one for slug in sorted(catalog.recipes) if (one := tournament(catalog, slug))]


def tournament(catalog: Catalog, slug: str) -> Tournament | None:
    """That of one entry; None where it has no recipe for one."""
    file, entry = catalog.recipes.get(slug), catalog.entries.get(slug)
    recipe = file.record if file else None
    if file is None or entry is None or not isinstance(recipe, Recipe) or recipe.evaluation is None:
        return None
    table = published_table(entry, recipe)
    if table is None:
        return None
    result = current_result(catalog, slug, entry, recipe)
    return Tournament(slug, table, file, recipe.evaluation, rating_claims(recipe), result)


def current_result(catalog: Catalog, slug: str, entry: Entry, recipe: Recipe) -> File | None:
    """The first result whose recipe is the one that stands now; older ones stay on record and are not shown."""
    wanted = digest(resolved(entry, recipe))
    for file in catalog.results.get(slug, ()):
        if isinstance(file.record, Result) and file.record.mode == "rate" and file.record.recipe_sha256 == wanted:
            return file
    return None


def claims_found(one: Tournament) -> list[ClaimFound]:
    """Each claim of the recipe with its figures, in the recipe's order; empty without a result."""
    if one.found is None:
        return []
    return [
        ClaimFound(name, claim, tuple(c for c in one.found.claims if c.claim == name))
        for name, claim in one.claims.items()
    ]
