"""Templates: plain texts with named places, filled in one pass. Nothing in them is ever executed.

=== prompt              a line of this kind begins a part, the next one ends it; the last line end is not part of it
Q: {instruction}
=== answer
{output}

Parts: `prompt`, `prompt-input` (for rows whose input is not empty), `answer`; or for conversations `opening`, `human`,
`assistant`, `between` (what closes a reply that another turn follows). Places: {instruction}, {input}, {output},
{text}; `{{` and `}}` stand for braces.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from catalog.errors import UserError

PLACES = ("instruction", "input", "output", "text")
_INSTRUCTION_PARTS = frozenset({"prompt", "prompt-input", "answer"})
_CONVERSATION_PARTS = frozenset({"opening", "human", "assistant", "between"})
_HEAD = re.compile(r"^=== ([a-z\-]+)$", re.MULTILINE)
# The published sources write a place as {instruction} or, in a Python f-string, as {data_point["instruction"]}.
_PIECE = re.compile(
    r"""(?P<open>\{\{)|(?P<close>\}\})|\{(?:(?P<name>[a-z]+)|data_point\[(?P<q>["']?)(?P<key>[a-z]+)(?P=q)\])\}|(?P<bad>[{}])"""
)
MAX_BYTES = 100_000

Piece = tuple[bool, str]
"""(True, name of a place) or (False, text)."""


def pieces(text: str) -> tuple[Piece, ...]:
    """A text cut at its places. ValueError at a brace that is neither doubled nor around a known name."""
    found: list[Piece] = []
    at = 0
    for match in _PIECE.finditer(text):
        found.append((False, text[at : match.start()]))
        at = match.end()
        name = match["name"] or match["key"]
        if match["open"] or match["close"]:
            found.append((False, "{" if match["open"] else "}"))
        elif match["bad"] or name not in PLACES:
            known = ", ".join(f"{{{place}}}" for place in PLACES)
            line = text.count("\n", 0, match.start()) + 1
            raise ValueError(f"line {line}: `{match[0]}` is no place; places are {known}, a brace is written twice")
        else:
            found.append((True, name))
    found.append((False, text[at:]))
    return tuple(piece for piece in found if piece[0] or piece[1])


def fill(text: tuple[Piece, ...], values: Mapping[str, str]) -> str:
    """The text with its places filled; what is filled in is not looked at again. KeyError for a place without value."""
    return "".join(values[said] if place else said for place, said in text)


@dataclass(frozen=True)
class Template:
    """A text for each part."""

    name: str
    parts: Mapping[str, tuple[Piece, ...]]
    sha256: str
    """Of the file, or of the published texts in order of their names."""
    bytes: int
    published: bool = False
    """The text of the publication, by its hash; False: our own words."""

    @property
    def conversation(self) -> bool:
        """Whether it renders turns instead of one prompt and answer."""
        return "human" in self.parts

    @property
    def takes_input(self) -> bool:
        """Whether there is a place for a row's input; without one it would be lost and nobody would see it."""
        return any((True, "input") in part for part in self.parts.values())

    def needs(self) -> frozenset[str]:
        """Columns that a row has to offer; `input` may be empty, a conversation's turns are its column."""
        if self.conversation:
            return frozenset({"conversation"})
        return frozenset(said for part in self.parts.values() for place, said in part if place) - {"input"}

    def prompt(self, values: Mapping[str, str]) -> str:
        """What stands before the answer."""
        with_input = values.get("input") and "prompt-input" in self.parts
        return fill(self.parts["prompt-input" if with_input else "prompt"], values)

    def answer(self, values: Mapping[str, str]) -> str:
        """What is learnt."""
        return fill(self.parts["answer"], values)

    def turns(self, turns: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """(everything before a reply, the reply) for each reply of (`human` or `assistant`, text) turns."""
        said = fill(self.parts.get("opening", ()), {})
        for number, (role, text) in enumerate(turns):
            now = fill(self.parts[role], {"text": text})
            if role == "assistant":
                yield said, now
                if number + 1 < len(turns):
                    now += fill(self.parts.get("between", ()), {})
            said += now


def read(name: str, raw: bytes) -> Template:
    """A template file. ValueError says what is wrong with it."""
    if len(raw) > MAX_BYTES:
        raise ValueError(f"it has {len(raw):,} bytes, {MAX_BYTES:,} are the most")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is no UTF-8") from None
    heads = list(_HEAD.finditer(text))
    if not heads or text[: heads[0].start()].strip():
        raise ValueError("it has to begin with a part, as `=== prompt`")
    parts: dict[str, tuple[Piece, ...]] = {}
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = text[head.end() + 1 : following.start() if following else len(text)].removesuffix("\n")
        if head[1] in parts:
            raise ValueError(f"the part `{head[1]}` stands there twice")
        parts[head[1]] = pieces(body)
    _check_parts(parts)
    return Template(name, parts, hashlib.sha256(raw).hexdigest(), len(raw))


def _check_parts(parts: Mapping[str, tuple[Piece, ...]]) -> None:
    allowed = _CONVERSATION_PARTS if "human" in parts else _INSTRUCTION_PARTS
    if unknown := sorted(set(parts) - allowed):
        raise ValueError(f"unknown part `{unknown[0]}`; parts are {', '.join(sorted(allowed))}")
    needed = ("human", "assistant") if "human" in parts else ("prompt", "answer")
    if lacking := [name for name in needed if name not in parts]:
        raise ValueError(f"the part `{lacking[0]}` is missing")
    if "human" in parts:
        strange = [said for part in parts.values() for place, said in part if place and said != "text"]
        if strange or any(place for name in ("opening", "between") for place, _ in parts.get(name, ())):
            raise ValueError("a conversation has the place {text} in `human` and `assistant`, and no other")
    elif any(place and said == "output" for name in ("prompt", "prompt-input") for place, said in parts.get(name, ())):
        raise ValueError("{output} stands in a prompt, so that the answer would be given away")


def names() -> list[str]:
    """Templates that come with the runner."""
    return sorted(
        one.name.removesuffix(".txt") for one in files("runner.templates").iterdir() if one.name.endswith(".txt")
    )


@cache
def own(name: str) -> Template:
    """A template that comes with the runner. UserError where there is none of this name."""
    if name not in names():
        raise UserError(
            f"there is no template `{name[:80]}`",
            where="runner/templates/",
            hint=f"templates are: {', '.join(names())}",
            exit_code=2,
        )
    raw = (files("runner.templates") / f"{name}.txt").read_bytes()
    try:
        return read(name, raw)
    except ValueError as error:
        raise UserError(
            f"the template `{name}` cannot be used", where=f"runner/templates/{name}.txt", why=str(error)
        ) from None
