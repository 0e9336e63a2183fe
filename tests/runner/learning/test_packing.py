"""Packing changes time and memory, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from catalog.training import Training
from runner.learning.attention import NAME
from runner.learning.base import load_base
from runner.learning.collate import pack, padded
from runner.learning.loss import IGNORED, weighted_loss
from runner.learning.steps import Row, Steps, weights
from runner.learning.tokens import Tokenised
from tests.runner import tiny
from tests.runner.learning import gradients as g
from tests.runner.learning.conftest import Train

FLOAT32 = {"method": "lora", "quantisation": None, "optimisation__clip": None}


def sixteen(**changes: object) -> Training:
    return tiny.training(**{"batching__accumulation": 16, **FLOAT32, **changes})


@pytest.mark.parametrize("weighting", ["per-example", "per-token"])
def test_a_packed_step_equals_sixteen_micro_batches_of_one(base: Path, tmp_path: Path, weighting: str) -> None:
    alone = g.ours(sixteen(batching__loss_weighting=weighting), base, tmp_path / "alone")
    packed = g.ours(sixteen(batching__loss_weighting=weighting, batching__packing="packed"), base, tmp_path / "packed")
    assert g.difference(packed, alone) < 1e-6
    by_the_plain_trainer = g.plain_trainer(sixteen(), base, tmp_path / "plain", per_example=weighting == "per-example")
    assert g.difference(packed, by_the_plain_trainer) < 1e-6


def test_in_nf4_and_with_checkpointing_too(base: Path, tmp_path: Path) -> None:
    settings = {"batching__accumulation": 16, "optimisation__clip": None}
    alone = g.ours(tiny.training(**settings), base, tmp_path / "alone")
    changes = {"batching__packing": "packed", "execution__checkpointing": True}
    assert g.difference(g.ours(tiny.training(**settings | changes), base, tmp_path / "packed"), alone) < 1e-6


def test_padding_within_a_micro_batch_changes_nothing(base: Path, tmp_path: Path) -> None:
    whole = g.ours(sixteen(batching__loss_weighting="per-token"), base, tmp_path / "ones")
    wide = {"batching__micro_batch": 8, "batching__accumulation": 2, "batching__loss_weighting": "per-token"}
    assert g.difference(g.ours(sixteen(**wide), base, tmp_path / "eights"), whole) < 1e-6


@pytest.mark.parametrize("kv_heads", [4, 2])
def test_packed_logits_equal_unpacked(tmp_path: Path, kv_heads: int) -> None:
    base = tiny.both(tmp_path / "base", kv_heads=kv_heads)
    training = sixteen()
    examples = g.step_of(training, base, tmp_path)
    batch = pack(Row(tuple(examples), (1.0,) * len(examples)))
    with torch.no_grad():
        row = load_base(training, base, attention=NAME)(
            input_ids=batch["input_ids"], position_ids=batch["position_ids"], lengths=batch["lengths"], use_cache=False
        ).logits[0]
        model = load_base(training, base)
        alone = torch.cat([model(input_ids=torch.tensor([one.ids]), use_cache=False).logits[0] for one in examples])
    assert float((row - alone).abs().max()) < 1e-5


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_a_loss_in_chunks_is_the_loss(chunk: int) -> None:
    torch.manual_seed(0)
    head, targets = torch.nn.Linear(16, 50), torch.randint(0, 50, (2, 40))
    targets[0, :9] = targets[1, -5:] = IGNORED
    weight, hidden = torch.rand(2, 40), torch.randn(2, 40, 16)

    def gradients(size: int) -> list[torch.Tensor]:
        seen = hidden.clone().requires_grad_()
        head.zero_grad()
        loss = weighted_loss(seen, head, targets, weight, size)
        loss.backward()
        return [loss.detach(), seen.grad, head.weight.grad.clone(), head.bias.grad.clone()]  # type: ignore

    for found, wanted in zip(gradients(chunk), gradients(10**6), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-6, atol=1e-6)


def test_only_one_chunk_of_logits_is_in_memory() -> None:
    widest: list[int] = []

    class Head(torch.nn.Linear):
        def forward(self, hidden: torch.Tensor) -> torch.Tensor:
            widest.append(len(hidden))
            return super().forward(hidden)

    head = Head(8, 30)
    loss = weighted_loss(
        torch.randn(1, 100, 8, requires_grad=True), head, torch.zeros(1, 100, dtype=torch.long), torch.ones(1, 100), 30
    )
    assert (widest, loss.grad_fn is not None) == ([30, 30, 30, 10], True)
    loss.backward()
    assert widest[4:] == [30, 30, 30, 10][::-1] or sorted(widest[4:]) == [10, 30, 30, 30]  # made again, not kept


def test_a_row_without_a_target_has_a_loss_of_zero_and_a_gradient() -> None:
    hidden = torch.randn(1, 5, 8, requires_grad=True)
    loss = weighted_loss(hidden, torch.nn.Linear(8, 9), torch.full((1, 5), IGNORED), torch.ones(1, 5))
    loss.backward()
    assert (float(loss), float(hidden.grad.abs().sum())) == (0, 0)  # type: ignore[union-attr]


tokenised = st.builds(
    lambda ids, learnt, cut: Tokenised(tuple(ids), min(learnt, len(ids)), cut),
    st.lists(st.integers(0, 99), min_size=1, max_size=9),
    st.integers(0, 9),
    st.booleans(),
)


@given(
    st.lists(tokenised, min_size=8, max_size=8),
    st.sampled_from([1, 2, 4]),
    st.sampled_from(["per-example", "per-token"]),
)
def test_the_weights_of_a_step_add_up_to_one(examples: list[Tokenised], micro: int, weighting: str) -> None:
    batching = tiny.training(
        batching__micro_batch=micro, batching__accumulation=8 // micro, batching__loss_weighting=weighting
    ).batching
    groups = [examples[start : start + micro] for start in range(0, 8, micro)]
    total = sum(
        weight * one.targets for weight, some in zip(weights(groups, batching), groups, strict=True) for one in some
    )
    learning = [any(one.targets for one in some) for some in groups]
    wanted = sum(learning) / len(groups) if weighting == "per-example" else float(any(learning))
    assert total == pytest.approx(wanted)


@given(st.lists(tokenised, min_size=4, max_size=4), st.sampled_from([1, 2]))
def test_packed_and_padded_rows_say_the_same(examples: list[Tokenised], processes: int) -> None:
    """Each learnt token with its target and its weight."""

    def learnt(packing: str) -> list[tuple[int, int, float]]:
        batching = tiny.training(batching__packing=packing, batching__accumulation=4).batching
        steps, found = Steps([[0, 1, 2, 3]], lambda index: examples[index], batching, processes), []
        for row in (steps[index] for index in range(len(steps))):
            batch = pack(row) if packing == "packed" else padded(row, 0)
            parts = (batch["input_ids"].flatten(), batch["targets"].flatten(), batch["weights"].flatten())
            triples = zip(*(part.tolist() for part in parts), strict=True)
            found += [triple for triple in triples if triple[1] != IGNORED]
        return sorted(found)

    assert learnt("packed") == learnt("none")


def test_packed_runs_lose_no_time_on_padding(fine_tune: Train) -> None:
    wide = {"batching__micro_batch": 4, "batching__accumulation": 1}
    lines = (fine_tune(tiny.training(**wide), "padded") / "steps.csv").read_text().splitlines()[1:]
    assert all(int(line.rsplit(",", 1)[1]) > 0 for line in lines)
    lines = (fine_tune(tiny.training(**wide, batching__packing="packed"), "packed") / "steps.csv").read_text()
    assert all(line.endswith(",0") for line in lines.splitlines()[1:])
