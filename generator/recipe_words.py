"""Names of the settings of a training and of their values, in both languages, by their path in a recipe."""

from __future__ import annotations

import re
from typing import Any

from generator.language import Language

_NAMES: dict[str, tuple[str, str]] = {
    "method": ("Method", "方法"),
    "quantisation": ("Quantisation", "量化"),
    "quantisation.form": ("Frozen weights held as", "冻结权重的格式"),
    "quantisation.double": ("Constants quantised once more", "量化常数再次量化"),
    "quantisation.compute": ("Products made in", "乘法精度"),
    "quantisation.threshold": ("Outlier threshold", "离群阈值"),
    "lora": ("LoRA", "LoRA"),
    "lora.targets": ("LoRA layers", "LoRA 目标层"),
    "lora.r": ("LoRA rank", "LoRA 秩"),
    "lora.alpha": ("LoRA alpha", "LoRA alpha"),
    "lora.dropout": ("LoRA dropout", "LoRA dropout"),
    "optimisation": ("Optimisation", "优化"),
    "optimisation.optimiser": ("Optimiser", "优化器"),
    "optimisation.learning_rate": ("Learning rate", "学习率"),
    "optimisation.schedule": ("Schedule", "学习率调度"),
    "optimisation.warmup": ("Warm-up", "预热"),
    "optimisation.betas": ("Betas", "β"),
    "optimisation.epsilon": ("Epsilon", "ε"),
    "optimisation.weight_decay": ("Weight decay", "权重衰减"),
    "optimisation.clip": ("Gradient clipped at", "梯度裁剪"),
    "batching": ("Batches", "批次"),
    "batching.micro_batch": ("Micro-batch", "微批大小"),
    "batching.accumulation": ("Micro-batches a step", "每步微批数"),
    "batching.steps": ("Steps", "步数"),
    "batching.epochs": ("Epochs", "遍数"),
    "batching.source_length": ("Longest prompt, tokens", "提示最多 token"),
    "batching.target_length": ("Longest answer, tokens", "回答最多 token"),
    "batching.length": ("Longest example, tokens", "样本最多 token"),
    "batching.loss_on": ("Loss on", "损失计于"),
    "batching.loss_weighting": ("Weight in the loss", "损失权重"),
    "batching.order": ("Order of the examples", "样本次序"),
    "batching.packing": ("Packing", "打包"),
    "execution": ("Execution", "执行"),
    "execution.precision": ("Activations in", "激活精度"),
    "execution.weights": ("Other weights in", "其余权重的精度"),
    "execution.checkpointing": ("Gradient checkpointing", "梯度检查点"),
    "execution.save_every": ("Steps between checkpoints", "存档间隔（步）"),
    "seeds": ("Seeds", "种子"),
    "seeds.adapter": ("Seed of the adapter", "适配器种子"),
    "seeds.order": ("Seed of the order", "次序种子"),
    "seeds.data": ("Seed of made data", "生成数据的种子"),
    "answers": ("Answers", "回答"),
    "answers.prompts": ("Questions", "题目"),
    "answers.checkpoints": ("Checkpoints that answer", "作答的检查点"),
    "answers.max_new_tokens": ("Longest answer written, tokens", "最多生成 token"),
    "answers.temperature": ("Temperature", "温度"),
    "answers.judge": ("Judge", "裁判"),
    "answers.k": ("K of the rating", "计分的 K"),
    "answers.orderings": ("Random orderings", "随机次序数"),
    "answers.seed": ("Seed of the orderings", "次序的种子"),
    "base": ("Base", "基座"),
    "base.hub": ("Base", "基座"),
    "base.made": ("Base that the run makes", "运行自造的基座"),
    "base.made.shape": ("Shape of the made base", "自造基座的形状"),
    "base.made.steps": ("Steps of pre-training", "预训练步数"),
    "base.made.batch": ("Batch of pre-training", "预训练批大小"),
    "base.made.learning_rate": ("Learning rate of pre-training", "预训练学习率"),
    "base.made.seed": ("Seed of the base", "基座种子"),
    "tokenizer": ("Tokenizer", "分词器"),
    "tokenizer.hub": ("Tokenizer", "分词器"),
    "tokenizer.made": ("Tokens of the made tokenizer", "自造分词器的词数"),
    "tokenizer.bos": ("BOS before each example", "样本前加 BOS"),
    "tokenizer.eos": ("EOS after each answer", "回答后加 EOS"),
    "tokenizer.pad": ("Padding token", "填充 token"),
    "tokenizer.legacy": ("Legacy splitting", "旧式切分"),
    "data": ("Data", "数据"),
    "data.hub": ("Data", "数据"),
    "data.web": ("Data", "数据"),
    "data.made": ("Data that the run makes", "运行自造的数据"),
    "data.template": ("Template", "模板"),
    "data.template_sha256": ("SHA-256 of the published template", "原模板的 SHA-256"),
    "data.columns": ("Columns", "列"),
    "data.filters": ("Filters", "过滤"),
    "data.split.held_out": ("Rows held out", "留出条数"),
    "data.split.seed": ("Seed of the split", "划分种子"),
}
_LEAVES = {
    "revision": ("revision", "版本"), "files": ("file hashes", "文件哈希"), "sha256": ("SHA-256", "SHA-256"),
    "repo": ("repository", "仓库"), "layers": ("layers", "层数"), "hidden": ("hidden size", "隐藏维度"),
    "intermediate": ("intermediate size", "中间维度"), "heads": ("heads", "注意力头"),
    "kv_heads": ("KV heads", "KV 头"),
    "vocabulary": ("vocabulary", "词表"), "positions": ("positions", "位置数"), "tied": ("tied head", "共享输出层"),
    "instruction": ("instruction", "指令"), "input": ("input", "输入"), "output": ("output", "输出"),
    "text": ("text", "文本"), "conversation": ("conversation", "对话"), "split": ("split", "划分"),
}  # fmt: skip
_VALUES: dict[str, tuple[str, str]] = {
    "qlora": ("QLoRA", "QLoRA"), "lora": ("LoRA", "LoRA"), "full": ("full fine-tuning", "全参微调"),
    "nf4": ("NF4", "NF4"), "fp4": ("FP4", "FP4"), "tf32": ("TF32", "TF32"),
    "answer": ("the answer alone", "仅回答"), "everything": ("prompt and answer", "提示与回答"),
    "per-example": ("each example alike", "每条样本等权"), "per-token": ("each token alike", "每个 token 等权"),
    "shuffled": ("shuffled", "随机打乱"), "grouped-by-length": ("grouped by length", "按长度分组"),
    "as-given": ("as given", "原次序"), "none": ("none", "无"), "packed": ("packed without padding", "无填充打包"),
    "constant": ("constant", "恒定"), "linear": ("linear to zero", "线性降至零"), "cosine": ("cosine", "余弦"),
    "constant_with_warmup": ("constant after a warm-up", "预热后恒定"), "held-out": ("held-out rows", "留出数据"),
    "reference": ("equal to the held-out answer", "与留出答案一致"), "own": ("the tokenizer's own", "分词器自带"),
    "new": ("a new token", "新增 token"), "eos": ("EOS", "EOS"), "unk": ("UNK", "UNK"),
    "drop-empty-output": ("rows without an answer dropped", "去掉没有回答的条目"),
    "first-human-turn": ("only the first turn", "只取首轮"), "demo-corpus": ("corpus of the demonstration", "演示语料"),
}  # fmt: skip


def name_of(path: str, language: Language) -> str:
    """`optimisation.learning_rate` -> Learning rate; `data.0.columns.output` -> Columns: output."""
    zh = language == "zh"
    plain = re.sub(r"\.\d+(?=\.|$)", "", path)
    if pair := _NAMES.get(plain):
        return pair[zh]
    head, _, leaf = plain.rpartition(".")
    shown = _LEAVES[leaf][zh] if leaf in _LEAVES else leaf.replace("_", " ")
    return f"{name_of(head, language)}{'：' if zh else ': '}{shown}" if head else shown


def value_of(value: Any, language: Language, path: str = "") -> str:
    """A value as words; names of files, columns and layers as they are."""
    zh = language == "zh"
    if value is None:
        return "无" if zh else "none"
    if isinstance(value, bool):
        return ("是", "否")[not value] if zh else ("yes", "no")[not value]
    if isinstance(value, int):
        return str(value) if "seed" in path else f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"
    if isinstance(value, list | tuple) and not value:
        return value_of(None, language)
    if isinstance(value, list | tuple):
        return ("、" if zh else ", ").join(value_of(one, language, path) for one in value)
    if ".columns." not in path and ".targets" not in path and value in _VALUES:
        return _VALUES[value][zh]
    return str(value)
