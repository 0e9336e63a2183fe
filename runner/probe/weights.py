"""A model of the true shape with random weights, made layer by layer straight into the format it is held in.

Never more than one matrix is there unquantised, so a card needs no more memory than the quantised model takes. The
same name and seed give the same matrix, whatever was made before it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any

import torch
from accelerate import init_empty_weights
from transformers import AutoModelForCausalLM, PreTrainedModel

from catalog.estimate import Shape
from catalog.training import Quantisation
from runner.learning.base import DTYPES, keep_weights_as_they_are, quantisation_config
from runner.probe.ask import family_of


class DoesNotFit(Exception):
    """The card, or the part of it that may be used, is full. `wanted` and `available` in bytes; None: nobody says."""

    def __init__(self, stage: str, wanted: int | None, available: int | None) -> None:
        super().__init__(f"{stage}: {wanted} bytes wanted, {available} available")
        self.stage, self.wanted, self.available = stage, wanted, available


def config_of(shape: Shape, family: str) -> Any:
    """The library's own configuration of a shape."""
    from transformers import BloomConfig, GPTJConfig, GPTNeoXConfig, LlamaConfig

    tokens = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    if family == "gpt-neox":
        return GPTNeoXConfig(
            vocab_size=shape.vocabulary, hidden_size=shape.hidden, num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads, intermediate_size=shape.intermediate, tie_word_embeddings=shape.tied,
            **tokens,
        )  # fmt: skip
    if family == "gptj":
        return GPTJConfig(
            vocab_size=shape.vocabulary, n_embd=shape.hidden, n_layer=shape.layers, n_head=shape.heads,
            n_inner=shape.intermediate, tie_word_embeddings=shape.tied,
            rotary_dim=min(64, shape.hidden // shape.heads), **tokens,
        )  # fmt: skip
    if family == "bloom":
        return BloomConfig(
            vocab_size=shape.vocabulary, hidden_size=shape.hidden, n_layer=shape.layers, n_head=shape.heads,
            tie_word_embeddings=shape.tied, **tokens,
        )  # fmt: skip
    return LlamaConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads, num_key_value_heads=shape.kv_heads,
        max_position_embeddings=4096, rms_norm_eps=1e-6, tie_word_embeddings=shape.tied, **tokens,
    )  # fmt: skip


def draw(name: str, size: tuple[int, ...], std: float, seed: int, device: torch.device) -> torch.Tensor:
    """A float32 tensor that depends on its name, the seed and the kind of device alone. 16-bit draws would differ
    between versions of torch."""
    generator = torch.Generator(device=device)
    generator.manual_seed(int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:7], "little"))
    return torch.randn(size, generator=generator, device=device).mul_(std)


def matrix(name: str, out: int, into: int, layers: int, seed: int, device: torch.device) -> torch.Tensor:
    """A weight [out, into] whose products keep their size through the layers."""
    std = 1 / math.sqrt(into)
    if name.rsplit(".", 1)[-1] in ("o_proj", "down_proj", "dense", "dense_4h_to_h", "out_proj", "fc_out"):
        std /= math.sqrt(2 * layers)
    return draw(name, (out, into), std, seed, device)


def weight_bytes(shape: Shape, quantisation: Quantisation | None, dtype: torch.dtype) -> int:
    """Bytes of the weights as they will be held, without building anything; the constants of NF4's blocks count."""
    size = torch.empty((), dtype=dtype).element_size()
    if quantisation is None:
        return shape.parameters * size
    bits = 8.0 if quantisation.form == "int8" else 4 + (8 / 64 + 32 / (64 * 256) if quantisation.double else 32 / 64)
    return round(shape.linear * bits / 8 + shape.unquantised * size)


