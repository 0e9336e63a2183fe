"""The page an annotator rules on: one HTML file that loads nothing, sends nothing and names no model.

Answers come from strangers. They travel as JSON in which no character can end the element that holds it, the script
puts them on the page as text only, and the policy allows the one script and the one style sheet by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from types import MappingProxyType
from typing import Literal

from runner.judge.base import Pair

Language = Literal["en", "zh"]

_TEXTS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "title": "Which answer is better?",
            "sheet": "Sheet",
            "needs": "This page needs JavaScript. It loads nothing and sends nothing.",
            "lede": "Read the question and both answers, then choose. Length is no merit. "
            "Nothing leaves this computer: save the file at the end and hand it back.",
            "question": "Question",
            "first": "Answer 1",
            "second": "Answer 2",
            "empty": "(no answer)",
            "choose": "Which one serves the person who asked better?",
            "choice_1": "Answer 1",
            "choice_2": "Answer 2",
            "choice_tie": "Equally good",
            "choice_unsure": "I cannot tell",
            "keys": "Keys: 1, 2, 3, 4 choose; arrow left and right turn the pages.",
            "back": "Back",
            "next": "Next",
            "open": "Next open one",
            "save": "Save verdicts",
            "progress": "{item} of {all}, {done} decided",
            "saved": "Saved as {file}.",
            "kept": "Your choices are kept in this browser.",
            "unkept": "This browser keeps nothing: save before you close the page.",
        },
        "zh": {
            "title": "哪个回答更好？",
            "sheet": "评审表",
            "needs": "本页需要 JavaScript。它不加载、也不发送任何内容。",
            "lede": "请阅读问题和两个回答，再作选择。篇幅长短不加分。所有内容只留在本机：最后请保存文件并交回。",
            "question": "问题",
            "first": "回答 1",
            "second": "回答 2",
            "empty": "（无回答）",
            "choose": "哪一个对提问者更有帮助？",
            "choice_1": "回答 1",
            "choice_2": "回答 2",
            "choice_tie": "一样好",
            "choice_unsure": "无法判断",
            "keys": "快捷键：1、2、3、4 选择，左右方向键翻页。",
            "back": "上一题",
            "next": "下一题",
            "open": "下一道未答",
            "save": "保存结果",
            "progress": "第 {item} / {all} 题，已答 {done} 题",
            "saved": "已保存为 {file}。",
            "kept": "选择会保留在本浏览器中。",
            "unkept": "本浏览器无法保留选择：关闭页面前请先保存。",
        },
    }
)


def render(annotator: str, sheet: str, pairs: Sequence[Pair], language: Language) -> str:
    """The whole page; `sheet` names its content in what it saves."""
    texts = _TEXTS[language]
    items = [{"question": pair.question, "first": pair.answer_a, "second": pair.answer_b} for pair in pairs]
    script, style = _asset("sheet.js"), _asset("sheet.css")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    data = {"annotator": annotator, "sheet": sheet, "texts": texts, "items": items}
    parts = {
        "language": "zh-Hans" if language == "zh" else "en",
        "policy": escape(policy),
        "annotator": escape(annotator),
        "style": style,
        "script": script,
        "data": in_script(data),
        **{f"text.{name}": escape(text) for name, text in texts.items()},
    }
    pieces = _asset("sheet.html").split("@@")
    # Split once, then filled: what is filled in is not looked at again.
    return "".join(parts[piece] if at % 2 else piece for at, piece in enumerate(pieces))


def in_script(value: object) -> str:
    """JSON that may stand inside a script element: ASCII, without `<`, `>` and `&`."""
    text = json.dumps(value)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _asset(name: str) -> str:
    return resources.files("runner.judge").joinpath("sheet", name).read_text("utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
