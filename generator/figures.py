"""Quantities, dates and hardware as a reader of one language expects them."""

from __future__ import annotations

import datetime
from decimal import Decimal

from catalog.facts import Day
from catalog.units import Quantity
from generator.language import Language

_QUALIFIER = {
    "exactly": ("", ""),
    "about": ("about ", "约 "),
    "at most": ("at most ", "至多 "),
    "less than": ("less than ", "不到 "),
    "at least": ("at least ", "至少 "),
    "more than": ("more than ", "超过 "),
    "several": ("several ", "数"),
}

_COUNT_NOUNS = {
    "examples": "条样本",
    "example": "条样本",
    "instructions": "条指令",
    "conversations": "组对话",
    "dialogues": "组对话",
    "pairs": "对",
    "prompt-response pairs": "个问答对",
    "question-answer pairs": "个问答对",
    "rows": "行",
    "samples": "条样本",
    "entries": "条",
    "contexts": "条上下文",
    "prompts": "条提示",
    "questions": "个问题",
    "tasks": "个任务",
    "comparisons": "组比较",
    "documents": "篇文档",
    "条": "条样本",
    "steps": "步",
    "epochs": "遍",
    "epoch": "遍",
    "sequences": "条序列",
    "languages": "种语言",
    "abilities": "种能力",
    "GPUs": "张卡",
    "layers": "层",
    "datasets": "个数据集",
    "versions": "个版本",
    "rounds": "轮",
    "types": "类",
    "x": "倍",
    "Elo": "",
}

_EN_NOUNS = {"条": "examples", "单词": "words", "小时": "hours", "天": "days", "分钟": "minutes"}


def quantity(value: Quantity, language: Language) -> str:
    """`about 52K instructions`, `约 5.2 万条指令`."""
    zh = language == "zh"
    lead = _QUALIFIER[value.qualifier][zh]
    if value.low is None or value.high is None:
        return lead + (_unit_alone(value, language))
    low, high = value.low, value.high
    if low == high:
        return lead + _one(low, value, language)
    first, last = _one(low, value, language), _one(high, value, language)
    return lead + (f"{first} 至 {last}" if zh else f"{first} to {last}")


def _unit_alone(value: Quantity, language: Language) -> str:
    if value.dimension == "duration":
        days = value.noun in ("d", "day", "days", "天")
        return ("天" if days else "小时") if language == "zh" else ("days" if days else "hours")
    return value.unit


def _one(number: Decimal, value: Quantity, language: Language) -> str:
    zh, dimension = language == "zh", value.dimension
    if dimension == "parameters":
        return _short(number, "en")[0]
    if dimension == "duration":
        return _duration(number, value.noun, language)
    if dimension in ("bytes", "memory"):
        return _bytes(number)
    if dimension == "bandwidth":
        return f"{_trim(number / 10**9)} GB/s"
    if dimension == "compute-rate":
        return f"{_trim(number / 10**12)} TFLOP/s"
    if dimension == "compute":
        return f"{number:.3g} FLOP".replace("e+", "e")
    if dimension == "money":
        return f"{_trim(number)} 美元" if zh else f"{_trim(number)} USD"
    if dimension == "percent":
        return f"{_trim(number)}%"
    if dimension == "number":
        return _small(number)
    unit = value.unit
    if dimension == "gpu-hours":
        return f"{_trim(number)} GPU 小时" if zh else f"{_trim(number)} GPU-hours"
    if dimension == "tokens":
        return f"{scaled(number, language)} token" if zh else f"{scaled(number, language)} tokens"
    if dimension == "words":
        return _counted(number, "词") if zh else f"{scaled(number, language)} words"
    if dimension in ("examples", "count"):
        noun = value.noun or unit
        if zh:
            return _counted(number, _COUNT_NOUNS.get(noun, noun))
        return f"{scaled(number, language)} {_EN_NOUNS.get(noun, noun)}".strip()
    return f"{_trim(number)} {unit}".strip()


