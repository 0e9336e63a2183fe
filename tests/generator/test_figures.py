"""Figures as readers of either language write them."""

from __future__ import annotations

import pytest

from catalog import units
from generator.figures import quantity
from generator.language import Language


@pytest.mark.parametrize(
    ("written", "dimension", "language", "shown"),
    [
        ("52K instructions", "examples", "zh", "5.2 万条指令"),
        ("52K instructions", "examples", "en", "52K instructions"),
        ("437,605 examples", "examples", "zh", "437,605 条样本"),
        ("1.4T tokens", "tokens", "zh", "1.4 万亿 token"),
        ("800B tokens", "tokens", "zh", "8,000 亿 token"),
    ],
)
def test_counts(written: str, dimension: str, language: Language, shown: str) -> None:
    assert quantity(units.quantity(written, dimension), language) == shown
