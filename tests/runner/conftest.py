import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.cli import main
from tests.runner import small

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the small entry; the current folder holds its catalog."""
    monkeypatch.chdir(tmp_path)
    return small.write(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("verify", path, "--json")` -> exit code, what stood on stdout (read, where it is JSON), stderr."""

    def call(*arguments: object) -> tuple[int, Any, str]:
        try:
            code = main([str(one) for one in arguments])
        except SystemExit as stop:  # argparse, for wrong usage
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in arguments and out else out, err

    return call
