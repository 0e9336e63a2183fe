"""The claims ledger, the verdict chips, and "What can I train on my GPU?": the same sums in the page as in Python."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from catalog.claims.ledger import ledger
from catalog.estimate import (
    Data,
    Range,
    Training,
    card_of,
    cost,
    fit,
    flop_per_token,
    shapes,
    training_memory,
    training_seconds,
)
from catalog.estimate.export import card_json, estimate_json, known_cards, shape_json, training_json
from catalog.estimate.training import COMPUTES, METHODS, TARGETS
from catalog.register import Catalog
from catalog.sealing import write
from catalog.store import load, read_catalog
from generator import pages
from generator.language import LANGUAGES
from generator.render import render
from generator.templating import Templates
from generator.views.claims import claims_page
from generator.views.train import train_page
from tests.catalog.small import plant
from tests.runner import recorded

from .conftest import PHONE

CATALOG = load()
SHARDINGS = ("none", "zero1", "zero2", "zero3", "layers")


def random_input(rng: random.Random) -> tuple[str, Training, Data, str, float]:
    training = Training(
        rng.choice(METHODS),
        sequence=rng.randint(1, 8192),
        micro_batch=rng.randint(1, 32),
        packed=rng.random() < 0.5,
        compute=rng.choice(COMPUTES),
        lora_rank=rng.randint(1, 256),
        lora_targets=tuple(rng.sample(TARGETS, rng.randint(1, len(TARGETS)))),
        adapter=rng.choice((None, "bf16", "fp32")),
        optimiser_bits=rng.choice((8, 32)),
        paged=rng.random() < 0.5,
        sharding=rng.choice(SHARDINGS),
        cards=rng.randint(1, 64),
        checkpointing=rng.random() < 0.5,
        flash_attention=rng.random() < 0.5,
        chunked_loss=rng.random() < 0.5,
    )
    work = Data(rng.randint(1, 10**7), rng.randint(1, 4096), rng.randint(1, 10))
    return rng.choice(list(shapes())), training, work, rng.choice(known_cards(CATALOG)).slug, rng.uniform(0, 20)


def in_python(name: str, training: Training, work: Data, slug: str, price: float) -> dict[str, Any]:
    shape, card = shapes()[name], card_of(slug, CATALOG.hardware[slug])
    memory = training_memory(shape, training)
    seconds = training_seconds(shape, training, work, card)
    return {
        "parts": {part: [amount.low, amount.high] for part, amount in memory.parts.items()},
        "total": [memory.total.low, memory.total.high],
        "least": [memory.least.low, memory.least.high],
        "fit": fit(memory, card.usable()),
        "flop": flop_per_token(shape, training, min(work.mean_tokens, training.sequence)),
        "seconds": [seconds.low, seconds.high],
        "cost": [(c := cost(Range(seconds.low / 3600, seconds.high / 3600), training.cards, price)).low, c.high],
    }


IN_PAGE = """async ([address, inputs]) => {
  const data = await (await fetch(address)).json();
  return inputs.map(([name, training, work, slug, price]) => {
    const shape = data.shapes[name], card = data.cards[slug], memory = hbEstimate.memory(data, shape, training);
    const seconds = hbEstimate.seconds(data, shape, training, work, card);
    return {parts: memory.parts, total: memory.total, least: memory.least,
      fit: hbEstimate.fit(data, memory, card.usable),
      flop: hbEstimate.flopPerToken(data, shape, training, Math.min(work.mean_tokens, training.sequence)),
      seconds: seconds, cost: hbEstimate.cost(seconds.map(s => s / 3600), training.cards, price)};
  });
}"""


@pytest.mark.browser
def test_the_page_computes_what_python_computes(page: Page, home: str) -> None:
    """100 random inputs, every figure to a millionth."""
    rng = random.Random(20261128)
    inputs = [random_input(rng) for _ in range(100)]
    sent = [
        [
            name,
            training_json(training),
            {"examples": w.examples, "mean_tokens": w.mean_tokens, "epochs": w.epochs},
            s,
            p,
        ]
        for name, training, w, s, p in inputs
    ]
    page.goto(f"{home}train/")
    found = page.evaluate(IN_PAGE, ["../api/v1/estimate.json", sent])
    assert len(found) == 100
    for one, given in zip(found, inputs, strict=True):
        wanted = in_python(*given)
        assert one.pop("fit") == wanted.pop("fit"), given
        parts = one.pop("parts")
        assert set(parts) == set(wanted["parts"])
        for part, amount in wanted.pop("parts").items():
            assert parts[part] == pytest.approx(amount, rel=1e-6), (part, given)
        for key, value in wanted.items():
            assert one[key] == pytest.approx(value, rel=1e-6), (key, given)


@pytest.mark.browser
def test_the_choice_stands_in_the_address(page: Page, home: str) -> None:
    page.goto(f"{home}train/?card=rtx-3090&model=llama-33b")
    page.locator("[data-hb-train][data-ready]").wait_for()
    assert page.locator("[data-o=fit]").inner_text() == "only with paging"
    page.locator("[name=card]").select_option("a6000")
    page.locator("[name=model]").select_option("llama-65b")
    assert page.locator("[data-o=fit]").inner_text() == "fits narrowly"
    page.locator("[name=price]").fill("2.5")
    address = page.evaluate("location.href")
    assert address == f"{home}train/?card=a6000&model=llama-65b&price=2.5"
    shown = {name: page.locator(f"[data-o={name}]").inner_text() for name in ("total", "hours", "cost", "flop")}
    page.goto(address)
    page.locator("[data-hb-train][data-ready]").wait_for()
    assert {name: page.locator(f"[data-o={name}]").inner_text() for name in shown} == shown
    assert "USD" in shown["cost"]


@pytest.mark.browser
@pytest.mark.parametrize(
    "address",
    [
        "?card=nothing&model=<img src=x onerror=alert(1)>",
        "?sequence=-4",
        "?sequence=",
        "?cards=1e99",
        "?price=abc&bits=7",
    ],
)
def test_an_odd_address_breaks_nothing(page: Page, home: str, address: str) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{home}train/{address}")
    page.locator("[data-hb-train][data-ready]").wait_for()
    text = page.locator("[data-hb-train]").inner_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    assert page.locator("[data-hb-train] img").count() == 0
    assert wrong == []
    off = page.locator("[data-hb-out].is-off").count()
    assert off == (1 if address in ("?sequence=-4", "?sequence=", "?cards=1e99") else 0)
    assert bool(page.locator("[data-hb-train] [role=status]").inner_text()) == bool(off)


@pytest.mark.browser
def test_what_is_in_pieces_is_said_where_nothing_is_computed(page: Page, home: str) -> None:
    page.goto(f"{home}zh/train/")
    page.locator("[data-hb-train][data-ready]").wait_for()
    page.locator("[name=sequence]").fill("")
    assert "整数" in page.locator("[data-hb-train] [role=status]").inner_text()
    page.locator("[name=sequence]").fill("1024")
    assert page.locator("[data-hb-train] [role=status]").inner_text() == ""


@pytest.mark.browser
def test_without_javascript_the_tables_answer(plain: Page, home: str) -> None:
    plain.goto(f"{home}train/")
    assert not plain.locator("[data-hb-train]").is_visible()
    row = plain.locator("#grid-qlora + div tr", has_text="RTX 3090")
    assert "only with paging" in row.inner_text()
    plain.goto(f"{home}claims/")
    first = plain.locator(".hb-ledger--all tbody tr").first
    assert first.locator(".hb-why li").first.is_hidden()
    first.locator("summary").click()
    assert first.locator(".hb-why li").first.is_visible()


@pytest.mark.browser
def test_ledger_is_filtered_by_verdict(browser: Browser, home: str) -> None:
    context = browser.new_context(viewport={"width": PHONE, "height": 844})
    page = context.new_page()
    page.goto(f"{home}claims/?verdict=contradicted")
    rows = page.locator(".hb-ledger--all tbody tr:visible")
    wanted = sum(row.verdict == "contradicted" for row in ledger(CATALOG))
    assert rows.count() == wanted > 0
    assert {row.locator(".hb-vd").text_content() for row in rows.all()} == {"contradicted"}
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    context.close()


@pytest.mark.browser
def test_a_claim_on_an_entry_opens_to_its_arithmetic(page: Page, home: str) -> None:
    page.goto(f"{home}models/alpaca/")
    chip = page.locator(".hb-run > div", has_text="Training time").locator(".hb-why").first
    assert chip.locator(".hb-vd").inner_text() == "plausible"
    chip.locator("summary").click()
    assert "52,000 × 3 × 140–512" in chip.inner_text()
    assert "Slow" in chip.inner_text()


def test_every_claim_of_every_entry_carries_a_chip() -> None:
    """On each entry's page, once a claim at least; the ledger has them all."""
    site = render(CATALOG, "en")
    html_of = {page.path: page.html for page in site.pages}
    for row in ledger(CATALOG):
        if row.claim is not None and row.accepted and row.kind != "datasets":
            html = html_of[f"{row.kind}/{row.entry}/"]
            kind = "under" if row.verdict == "under-determined" else row.verdict
            assert f"hb-vd--{kind}" in html, row.fact
    assert html_of["claims/"].count('<details class="hb-why">') == len(ledger(CATALOG))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_ledger_says_something_in_each_column(language: Any) -> None:
    page = claims_page(CATALOG, language, "../")
    assert len(page.rows) == len(ledger(CATALOG))
    assert sum(count for _, _, count in page.tally) == len(page.rows)
    for row in page.rows:
        assert row.judged.lines
        assert row.claimed
        assert row.what
    assert page.measured == 0
    assert len(page.bars) > 10
    if language == "zh":
        assert all(re.search(r"[一-鿿]", row.judged.name) for row in page.rows)


