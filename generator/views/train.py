"""What can I train on my GPU? The choices of the form, tables for readers without JavaScript, the recipes that fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from catalog.claims.inputs import shape_and_size
from catalog.claims.lines import figures
from catalog.claims.needs import training_of
from catalog.claims.places import Place, places
from catalog.estimate import Card, Fit, Memory, Shape, Training, fit, shapes, training_memory
from catalog.estimate.export import known_cards, training_json
from catalog.estimate.training import METHODS
from catalog.register import Catalog
from generator.language import Language
from generator.setting_names import setting_name
from generator.views.shown import Part
from generator.words import known, word

PARTS = ("weights", "adapter", "gradients", "master", "optimiser", "activations", "logits", "unpacked", "context")
FITS: tuple[Fit, ...] = ("fits", "narrowly", "paging", "unlikely", "no")
STATIC = ("llama-7b", "llama-13b", "llama-33b", "llama-65b")
"""The sizes of the tables without JavaScript; the form has every shape."""


@dataclass(frozen=True)
class Answer:
    """Whether something fits, and the memory it takes."""

    fit: Fit
    name: str
    amount: str


@dataclass(frozen=True)
class Grid:
    """One method: a row a card, a column a size."""

    method: str
    name: str
    rows: tuple[tuple[str, tuple[Answer, ...]], ...]


@dataclass(frozen=True)
class RecipeView:
    """A run of the register that can be repeated, and on which single card."""

    label: Part
    method: str
    amount: str
    smallest: str
    """The smallest card it fits on; empty where none holds it alone."""


@dataclass(frozen=True)
class TrainPage:
    """Everything `train.html` shows."""

    cards: tuple[tuple[str, str], ...]
    models: tuple[tuple[str, str], ...]
    methods: tuple[tuple[str, str], ...]
    words: dict[str, str]
    """Names of parts and answers for the script."""
    columns: tuple[str, ...]
    grids: tuple[Grid, ...]
    recipes: tuple[RecipeView, ...]


def train_page(catalog: Catalog, language: Language, home: str) -> TrainPage:
    """Cards by memory, shapes in the order of their file."""
    cards = known_cards(catalog)
    every = shapes()
    names = {card.slug: str(getattr(catalog.hardware[card.slug].name, language)) for card in cards}
    words = {f"part.{part}": word(f"part.{part}", language) for part in PARTS}
    words |= {f"fit.{one}": word(f"fit.{one}", language) for one in FITS}
    return TrainPage(
        tuple(names.items()),
        tuple((shape.id, shape.name) for shape in every.values()),
        tuple((method, word(method, language)) for method in METHODS),
        words,
        tuple(every[name].name for name in STATIC),
        tuple(_grid(cards, names, method, language) for method in reversed(METHODS)),
        tuple(_recipe(catalog, place, shape, training, cards, names, language, home)
              for place, shape, training in repeatable(catalog)),
    )  # fmt: skip


def _grid(cards: tuple[Card, ...], names: dict[str, str], method: Any, language: Language) -> Grid:
    training = Training(method, sequence=512, lora_rank=64, paged=True)
    found = [(name, training_memory(shapes()[name], training)) for name in STATIC]
    rows = tuple((names[card.slug], tuple(_answer(memory, card, language) for _, memory in found)) for card in cards)
    return Grid(method, word(method, language), rows)


def _answer(memory: Memory, card: Card, language: Language) -> Answer:
    found = fit(memory, card.usable())
    return Answer(found, word(f"fit.{found}", language), gib(memory))


def gib(memory: Memory) -> str:
    """`23.6–26.6 GiB`: cards are counted so."""
    return f"{figures(memory.total / 2**30)} GiB"


def repeatable(catalog: Catalog) -> list[tuple[Place, Shape, Training]]:
    """Runs of models whose shape and method are known, each once."""
    found: dict[tuple[Any, ...], tuple[Place, Shape, Training]] = {}
    for slug, model in catalog.models.items():
        for place in places(slug, model):
            shape, training = shape_and_size(catalog, place)[0], training_of(place)
            if shape is not None and training is not None:
                found.setdefault((slug, place.variant, training), (place, shape, training))
    return list(found.values())


def _label(catalog: Catalog, place: Place, language: Language, home: str) -> Part:
    record = catalog.models[place.entry]
    owner = record.variants[place.variant].name if place.variant else record.name
    name = str(getattr(owner, language))
    stage = word(place.stage, language) if known(place.stage) else setting_name(place.stage, language)
    joined = f"{name}，{stage}" if language == "zh" else f"{name}, {stage}"
    return Part(joined, f"{home}models/{place.entry}/#training")


def _recipe(
    catalog: Catalog,
    place: Place,
    shape: Shape,
    training: Training,
    cards: tuple[Card, ...],
    names: dict[str, str],
    language: Language,
    home: str,
) -> RecipeView:
    memory = training_memory(shape, training)
    smallest = next((card for card in cards if fit(memory, card.usable()) in ("fits", "narrowly")), None)
    label = _label(catalog, place, language, home)
    return RecipeView(label, word(training.method, language), gib(memory), names[smallest.slug] if smallest else "")


def recipes_json(catalog: Catalog, language: Language, home: str) -> list[dict[str, Any]]:
    """The same for the script: label, address, shape and settings."""
    found = []
    for place, shape, training in repeatable(catalog):
        label = _label(catalog, place, language, home)
        found.append(
            {
                "label": label.text,
                "href": label.href,
                "shape": shape.id,
                "training": training_json(replace(training, cards=1)),
            }
        )
    return found
