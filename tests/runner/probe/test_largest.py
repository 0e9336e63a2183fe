"""The search for the largest micro-batch."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from catalog import estimate
from runner.attach import load_any
from runner.probe.largest import largest
from tests.runner.conftest import Run
from tests.runner.probe.test_probe import ASKED, here  # noqa: F401  a fixture


@given(st.integers(0, 300), st.integers(1, 256))
def test_the_largest_that_fits_is_found_and_nothing_beyond_the_most_is_tried(true: int, most: int) -> None:
    tried: list[int] = []

    def fits(size: int) -> bool:
        tried.append(size)
        return size <= true

    assert largest(fits, most) == min(true, most)
    assert max(tried) <= most
    assert len(tried) <= 20


def test_a_probe_searches_where_it_is_asked_to(here: Path, run: Run) -> None:  # noqa: F811
    assert estimate.shape_of("llama-toy") is not None
    code, [found], err = run(*ASKED, "--largest")
    assert code == 0, err
    largest_ = load_any(Path(found["file"]))[1]["largest"]
    assert [(one["checkpointing"], one["micro_batch"]) for one in largest_] == [(True, 4), (False, 4)]
