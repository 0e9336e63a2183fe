"""Quantities as people write them, read into numbers: `about 52K instructions`, `1.5万亿 tokens`, `at most 100 USD`.

A dimension says which units are allowed; examples, tokens, words, bytes, GPU memory and hours never mix. Scale words:
K = thousand = 千 = 1e3, w = 万 = 1e4, M = million = 百万 = 1e6, 亿 = 1e8, B = billion = 1e9, T = trillion = 万亿
= 1e12.
Byte units are decimal (GB = 1e9) unless they say otherwise (GiB = 2**30), because that is how the sources print them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Literal

from catalog.errors import Impossible

Qualifier = Literal["exactly", "about", "at most", "less than", "at least", "more than", "several"]

Dimension = Literal[
    "parameters", "examples", "tokens", "words", "bytes", "memory", "duration", "gpu-hours", "money", "percent",
    "count", "number", "compute", "compute-rate", "token-rate", "bandwidth", "power",
]  # fmt: skip

_QUALIFIERS: dict[str, Qualifier] = {
    "about": "about", "approximately": "about", "around": "about", "roughly": "about", "nearly": "about",
    "almost": "about", "~": "about", "≈": "about", "约": "about", "大约": "about", "大概": "about", "近": "about",
    "将近": "about",
    "at most": "at most", "up to": "at most", "≤": "at most", "最多": "at most",
    "less than": "less than", "under": "less than", "below": "less than", "<": "less than", "不到": "less than",
    "at least": "at least", "≥": "at least", "最少": "at least", "至少": "at least",
    "more than": "more than", "over": "more than", "above": "more than", ">": "more than", "超过": "more than",
    "several": "several", "a few": "several", "几个": "several", "几": "several",
}  # fmt: skip

_SCALES: dict[str, int] = {
    "": 0, "K": 3, "k": 3, "thousand": 3, "千": 3, "w": 4, "万": 4, "M": 6, "million": 6, "百万": 6, "千万": 7,
    "亿": 8, "B": 9, "b": 9, "billion": 9, "千亿": 11, "T": 12, "trillion": 12, "万亿": 12,
}  # fmt: skip

_DECIMAL_BYTES = {"B": 0, "KB": 3, "MB": 6, "GB": 9, "TB": 12, "K": 3, "M": 6, "G": 9, "T": 12}
_BYTES = {u: Decimal(10) ** e for u, e in _DECIMAL_BYTES.items()} | {
    "KiB": Decimal(2**10), "MiB": Decimal(2**20), "GiB": Decimal(2**30), "TiB": Decimal(2**40), "bytes": Decimal(1),
}  # fmt: skip


def _units(factor: str | int, *names: str) -> dict[str, Decimal]:
    return {name: Decimal(factor) for name in names}


_EXAMPLES = (
    "examples", "example", "instructions", "conversations", "dialogues", "pairs", "prompt-response pairs",
    "question-answer pairs", "rows", "samples", "entries", "contexts", "prompts", "questions", "tasks", "comparisons",
    "documents", "条",
)  # fmt: skip

# Units of these have their scale in their name already.
_UNSCALED = ("bytes", "memory", "duration", "bandwidth", "compute-rate")
_LONGEST_FIRST = sorted(filter(None, _SCALES), key=len, reverse=True)

# dimension -> (unit that numbers are exported in, {unit as written: factor to that unit}, smallest, largest)
# The bounds are generous; what lies outside them is a slip of the pen, most often 万 read as K.
_TABLE: dict[str, tuple[str, dict[str, Decimal], str, str]] = {
    "parameters": ("parameters", _units(1, "", "parameters", "params"), "1e4", "1e14"),
    "examples": ("examples", _units(1, *_EXAMPLES), "1", "1e12"),
    "tokens": ("tokens", _units(1, "tokens", "token"), "1", "1e15"),
    "words": ("words", _units(1, "words", "单词"), "1", "1e15"),
    "bytes": ("bytes", _BYTES, "1e3", "1e16"),
    "memory": ("bytes", _BYTES, "1e6", "1e14"),
    "duration": (
        "hours",
        {u: Decimal(1) / 3600 for u in ("s", "seconds")}
        | {u: Decimal(1) / 60 for u in ("min", "minutes", "分钟")}
        | _units(1, "h", "hr", "hrs", "hour", "hours", "小时")
        | _units(24, "d", "day", "days", "天")
        | _units(168, "weeks", "week"),
        "1e-4",
        "1e5",
    ),
    "gpu-hours": ("GPU-hours", _units(1, "GPU-h", "GPU-hours", "GPU hours"), "1e-3", "1e9"),
    "money": ("USD", _units(1, "USD", "$"), "1e-6", "1e10"),
    "percent": ("%", _units(1, "%"), "-1e4", "1e4"),
    "count": (
        "",
        _units(1, "", "steps", "epochs", "epoch", "sequences", "examples", "languages", "abilities", "tasks", "GPUs",
               "layers", "datasets", "versions", "rounds", "questions", "prompts", "x", "Elo", "types"),
        "0",
        "1e13",
    ),
    "number": ("", _units(1, ""), "-1e15", "1e15"),
    "compute": ("FLOP", _units(1, "FLOP", "FLOPs"), "1", "1e28"),
    "compute-rate": (
        "FLOP/s", {"TFLOP/s": Decimal(10) ** 12, "PFLOP/s": Decimal(10) ** 15, "TOP/s": Decimal(10) ** 12,
                   "GFLOP/s": Decimal(10) ** 9}, "1e6", "1e20",
    ),
    "token-rate": ("tokens/s", _units(1, "tokens/s", "tokens/s/GPU"), "1e-3", "1e9"),
    "bandwidth": ("bytes/s", {f"{u}/s": f for u, f in _BYTES.items()}, "1e6", "1e14"),
    "power": ("W", _units(1, "W"), "1", "1e6"),
}  # fmt: skip

_FIGURE = r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,4})?"
_PART = re.compile(rf"(?P<number>{_FIGURE})\s*(?P<tail>[^0-9].*|)")
_QUALIFIER = re.compile("|".join(sorted(map(re.escape, _QUALIFIERS), key=len, reverse=True)))
_BETWEEN = re.compile(r"\s+to\s+|\s*[–至]\s*")
_MONEY = re.compile(r"\$\s*([0-9.,]+[KMB]?)")
_FIFTEEN = Context(prec=15)


@dataclass(frozen=True)
class Quantity:
    """A number or range with unit; `low` and `high` are in `unit`, None where no number was said ("several hours")."""

    said: str
    dimension: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    qualifier: Qualifier = "exactly"
    noun: str = ""
    """The unit as it was written: instructions, GB, days."""

    @property
    def number(self) -> int | float | None:
        """The one number, or None for a range or where none was said."""
        return plain(self.low) if self.low is not None and self.low == self.high else None


def plain(number: Decimal | None) -> int | float | None:
    """An int where the number is whole, so that JSON prints 700000000000 and not 7e11."""
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def base_unit(dimension: str) -> str:
    """The unit in which numbers of this dimension are exported."""
    return _TABLE[dimension][0]


def quantity(said: str, dimension: str) -> Quantity:
    """Read `said`; raises ValueError with the reason and, where it can, what to write instead."""
    said = said.strip()
    if len(said) > 80:
        raise ValueError("a quantity has at most 80 characters; put the rest in `note`")
    unit, _, smallest, largest = _TABLE[dimension]
    text = _MONEY.sub(r"\1 USD", said) if dimension == "money" else said
    qualifier: Qualifier = "exactly"
    if word := _QUALIFIER.match(text):
        qualifier, text = _QUALIFIERS[word.group()], text[word.end() :].strip()
    if qualifier == "several":
        _, noun = _factor(text.removeprefix("个"), said, dimension)
        return Quantity(said, dimension, unit, None, None, qualifier, noun)
    ends = _BETWEEN.split(text)
    parts = [_PART.fullmatch(end) for end in ends]
    if len(parts) > 2 or not all(parts):
        raise ValueError(_cannot(said, dimension))
    last = parts[-1]
    factor, noun = _factor(last["tail"], said, dimension) if last else (Decimal(1), "")
    numbers = [_number(part, last["tail"], factor, noun, said, dimension) for part in parts if part and last]
    low, high = numbers[0], numbers[-1]
    if low > high:
        raise Impossible(f"`{said}` runs backwards: {plain(low):,} is more than {plain(high):,}")
    if low < Decimal(smallest) or high > Decimal(largest):
        outside = low if low < Decimal(smallest) else high
        reads = f"{outside:,f}" if abs(outside.adjusted()) < 30 else f"{outside:.3e}"
        raise Impossible(
            f"`{said}` reads as {reads} {unit}, outside {smallest} to {largest}: a slip of K, M or 万 (1e4)?"
        )
    return Quantity(said, dimension, unit, low, high, qualifier, noun)


def _number(part: re.Match[str], last_tail: str, factor: Decimal, noun: str, said: str, dimension: str) -> Decimal:
    """One end of a range in the base unit; an end without unit takes the other's ("10 to 20 GB", "6K to 10K steps")."""
    own = part["tail"].strip()
    if own != last_tail.strip() and own:
        try:
            factor, _ = _factor(own, said, dimension)
        except ValueError:
            factor, _ = _factor(f"{own} {noun}".strip(), said, dimension)
    number = Decimal(part["number"].replace(",", ""))
    if abs(number.adjusted()) > 40:
        raise Impossible(f"`{said}` is no figure of this world")
    # Dividing by 60 leaves a tail in the 28th digit; fifteen digits are more than any source prints.
    return _FIFTEEN.plus(number * factor).normalize()


