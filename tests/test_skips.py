"""The rule on skipped tests in tests/conftest.py."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPED = "import pytest\n\n{marker}\ndef test_it():\n    pytest.skip('no chromium here')\n"
SETTINGS = "[pytest]\nmarkers =\n    gpu\n"


def run(folder: Path, ci: str, marker: str = "") -> subprocess.CompletedProcess[str]:
    shutil.copy(Path(__file__).with_name("conftest.py"), folder / "conftest.py")
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "test_one.py").write_text(SKIPPED.format(marker=marker))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, env=os.environ | {"CI": ci}, capture_output=True, text=True)


def test_skipped_test_fails_the_run_where_the_branch_is_guarded(tmp_path: Path) -> None:
    done = run(tmp_path, ci="true")
    assert done.returncode == 1
    assert "test_one.py::test_it: no chromium here" in done.stdout


@pytest.mark.parametrize(("ci", "marker"), [("", ""), ("true", "@pytest.mark.gpu")])
def test_skipped_test_passes_elsewhere_or_for_want_of_a_gpu(tmp_path: Path, ci: str, marker: str) -> None:
    assert run(tmp_path, ci, marker).returncode == 0
