"""Real libraries on a tiny LLaMA; every run on one thread, so that its bits are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.training import Training
from runner.learning.determinism import settle
from runner.learning.train import train
from runner.learning.trainer import Learner
from runner.progress import silent
from tests.runner import tiny

Train = Callable[..., Path]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Base and tokenizer."""
    settle(0, 1)
    return tiny.both(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture
def fine_tune(base: Path, tmp_path: Path) -> Train:
    """`fine_tune(training, "name")` -> the folder `out` of that run; the same name goes on in the same `work`."""

    def call(training: Training, name: str = "run", **changes: Any) -> Path:
        out, settings = tmp_path / f"out-{name}", {"steps": None, "seed": 0, "threads": 1, "progress": silent} | changes
        where, examples = settings.pop("base", base), settings.pop("examples", tiny.pairs(30))
        train(training, where, where, examples, out, tmp_path / f"work-{name}", **settings)
        return out

    return call


@pytest.fixture
def cut_and_gone_on(fine_tune: Train, monkeypatch: pytest.MonkeyPatch) -> Train:
    """As `fine_tune`, but the power fails within the sixth step, after the second checkpoint; then it goes on."""
    plain = Learner.compute_loss

    def compute_loss(self: Learner, *arguments: object, **kept: object) -> object:
        if self.state.global_step == 5:
            raise RuntimeError("power cut")
        return plain(self, *arguments, **kept)

    def call(training: Training, name: str, **changes: Any) -> Path:
        with monkeypatch.context() as patch:
            patch.setattr(Learner, "compute_loss", compute_loss)
            with pytest.raises(RuntimeError, match="power cut"):
                fine_tune(training, name, **changes)
        return fine_tune(training, name, **changes)

    return call


@pytest.fixture(autouse=True)
def settled() -> None:
    settle(0, 1)
