"""The page about Python: its code is run as a reader would run it, and its tables are what that gives."""

import ast
import html
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.register import Catalog
from catalog.store import load
from generator import questions
from generator.language import Language
from generator.render import render

QUESTIONS = ("openness-over-time", "gpu-hours-by-method", "commercial-use")


@pytest.fixture(scope="module")
def register() -> Catalog:
    return load()


@pytest.fixture(scope="module", params=["en", "zh"])
def page(request: pytest.FixtureRequest, register: Catalog) -> str:
    language: Language = request.param
    return next(page.html for page in render(register, language).pages if page.path == "python/")


def blocks(page: str) -> list[str]:
    return [html.unescape(code) for code in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)]


def tables(page: str) -> dict[str, list[list[list[str]]]]:
    """Id of the question -> rows -> cells -> lines of text."""
    found = {}
    for name, body in re.findall(r'data-answer="([\w-]+)">.*?<tbody[^>]*>(.*?)</tbody>', page, re.DOTALL):
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
        found[name] = [
            [lines(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows
        ]
    return found


def lines(cell: str) -> list[str]:
    parts = re.findall(r'<span class="hb-line">(.*?)</span>', cell, re.DOTALL) or [cell]
    return [html.unescape(re.sub(r"<[^>]+>", "", part)).replace("\u200b", "").strip() for part in parts]


def test_code_of_the_page_runs_by_itself_and_gives_the_tables(page: str, tmp_path: Path, register: Catalog) -> None:
    start, *code = blocks(page)
    assert len(code) == 3
    calls = [block.strip().splitlines()[-1] for block in code]
    program = tmp_path / "notebook.py"
    asked = f"import json\nprint(json.dumps([{', '.join(calls)}]))\n"
    program.write_text("\n\n".join([start, *code, asked]), "utf-8")
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, cwd=register.root.parent, check=True
    )
    over_time, hours, allowed = json.loads(done.stdout)
    shown = tables(page)
    assert tuple(shown) == QUESTIONS
    assert [[cell[0] for cell in row] for row in shown["openness-over-time"]] == [
        [month, str(n), f"{score:g}", str(given)] for month, n, score, given in over_time
    ]
    assert [[cell[0] for cell in row[1:3]] for row in shown["gpu-hours-by-method"]] == [
        [str(n), str(known)] for _, n, known, _ in hours
    ]
    medians = [row[3][0] for row in shown["gpu-hours-by-method"]]
    assert [text for text, (*_, middle) in zip(medians, hours, strict=True) if middle is not None] == [
        f"{middle:,g}" for *_, middle in hours if middle is not None
    ]
    assert [row[2] for row in shown["commercial-use"]] == [chain for _, _, chain in allowed]


def test_answers_are_not_empty_and_add_up(register: Catalog) -> None:
    over_time = questions.openness_over_time(register)
    assert sum(n for _, n, _, _ in over_time) <= len(register.models)
    assert all(0 <= given <= n and 0 <= score <= 14 for _, n, score, given in over_time)
    hours = {name: (n, known, middle) for name, n, known, middle in questions.gpu_hours_by_method(register)}
    assert all((middle is None) == (known == 0) and known <= n for n, known, middle in hours.values())
    assert any(known for _, known, _ in hours.values())
    allowed = questions.commercial_use(register)
    assert allowed
    assert "alpaca" not in {slug for slug, _, _ in allowed}


def test_code_uses_the_register_alone() -> None:
    tree = ast.parse(Path(questions.__file__).read_text("utf-8"))
    modules = {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert modules == {"__future__", "statistics", "catalog"}


def test_help_does_not_load_the_types() -> None:
    code = "import sys; from catalog.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "assert not {'pydantic', 'huggingface_hub', 'httpx2', 'yaml'} & set(sys.modules), sorted(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
