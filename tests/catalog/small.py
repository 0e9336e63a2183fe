"""A small valid catalog, one file of every kind. A test plants it, changes one thing, and asks what is found."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from catalog import checks, findings
from catalog.findings import Finding
from catalog.reader import Place
from catalog.register import Catalog
from catalog.store import Loading, read_catalog

TODAY = datetime.date(2026, 11, 28)
MARK = "▲"
EWE, RAM, HAY, STRAW = "models/ewe/model.yaml", "models/ram/model.yaml", "datasets/hay.yaml", "datasets/straw.yaml"
FOLD, CARD, WOOL, NOTES = "frameworks/fold.yaml", "hardware/card-8gb.yaml", "terms/wool.yaml", "sources/notes.yaml"
LOCK = "translations.lock.yaml"

FILES: dict[str, str] = {
    "aliases.yaml": "old-ewe: {entry: ewe}\n",
    "publishers.yaml": "farm: {name: Farm}\n",
    "licences.yaml": """\
Apache-2.0: {name: Apache 2.0, commercial: allowed, openness: open}
MIT: {name: MIT, commercial: allowed, openness: open}
NC: {name: Non-commercial, commercial: forbidden, openness: partial}
Form: {name: After a form, commercial: conditions, openness: partial}
Terms: {name: Terms of use, commercial: conditions, openness: closed}
Unread: {name: Not read, commercial: unknown, openness: closed}
""",
    "outside.yaml": """\
grass: {name: Grass, kind: model, by: Meadow}
shears: {name: Shears, kind: method, by: Meadow}
""",
    EWE: """\
name: {en: Ewe, zh: 母羊}
aliases: [big ewe]
publisher: {value: farm, from: readme#L1}
summary:
  en: A small model tuned on 52 thousand instructions.
  zh: 用 5.2 万条指令微调的小模型。
released: {value: 2023-03-13, from: readme#L2}
languages: {value: [en, zh], from: readme#L3}
sources:
  readme: {url: "https://example.org/readme", as_of: 2023-03-20, accessed: 2026-11-01}
links:
  code: {value: "https://example.org/code", from: readme#L4}
openness:
  training_code: {level: open, as_of: 2023-03-13, from: readme#L5}
licences:
  code: {value: Apache-2.0, from: readme#L6}
  weights: {value: MIT, from: readme#L6}
variants:
  ewe-7b:
    name: Ewe 7B
    parameters: {value: 7B, from: readme#L7}
    base: {value: ram-7b, from: readme#L8}
    form: {value: full, from: readme#L8}
    training:
      sft:
        method: {value: lora, from: readme#L9}
        framework: {value: fold, from: readme#L9}
        data:
          - dataset: hay
            from: readme#L10
            examples: {value: 52K instructions, from: readme#L10}
        hardware: {value: 8 x card-8gb, from: [readme#L11, notes#L3]}
        duration: {value: 3 h, from: readme#L12}
        cost:
          claims:
            - {value: at most 100 USD, from: readme#L13}
            - {value: 90 USD, from: notes#L4, accepted: {en: The later figure., zh: 较晚的数字。}}
published:
  - id: table-1
    kind: benchmark
    title: {en: Scores of the two, zh: 两者的得分}
    columns:
      score: {name: Score, measures: percent}
      remark: {name: Remark, measures: text}
    rows:
      - {name: Ewe, entity: ewe-7b, from: readme#L14, cells: {score: 85.2%, remark: best}}
      - {name: Ram, entity: ram-7b, from: readme#L15, cells: {score: null}}
corrections:
  - kind: wrong
    about: variants.ewe-7b.training.sft.cost
    claim: {en: It cost a fortune., zh: 花费巨大。}
    from: notes#L4
    correction: {en: It cost less., zh: 花费较少。}
    evidence: readme#L13
confused_with:
  - {entry: ram, why: {en: Both are sheep., zh: 都是羊。}}
""",
    RAM: """\
name: Ram
publisher: {value: farm, from: readme}
summary: {en: A base model., zh: 基座模型。}
released: {value: 2023-02, from: readme}
sources:
  readme: {url: "https://example.org/ram", as_of: 2023-02-24, accessed: 2026-11-01}
licences:
  weights: {value: MIT, from: readme}
variants:
  ram-7b:
    name: Ram 7B
    parameters: {value: 7B, from: readme}
    training:
      pre-training:
        tokens: {value: 1.4T tokens, from: readme}
""",
    HAY: """\
name: Hay
publisher: {value: farm, from: readme}
summary: {en: Instructions., zh: 指令数据。}
kind: instructions
examples: {value: 52K instructions, from: readme}
licence: {value: Apache-2.0, from: readme}
generated_by: [{value: grass, from: readme}]
derived_from: [{value: straw, from: readme}]
sources:
  readme: {url: "https://example.org/hay", as_of: 2023-02-24, accessed: 2026-11-01}
""",
    STRAW: """\
name: Straw
publisher: {value: farm, from: readme}
summary: {en: Older instructions., zh: 较早的指令数据。}
kind: instructions
licence: {value: MIT, from: readme}
sources:
  readme: {url: "https://example.org/straw", as_of: 2023-01-24, accessed: 2026-11-01}
""",
    FOLD: """\
name: Fold
publisher: {value: farm, from: readme}
summary: {en: A framework., zh: 训练框架。}
released: {value: 2022, from: readme}
serves: [{value: ewe, from: readme}]
uses: [{value: shears, from: readme}]
sources:
  readme: {url: "https://example.org/fold", as_of: 2022-12-24, accessed: 2026-11-01}
""",
    CARD: """\
name: Card 8 GB
family: card
vendor: Farm
summary: {en: A card., zh: 显卡。}
memory: {value: 8 GB, from: sheet}
sources:
  sheet: {url: "https://example.org/card", kind: page, as_of: 2021-06, accessed: not-reached}
""",
    WOOL: """\
name: {en: Wool, zh: 羊毛}
summary: {en: What sheep wear., zh: 羊身上的毛。}
definition: {en: Fibre of sheep., zh: 羊的纤维。}
related: [ewe, hay]
""",
    NOTES: f"""\
title: {{en: Notes of a shepherd, zh: 牧羊人笔记}}
summary: {{en: Notes., zh: 笔记。}}
language: en
as_of: 2023-04-04 to 2023-04-28
accessed: 2026-11-01
sha256: {"0f" * 32}
lines: 20
""",
}


def plant(folder: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the small catalog with files replaced (None: left out) and return its root, with links resolved."""
    root = folder.resolve() / "catalog"
    for name, content in {**FILES, **(changes or {})}.items():
        if content is not None:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def changed(file: str, old: str, new: str) -> str:
    """The text of `file` with one part replaced; the part must stand there exactly once."""
    assert FILES[file].count(old) == 1, f"{old!r} stands {FILES[file].count(old)} times in {file}"
    return FILES[file].replace(old, new)


def marked(text: str) -> tuple[str, Place]:
    """The text without its mark, and the place the mark stood at."""
    before, _, after = text.partition(MARK)
    return before + after, Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def lint(root: Path, today: datetime.date = TODAY) -> list[Finding]:
    """Everything that is found, as `catalog lint` would print it."""
    loading = read_catalog(root)
    return findings.order([*loading.findings, *checks.run(loading.catalog, today)])


def loaded(root: Path) -> Catalog:
    """The catalog, which must be readable."""
    loading: Loading = read_catalog(root)
    assert loading.findings == ()
    return loading.catalog
