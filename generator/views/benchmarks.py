"""Every tournament whose verdicts are on record, each on its own scale, and those that nobody can check."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.records import Entry
from catalog.register import Catalog
from catalog.tournaments import Tournament, claims_found, tournaments
from generator.language import Language
from generator.views.citing import Citations
from generator.views.shown import Part, Shower
from generator.views.tournament import ClaimView, claim_view, players_of

KINDS = ("elo", "ratio", "win-tie-lose", "win-rate")


@dataclass(frozen=True)
class TournamentPanel:
    """A tournament in short."""

    id: str
    title: str
    href: str
    entry: Part
    judge: str
    verdicts: str
    pool: tuple[Part, ...]
    """From the highest published rating down."""
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True)
class Unchecked:
    """A published comparison without recorded verdicts."""

    title: str
    href: str
    entry: Part
    judge: str


@dataclass(frozen=True)
class BenchmarksPage:
    """Everything `benchmarks.html` shows."""

    tournaments: tuple[TournamentPanel, ...]
    unchecked: tuple[Unchecked, ...]


def benchmarks(catalog: Catalog, language: Language, home: str) -> BenchmarksPage:
    """All tournaments in order of their entries, then the comparisons that were only published."""
    found = tournaments(catalog)
    rated = {(one.entry, one.table.id) for one in found}
    unchecked = []
    for file in catalog.files:
        if isinstance(file.record, Entry):
            page = f"{home}{file.kind}/{file.slug}/"
            for table in file.record.published:
                if table.kind in KINDS and (file.slug, table.id) not in rated:
                    entry = Part(str(getattr(file.name, language)), page)
                    title = str(getattr(table.title, language))
                    unchecked.append(Unchecked(title, f"{page}#{table.id}", entry, table.judge or ""))
    return BenchmarksPage(tuple(panel(catalog, one, language, home) for one in found), tuple(unchecked))


def panel(catalog: Catalog, one: Tournament, language: Language, home: str) -> TournamentPanel:
    """A tournament as the benchmarks page and its entry show it."""
    show = Shower(catalog, Citations(catalog, one.recipe, language, home))
    players = players_of(show, one)
    table = catalog.judgments.get(f"models/{one.entry}/{one.evaluation.judgments.file}")
    return TournamentPanel(
        one.table.id,
        str(getattr(one.table.title, language)),
        f"{home}models/{one.entry}/tournament/{one.table.id}/",
        Part(str(getattr(catalog.entries[one.entry].name, language)), f"{home}models/{one.entry}/"),
        one.table.judge or "",
        f"{table.rows:,}" if table else "",
        tuple(players.values()),
        tuple(claim_view(show, one, claim, players) for claim in claims_found(one)),
    )
