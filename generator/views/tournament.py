"""The page of one tournament: what was published, what came out of the same verdicts, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.register import Catalog
from catalog.results import Made, Notice, Rated, Result, RunResult, Verdict
from catalog.tournaments import ClaimFound, Tournament, claims_found
from generator.language import Language
from generator.setting_names import setting_name
from generator.views.citing import Citations, Ref, SourceView
from generator.views.heat import HeatView, met, wins
from generator.views.rating_figures import plain_number, rating_text, signed
from generator.views.shown import Part, Shower
from generator.words import known, word


@dataclass(frozen=True)
class FigureView:
    """One published figure beside the one that came out."""

    player: Part
    published: str
    reproduced: str
    difference: str
    verdict: Verdict | None
    verdict_name: str


@dataclass(frozen=True)
class ClaimView:
    """One line of the ledger."""

    id: str
    name: str
    run: str
    claimed: str
    found: str
    tolerance: str
    why: str
    verdict: Verdict | None
    verdict_name: str
    reach: str
    figures: tuple[FigureView, ...]


@dataclass(frozen=True)
class RatedView:
    """One row of a rating; `low` to `high` is the interval, `published` the printed figure where there is one."""

    player: Part
    own: bool
    rank: str
    rank_interval: str
    rating: float | None
    shown: str
    low: float | None
    high: float | None
    interval: str
    sd: str
    battles: str
    record: str
    published: float | None


@dataclass(frozen=True)
class CategoryView:
    """Ratings of one category, by player in the order of the table's columns; None where it met nobody there."""

    name: str
    battles: str
    ratings: tuple[str | None, ...]


@dataclass(frozen=True)
class NoticeView:
    """Something to beware of; `original` is the engine's English where the page has words of its own."""

    text: str
    original: str | None


@dataclass(frozen=True)
class RunView:
    """One rating of the verdicts."""

    id: str
    title: str
    basis: str
    why: str
    refs: tuple[Ref, ...]
    settings: tuple[tuple[str, str], ...]
    rows: tuple[RatedView, ...]
    interval_of: str
    warnings: tuple[NoticeView, ...]
    categories: tuple[CategoryView, ...]


@dataclass(frozen=True)
class TraceView:
    """Ratings after every round; `lines` are (player, own, ratings)."""

    rounds: tuple[int, ...]
    lines: tuple[tuple[str, bool, tuple[float, ...]], ...]


@dataclass(frozen=True)
class TournamentPage:
    """Everything `tournament.html` shows."""

    slug: str
    id: str
    title: str
    entry: Part
    pool: str
    facts: tuple[tuple[str, str], ...]
    incomplete: str | None
    incomplete_refs: tuple[Ref, ...]
    start: str | None
    start_refs: tuple[Ref, ...]
    note: str | None
    claims: tuple[ClaimView, ...]
    runs: tuple[RunView, ...]
    counts: tuple[tuple[str, str], ...]
    wins: HeatView | None
    battles: HeatView | None
    order: tuple[tuple[str, str], ...]
    order_warnings: tuple[NoticeView, ...]
    trace: TraceView | None
    command: str
    made: tuple[tuple[str, str], ...]
    judgments: str
    result: str | None
    origin: str
    origin_refs: tuple[Ref, ...]
    sources: tuple[SourceView, ...]


