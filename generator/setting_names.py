"""Names of published settings: a key of a record (`gradient-accumulation`) as words of either language."""

from __future__ import annotations

from generator.language import Language

_ZH = {
    "adam-beta2": "Adam β2", "adapter-parameters": "适配器参数", "adapter-size": "适配器大小",
    "artificially-generated": "自动生成", "base-copy": "基座副本", "batch": "批大小", "beams": "束宽", "categories": "类别",
    "chinese": "中文部分", "chinese-file": "中文文件", "code": "代码", "collected": "采集时间", "collected-pairs": "采集的问答对",
    "comparison-models": "参与比较的模型", "compute-dtype": "计算精度", "cpu-memory": "内存", "critic": "评论模型",
    "curated-tokens": "整理后的 token", "data": "数据", "data-file": "数据文件", "data-mix": "数据配比", "do-sample": "采样",
    "domains": "领域", "english": "英文部分", "epochs": "遍数", "eval-set": "评测集", "example-batch": "示例批大小",
    "example-steps": "示例步数", "experience-pool": "经验池", "expert-annotated": "专家标注", "file": "文件",
    "files-used": "所用文件", "flash-attention": "FlashAttention", "formula": "公式", "framework-language": "实现框架",
    "general-data-method": "通用数据方法", "generated-tokens": "生成 token", "gpus": "显卡", "gradient-accumulation": "梯度累积",
    "gradient-checkpointing": "梯度检查点", "gradient-clipping": "梯度裁剪", "group-by-length": "按长度分组",
    "grouped-by-length": "按长度分组", "hardware": "硬件", "held-out": "留出数据", "initial": "初始分", "input-length": "输入长度",
    "instruction-generator": "指令生成模型", "int8-cards": "int8 用卡", "k": "K", "largest-parts": "最大的几部分",
    "launch": "启动方式", "libraries": "依赖库", "loses-below": "判负界限", "loss-mask": "损失掩码",
    "loss-on-prompt": "提示计入损失", "masked-prompts": "提示不计损失", "max-new-tokens": "最多生成 token",
    "max-source": "源最大长度", "max-target": "目标最大长度", "messages": "消息数", "micro-batch": "单卡批大小",
    "model": "模型", "model-parallel": "模型并行数", "optimiser": "优化器", "parts": "组成", "per-card-batch": "单卡批大小",
    "period": "时间", "planned-steps": "计划步数", "plugins": "插件", "precision": "精度", "prefix-length": "前缀长度",
    "processes": "进程数", "prompt": "提示", "prompt-format": "提示格式", "prompts": "提示", "quantisation": "量化",
    "query-tokens": "提问 token", "questions": "问题数", "ratings": "评分", "ratio": "比率", "reference-texts": "参考文本",
    "repetition-penalty": "重复惩罚", "research-cost": "研究花费", "rounds": "轮数", "sample-length": "样本长度",
    "sampling": "采样", "schedule": "学习率调度", "seed": "随机种子", "seeds": "种子任务", "sequence-length": "序列长度",
    "sharding": "切分", "size-against-the-pile": "相对 The Pile 的规模", "software": "软件",
    "source-length-quantiles": "源长度分位数", "source-max-len": "源最大长度", "sources": "来源", "splits": "划分",
    "stage": "阶段", "steps": "步数", "target-length-quantiles": "目标长度分位数", "target-max-len": "目标最大长度",
    "tasks": "任务", "techniques": "技术", "temperature": "温度", "test": "测试集", "tokens": "token 数", "tool": "工具",
    "top-p": "top-p", "train": "训练集", "trainable": "可训练部分", "trained-in-full": "全量训练部分", "trained-on": "训练于",
    "unit": "单位", "unlabelled": "未标注", "user-inputs": "用户输入", "validation": "验证集", "validation-examples": "验证样本",
    "validation-share": "验证比例", "verdicts": "裁决数", "versions": "版本", "volunteers": "志愿者", "warm-up": "预热",
    "warmup-ratio": "预热比例", "warmup-steps": "预热步数", "weight-decay": "权重衰减", "wins-above": "判胜界限",
    "method": "方法", "init": "初始分", "scale": "尺度", "base": "底数", "start": "起始评分", "order": "次序", "orderings": "随机次序数",
    "bootstrap": "重抽样次数", "cluster": "重抽样单位", "ci": "区间宽度（%）", "ties": "平局", "merge-orders": "合并次序", "order-term": "次序项",
    "trace": "逐轮记录", "anchor": "锚点", "zero-stage": "ZeRO 阶段", "benchmark": "评测集", "judge": "裁判", "language": "语言",
    # memory, by setting
    "fast": "快速", "fp16-2048-tokens": "fp16，2,048 token", "fp16-one-turn": "fp16，一轮对话", "full-16bit": "16 位全参",
    "int4-2048-tokens": "int4，2,048 token", "int4-one-turn": "int4，一轮对话", "int8-2048-tokens": "int8，2,048 token",
    "int8-one-turn": "int8，一轮对话", "minimum": "最低", "naive": "朴素估算", "quantised": "量化后",
    "recommended": "推荐", "unquantised": "未量化",
    # stages
    "alignment": "对齐", "defaults": "默认设置", "example-finetune": "微调示例", "pre-training-1": "预训练一阶段",
    "pre-training-2": "预训练二阶段", "published-lora-configuration": "公布的 LoRA 配置", "published-script": "公布的脚本",
    "script-pre-training": "脚本：预训练", "script-sft": "脚本：微调", "sft-checkpoint-3000": "微调（checkpoint-3000）",
}  # fmt: skip

_EN = {
    "adam-beta2": "Adam beta2", "gpus": "GPUs", "k": "K", "zero-stage": "ZeRO stage", "top-p": "top-p",
    "cpu-memory": "CPU memory", "flash-attention": "FlashAttention", "initial": "initial rating", "init": "initial rating", "ci": "interval width (%)",
}  # fmt: skip


def setting_name(key: str, language: Language) -> str:
    """The key as words; a Chinese page shows a key it has no word for as the record writes it."""
    if language == "zh":
        return _ZH.get(key, key.replace("-", " "))
    return _EN.get(key, key if key.startswith(("fp", "int", "nf", "q4", "v1")) else key.replace("-", " "))
