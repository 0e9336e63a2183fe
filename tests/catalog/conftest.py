from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from catalog.register import Catalog
from catalog.store import load

# The same examples on every run and machine: a red test here is red everywhere, and stays so until it is mended.
settings.register_profile(
    "herdbook", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("herdbook")


@pytest.fixture(scope="session")
def register() -> Catalog:
    """The real catalog."""
    return load()
