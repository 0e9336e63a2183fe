"""A model that the register does not know, from an empty slug to a record that can be merged, as a newcomer would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.store import find_root, read_catalog
from generator.render import render
from tests.github_server import GitHub
from tests.hub_server import Hub, safetensors

ROOT = find_root(Path(__file__))
CARD = b"""---
license: apache-2.0
language:
- en
- zh
base_model: openlm-research/open_llama_7b
datasets:
- tatsu-lab/alpaca
- databricks/databricks-dolly-15k
---
# Cria 7B

Cria is a small model of the meadow, tuned on Alpaca's instructions and Dolly's, for people who have one card.
We trained it for two days on 4 RTX 3090. See https://github.com/meadow-lab/cria for the code.
"""
CONFIG = b'{\n  "architectures": ["LlamaForCausalLM"],\n  "max_position_embeddings": 2048,\n  "vocab_size": 32000\n}\n'
ANSWERS = """Cria 7B
meadow-lab
Meadow Lab

A LLaMA look-alike of 7 billion parameters, tuned on two instruction sets on four cards of 24 GB.
一个 70 亿参数的类 LLaMA 模型，用四张 24 GB 显卡在两个指令数据集上微调而成。
open-llama-7b
OpenLM Research

"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone of the register, as far as records go."""
    shutil.copytree(ROOT, tmp_path / "catalog", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path


def test_from_an_empty_slug_to_a_merged_record_in_under_ten_commands(checkout: Path, hub: Hub) -> None:
    weights = safetensors({"embed": ("F16", [32000, 4096]), "rest": ("F16", [4096, 1613120])}, zeros=False)
    hub.add(
        "meadow-lab/cria-7b",
        {"README.md": CARD, "config.json": CONFIG, "model.safetensors": weights},
        date="2023-07-01",
    )
    with GitHub() as github:
        github.add("meadow-lab/cria", {"README.md": b"# Cria\n", "LICENSE": b"Apache License\n"}, spdx="Apache-2.0")
        known = {**os.environ, "HF_ENDPOINT": hub.url, "GITHUB_API_URL": github.url, "PYTHONPATH": str(ROOT.parent)}
        commands: list[str] = []

        def run(*words: str, answers: str = "") -> subprocess.CompletedProcess[str]:
            commands.append(" ".join(words))
            command = [sys.executable, "-m", words[0].replace("-", "_"), *words[1:]]
            command[2] = {"catalog": "catalog.cli"}.get(command[2], command[2])
            return subprocess.run(
                command, cwd=checkout, env=known, input=answers, capture_output=True, text=True, check=False
            )

        record = "catalog/models/cria-7b/model.yaml"
        sources = ("--from-hf", "meadow-lab/cria-7b", "--from-github", "meadow-lab/cria")
        drafted = run("catalog", "new", "model", "cria-7b", *sources, "--interactive", answers=ANSWERS)
        assert drafted.returncode == 0, drafted.stderr
        assert drafted.stdout == f"{record}\n"

        # What a person reads in the card and types: the run's cards and days, and that the base's corpus is public.
        path = checkout / record
        text = re.sub(r"# (?:Drafted|Then).*\n", "", path.read_text(encoding="utf-8"))
        for key, said in (("hardware", "4 x rtx-3090"), ("duration", "about 2 days")):
            text, count = re.subn(rf"{key}: {{status: unknown}}.*", f"{key}: {{from: card#L15, value: {said}}}", text)
            assert count == 1
        path.write_text(text.replace("method: {status: unknown}", "methd: {status: unknown}"), encoding="utf-8")
        commands.append("$EDITOR")

        assert run("catalog", "lint", "--fix", record).returncode == 0
        assert run("catalog", "fmt", record).returncode == 0
        accepted = run("catalog", "translations", "--accept", "cria-7b")
        assert accepted.returncode == 0, accepted.stderr
        linted = run("catalog", "lint", "--strict")
        assert (linted.returncode, linted.stdout) == (0, ""), linted.stdout
        assert run("catalog", "fmt", "--check", record).returncode == 0
        schema = run("check-jsonschema", "--schemafile", "catalog/schema/model.json", record)
        assert schema.returncode == 0, schema.stdout
        assert len(commands) < 10, commands

    catalog = read_catalog(checkout / "catalog").catalog
    variant = catalog.models["cria-7b"].variants["cria-7b"]
    assert variant.base is not None
    assert variant.base.accepted.value in ("open-llama-7b", "openllama")
    assert variant.training["tuning"].duration is not None
    assert [use.dataset for use in variant.training["tuning"].data] == ["alpaca-52k", "databricks-dolly-15k"]
    assert "hardware: {value: 4 x rtx-3090, from: card#L15}" in path.read_text(encoding="utf-8")
    for language in ("en", "zh"):
        [page] = [page for page in render(catalog, language).pages if "cria-7b" in page.path]  # type: ignore[arg-type]
        assert "Cria 7B" in page.html
        assert "Meadow Lab" in page.html
