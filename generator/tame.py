"""The last guard before a page: text that slipped past the checks of records changes nothing outside its own place."""

from __future__ import annotations

import re

from markupsafe import Markup

LONGEST = 64
"""Characters of a word without a break that a page shows in one piece: a SHA-256 has as many."""
MOST = 100
"""Characters of a longer word that are shown at all, with a place to break it after every `STEP`."""
STEP = 16

# Controls, and what hides text or turns its direction: the reader of records refuses the same.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
# A run without a space; Chinese, Japanese and Korean text may break anywhere.
_RUN = re.compile(rf"[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]{{{LONGEST + 1},}}")
# What stands in attributes: addresses, and the ids of facts and of places in sources.
_ADDRESS = re.compile(r"(?:https://|(?:\.\./)+)\S{1,700}|#?(?:f|s\d+)-[\w.-]{1,200}")
_HAN = re.compile(r"[\u3400-\u9fff]+(?:[\u3000-\u303f\uff00-\uffef·、]*[\u3400-\u9fff]+)*")


def tame(value: object) -> object:
    """Plain text without hidden characters and endless words; everything else, and addresses, as they are."""
    if not isinstance(value, str) or isinstance(value, Markup) or _ADDRESS.fullmatch(value):
        return value
    return tamed(value)


def tamed(text: str) -> str:
    """`text` without hidden characters; words of more than `LONGEST` characters may break, and end after `MOST`."""
    return _RUN.sub(lambda run: _broken(run.group()), _HIDDEN.sub("", text))


def _broken(word: str) -> str:
    shown = word if len(word) <= MOST else word[: MOST - 1] + "…"
    return "\u200b".join(shown[at : at + STEP] for at in range(0, len(shown), STEP))


def outward(address: str | None) -> str | None:
    """An address that a page may lead to; nothing that is not https."""
    return address if address and address.startswith("https://") else None


def spoken(text: str) -> Markup:
    """English text whose Chinese parts are marked as such, for screen readers and fonts."""
    text = tamed(text)
    parts: list[Markup] = []
    end = 0
    for run in _HAN.finditer(text):
        parts.append(Markup('{0}<span lang="zh-Hans">{1}</span>').format(text[end : run.start()], run.group()))
        end = run.end()
    return Markup("").join([*parts, Markup("{0}").format(text[end:])])