def _factor(tail: str, said: str, dimension: str) -> tuple[Decimal, str]:
    """Factor to the base unit and the unit as written, from `K instructions`, `万亿 tokens`, `GB`."""
    tail, units = tail.strip(), _TABLE[dimension][1]
    if tail in units:
        return units[tail], tail
    if dimension not in _UNSCALED:
        for scale in _LONGEST_FIRST:
            rest = tail[len(scale) :].strip()
            if tail.startswith(scale) and rest in units:
                return Decimal(10) ** _SCALES[scale] * units[rest], rest
    raise ValueError(_cannot(said, dimension))


def _cannot(said: str, dimension: str) -> str:
    names = [name for name in _TABLE[dimension][1] if name][:6]
    unit = f" with one of the units {', '.join(names)}" if names else " without a unit"
    return f"`{said}` is not a quantity of {dimension}: write a number{unit}"


def schema(dimension: Dimension, *examples: str) -> dict[str, Any]:
    """The form of a quantity as a JSON Schema: what `quantity` can read, but for bounds, which text cannot show."""
    _, units, smallest, largest = _TABLE[dimension]
    names = ", ".join([name for name in units if name][:6]) or "no unit"
    message = f"A figure of {dimension}, with a unit such as {names}."
    form = {"maxLength": 80, "pattern": _pattern(dimension), "patternErrorMessage": message}
    text = {"type": "string", **form, "examples": list(examples), "$comment": dimension}
    if "" not in units:
        return text
    return {"anyOf": [text, {"type": "number", "minimum": float(smallest), "maximum": float(largest)}]}


