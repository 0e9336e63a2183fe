"""A record's text in its one form: keys in a set order, two spaces a level, comments and every scalar as written.

What the text says is read before and after; where the two differed, nothing would be changed and a ValueError raised.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver

from catalog.key_order import sorted_keys
from catalog.reader import Map, Seq, read
from catalog.shape import below, models_at

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SCHEMA_LINE = re.compile(r"#\s*yaml-language-server:.*")


class _AsWritten(VersionedResolver):
    """Every plain scalar is text, so that `1.10`, `no` and `2023-03-13` come out as they went in."""

    @property
    def versioned_resolver(self) -> dict[str, list[Any]]:
        return {"": [("tag:yaml.org,2002:null", re.compile("^$"))]}


def formatted(text: str, model: type[BaseModel] | None, *, items: bool = False, schema: str | None = None) -> str:
    """The text in its form.

    `model` is the record's type; with `items` the file maps ids to such records. `schema` is the relative path that
    the first line shall name. A text that cannot be read is given back as it is; ValueError says that the form could
    not be reached without changing what the text says.
    """
    if read(text.encode())[0] is None:
        return text
    said = _meaning(text)[0]
    text = _with_schema(text, schema)
    wanted = (said, sorted(_comments(text)))
    annotation: Any = dict[str, model] if items else model  # type: ignore[valid-type]
    arranged = _arranged(text, annotation)
    # The library loses a comment inside {...} now and then; the lines are then left as they are laid out.
    for result in (_laid_out(arranged, annotation), arranged):
        if _meaning(result) == wanted:
            return result if result.endswith("\n") else result + "\n"
    raise ValueError("the text cannot be put into its form without changing what it says")


def _meaning(text: str) -> tuple[Any, list[str]]:
    """What the text says, with every scalar as typed, and its comments in no order."""
    tree, _ = read(text.encode())
    return _typed(tree), sorted(_comments(text))


def _typed(tree: Any) -> Any:
    if isinstance(tree, Map):
        return {key: _typed(value) for key, value in tree.items()}
    if isinstance(tree, Seq):
        return [_typed(value) for value in tree]
    return (type(tree).__name__, str(getattr(tree, "text", tree)))


def _comments(text: str) -> Iterator[str]:
    """The comments of the text: what follows `#` outside of scalars."""
    covered = _covered(text)
    at = 0
    for line in text.split("\n"):
        for match in re.finditer(r"(?:^|(?<=\s))#.*$", line):
            if not covered[at + match.start()]:
                yield match.group().strip()
                break
        at += len(line) + 1


def _covered(text: str) -> bytearray:
    """For each character whether it is inside a scalar."""
    covered = bytearray(len(text) + 1)
    events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
    scalar: Any = yaml.ScalarEvent
    for event in events:
        if isinstance(event, scalar):
            start, end = event.start_mark.index, event.end_mark.index
            if event.style not in ("|", ">"):
                covered[start:end] = b"\1" * (end - start)
            else:
                head = text.find("\n", start)  # a comment may stand behind the | itself
                covered[head:end] = b"\1" * max(0, end - head)
    return covered


def _with_schema(text: str, schema: str | None) -> str:
    """The text with its first line naming the schema."""
    if schema is None:
        return text
    line = f"# yaml-language-server: $schema={schema}"
    if text.startswith(f"{line}\n"):
        return text
    kept = [one for one in text.split("\n") if not SCHEMA_LINE.fullmatch(one.strip())]
    return "\n".join([line, *kept])


def _arranged(text: str, annotation: Any) -> str:
    """The lines of block mappings in order; a comment above a key moves with it, the file's head stays."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError:
        return text
    lines = text.split("\n")
    if root is not None:
        _arrange(lines, root, annotation)
    return "\n".join(lines)


def _arrange(lines: list[str], node: Any, annotation: Any) -> None:
    """In place, the innermost first: what a block holds changes order, never its number of lines."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        for number, item in enumerate(node.value):
            _arrange(lines, item, below(annotation, number))
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return
    keys = [key.value for key, _ in node.value]
    for key, value in node.value:
        _arrange(lines, value, below(annotation, key.value, keys))
    wanted = sorted_keys(keys, models_at(annotation, keys))
    if wanted == keys or len(set(keys)) < len(keys):
        return
    starts = [key.start_mark.line for key, _ in node.value]
    ends = [_last_line(lines, key, value) + 1 for key, value in node.value]
    column = node.value[0][0].start_mark.column
    prefix = lines[starts[0]][:column]
    blocks: dict[str, list[str]] = {}
    for number, key in enumerate(keys):
        above = ends[number - 1] if number else starts[0]
        blocks[key] = lines[above : ends[number]]
    if any(ends[n] > starts[n + 1] for n in range(len(keys) - 1)):
        return  # two keys in one line
    if prefix.strip():
        # `- key: value`: the dash belongs to whatever comes first, which must be a key and no comment.
        blocks[keys[0]][0] = " " * column + blocks[keys[0]][0][column:]
        if blocks[wanted[0]][0].lstrip().startswith("#") or not blocks[wanted[0]][0].strip():
            return
        blocks[wanted[0]][0] = prefix + blocks[wanted[0]][0][column:]
    lines[starts[0] : ends[-1]] = [line for key in wanted for line in blocks[key]]


def _last_line(lines: list[str], key: Any, value: Any) -> int:
    """The last line that belongs to the value; for a block collection PyYAML's own mark lies beyond its comments."""
    if isinstance(value, yaml.ScalarNode) or value.flow_style:
        first, last = int(key.start_mark.line), int(value.end_mark.line)
        if value.end_mark.column == 0 and last > int(value.start_mark.line):
            last -= 1  # a block of text ends where the next line begins
        while last > first and not lines[last].strip():
            last -= 1
        return max(last, first)
    inner = value.value[-1]
    if isinstance(value, yaml.MappingNode):
        return _last_line(lines, *inner)
    return _last_line(lines, inner, inner)


def _laid_out(text: str, annotation: Any) -> str:
    """Indentation and spaces by ruamel.yaml, which keeps comments and quotes; keys inside {...} in order too."""
    yaml_ = YAML(typ="rt")
    yaml_.Resolver = _AsWritten
    yaml_.preserve_quotes = True
    yaml_.width = 10**9
    yaml_.indent(mapping=2, sequence=4, offset=2)
    try:
        tree = yaml_.load(text)
        if not isinstance(tree, CommentedMap):
            return text
        _sort_flow(tree, annotation)
        out = io.StringIO()
        yaml_.dump(tree, out)
    except (YAMLError, AttributeError, IndexError, AssertionError, TypeError, ValueError):
        return text
    return out.getvalue()


def _sort_flow(tree: Any, annotation: Any) -> None:
    if isinstance(tree, CommentedSeq):
        for number, item in enumerate(tree):
            _sort_flow(item, below(annotation, number))
    if not isinstance(tree, CommentedMap):
        return
    keys = [str(key) for key in tree]
    for key, value in tree.items():
        _sort_flow(value, below(annotation, str(key), keys))
    if tree.fa.flow_style():
        for key in sorted_keys(keys, models_at(annotation, keys)):
            tree.move_to_end(key)
