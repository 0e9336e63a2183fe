from __future__ import annotations

from statistics import median

from catalog import licences, openness
from catalog.register import Catalog
from catalog.summary import runs


def openness_over_time(register: Catalog) -> list[tuple[str, int, float, int]]:
    """Month, models released, median openness score (0 to 14), models whose weights are open."""
    months: dict[str, list[str]] = {}
    for slug, model in register.models.items():
        day = model.released.accepted.value
        if day and (day.first.year, day.first.month) == (day.last.year, day.last.month):
            months.setdefault(f"{day.first:%Y-%m}", []).append(slug)
    rows: list[tuple[str, int, float, int]] = []
    for month, slugs in sorted(months.items()):
        found = [openness.cells(register, slug) for slug in slugs]
        score = median(openness.score(cells) for cells in found)
        rows.append((month, len(slugs), score, sum(openness.columns(cells).weights == "open" for cells in found)))
    return rows


def gpu_hours_by_method(register: Catalog) -> list[tuple[str, int, int, float | None]]:
    """Method, runs on record, runs that disclose GPU-hours, their median; cards x hours count where both are stated."""
    methods: dict[str, list[float | None]] = {}
    for model in register.models.values():
        for run in runs(model):
            method = run.method.accepted.value if run.method else None
            stated = run.gpu_hours.accepted.value if run.gpu_hours else None
            cards = run.hardware.accepted.value if run.hardware else None
            time = run.duration.accepted.value if run.duration else None
            hours = stated.number if stated else None
            if hours is None and cards and cards.count and time and time.number is not None:
                hours = cards.count * time.number
            methods.setdefault(method or "unknown", []).append(hours)
    rows: list[tuple[str, int, int, float | None]] = []
    for name, known in sorted(methods.items()):
        disclosed = [one for one in known if one is not None]
        rows.append((name, len(known), len(disclosed), median(disclosed) if disclosed else None))
    return rows


def commercial_use(register: Catalog) -> list[tuple[str, str, list[str]]]:
    """Models that may be used commercially, with or without conditions, and every licence on the way."""
    rows: list[tuple[str, str, list[str]]] = []
    for slug in register.models:
        result = licences.of_entry(register, slug)
        if result.answer in ("yes", "conditions"):
            rows.append((slug, result.answer, [f"{link.id} {link.part}: {link.licence}" for link in result.chain]))
    return rows
