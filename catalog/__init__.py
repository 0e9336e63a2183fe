"""The register of the alpaca family: its records, their types and their meaning.

from catalog import load
load().models["alpaca"].variants["alpaca-7b"].parameters.accepted.value.number   # 6700000000
"""

from catalog.register import Catalog
from catalog.store import load

__all__ = ["Catalog", "load"]
