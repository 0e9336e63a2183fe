"""Pages about trainings, probes and demonstrations."""

from __future__ import annotations

from catalog.register import Catalog, File
from catalog.training_results import TrainingResult
from generator import rating_charts, training_charts
from generator.language import Language
from generator.page import Page, short, way_home
from generator.templating import Templates
from generator.views.demonstration import demonstration_page
from generator.views.measured import measured_page
from generator.views.result_links import training_path
from generator.views.tournament import RunView
from generator.views.training import TrainingPage, training_page
from generator.words import word


def measured(catalog: Catalog, language: Language, templates: Templates) -> Page:
    """Published figures of time and memory beside what was measured."""
    path = "measured/"
    page = measured_page(catalog, language, way_home(path))
    html = templates.render("measured.html", path, page=page)
    return Page(path, word("measured_page", language), short(word("measured_lede", language)), html, search_boost=0.5)


def trainings(catalog: Catalog) -> list[File]:
    """Every training that has a page."""
    return [f for found in catalog.results.values() for f in found if isinstance(f.record, TrainingResult)]


def one_training(catalog: Catalog, file: File, language: Language, templates: Templates) -> Page:
    """The page of a training with its pictures."""
    result = file.record
    assert isinstance(result, TrainingResult)
    path = training_path(result)
    page = training_page(catalog, file, language, way_home(path))
    pictures = [(run, _intervals(run, language)) for run in page.runs]
    html = templates.render("training.html", path, page=page, picture=_curves(page, language), runs=pictures)
    description = f"{page.entry.text}{'：' if language == 'zh' else ': '}{page.title}"
    return Page(path, page.title, short(description), html, f"catalog/{file.relative}", search_boost=0.8)


def _curves(page: TrainingPage, language: Language) -> str:
    if page.curve is None:
        return ""
    words = (word("loss", language), word("learning_rate", language), word("step", language))
    title = f"{word('loss_curve', language)}{'：' if language == 'zh' else ': '}{page.title}"
    return training_charts.curves(page.curve.loss, page.curve.rate, words, title, page.curve.description)


def _intervals(run: RunView, language: Language) -> str:
    described = "; ".join(f"{row.player.text} {row.shown} {row.interval}".strip() for row in run.rows)
    return rating_charts.intervals(run, run.title, described)


def one_demonstration(catalog: Catalog, file: File, language: Language, templates: Templates) -> Page:
    """The page of a demonstration. It carries no names: who searches a model finds none here."""
    path = f"models/{file.slug}/"
    page = demonstration_page(catalog, file, language, way_home(path))
    html = templates.render("demonstration.html", path, page=page)
    return Page(path, page.name, short(page.summary), html, f"catalog/{file.relative}", search_boost=0.3)
