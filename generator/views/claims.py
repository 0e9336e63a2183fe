"""The claims ledger: every published claim of hardware, time, memory and cost, and what it comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from catalog.claims.errors import errors, halves
from catalog.claims.inputs import amount
from catalog.claims.ledger import Row, ledger
from catalog.claims.lines import figures as numbers
from catalog.claims.verdicts import VERDICTS
from catalog.estimate import Range
from catalog.hardware_counts import HardwareCount
from catalog.register import Catalog
from catalog.units import Quantity
from generator import figures
from generator.language import Language
from generator.setting_names import setting_name
from generator.views.citing import Citations
from generator.views.explorer import Facet, Option
from generator.views.judged import JudgedView, judged_row
from generator.views.shown import Part, Shower
from generator.words import known, word


@dataclass(frozen=True)
class LedgerRow:
    """One claim."""

    id: str
    entry: Part
    what: str
    """Which run and which fact, in words."""
    claimed: str
    evidence: str
    accepted: bool
    judged: JudgedView
    facets: dict[str, str]


@dataclass(frozen=True)
class Bar:
    """One line of the picture: what share of the peak a claim of time implies."""

    label: str
    share: Range
    verdict: str
    measured: float | None


@dataclass(frozen=True)
class ErrorView:
    """One estimate beside its measurement."""

    probe: str
    what: str
    measured: str
    estimated: str
    error: str
    half: str
    """`tune` or `check`."""


@dataclass(frozen=True)
class LedgerPage:
    """Everything `claims.html` shows."""

    rows: tuple[LedgerRow, ...]
    tally: tuple[tuple[str, str, int], ...]
    """Verdict, its name, how many."""
    facets: tuple[Facet, ...]
    bars: tuple[Bar, ...]
    measured: int
    """How many claims have a measurement beside them."""
    errors: tuple[ErrorView, ...]
    """The estimates against what probes measured."""


def claims_page(catalog: Catalog, language: Language, home: str) -> LedgerPage:
    """Every claim in the order of the register; the picture has one line a run, the accepted claim of its time."""
    found = ledger(catalog)
    rows = tuple(_row(catalog, number, row, language, home) for number, row in enumerate(found, 1))
    counts = Counter(row.verdict for row in found)
    tally = tuple((verdict, word(f"verdict.{verdict}", language), counts[verdict]) for verdict in VERDICTS)
    facets = tuple(_facet(rows, name, language) for name in ("verdict", "fact", "kind", "belief"))
    measured = sum(row.measured is not None for row in found)
    return LedgerPage(rows, tally, facets, _bars(catalog, found, language, home), measured, _errors(catalog, language))


def _errors(catalog: Catalog, language: Language) -> tuple[ErrorView, ...]:
    """Every probe, with the half it belongs to: what may be tuned on and what is checked with."""
    tune, check = halves(errors(catalog))
    found = []
    for half, members in (("tune", tune), ("check", check)):
        for one in members:
            size, unit = (1e9, "GB") if one.what == "memory" else (1.0, "s")
            estimated = f"{numbers(one.estimated / size)} {unit}"
            measured = f"{numbers(one.measured / size)} {unit}"
            what = word("memory" if one.what == "memory" else "one.step", language)
            found.append(
                ErrorView(f"{one.shape}, {one.method}", what, measured, estimated, f"{one.relative:+.1%}", half)
            )
    return tuple(found)


def _row(catalog: Catalog, number: int, row: Row, language: Language, home: str) -> LedgerRow:
    file = catalog.by_key[(row.kind, row.entry)]
    show = Shower(catalog, Citations(catalog, file, language, home))
    return LedgerRow(
        f"claim-{number}",
        Part(str(getattr(file.name, language)), f"{home}{row.kind}/{row.entry}/{_anchor(row)}"),
        _what(catalog, row, language),
        claimed(show, row),
        ", ".join(str(item) for item in row.evidence),
        row.accepted,
        judged_row(row, language),
        {
            "verdict": row.verdict,
            "fact": row.name,
            "kind": row.kind,
            "belief": "accepted" if row.accepted else "rejected_claim",
        },
    )


def _anchor(row: Row) -> str:
    if row.run.startswith("published."):
        return f"#{row.run.removeprefix('published.')}"
    return "#training" if row.run else ""


def claimed(show: Shower, row: Row) -> str:
    """The claim as a reader of one language expects it."""
    if isinstance(row.value, Quantity):
        return figures.quantity(row.value, show.language)
    assert isinstance(row.value, HardwareCount)
    return "".join(part.text for part in show.value("hardware", row.value))


def _what(catalog: Catalog, row: Row, language: Language) -> str:
    """`Alpaca 7B, supervised fine-tuning: Training time`."""
    parts = []
    steps = row.steps
    if steps and steps[0] == "variants":
        parts.append(str(getattr(catalog.entries[row.entry].variants[str(steps[1])].name, language)))
    if "training" in steps[:3]:
        stage = str(steps[list(steps).index("training") + 1])
        parts.append(word(stage, language) if known(stage) else setting_name(stage, language))
    elif row.run.endswith("inference"):
        parts.append(word("inference", language))
    if steps and steps[0] == "published":
        table = catalog.entries[row.entry].published[int(steps[1])]
        parts += [
            str(getattr(cell.name, language)) for cell in (table.rows[int(steps[3])], table.columns[str(steps[5])])
        ]
    elif row.setting:
        parts.append(setting_name(row.setting, language))
    comma, colon = ("，", "：") if language == "zh" else (", ", ": ")
    name = word(row.name, language)
    return f"{comma.join(parts)}{colon}{name}" if parts else name


def _facet(rows: tuple[LedgerRow, ...], name: str, language: Language) -> Facet:
    counts = Counter(row.facets[name] for row in rows)
    order = list(VERDICTS) if name == "verdict" else list(counts)
    labels = {value: word(f"verdict.{value}" if name == "verdict" else value, language) for value in counts}
    options = tuple(Option(value, labels[value], counts[value]) for value in order if counts[value])
    titles = {"verdict": "verdict", "fact": "fact", "kind": "kind", "belief": "standing"}
    return Facet(name, word(titles[name], language), options, False, name in ("verdict", "fact"))


def _measured_share(row: Row) -> float | None:
    """The share of the peak that the measured time comes to."""
    said = amount(row.value) if isinstance(row.value, Quantity) else None
    if row.measured is None or row.judged.share is None or said is None:
        return None
    return row.judged.share.middle * said.middle / row.measured.value


def _bars(catalog: Catalog, rows: tuple[Row, ...], language: Language, home: str) -> tuple[Bar, ...]:
    """Claims of time outside tables, widest share first; the one that leaves no doubt, of its kind, comes with them."""
    found: dict[str, Bar] = {}
    for row in rows:
        if row.judged.share is None or row.run.startswith("published."):
            continue
        if row.name not in ("duration", "gpu_hours") and row.verdict != "contradicted":
            continue
        file = catalog.by_key[(row.kind, row.entry)]
        show = Shower(catalog, Citations(catalog, file, language, home))
        name = str(getattr(file.name, language))
        if row.steps[0] == "variants":
            name = str(getattr(catalog.entries[row.entry].variants[str(row.steps[1])].name, language))
        key = f"{row.run}.{row.name}.{row.judged.share}"
        label = f"{name}{'，' if language == 'zh' else ', '}{claimed(show, row)}"
        found.setdefault(key, Bar(label, row.judged.share, row.verdict, _measured_share(row)))
    return tuple(sorted(found.values(), key=lambda bar: bar.share.middle))
