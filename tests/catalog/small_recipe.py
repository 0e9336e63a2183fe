"""A small valid recipe with two trainings and a claim, beside the small catalog's Ewe."""

from __future__ import annotations

from pathlib import Path

from catalog.findings import Finding
from catalog.recipes import Recipe
from catalog.register import File
from tests.catalog.small import lint, loaded, marked, plant

REVISION = "a1" * 20
PATH = "models/ewe/recipe.yaml"
RECIPE = f"""\
sources:
  script: {{url: "https://example.org/train.sh", as_of: 2023-03-20, accessed: 2026-11-01}}
training:
  small:
    title: {{en: The small one, zh: 小的}}
    base:
      hub: {{repo: farm/ram-7b, revision: {REVISION}, access: gated, licence: NC, note: {{en: By form., zh: 须申请。}}}}
      shape: {{layers: 2, hidden: 64, intermediate: 128, heads: 4, vocabulary: 512}}
      entry: ram-7b
    tokenizer:
      hub: {{repo: farm/ram-7b, revision: {REVISION}, files: {{tokenizer.model: {"ab" * 32}}}}}
      bos: true
      eos: true
      pad: new
    data:
      - hub: {{repo: farm/hay, revision: null, licence: Apache-2.0}}
        entry: hay
        rows: 52000
        columns: {{instruction: instruction, output: output}}
        template: alpaca
        filters: [drop-empty-output]
        split: {{held_out: 200, seed: 42}}
    method: qlora
    quantisation: {{form: nf4, double: true, compute: float32}}
    lora: {{targets: [q_proj, v_proj], r: 8, alpha: 16, dropout: 0.05}}
    optimisation:
      optimiser: paged_adamw_32bit
      learning_rate: 1e-4
      schedule: constant
      betas: [0.9, 0.999]
      clip: 0.3
    batching:
      micro_batch: 1
      accumulation: 16
      steps: 1000
      length: 512
      loss_on: answer
      loss_weighting: per-example
      order: shuffled
    execution: {{precision: float32, checkpointing: true, save_every: 200}}
    seeds: {{adapter: 1, order: 2}}
    modes:
      fast:
        changes:
          execution.precision: bfloat16
          quantisation.compute: bfloat16
          batching.packing: packed
        differences:
          - {{of: [execution.precision, quantisation.compute], en: Rounder numbers., zh: 数值更粗。}}
          - {{of: [batching.packing], en: No padding., zh: 没有填充。}}
    assumed:
      seeds.adapter: {{en: None was given., zh: 未给出。}}
    deviations:
      - {{en: Newer libraries., zh: 使用较新的库。}}
    from: script#L1
  big:
    like: small
    base: {{hub: {{repo: farm/ram-13b, revision: null}}}}
    changes:
      lora.targets: [q_proj, k_proj]
      optimisation.learning_rate: 2e-4
      batching.steps: null
      batching.epochs: 3
      data.0.split.held_out: 100
    deviations:
      - {{en: Not the same card., zh: 显卡不同。}}
claims:
  time:
    compares: metric
    training: small
    metric: hours
    published: 3
    direction: at-most
    tolerance: 0.5
    hardware: card-8gb
    why: {{en: Said so., zh: 如其所述。}}
    from: script#L2
"""


def edited(*pairs: tuple[str, str]) -> str:
    """The recipe with parts replaced; each must stand there exactly once."""
    text = RECIPE
    for old, new in pairs:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def recipe_file(folder: Path, text: str = RECIPE) -> File:
    """The recipe beside its entry, which must be readable."""
    return loaded(plant(folder, {PATH: text})).recipes["ewe"]


def recipe(folder: Path, text: str = RECIPE) -> Recipe:
    record = recipe_file(folder, text).record
    assert isinstance(record, Recipe)
    return record


def findings(folder: Path, text: str) -> list[Finding]:
    """What `catalog lint` says of the recipe; a mark in the text is taken out."""
    plain = marked(text)[0] if "▲" in text else text
    return [f for f in lint(plant(folder, {PATH: plain})) if f.path.endswith(PATH)]
