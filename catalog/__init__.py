"""The register of the alpaca family: its records, their types and their meaning.

from catalog import load
load().models["alpaca"].variants["alpaca-7b"].parameters.accepted.value.number   # 6700000000
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.register import Catalog
    from catalog.store import load

__all__ = ["Catalog", "load"]


def __getattr__(name: str) -> Any:
    """The two names on demand: importing the package alone stays quick, for commands that only print their help."""
    if name == "Catalog":
        from catalog.register import Catalog

        return Catalog
    if name == "load":
        from catalog.store import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
