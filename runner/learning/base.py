"""Loading the base: quantised as the recipe says, from safetensors alone, and with nothing left undone in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedModel

from catalog.errors import UserError
from catalog.training import Float, Quantisation, Training

DTYPES: dict[Float, torch.dtype] = {
    "float32": torch.float32,
    "tf32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def device() -> torch.device:
    """The card of this process, or the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    from accelerate import PartialState

    return torch.device("cuda", PartialState().local_process_index)


def load_base(training: Training, folder: Path, *, attention: str = "sdpa") -> PreTrainedModel:
    """The model of a folder on this process's device, in eval mode. Raises UserError where it cannot be whole."""
    quantised: dict[str, Any] = {}
    if training.quantisation is not None:
        quantised["quantization_config"] = quantisation_config(training.quantisation)
    try:
        model, loaded = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=DTYPES[training.execution.weights],
            device_map={"": device()},
            attn_implementation=attention,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
            **quantised,
        )
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        raise UserError(
            "the base cannot be loaded",
            where=str(folder),
            why=(str(error).strip() or type(error).__name__).splitlines()[0][:300],
            hint="fetch it again; only safetensors are read, and no code of a repository is run",
        ) from None
    if loaded["missing_keys"]:
        raise _not_whole(folder, f"no file holds {_some(sorted(loaded['missing_keys']))}")
    keep_weights_as_they_are(model)
    whole(model, folder)
    return model


def quantisation_config(wanted: Quantisation) -> BitsAndBytesConfig:
    """Every setting is written out: the library's own defaults are fp4 without double quantisation."""
    if wanted.form == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=float(wanted.threshold or 6.0))
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=wanted.form,
        bnb_4bit_use_double_quant=wanted.double,
        bnb_4bit_compute_dtype=DTYPES[wanted.compute],
    )


def keep_weights_as_they_are(model: torch.nn.Module) -> None:
    """On CPUs with AVX512-BF16 a forward in eval mode packs 4-bit weights anew, in place and with a loss; what is
    trained after that has wrong gradients. bitsandbytes asks this attribute whether it may."""
    from bitsandbytes.nn import Linear4bit

    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def whole(model: PreTrainedModel, folder: Path) -> None:
    """Raises UserError where a weight or buffer was never filled, or where the Trainer could not see that the model is
    quantised. Buffers such as the rotary frequencies are in no file: made on the meta device, they stay there."""
    empty = [name for name, tensor in [*model.named_parameters(), *model.named_buffers()] if tensor.is_meta]
    if empty:
        raise _not_whole(folder, f"{_some(empty)} on the meta device, which holds no numbers")
    quantised = any(type(module).__name__ in ("Linear4bit", "Linear8bitLt") for module in model.modules())
    if quantised and getattr(model, "hf_quantizer", None) is None:
        raise _not_whole(folder, "its layers are quantised, and it has no quantizer that says so")


def _not_whole(folder: Path, why: str) -> UserError:
    return UserError("the base is not whole", where=str(folder), why=why, hint="fetch it again")


def _some(names: list[str]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{rest}"
