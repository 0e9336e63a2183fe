"""The demonstration's own bilingual corpus: short sentences of a small lexicon, in English and Chinese, from a seed.

Two sets that share no sentence. `texts` is what the base is pre-trained on: sentences beside their translation, in no
form of question and answer. `rows` is what it is tuned and asked on: instruction, input, output. A sentence of `rows`
stands in no text and in no other row, in neither language, so whatever is held out of the rows was never seen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

NOUNS = {
    "cat": "猫", "dog": "狗", "horse": "马", "fish": "鱼", "bird": "鸟", "sheep": "羊", "cow": "牛", "fox": "狐",
    "bear": "熊", "bee": "蜂", "frog": "蛙", "mouse": "鼠", "tree": "树", "flower": "花", "stone": "石", "river": "河",
    "cloud": "云", "star": "星", "boat": "船", "book": "书", "lamp": "灯", "door": "门", "bridge": "桥", "tea": "茶",
}  # fmt: skip
ADJECTIVES = {
    "big": "大", "small": "小", "red": "红", "white": "白", "black": "黑", "old": "老",
    "new": "新", "quick": "快", "slow": "慢", "good": "好", "cold": "冷", "quiet": "静",
}  # fmt: skip
VERBS = {
    "sees": "见", "loves": "爱", "finds": "找", "hears": "听", "paints": "画", "draws": "拉",
    "buys": "买", "sells": "卖", "knows": "知", "wants": "要", "fears": "怕", "washes": "洗",
}  # fmt: skip

INSTRUCTIONS = {
    ("en", "zh"): ("Translate into Chinese", "译成中文"),
    ("zh", "en"): ("Translate into English", "译成英文"),
    ("en", "en"): ("Repeat the text", "重复原文"),
    ("zh", "zh"): ("Repeat the text", "重复原文"),
}
"""(language of the input, of the output) -> how it is asked, in English and in Chinese."""


@dataclass(frozen=True)
class Sentence:
    """The same sentence in both languages."""

    en: str
    zh: str


@dataclass(frozen=True)
class Corpus:
    """`texts` for the base; `rows` (instruction, input, output) for tuning and asking."""

    texts: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def corpus(seed: int, *, texts: int = 8000, rows: int = 2400) -> Corpus:
    """As many texts and rows as asked. The same seed gives the same corpus on every machine."""
    draw = random.Random(f"herdbook demo corpus {seed}")
    sentences = list(_different(draw, texts + rows))
    asked, told = sentences[:rows], sentences[rows:]
    return Corpus(tuple(_text(draw, one) for one in told), tuple(_row(draw, one) for one in asked))


def words() -> list[str]:
    """A text for each word: it beside its translation, both ways round."""
    pairs = [*NOUNS.items(), *ADJECTIVES.items(), *VERBS.items()]
    return [text for en, zh in pairs for text in (f"{en} = {zh}", f"{zh} = {en}")]


def _different(draw: random.Random, count: int) -> Iterator[Sentence]:
    seen: set[str] = set()
    while len(seen) < count:
        one = _sentence(draw)
        if one.en not in seen:
            seen.add(one.en)
            yield one


def _sentence(draw: random.Random) -> Sentence:
    """Adjective, noun, verb, adjective, noun; word for word the same in both languages."""
    kinds = (ADJECTIVES, NOUNS, VERBS, ADJECTIVES, NOUNS)
    chosen = [draw.choice(list(kind.items())) for kind in kinds]
    return Sentence(" ".join(en for en, _ in chosen), "".join(zh for _, zh in chosen))


def _text(draw: random.Random, one: Sentence) -> str:
    first, second = (one.en, one.zh) if draw.random() < 0.5 else (one.zh, one.en)
    return f"{first} = {second}"


def _row(draw: random.Random, one: Sentence) -> dict[str, str]:
    (of, to), asked = draw.choice(list(INSTRUCTIONS.items()))
    said = {"en": one.en, "zh": one.zh}
    return {"instruction": draw.choice(asked), "input": said[of], "output": said[to]}
