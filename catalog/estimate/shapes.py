"""The shapes of transformers: what memory and arithmetic depend on, with the named ones of `shapes.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("shapes.csv")


@dataclass(frozen=True)
class Shape:
    """A decoder; raises ValueError where the numbers cannot be one."""

    id: str
    name: str
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    vocabulary: int
    parameters: int
    """All of them, norms and biases too."""
    gated: bool = True
    """Three matrices in the feed-forward layer (SwiGLU), else two."""
    tied: bool = False
    """The embedding is the output matrix too."""

    def __post_init__(self) -> None:
        sizes = (self.layers, self.hidden, self.intermediate, self.heads, self.kv_heads, self.vocabulary)
        if min(sizes) < 1 or self.hidden % self.heads or self.heads % self.kv_heads:
            raise ValueError(
                f"{self.name}: {self.heads} heads of which {self.kv_heads} keys in a width of {self.hidden}"
            )
        if self.parameters < self.linear:
            raise ValueError(f"{self.name}: {self.parameters:,} parameters are fewer than its matrices hold")

    @property
    def kv_width(self) -> int:
        """Width of the keys, and of the values."""
        return self.hidden // self.heads * self.kv_heads

    @property
    def mlp_matrices(self) -> int:
        """Matrices of hidden x intermediate in one layer."""
        return 3 if self.gated else 2

    @property
    def linear(self) -> int:
        """Weights of the matrices in all layers: what 4-bit and 8-bit formats quantise."""
        attention = 2 * self.hidden * self.hidden + 2 * self.hidden * self.kv_width
        return self.layers * (attention + self.mlp_matrices * self.hidden * self.intermediate)

    @property
    def head(self) -> int:
        """Weights of the output matrix, whether stored by themselves or tied."""
        return self.vocabulary * self.hidden

    @property
    def unquantised(self) -> int:
        """Embedding, output matrix, norms and biases: what stays in 16 bits or more."""
        return self.parameters - self.linear

    @property
    def matmul(self) -> int:
        """Weights that every token is multiplied with; the embedding is only looked up."""
        return self.linear + self.head


def llama(
    name: str, layers: int, hidden: int, intermediate: int, heads: int, vocabulary: int, kv_heads: int | None = None
) -> Shape:
    """A shape of LLaMA's design, its parameters counted: matrices, two embeddings, two norms a layer and the last."""
    keys = heads if kv_heads is None else kv_heads
    kv_width = hidden // heads * keys
    a_layer = 2 * hidden * hidden + 2 * hidden * kv_width + 3 * hidden * intermediate + 2 * hidden
    count = layers * a_layer + 2 * vocabulary * hidden + hidden
    return Shape(name.lower(), name, layers, hidden, intermediate, heads, keys, vocabulary, count)


@dataclass(frozen=True)
class _Named:
    shape: Shape
    ids: tuple[str, ...]
    source: str


@cache
def _table() -> tuple[_Named, ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_row(row) for row in csv.DictReader(file))


def _row(row: dict[str, str]) -> _Named:
    sizes = ("layers", "hidden", "intermediate", "heads", "kv_heads", "vocabulary", "parameters")
    numbers = {key: int(row[key]) for key in sizes}
    shape = Shape(row["id"], row["name"], gated=row["gated"] == "1", tied=row["tied"] == "1", **numbers)
    return _Named(shape, tuple(row["ids"].split()), row["source"])


def shapes() -> dict[str, Shape]:
    """Every named shape by its id, smallest first within a family."""
    return {named.shape.id: named.shape for named in _table()}


def shape_source(name: str) -> str:
    """Where the numbers of a named shape stand; raises KeyError."""
    return {named.shape.id: named.source for named in _table()}[name]


def shape_of(name: str) -> Shape | None:
    """The shape of a model by its id in the register (`llama-7b`, `bloomz-7b1-mt`); None where it is not on record."""
    for named in _table():
        if name == named.shape.id or name in named.ids:
            return named.shape
    return None
