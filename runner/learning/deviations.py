"""What a run does otherwise than its recipe's words, said for the record. Needs no torch."""

from __future__ import annotations

from catalog.training import Training

Both = dict[str, str]


def deviations(training: Training, *, fused: bool = False, cuda: bool = False) -> list[Both]:
    """In both languages. `fused`: whether liger-kernel took part; `cuda`: whether it ran on a card."""
    found: list[Both] = []
    if training.optimisation.optimiser == "adamw_hf":
        found.append(
            {
                "en": "`adamw_hf` is gone from transformers; `adamw_torch`, the same rule, was used.",
                "zh": "transformers 已移除 `adamw_hf`，改用规则相同的 `adamw_torch`。",
            }
        )
    if training.execution.precision == "tf32" and not cuda:
        found.append(
            {
                "en": "Without a card there is no TF32: products were made in full float32.",
                "zh": "没有显卡就没有 TF32：矩阵乘法以完整的 float32 进行。",
            }
        )
    if fused:
        found.append(
            {
                "en": "Norms, rotary positions and gates ran in the fused kernels of liger-kernel.",
                "zh": "归一化、旋转位置编码和门控使用了 liger-kernel 的融合算子。",
            }
        )
    return found
