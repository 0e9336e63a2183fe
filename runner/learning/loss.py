"""The loss of a step: a weighted sum over its learnt tokens, without all its logits in memory at once.

A packed row of 16,000 tokens over 32,000 words has 2 GiB of float32 logits, and as much again for their gradients.
Here the head sees only positions that are learnt, in chunks whose logits are computed again in the backward pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

CHUNK = 2048
"""Learnt tokens whose logits are in memory at once."""
IGNORED = -100

Head = Callable[[torch.Tensor], torch.Tensor]


def weighted_loss(
    hidden: torch.Tensor, head: Head, targets: torch.Tensor, weights: torch.Tensor, chunk: int = CHUNK
) -> torch.Tensor:
    """Sum of weight * cross entropy over the positions with a target, in float32.

    `hidden` [..., size], `targets` [...] with `IGNORED` where nothing is learnt, already shifted: the target of a
    position is the token after it; `weights` [...].
    """
    learnt = targets != IGNORED
    hidden, targets, weights = hidden[learnt], targets[learnt], weights[learnt]
    if len(targets) <= chunk:
        return _part(hidden, head, targets, weights)
    parts = zip(hidden.split(chunk), targets.split(chunk), weights.split(chunk), strict=True)
    sums = [
        checkpoint(_part, h, head, t, w, use_reentrant=False, preserve_rng_state=False)  # nothing is drawn in it
        for h, t, w in parts
    ]
    return torch.stack(sums).sum()


def _part(hidden: torch.Tensor, head: Head, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    logits = head(hidden).float()
    return (cross_entropy(logits, targets, reduction="none") * weights).sum()


def teach(model: PreTrainedModel) -> None:
    """Gives the model a forward that returns the loss of a row; it can no longer generate.

    It stands on the model itself, so that it is reached through the wrappers of PEFT and of several processes alike.
    No cache and no mask is ever passed: rows are padded on the right, where causal attention cannot see.
    """
    decoder, head = getattr(model, model.base_model_prefix), model.get_output_embeddings()

    def forward(
        input_ids: torch.Tensor,
        targets: torch.Tensor,
        weights: torch.Tensor,
        position_ids: torch.Tensor | None = None,
        lengths: tuple[int, ...] | None = None,
        **_: Any,
    ) -> CausalLMOutput:
        packed: dict[str, Any] = {} if lengths is None else {"position_ids": position_ids, "lengths": lengths}
        hidden = decoder(input_ids=input_ids, use_cache=False, **packed).last_hidden_state
        return CausalLMOutput(loss=weighted_loss(hidden, head, targets, weights))

    model.forward = forward
