"""One built site for all tests of this folder; they read it and leave it as it is."""

import os
from pathlib import Path

import pytest

from generator.build import build, find_root

ROOT = find_root(Path(__file__).parent)


@pytest.fixture(scope="session")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the site is in, as a host would serve it below a sub-path."""
    folder = tmp_path_factory.mktemp("host")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HERDBOOK_")]:
            patch.delenv(name)
        build(ROOT, folder / "herdbook", strict=True)
    return folder


@pytest.fixture(scope="session")
def site(parent: Path) -> Path:
    return parent / "herdbook"
