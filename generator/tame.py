"""The last guard before a page: text that slipped past the checks of records changes nothing outside its own place."""

from __future__ import annotations

import re

from markupsafe import Markup

LONGEST = 100
"""Characters of a word without a break that a page shows; what is longer would push its neighbours away."""

# Controls, and what hides text or turns its direction: the reader of records refuses the same.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
# A run without a space; Chinese, Japanese and Korean text may break anywhere.
_RUN = re.compile(rf"[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]{{{LONGEST + 1},}}")
_ADDRESS = re.compile(r"(?:https://|(?:\.\./)+)\S{1,700}")
_HAN = re.compile(r"[\u3400-\u9fff]+(?:[\u3000-\u303f\uff00-\uffef·、]*[\u3400-\u9fff]+)*")


def tame(value: object) -> object:
    """Plain text without hidden characters and endless words; everything else, and addresses, as they are."""
    if not isinstance(value, str) or isinstance(value, Markup) or _ADDRESS.fullmatch(value):
        return value
    return tamed(value)


def tamed(text: str) -> str:
    """`text` without hidden characters; words of more than `LONGEST` characters are cut."""
    return _RUN.sub(lambda run: run.group()[: LONGEST - 1] + "…", _HIDDEN.sub("", text))


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