def _pattern(dimension: Dimension) -> str:
    """`quantity` as one regular expression, in what Python and ECMAScript have in common."""
    units = _TABLE[dimension][1]
    unit = _any(name for name in units if name)
    scale = "" if dimension in _UNSCALED else rf"(?:{_any(_LONGEST_FIRST)})?\s*"
    tail = rf"\s*{scale}(?:{unit}){'?' if '' in units else ''}" if unit else r"\s*" + scale
    loose = rf"\s*{scale}(?:{unit})?" if unit else r"\s*" + scale
    last, first = rf"{_FIGURE}{tail}", rf"{_FIGURE}{loose}"
    if dimension == "money":
        dollars = rf"\$\s*{_FIGURE}[KMB]?"
        last, first = rf"(?:{dollars}|{last})", rf"(?:{dollars}|{first})"
    several = _any(word for word, meaning in _QUALIFIERS.items() if meaning == "several")
    other = _any(word for word, meaning in _QUALIFIERS.items() if meaning != "several")
    between = r"(?:\s+to\s+|\s*[–至]\s*)"
    return rf"^\s*(?:(?:{several})\s*个?{tail}|(?:{other})?\s*(?:{first}{between})?{last})\s*$"


def _any(words: Iterable[str]) -> str:
    escaped = (re.sub(r"[\\^$.*+?()\[\]{}|/]", lambda found: f"\\{found.group()}", word) for word in words)
    return "|".join(sorted(escaped, key=len, reverse=True))
