"""What no file can say, asked of a person; the answers may also come from a script on standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from catalog.errors import UserError
from catalog.facts import Url, prose
from catalog.new.draft import Answers, Draft
from catalog.new.gathered import Kind
from catalog.new.known import slug_of
from catalog.new.told import Value
from catalog.new.writing import Addition
from catalog.store import is_slug
from catalog.vocabulary import DataKind

_TRIES = 3


def ask(draft: Draft, kind: Kind) -> tuple[Answers, list[Addition]]:
    """The answers, and the lines that publishers.yaml and outside.yaml need for them."""
    sys.stderr.write("An empty answer takes what stands in [...], or leaves the question open.\n")
    gathered, additions = draft.gathered, []
    name = _question("Name, as the project writes it", gathered.name or draft.slug, prose)
    publisher, added = _publisher(draft)
    additions += added
    en = _question("What is it, and why does it matter? One sentence in English", "", _sentence)
    zh = _question("The same in Chinese", "", _sentence)
    data_kind = ""
    if kind == "dataset":
        data_kind = _question(f"Kind: {', '.join(get_args(DataKind))}", "", _one_of(get_args(DataKind)))
    ids = {}
    for value, outside_kind in _unknown(draft, kind):
        answer = _reference(draft, value, outside_kind)
        if answer:
            ids[value.text], added = answer
            additions += added
    return Answers(name=name, publisher=publisher, en=en, zh=zh, kind=data_kind, ids=ids), additions


def _question(text: str, default: str, check: Callable[[str], object]) -> str:
    """The answer, asked again where `check` raises ValueError; empty where there was none and no default."""
    for _ in range(_TRIES):
        sys.stderr.write(f"{text}{f' [{default}]' if default else ''}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise UserError("the answers ended early", hint="run it without --interactive and fill the file by hand")
        answer = line.strip() or default
        try:
            if answer:
                check(answer)
            return answer
        except ValueError as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            sys.stderr.write(f"  {why.removeprefix('Value error, ')}\n")
    raise UserError(f"no usable answer to `{text}`", hint="run it without --interactive and fill the file by hand")


def _sentence(text: str) -> None:
    prose(text)
    if len(text) > 400:
        raise ValueError("one sentence, of at most 400 characters")


def _one_of(words: tuple[str, ...]) -> Callable[[str], None]:
    def check(text: str) -> None:
        if text not in words:
            raise ValueError(f"one of: {', '.join(words)}")

    return check


def _slug(text: str) -> None:
    if not is_slug(text):
        raise ValueError("lower-case letters, digits, single dots and hyphens")


def _address(text: str) -> None:
    TypeAdapter(Url).validate_python(text)


def _publisher(draft: Draft) -> tuple[str, list[Addition]]:
    gathered = draft.gathered
    owner = gathered.owner or (gathered.code.id.partition("/")[0] if gathered.code else "")
    default = (draft.known.publisher(owner) if owner else None) or (slug_of(owner) if owner else None) or ""
    answer = _question("Publisher, by its id in publishers.yaml", default, _slug)
    if not answer or answer in draft.known.catalog.publishers:
        return answer, []
    name = _question(f"  `{answer}` is new there. Its name, an organisation or handle, no person", owner, prose)
    home = f"https://huggingface.co/{owner}" if gathered.owner else f"https://github.com/{owner}" if owner else ""
    address = _question("  Its address", home, _address)
    pairs = {"name": name or answer, **({"url": address} if address else {})}
    return answer, [Addition("publishers.yaml", answer, pairs)]


def _unknown(draft: Draft, kind: Kind) -> Iterator[tuple[Value, str]]:
    """(reference that the register does not know, kind of thing)."""
    if kind == "model":
        bases = draft.card.many("base_model") or draft.adapter.many("base_model_name_or_path")
        yield from ((value, "model") for value in bases[:1] if not draft.known.thing(value.text))
        yield from ((value, "dataset") for value in draft.card.many("datasets") if not draft.known.thing(value.text))
    if kind == "dataset":
        named = (value for value in draft.card.many("source_datasets") if "/" in value.text)
        yield from ((value, "dataset") for value in named if not draft.known.thing(value.text))


def _reference(draft: Draft, value: Value, kind: str) -> tuple[str, list[Addition]] | None:
    text = f"The {'base' if kind == 'model' else 'data set'} `{value.text}` ({value.evidence}). Its id here"
    answer = _question(text, draft.known.near(value.text) or slug_of(value.text.rpartition("/")[2]) or "", _slug)
    if not answer:
        return None
    if draft.known.catalog.resolve(answer):
        return answer, []
    owner, _, name = value.text.rpartition("/")
    by = _question(f"  `{answer}` goes to outside.yaml. Who made it", owner, prose)
    middle = "datasets/" if kind == "dataset" else ""
    address = _question("  Its address", f"https://huggingface.co/{middle}{value.text}" if owner else "", _address)
    pairs = {"name": name, "kind": kind, "by": by or "not named", **({"url": address} if address else {})}
    return answer, [Addition("outside.yaml", answer, pairs)]
