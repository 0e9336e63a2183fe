"""The page of a model or a framework."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog import licences, openness
from catalog.facts import LevelClaim, Memory, Word
from catalog.lineage import Edge, descendants, edges_from
from catalog.records import DataUse, Entry, Model, Run, Variant
from catalog.register import Catalog, File
from catalog.vocabulary import Component
from generator import figures
from generator.language import Language
from generator.setting_names import setting_name
from generator.views.citing import Citations, Ref, SourceView
from generator.views.downloads import DownloadView, download_views
from generator.views.recipe import RecipeView, recipe_view
from generator.views.record import (
    CorrectionView,
    DisputeView,
    HomonymView,
    StatementView,
    corrections,
    disputes,
    homonyms,
    links,
    statements,
)
from generator.views.shown import FactView, Part, Shower, Shown
from generator.views.tables import TableView, table_view
from generator.words import known


@dataclass(frozen=True)
class CellView:
    """One of the fourteen components."""

    component: str
    name: str
    level: str
    level_name: str
    as_of: str
    note: str | None
    refs: tuple[Ref, ...]
    others: tuple[str, ...]
    """Other levels claimed, in words."""


@dataclass(frozen=True)
class LinkView:
    """One link of the licence chain."""

    owner: Part
    part: str
    licence: str
    answer: str
    decides: bool
    refs: tuple[Ref, ...]


@dataclass(frozen=True)
class CommercialView:
    """May I use it commercially?"""

    answer: str
    answer_name: str
    sentence: str
    chain: tuple[LinkView, ...]


@dataclass(frozen=True)
class Branch:
    """A node of a pedigree and what it was made from."""

    label: Part
    relation: str
    children: tuple[Branch, ...]


@dataclass(frozen=True)
class VariantView:
    """One row of the variants."""

    id: str
    name: str
    cells: tuple[tuple[str, Shown | None], ...]
    level: str
    level_name: str
    commercial: str
    note: str | None


@dataclass(frozen=True)
class RunView:
    """One training run, every published figure of it."""

    variant: str
    stage: str
    facts: tuple[FactView, ...]
    note: str | None


@dataclass(frozen=True)
class EntryPage:
    """Everything `entry.html` shows."""

    kind: str
    slug: str
    name: str
    other_name: str | None
    aliases: tuple[str, ...]
    publisher: Shown | None
    released: Shown | None
    summary: str
    cells: tuple[CellView, ...]
    tally: str
    score: str
    framework_class: str
    reported: tuple[tuple[str, Shown | None, str, str], ...]
    facts: tuple[FactView, ...]
    pedigree: tuple[Branch, ...]
    offspring: tuple[Part, ...]
    commercial: CommercialView
    variants: tuple[VariantView, ...]
    runs: tuple[RunView, ...]
    inference: tuple[RunView, ...]
    tables: tuple[TableView, ...]
    links: tuple[FactView, ...]
    downloads: tuple[DownloadView, ...]
    uses: tuple[Shown, ...]
    serves: tuple[Shown, ...]
    statements: tuple[StatementView, ...]
    corrections: tuple[CorrectionView, ...]
    disputes: tuple[DisputeView, ...]
    homonyms: tuple[HomonymView, ...]
    recipe: RecipeView | None
    sources: tuple[SourceView, ...]


def entry_page(catalog: Catalog, file: File, language: Language, home: str) -> EntryPage:
    """The whole page, in the order in which a reader meets its sources."""
    entry = file.record
    assert isinstance(entry, Entry)
    citations = Citations(catalog, file, language, home)
    show = Shower(catalog, citations)
    cells = openness.cells(catalog, file.slug)
    columns = openness.columns(cells)
    reported = entry.reported
    name, other = (entry.name.en, entry.name.zh) if language == "en" else (entry.name.zh, entry.name.en)
    return EntryPage(
        kind=file.kind,
        slug=file.slug,
        name=name,
        other_name=other if other != name else None,
        aliases=tuple(entry.aliases),
        publisher=show.fact("publisher", entry.publisher, "publisher"),
        released=show.fact("released", entry.released, "released"),
        summary=str(getattr(entry.summary, language)),
        cells=tuple(_cell(show, cell) for cell in cells.values()),
        tally=tally_sentence(show, cells),
        score=f"{openness.score(cells):g}",
        framework_class=_class_sentence(show, cells, evaluated=bool(entry.published)),
        reported=tuple(
            (
                show.word(column),
                show.fact("reported", getattr(reported, column)),
                (lv := getattr(columns, column)),
                show.word(lv),
            )
            for column in ("code", "data", "weights")
        )
        if reported
        else (),
        facts=tuple(_key_facts(show, entry)),
        pedigree=_pedigree(catalog, show, file.slug),
        offspring=_offspring(catalog, show, file.slug),
        commercial=_commercial(catalog, show, file.slug),
        variants=tuple(_variant(catalog, show, file.slug, name, v) for name, v in entry.variants.items()),
        runs=tuple(_runs(show, entry)),
        inference=tuple(_inference(show, entry)),
        tables=tuple(table_view(show, table, {file.slug, *entry.variants}) for table in entry.published),
        links=links(show, entry),
        downloads=download_views(catalog, entry, language),
        uses=tuple(s for n, f in enumerate(entry.uses) if (s := show.fact("uses", f, f"uses.{n}"))),
        serves=tuple(
            s for n, f in enumerate(getattr(entry, "serves", ())) if (s := show.fact("serves", f, f"serves.{n}"))
        ),
        statements=statements(show, entry),
        corrections=corrections(show, entry),
        disputes=disputes(show, entry),
        homonyms=homonyms(show, entry),
        recipe=recipe_view(catalog, file.slug, citations) if file.kind == "models" else None,
        sources=citations.sources(),
    )


def _cell(show: Shower, cell: openness.Cell) -> CellView:
    others: list[str] = []
    if cell.fact and len(cell.fact.claims) > 1:
        for claim in cell.fact.claims:
            if claim is not cell.fact.accepted:
                others.append(_other(show, claim))
    reason = show.text(cell.fact.accepted.accepted) if cell.fact else None
    note = show.text(cell.note)
    return CellView(
        cell.component,
        show.word(cell.component),
        cell.level,
        show.word(cell.level),
        figures.day(cell.as_of, show.language) if cell.as_of else "",
        " ".join(filter(None, (note, reason))) or None,
        show.citations.cite(cell.evidence),
        tuple(others),
    )


def _other(show: Shower, claim: LevelClaim) -> str:
    """Another level on record, with its date and its place."""
    date = figures.day(claim.as_of, show.language) if claim.as_of else ""
    places = ", ".join(str(e) for e in claim.evidence)
    show.citations.cite(claim.evidence)
    return (
        f"{show.word(claim.level)}（{date}，{places}）"
        if show.language == "zh"
        else f"{show.word(claim.level)} ({date}, {places})"
    )


def tally_sentence(show: Shower, cells: Mapping[Component, openness.Cell]) -> str:
    """`14 components: 6 open, 4 partial, ...`."""
    counts = [(level, n) for level, n in openness.tally(cells).items() if n]
    if show.language == "zh":
        return f"{len(cells)} 项：" + "，".join(f"{show.word(level)} {n}" for level, n in counts) + "。"
    return f"{len(cells)} components: " + ", ".join(f"{n} {show.word(level)}" for level, n in counts) + "."


def _class_sentence(show: Shower, cells: Mapping[Component, openness.Cell], *, evaluated: bool) -> str:
    result = openness.framework_class(cells, evaluated=evaluated)
    zh = show.language == "zh"
    missing = show.comma.join(show.word(c) if zh else show.word(c).lower() for c in result.missing)
    if result.reached:
        return f"模型开放框架 {result.reached} 类" if zh else f"Model Openness Framework: class {result.reached}"
    if not missing:
        return (
            "模型开放框架：未入类，没有公布评测结果"
            if zh
            else "Model Openness Framework: no class, no evaluation results were published"
        )
    return (
        f"模型开放框架：未入类，{missing}未开放"
        if zh
        else f"Model Openness Framework: no class, for these are not open: {missing}"
    )


def _key_facts(show: Shower, entry: Entry) -> Iterator[FactView]:
    variants = list(entry.variants.items())
    all_runs = [(path, run) for path, run in _all_runs(entry) if run.role == "released"]

    def of_variants(name: str) -> Iterator[Shown | None]:
        for key, variant in variants:
            yield show.fact(name, getattr(variant, name), f"variants.{key}.{name}")

    def of_runs(name: str) -> Iterator[Shown | None]:
        for path, run in all_runs:
            yield show.fact(name, getattr(run, name), f"{path}.{name}")

    own = [show.fact("parameters", entry.parameters, "parameters")] if entry.parameters else []
    yield _unique(show, "parameters", [*own, *of_variants("parameters")])
    bases = (s for s in of_variants("base") if s and not _within(s, entry))
    yield _unique(show, "base", [*show.from_scratch(entry), *bases])
    yield _unique(show, "method", of_runs("method"))
    yield _unique(show, "data", _data(show, entry))
    yield _unique(show, "hardware", of_runs("hardware"))
    yield _unique(show, "duration", [*of_runs("duration"), *of_runs("gpu_hours")])
    yield _unique(show, "cost", of_runs("cost"))
    if isinstance(entry, Model):
        yield _unique(show, "languages", [show.fact("languages", entry.languages, "languages")])


def _within(shown: Shown, entry: Entry) -> bool:
    names = {name for v in entry.variants.values() for name in (v.name.en, v.name.zh)}
    return shown.text in names


def _data(show: Shower, entry: Entry) -> Iterator[Shown | None]:
    for path, run in _all_runs(entry):
        if run.role == "example":
            continue
        for field in ("examples", "tokens", "words", "bytes"):
            if fact := getattr(run, field):
                yield show.fact(field, fact, f"{path}.{field}")
        for number, use in enumerate(run.data):
            if use.rejected is None:
                for field in ("examples", "tokens", "words", "bytes"):
                    if fact := getattr(use, field):
                        yield show.fact(field, fact, f"{path}.data.{number}.{field}")


def _unique(show: Shower, name: str, found: Iterable[Shown | None]) -> FactView:
    """Answers that read the same are shown once; a stated one displaces "unknown"; nothing found reads unknown."""
    unique: dict[str, Shown] = {}
    for shown in found:
        if shown:
            unique.setdefault(shown.text, shown)
    stated = [shown for shown in unique.values() if not shown.missing]
    if stated:
        return FactView(show.word(name), tuple(stated[:6]))
    nothing = list(unique.values()) or [Shown((Part(show.word("unknown")),), True)]
    disclosed = [s for s in nothing if s.text == show.word("not-disclosed")] or nothing
    return FactView(show.word(name), (disclosed[0],))


def _all_runs(entry: Entry) -> Iterator[tuple[str, Run]]:
    for stage, run in entry.training.items():
        yield f"training.{stage}", run
    for name, variant in entry.variants.items():
        for stage, run in variant.training.items():
            yield f"variants.{name}.training.{stage}", run


_RELATIONS = {
    "base": ("tuned from", "微调自"),
    "data": ("trained on", "训练数据"),
    "derived": ("made from", "来自"),
    "generated": ("written by", "由其生成"),
}


def _pedigree(catalog: Catalog, show: Shower, slug: str) -> tuple[Branch, ...]:
    entry = catalog.entries[slug]
    own = set(entry.variants)
    return tuple(
        _branch(catalog, show, edge, frozenset({slug, *own}))
        for edge in _upward(catalog, slug)
        if edge.parent not in own
    )


def _upward(catalog: Catalog, name: str) -> list[Edge]:
    return [edge for edge in edges_from(catalog, name) if edge.relation != "framework"]


def _branch(catalog: Catalog, show: Shower, edge: Edge, seen: frozenset[str]) -> Branch:
    above = [e for e in _upward(catalog, edge.parent) if e.parent not in seen] if len(seen) < 40 else []
    children = tuple(_branch(catalog, show, e, seen | {edge.parent}) for e in above)
    return Branch(show.reference(edge.parent), _RELATIONS[edge.relation][show.language == "zh"], children)


def _offspring(catalog: Catalog, show: Shower, slug: str) -> tuple[Part, ...]:
    found: dict[str, Part] = {}
    for edge in descendants(catalog, slug):
        part = show.reference(edge.child)
        found.setdefault(part.href or part.text, part)
    return tuple(found.values())


_SENTENCES = {
    "yes": ("Yes: no licence in its chain forbids it.", "可以：整条链上没有许可禁止商用。"),
    "conditions": ("Only under the conditions of the links marked below.", "须满足下列标出环节的条件。"),
    "no": ("No. The strictest link of its chain forbids it.", "不可以。链上最严格的一环禁止商用。"),
    "unknown": (
        "It cannot be told: no licence on record forbids it, but at least one link has none on record.",
        "无法判断：没有许可明文禁止，但至少一环没有许可记录。",
    ),
}


def _commercial(catalog: Catalog, show: Shower, slug: str) -> CommercialView:
    result = licences.of_entry(catalog, slug)
    chain = []
    for link in result.chain:
        refs: tuple[Ref, ...] = ()
        if link.owner == f"{show.citations.file.kind}/{show.citations.file.slug}":
            refs = show.citations.cite(link.evidence)
        name = (
            show.licence(link.licence).text
            if link.licence
            else ("没有许可记录" if show.language == "zh" else "no licence on record")
        )
        chain.append(
            LinkView(
                show.reference(link.id), show.word(link.part), name, link.answer, link.answer == result.answer, refs
            )
        )
    sentence = _SENTENCES[result.answer][show.language == "zh"]
    return CommercialView(result.answer, show.word(result.answer), sentence, tuple(chain))


def _variant(catalog: Catalog, show: Shower, slug: str, name: str, variant: Variant) -> VariantView:
    path = f"variants.{name}"
    cells = openness.cells(catalog, slug, name)
    given = openness.columns(cells).weights
    columns = ("parameters", "base", "form", "released", "context")
    return VariantView(
        name,
        str(getattr(variant.name, show.language)),
        tuple((column, show.fact(column, getattr(variant, column), f"{path}.{column}")) for column in columns),
        given,
        show.word(given),
        show.word(licences.effective(catalog, name).answer),
        show.text(variant.note),
    )


_RUN_FIELDS = (
    "method", "framework", "hardware", "duration", "gpu_hours", "cost", "examples", "tokens", "words", "bytes",
    "epochs", "steps", "batch", "batch_tokens", "sequence", "learning_rate", "lora_rank", "lora_alpha", "lora_dropout",
    "lora_targets", "compute", "throughput", "utilisation",
)  # fmt: skip


_EXAMPLE = (" (a recipe for users, not its own run)", "（供使用者参考的做法，并非其自身训练）")


def _runs(show: Shower, entry: Entry) -> Iterator[RunView]:
    for path, run in _all_runs(entry):
        _, _, rest = path.partition("variants.")
        variant = ""
        if rest:
            key = rest.rsplit(".training.", 1)[0]
            variant = str(getattr(entry.variants[key].name, show.language))
        found = (
            [FactView(show.word("data"), tuple(_use(show, f"{path}.data.{n}", use) for n, use in enumerate(run.data)))]
            if run.data
            else []
        )
        for field in _RUN_FIELDS:
            if shown := show.fact(field, getattr(run, field), f"{path}.{field}"):
                label = "framework_used" if field == "framework" else field
                found.append(FactView(show.word(label), (shown,)))
        found += _keyed(show, path, run.memory, run.settings)
        if found:
            stage = path.rsplit(".", 1)[-1]
            stage_name = show.word(stage) if known(stage) else setting_name(stage, show.language)
            if run.role == "example":
                stage_name += _EXAMPLE[show.language == "zh"]
            yield RunView(variant, stage_name, tuple(found), show.text(run.note))


def _use(show: Shower, path: str, use: DataUse) -> Shown:
    parts = [show.reference(use.dataset)]
    for field in ("examples", "tokens", "words", "bytes"):
        if fact := getattr(use, field):
            shown = _must(show.fact(field, fact))
            parts.append(Part(f"（{shown.text}）" if show.language == "zh" else f" ({shown.text})"))
    if use.epochs and (epochs := show.fact("epochs", use.epochs)):
        parts.append(Part(f" × {epochs.text}"))
    note = show.text(use.rejected) or show.text(use.note)
    return Shown(tuple(parts), use.rejected is not None, note, show.citations.cite(use.from_))


def _inference(show: Shower, entry: Entry) -> Iterator[RunView]:
    owners = [("", "inference", entry.inference)]
    owners += [
        (str(getattr(v.name, show.language)), f"variants.{k}.inference", v.inference) for k, v in entry.variants.items()
    ]
    for variant, path, inference in owners:
        if inference is None:
            continue
        found = []
        if shown := show.fact("hardware", inference.hardware, f"{path}.hardware"):
            found.append(FactView(show.word("hardware"), (shown,)))
        found += _keyed(show, path, inference.memory, inference.settings)
        yield RunView(variant, show.word("inference"), tuple(found), None)


def _keyed(show: Shower, path: str, memory: dict[str, Memory], settings: dict[str, Word]) -> Iterator[FactView]:
    """Facts with names of their own: memory by precision, and any other setting."""
    for key, fact in memory.items():
        name = f"{show.word('memory')}{show.comma}{setting_name(key, show.language)}"
        yield FactView(name, (_must(show.fact("memory", fact, f"{path}.memory.{key}")),))
    for key, setting in settings.items():
        shown = _must(show.fact("settings", setting, f"{path}.settings.{key}"))
        yield FactView(setting_name(key, show.language), (shown,))


def _must(shown: Shown | None) -> Shown:
    assert shown is not None
    return shown
