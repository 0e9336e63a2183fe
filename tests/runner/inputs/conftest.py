"""The hub that the tests of the inputs ask."""

from __future__ import annotations

import pytest

from tests.hub_server import Hub
from tests.runner.inputs.farm import MODEL, ROWS


@pytest.fixture
def farm(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub with a model and its data, which the runner is pointed at."""
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    hub.add("farm/ewe-7b", MODEL)
    hub.add("farm/notes", {"notes.json": ROWS, "README.md": b"x"}, kind="dataset")
    return hub
