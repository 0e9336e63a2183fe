"""The results of an entry in a line each, with where they are shown in full."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from catalog.current import is_current_training
from catalog.probe_results import ProbeResult
from catalog.register import Catalog
from catalog.results import Verdict
from catalog.tournaments import WORST_FIRST
from catalog.training_results import TrainingResult
from generator.figures import scaled_bytes
from generator.language import Language
from generator.views.metrics import trimmed
from generator.words import word


@dataclass(frozen=True)
class ResultLink:
    """One result."""

    kind: Literal["training", "probe"]
    recipe: str
    """Training of the recipe, or the probe's shape."""
    href: str
    title: str
    told: str
    verdicts: tuple[tuple[Verdict, str, int], ...]
    """(verdict, its name, how many claims), the worst first."""
    older: bool
    """Whether the recipe has changed since."""


def training_path(result: TrainingResult) -> str:
    """Below the home page of a language."""
    return f"models/{result.entry}/results/{result.digest[:12]}/"


def probe_anchor(probe: ProbeResult) -> str:
    """Of its row on the page of what was measured."""
    return f"p-{probe.digest[:12]}"


def links_of(catalog: Catalog, slug: str, language: Language, home: str) -> tuple[ResultLink, ...]:
    """Trainings and probes in order of their files."""
    found = []
    for file in catalog.results.get(slug, ()):
        if isinstance(file.record, TrainingResult):
            found.append(_training(catalog, file.record, language, home))
        elif isinstance(file.record, ProbeResult):
            found.append(_probe(file.record, language, home))
    return tuple(found)


def _training(catalog: Catalog, result: TrainingResult, language: Language, home: str) -> ResultLink:
    steps = f"{result.trained.steps.rows:,}"
    zh = language == "zh"
    told = f"{word('loss', language)} {trimmed(result.trained.first_loss)} → {trimmed(result.trained.last_loss)}"
    metrics = result.answered.metrics if result.answered else {}
    if "exact-match-base" in metrics and "exact-match-tuned" in metrics:
        before, after = (f"{100 * metrics[f'exact-match-{name}']:.0f}%" for name in ("base", "tuned"))
        told += f"{'；' if zh else '; '}{word('exact_share', language)} {before} → {after}"
    counts = Counter(one.verdict for one in (*result.claims, *result.measured.claims) if one.verdict)
    title = f"{word(f'mode.{result.mode}', language)}{'，' if zh else ', '}{steps}{' 步' if zh else ' steps'}"
    if result.partial:
        title += f" / {result.partial.of:,}"
    verdicts = tuple((v, word(f"verdict.{v}", language), counts[v]) for v in WORST_FIRST if counts[v])
    older = not is_current_training(catalog, result)
    return ResultLink("training", result.recipe, f"{home}{training_path(result)}", title, told, verdicts, older)


def _probe(probe: ProbeResult, language: Language, home: str) -> ResultLink:
    parts = [probe.shape, word(f"method.{probe.method}", language), word(f"mode.{probe.mode}", language)]
    limit = probe.device.cap or probe.device.memory
    told = f"{word('fits' if probe.fits else 'does_not_fit', language)} {scaled_bytes(limit)}"
    if probe.tokens_per_second is not None:
        told += f"{'；' if language == 'zh' else '; '}{trimmed(probe.tokens_per_second)} token/s"
    title = ("，" if language == "zh" else ", ").join(parts)
    return ResultLink("probe", probe.shape, f"{home}measured/#{probe_anchor(probe)}", title, told, (), False)