def test_data_files_of_the_site() -> None:
    files = render(CATALOG, "en").files
    data = json.loads(files["api/v1/estimate.json"])
    assert data == json.loads(json.dumps(estimate_json(CATALOG)))
    assert data["shapes"]["llama-7b"]["linear"] == shape_json(shapes()["llama-7b"])["linear"]
    for card in known_cards(CATALOG):
        assert data["cards"][card.slug] == card_json(card)
    assert len(json.loads(files["api/v1/claims.json"])) == len(ledger(CATALOG))
    recipes = json.loads(files["train/recipes.json"])
    assert {"label", "href", "shape", "training"} == set(recipes[0])
    assert all(recipe["shape"] in data["shapes"] for recipe in recipes)


def test_an_empty_register_still_has_both_pages(tmp_path: Path) -> None:
    empty = Catalog(tmp_path)
    assert claims_page(empty, "en", "../").rows == ()
    assert train_page(empty, "zh", "../").recipes == ()
    for language in LANGUAGES:
        templates = Templates(language, "")
        assert pages.ledger_page(empty, language, templates).path == "claims/"
        assert pages.train(empty, language, templates).path == "train/"


def test_estimates_stand_beside_what_a_probe_measured(tmp_path: Path) -> None:
    """A made-up probe, through the real writer: its error against the estimate is in a table on the page."""
    content = recorded.probe("ewe")
    root = plant(tmp_path, {f"models/ewe/results/{recorded.name_of(content)}": write(content)})
    catalog = read_catalog(root).catalog
    [error] = claims_page(catalog, "en", "../").errors
    assert (error.measured, error.half) == ("10.2 GB", "tune")
    assert error.error[0] in "+-"
    html = pages.ledger_page(catalog, "zh", Templates("zh", "")).html
    assert error.error in html
    assert "推算与实测之差" in html
