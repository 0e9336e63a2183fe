"""The timeline: every model and framework with a date, in lanes by how it was trained."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from catalog import openness
from catalog.facts import Day
from catalog.records import Entry
from catalog.register import Catalog
from catalog.summary import runs
from generator import figures
from generator.language import Language
from generator.words import word

LANES = ("pre-training", "continued-pre-training", "full", "lora", "rlhf", "unknown", "frameworks")
_LANE_OF = {
    "pre-training": "pre-training",
    "continued-pre-training": "continued-pre-training",
    "full": "full",
    "p-tuning": "full",
    "lora": "lora",
    "lora-8bit": "lora",
    "qlora": "lora",
    "rlhf": "rlhf",
    "reward-model": "rlhf",
}


@dataclass(frozen=True)
class Release:
    """One release."""

    name: str
    href: str
    day: datetime.date
    date: str
    lane: str
    lane_name: str
    level: str
    """How open the weights are; `framework` for software."""
    level_name: str
    summary: str


@dataclass(frozen=True)
class TimelinePage:
    """Everything `timeline.html` shows, in order of time."""

    releases: tuple[Release, ...]
    lanes: tuple[tuple[str, str], ...]
    undated: tuple[tuple[str, str], ...]
    """(name, link) of entries whose date nobody gave."""

    @property
    def start(self) -> datetime.date:
        """The picture begins with the first model that two more follow within 100 days; older ones are in the table."""
        days = [release.day for release in self.releases if release.level != "framework"]
        days = days or [release.day for release in self.releases]
        close = (a for a, b in zip(days, days[2:], strict=False) if (b - a).days <= 100)
        return next(close, days[max(len(days) - 2, 0)]) - datetime.timedelta(days=5)

    @property
    def earlier(self) -> tuple[Release, ...]:
        """What is older than the picture."""
        return tuple(release for release in self.releases if release.day < self.start)


def timeline(catalog: Catalog, language: Language, home: str) -> TimelinePage:
    """Accepted dates; a date known to the month or year alone stands at its first day."""
    found: list[Release] = []
    undated: list[tuple[str, str]] = []
    for slug, entry in catalog.entries.items():
        if getattr(entry, "kind", "model") != "model":
            continue
        software = slug in catalog.frameworks
        kind = "frameworks" if software else "models"
        name, href = str(getattr(entry.name, language)), f"{home}{kind}/{slug}/"
        released = entry.released.accepted.value
        if not isinstance(released, Day):
            undated.append((name, href))
            continue
        lane = "frameworks" if software else lane_of(entry)
        level = "framework" if software else openness.columns(openness.cells(catalog, slug)).weights
        found.append(
            Release(
                name,
                href,
                released.first,
                figures.day(released, language),
                lane,
                _lane_name(lane, language),
                level,
                word(level, language),
                str(getattr(entry.summary, language)),
            )
        )
    found.sort(key=lambda r: (r.day, r.name))
    used = {release.lane for release in found}
    lanes = tuple((lane, _lane_name(lane, language)) for lane in LANES if lane in used)
    return TimelinePage(tuple(found), lanes, tuple(sorted(undated)))


def lane_of(entry: Entry) -> str:
    """How the first variant was made, adapters before full tuning before pre-training; else any run of the entry."""
    first = next((v.training.values() for v in entry.variants.values() if v.training), entry.training.values())
    made = [run for run in first if run.role == "released"] or runs(entry)
    methods = {_LANE_OF.get(run.method.accepted.value or "", "unknown") for run in made if run.method}
    for lane in ("lora", "continued-pre-training", "pre-training", "full", "rlhf"):
        if lane in methods:
            return lane
    return "unknown"


def _lane_name(lane: str, language: Language) -> str:
    names = {"lora": "LoRA, QLoRA", "unknown": word("method_unknown", language)}
    return names.get(lane) or word(lane, language)