def tournament_page(catalog: Catalog, one: Tournament, language: Language, home: str) -> TournamentPage:
    """The whole page. Without a result it shows what is on record and how to rate it."""
    citations = Citations(catalog, one.recipe, language, home)
    show = Shower(catalog, citations)
    players = players_of(show, one)
    found, evaluation = one.found, one.evaluation
    entry = show.reference(one.entry)
    claims = tuple(claim_view(show, one, claim, players) for claim in claims_found(one))
    runs = tuple(_run(show, one, run, players) for run in found.rating.runs if not fits_order(run)) if found else ()
    ordered = next((run for run in found.rating.runs if fits_order(run)), found.rating.runs[0]) if found else None
    pairs = found.rating.pairs if found else None
    origin_refs = citations.cite(evaluation.origin.from_)
    return TournamentPage(
        slug=one.entry,
        id=one.table.id,
        title=str(getattr(one.table.title, language)),
        entry=Part(str(getattr(catalog.entries[one.entry].name, language)), entry.href),
        pool=show.comma.join(part.text for part in players.values()),
        facts=tuple(_facts(show, one)),
        incomplete=show.text(evaluation.incomplete),
        incomplete_refs=origin_refs,
        start=show.text(evaluation.start.note) if evaluation.start else None,
        start_refs=citations.cite(evaluation.start.from_) if evaluation.start and evaluation.start.from_ else (),
        note=show.text(evaluation.note),
        claims=claims,
        runs=runs,
        counts=tuple(_counts(show, found)) if found else (),
        wins=wins(pairs, players, language) if pairs else None,
        battles=met(pairs, players) if pairs else None,
        order=tuple(_order(show, ordered)) if ordered else (),
        order_warnings=tuple(_notice(n, language) for n in ordered.warnings if n.code in ORDER) if ordered else (),
        trace=_trace(one, players, _own(catalog, one)) if found else None,
        command=f"runner reproduce {one.entry} --only rate",
        made=tuple(_made(show, found)) if found else (),
        judgments=download(one.entry, evaluation.judgments.file),
        result=download(one.entry, f"results/{one.result.slug.partition('/')[2]}.yaml") if one.result else None,
        origin=evaluation.origin.sha256,
        origin_refs=origin_refs,
        sources=citations.sources(),
    )


def download(slug: str, file: str) -> str:
    """Address of a file beside an entry, below api/v1/."""
    return f"models/{slug}/{file}"


def players_of(show: Shower, one: Tournament) -> dict[str, Part]:
    """Recorded name -> name as the table prints it, linked to its entry where it has one."""
    printed = {row.entity: str(getattr(row.name, show.language)) for row in one.table.rows if row.entity}
    found = {}
    for said, entity in one.table.players.items():
        part = show.reference(entity)
        found[said] = Part(printed.get(entity, part.text), part.href)
    return found


def claim_view(show: Shower, one: Tournament, found: ClaimFound, players: Mapping[str, Part]) -> ClaimView:
    """A claim with the count of its figures, the largest difference, and every figure."""
    zh, claim = show.language == "zh", found.claim
    rows = tuple(_figure(show, compared, players) for compared in found.compared)
    largest = found.largest_difference
    if claim.compares == "states":
        compared = found.compared[0]
        claimed = f"{compared.published or 0:.0f} 个评分状态" if zh else f"{compared.published or 0:.0f} printed states"
        told = (
            f"{compared.reproduced or 0:.0f} 个逐位相同"
            if zh
            else f"{compared.reproduced or 0:.0f} equal to the last bit"
        )
        rows = ()
    else:
        count, within = len(rows), found.within
        unit = ("个名次", "ranks") if claim.compares == "ranks" else ("个评分", "ratings")
        claimed = f"{count} {unit[0]}" if zh else f"{count} {unit[1]}"
        met = ("个相同", "equal") if claim.compares == "ranks" else ("个在容差内", "within the tolerance")
        told = f"{within} {met[0]}" if zh else f"{within} of {count} {met[1]}"
        if largest is not None and claim.compares == "ratings":
            told += f"，最大差 {signed(largest)}" if zh else f", largest difference {signed(largest)}"
    return ClaimView(
        found.id,
        word(f"claim.{claim.compares}", show.language),
        run_title(one.evaluation.runs[claim.run].settings(), show.language),
        claimed,
        told,
        plain_number(claim.tolerance) if claim.tolerance else word("exact", show.language),
        str(show.text(claim.why)),
        found.verdict,
        word(f"verdict.{found.verdict}", show.language),
        word(f"reach.{found.verdict}", show.language),
        rows,
    )


def _figure(show: Shower, compared: Any, players: Mapping[str, Part]) -> FigureView:
    exact = compared.compares == "ranks"
    return FigureView(
        players.get(compared.player, Part(compared.player or "")),
        plain_number(compared.published),
        plain_number(compared.reproduced) if exact else rating_text(compared.reproduced),
        "0" if compared.difference == 0 else signed(compared.difference),
        compared.verdict,
        word(f"verdict.{compared.verdict}", show.language),
    )


def _facts(show: Shower, one: Tournament) -> Iterator[tuple[str, str]]:
    for key in ("benchmark", "judge"):
        if said := getattr(one.table, key):
            yield word(key, show.language), said
    table = show.catalog.judgments.get(f"models/{one.entry}/{one.evaluation.judgments.file}")
    if table:
        yield word("recorded_verdicts", show.language), f"{table.rows:,}"