def build(
    shape: Shape,
    quantisation: Quantisation | None,
    dtype: torch.dtype,
    *,
    seed: int,
    device: torch.device,
    budget: int | None = None,
    attention: str = "sdpa",
) -> PreTrainedModel:
    """The model on the device. `budget`: bytes that its weights may take. DoesNotFit where they take more."""
    if budget is not None and (needed := weight_bytes(shape, quantisation, dtype)) > budget:
        raise DoesNotFit("loading", needed, budget)
    family = family_of(shape)
    attention = "eager" if family in ("gptj", "bloom") else attention  # the library has no other for these two
    config = config_of(shape, family)
    with init_empty_weights(include_buffers=False):
        model: PreTrainedModel = AutoModelForCausalLM.from_config(config, attn_implementation=attention, dtype=dtype)
    spent = 0
    for name, module in list(model.named_modules()):
        for made in _fill(model, name, module, shape, quantisation, dtype, seed, device):
            spent += made
            if budget is not None and spent > budget:
                raise DoesNotFit("loading", spent, budget)
    model.tie_weights()
    for name, buffer in list(model.named_buffers()):
        owner, _, leaf = name.rpartition(".")
        setattr(model.get_submodule(owner), leaf, buffer.to(device))
    _tell_quantised(model, quantisation)
    return model.eval()


def _fill(
    model: PreTrainedModel,
    name: str,
    module: torch.nn.Module,
    shape: Shape,
    quantisation: Quantisation | None,
    dtype: torch.dtype,
    seed: int,
    device: torch.device,
) -> Iterator[int]:
    """Fills the parameters that lie in this module itself; gives the bytes of each."""
    if isinstance(module, torch.nn.Linear) and module is not model.get_output_embeddings() and quantisation:
        drawn = matrix(name, module.out_features, module.in_features, shape.layers, seed, device)
        held = _quantised(module, drawn.to(dtype), quantisation, device)
        model.set_submodule(name, held)
        yield sum(one.numel() * one.element_size() for one in held.parameters())
        return
    for leaf, parameter in list(module.named_parameters(recurse=False)):
        full, size = f"{name}.{leaf}", tuple(parameter.shape)
        if parameter.ndim < 2:
            filled = torch.ones(size, device=device) if leaf == "weight" else torch.zeros(size, device=device)
        elif isinstance(module, torch.nn.Embedding):
            filled = draw(full, size, 1.0, seed, device)
        else:
            filled = matrix(name, size[0], size[1], shape.layers, seed, device)
        setattr(module, leaf, torch.nn.Parameter(filled.to(dtype), requires_grad=False))
        yield filled.numel() * torch.empty((), dtype=dtype).element_size()


def _quantised(
    module: torch.nn.Linear, drawn: torch.Tensor, quantisation: Quantisation, device: torch.device
) -> torch.nn.Module:
    """The layer with its weight in 4 or 8 bits; moving it to the device packs it."""
    import bitsandbytes as bnb

    bias = module.bias is not None
    with torch.device("meta"):
        if quantisation.form == "int8":
            held: Any = bnb.nn.Linear8bitLt(
                module.in_features, module.out_features, bias=bias, has_fp16_weights=False,
                threshold=float(quantisation.threshold or 6.0),
            )  # fmt: skip
        else:
            held = bnb.nn.Linear4bit(
                module.in_features, module.out_features, bias=bias, compute_dtype=DTYPES[quantisation.compute],
                compress_statistics=quantisation.double, quant_type=quantisation.form,
            )  # fmt: skip
    if quantisation.form == "int8":
        held.weight = bnb.nn.Int8Params(drawn.to(torch.float16), requires_grad=False, has_fp16_weights=False)
    else:
        held.weight = bnb.nn.Params4bit(
            drawn, requires_grad=False, compress_statistics=quantisation.double, quant_type=quantisation.form,
            blocksize=64, module=held,
        )  # fmt: skip
    if bias:
        held.bias = torch.nn.Parameter(torch.zeros(module.out_features, dtype=drawn.dtype), requires_grad=False)
    held.to(device)
    return held.requires_grad_(False)  # type: ignore[no-any-return]


def _tell_quantised(model: PreTrainedModel, quantisation: Quantisation | None) -> None:
    """What PEFT and the quantiser look at, as `from_pretrained` leaves it."""
    if quantisation is None:
        return
    from transformers.quantizers import AutoHfQuantizer
    from transformers.utils.quantization_config import QuantizationMethod

    config = quantisation_config(quantisation)
    told: Any = model
    told.is_quantized, told.quantization_method = True, QuantizationMethod.BITS_AND_BYTES
    told.is_loaded_in_4bit, told.is_loaded_in_8bit = quantisation.form != "int8", quantisation.form == "int8"
    told.config.quantization_config = config
    told.hf_quantizer = AutoHfQuantizer.from_config(config, pre_quantized=False)
    keep_weights_as_they_are(model)