def _counted(number: Decimal, noun: str) -> str:
    """`5.2 万条指令`, but `437,605 条` and `5.2 万 steps`: Chinese follows 万 and 亿 without a space."""
    figure = scaled(number, "zh")
    close = figure[-1] in "万亿" and noun[:1] >= "一"
    return f"{figure}{noun}" if close else f"{figure} {noun}".strip()


def scaled(number: Decimal, language: Language) -> str:
    """1.4T and 52K in English, 1.4 万亿 and 5.2 万 in Chinese; figures that would lose digits are printed in full."""
    short, exact = _short(number, language)
    return short if exact else _trim(number)


def _short(number: Decimal, language: Language) -> tuple[str, bool]:
    """The figure with its largest scale and three digits, and whether nothing was lost."""
    steps = (
        ((10**12, " 万亿"), (10**8, " 亿"), (10**4, " 万"))
        if language == "zh"
        else ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K"))
    )
    for size, mark in steps:
        if abs(number) >= size:
            part = number / size
            rounded = round(part, 2).normalize()
            return f"{rounded:,f}{mark}", rounded == part
    return _trim(number), True


def rounded_away(value: Quantity) -> str | None:
    """The full digits of a parameter count that is shown with three."""
    if value.dimension != "parameters" or value.low is None or value.low != value.high or _short(value.low, "en")[1]:
        return None
    return _trim(value.low)


def _trim(number: Decimal) -> str:
    shown = round(number, 4).normalize()
    return f"{shown:,f}"


def _small(number: Decimal) -> str:
    if number and abs(number) < Decimal("0.001"):
        mantissa, exponent = f"{float(number):.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return f"{number.normalize():,f}"


def scaled_bytes(count: int) -> str:
    """`9.00 GB` -> `9 GB`; decimal units, as cards are sold."""
    return _bytes(Decimal(count))


def _bytes(number: Decimal) -> str:
    for size, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if number >= size:
            return f"{_trim(round(number / size, 2))} {unit}"
    return f"{_trim(number)} B"


def _duration(hours: Decimal, noun: str, language: Language) -> str:
    zh = language == "zh"
    if noun in ("d", "day", "days", "天", "week", "weeks"):
        days = round(hours / 24, 2)
        return f"{_trim(days)} 天" if zh else f"{_trim(days)} {'day' if days == 1 else 'days'}"
    if noun in ("s", "seconds"):
        return f"{_trim(round(hours * 3600, 0))} 秒" if zh else f"{_trim(round(hours * 3600, 0))} s"
    if noun in ("min", "minutes", "分钟"):
        return f"{_trim(round(hours * 60, 1))} 分钟" if zh else f"{_trim(round(hours * 60, 1))} min"
    return f"{_trim(round(hours, 2))} 小时" if zh else f"{_trim(round(hours, 2))} h"


_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


def day(value: Day, language: Language) -> str:
    """`13 March 2023`, `2023 年 3 月 13 日`; only as exact as it was said."""
    ends = [_date(end.strip(), language) for end in value.said.split(" to ")]
    return (" 至 " if language == "zh" else " to ").join(ends)


def _date(said: str, language: Language) -> str:
    parts = [int(part) for part in said.split("-")]
    if language == "zh":
        return " ".join(f"{part} {unit}" for part, unit in zip(parts, "年月日", strict=False))
    named = [str(parts[0])] if len(parts) == 1 else [_MONTHS[parts[1] - 1], str(parts[0])]
    return " ".join([str(parts[2]), *named] if len(parts) == 3 else named)


def month(value: datetime.date, language: Language, *, year: bool) -> str:
    """`March 2023` or `March`, `2023 年 3 月` or `3 月`."""
    if language == "zh":
        return f"{value.year} 年 {value.month} 月" if year else f"{value.month} 月"
    return f"{_MONTHS[value.month - 1]} {value.year}" if year else _MONTHS[value.month - 1]


def date(value: datetime.date, language: Language) -> str:
    """`20 November 2026`, `2026 年 11 月 20 日`."""
    return _date(value.isoformat(), language)