def _counts(show: Shower, found: Result) -> Iterator[tuple[str, str]]:
    battles = found.rating.runs[0].battles
    for key in ("valid", "ties", "invalid"):
        yield word(f"battles.{key}", show.language), f"{getattr(battles, key):,}"


def run_title(settings: Mapping[str, Any], language: Language) -> str:
    """`Elo, K = 32, mean of 10,000 random orderings`."""
    zh = language == "zh"
    method = word(f"method.{settings['method']}", language)
    parts = [method]
    if settings["method"] == "elo":
        parts.append(f"K = {plain_number(settings.get('k') or 32)}")
        if settings.get("orderings"):
            parts.append(
                f"{settings['orderings']:,} 次随机次序的均值"
                if zh
                else f"mean of {settings['orderings']:,} random orderings"
            )
        else:
            parts.append("按记录次序" if zh else "in the recorded order")
    return ("，" if zh else ", ").join(parts)


def _run(show: Shower, one: Tournament, run: RunResult, players: Mapping[str, Part]) -> RunView:
    asked = one.evaluation.runs[run.id]
    published = {c.player: c.published for f in claims_found(one) if f.claim.run == run.id for c in f.compared
                 if c.compares == "ratings"}  # fmt: skip
    refs = show.citations.cite(asked.from_) if asked.from_ else ()
    found = rated_run(run, players, _own(show.catalog, one), published, show.language)
    return replace(found, why=str(show.text(asked.why)), refs=refs)


def rated_run(
    run: RunResult,
    players: Mapping[str, Part],
    own: frozenset[str],
    published: Mapping[str | None, float | None],
    language: Language,
) -> RunView:
    """A rating on its own, before anybody says why it was made."""
    return RunView(
        run.id,
        run_title(run.settings, language),
        word(f"basis.{run.basis}", language),
        "",
        (),
        tuple(_settings(run.settings, players, language)),
        tuple(_rated(row, players, own, published) for row in run.ratings),
        _interval_of(run.settings, language),
        tuple(_notice(notice, language) for notice in run.warnings if notice.code not in ORDER),
        tuple(_categories(run, [row.model for row in run.ratings])),
    )


ORDER = frozenset(("order-bias", "order-confounded", "one-order"))
"""Warnings that the panel on the order of the answers shows."""


def fits_order(run: RunResult) -> bool:
    """Whether the run is there for the panel on the order of the answers and not for its ratings."""
    return bool(run.settings.get("order_term"))


def _notice(notice: Notice, language: Language) -> NoticeView:
    key = f"notice.{notice.code}"
    if language == "en" or not known(key):
        return NoticeView(notice.message, None)
    return NoticeView(word(key, language), notice.message)


def _rated(
    row: Rated, players: Mapping[str, Part], own: frozenset[str], published: Mapping[str | None, float | None]
) -> RatedView:
    player = players.get(row.model, Part(row.model))
    low, high = row.ci or (None, None)
    best, last = row.rank_ci or (None, None)
    return RatedView(
        player,
        row.model in own,
        str(row.rank or ""),
        "" if best is None or last is None else f"{best:.0f}" if best == last else f"{best:.0f}–{last:.0f}",
        row.rating,
        rating_text(row.rating),
        low,
        high,
        "" if low is None or high is None else f"{rating_text(low, 1)} – {rating_text(high, 1)}",
        "" if row.sd is None else f"{row.sd:,.2f}",
        f"{row.battles:,}",
        f"{row.wins:.0f}–{row.losses:.0f}–{row.ties:.0f}",
        published.get(row.model),
    )


def _own(catalog: Catalog, one: Tournament) -> frozenset[str]:
    """Recorded names of the entry and its variants."""
    ids = {one.entry, *catalog.entries[one.entry].variants}
    return frozenset(said for said, entity in one.table.players.items() if entity in ids)


def _interval_of(settings: Mapping[str, Any], language: Language) -> str:
    zh, ci = language == "zh", plain_number(settings.get("ci") or 95)
    if settings.get("bootstrap"):
        clustered = settings.get("cluster") == "question_id"
        if zh:
            return f"{ci}% 区间，{settings['bootstrap']:,} 次{'按问题' if clustered else '按对战'}重抽样"
        return f"{ci}% interval over {settings['bootstrap']:,} resamples of {'questions' if clustered else 'battles'}"
    if settings.get("orderings"):
        if zh:
            return f"{settings['orderings']:,} 次随机次序的 {ci}% 范围：只反映次序，不反映问题的抽样"
        return f"{ci}% range over {settings['orderings']:,} random orderings: of the order alone, not of the questions"
    return ""


def _settings(
    settings: Mapping[str, Any], players: Mapping[str, Part], language: Language
) -> Iterator[tuple[str, str]]:
    """Every setting as it was used."""
    for key, value in settings.items():
        if value is None or value == "none" or value is False:
            continue
        name = setting_name(key.replace("_", "-"), language)
        if key == "method":
            yield name, word(f"method.{value}", language)
        elif isinstance(value, dict):
            pairs = ((players[k].text if k in players else k, plain_number(v)) for k, v in value.items())
            yield name, ("；" if language == "zh" else "; ").join(f"{k} {v}" for k, v in pairs)
        elif isinstance(value, bool):
            yield name, word("yes", language)
        else:
            yield name, value if isinstance(value, str) else plain_number(value)


def _categories(run: RunResult, order: Sequence[str]) -> Iterator[CategoryView]:
    for one in run.categories:
        ratings = {row.model: row.rating for row in one.ratings}
        cells = tuple(None if ratings.get(name) is None else rating_text(ratings[name], 0) for name in order)
        yield CategoryView(one.category, f"{one.battles.valid:,}", cells)


def _order(show: Shower, run: RunResult) -> Iterator[tuple[str, str]]:
    """How much the order of showing decided, from the run that fitted it or, without one, from any."""
    zh, bias, agreement = show.language == "zh", run.order_bias, run.agreement
    if bias:
        decided = bias.first_wins + bias.second_wins
        if bias.first_share is not None:
            count = f"{bias.first_wins:,} / {decided:,}"
            yield (
                word("order.first_share", show.language),
                f"{bias.first_share:.1%}（{count}）" if zh else f"{bias.first_share:.1%} ({count})",
            )
        if bias.first_mean is not None:
            yield word("order.first_mean", show.language), f"{bias.first_mean:.3f}"
        if bias.order_term:
            low, high = bias.order_term.ci or (None, None)
            between = "" if low is None or high is None else f"{signed(low)} – {signed(high)}"
            points = signed(bias.order_term.points)
            told = (f"{points}（{between}）" if zh else f"{points} ({between})") if between else points
            yield word("order.term", show.language), told
        yield word("order.one_sided", show.language), f"{bias.one_sided:.0%}"
    if agreement and (swapped := agreement.swapped):
        yield word("order.pairs", show.language), f"{swapped.pairs:,}"
        for key in ("consistent", "to_first", "to_second", "one_tie"):
            count = getattr(swapped, key)
            share = f"{count / swapped.pairs:.1%}"
            yield word(f"order.{key}", show.language), f"{count:,}（{share}）" if zh else f"{count:,} ({share})"
        if swapped.cohen_kappa is not None:
            yield word("order.kappa", show.language), f"{swapped.cohen_kappa:.3f}"


def _trace(one: Tournament, players: Mapping[str, Part], own: frozenset[str]) -> TraceView | None:
    trace = next((run.trace for run in one.found.rating.runs if run.trace), None) if one.found else None
    if trace is None:
        return None
    lines = tuple(
        (
            players[model].text if model in players else model,
            model in own,
            tuple(state[at] or 0.0 for state in trace.ratings),
        )
        for at, model in enumerate(trace.models)
    )
    return TraceView(trace.rounds, lines)


def _made(show: Shower, found: Result) -> Iterator[tuple[str, str]]:
    yield from made_with(found.made, show.language)
    yield word("made.digest", show.language), found.digest[:12]


def made_with(made: Made, language: Language) -> Iterator[tuple[str, str]]:
    """Command, code, platform and packages of a result of any kind."""
    yield word("made.command", language), made.command
    dirty = f" ({word('made.dirty', language)})" if made.dirty else ""
    if made.commit:
        yield word("made.commit", language), f"{made.commit[:12]}{dirty}"
    yield word("made.tree", language), made.tree[:12]
    platform = made.platform
    machine = f"{platform.system} {platform.machine}, {platform.cpu or ''}, Python {platform.python}"
    if platform.torch:
        machine += f", torch {platform.torch}, {platform.device}"
    yield word("made.platform", language), machine
    packages = (f"{name} {version}" for name, version in made.packages.items())
    yield word("made.packages", language), ("、" if language == "zh" else ", ").join(packages)
