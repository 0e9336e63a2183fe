"""A correction says which fact it corrects."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.base import Context, at, check
from catalog.reader import Map, Place, Seq
from catalog.register import File


@check("HB223")
def correction_of_nothing(file: File, context: Context) -> Iterator[tuple[Place, str, str]]:
    """`about` of a correction is a path of the record, such as `variants.alpaca-13b.form`."""
    for number, correction in enumerate(getattr(file.record, "corrections", ())):
        if not names_a_part(file.tree, correction.about):
            place = at(file, ("corrections", number, "about"))
            yield place, f"this record has no `{correction.about}`", "write the path, as `training.sft.duration`"


def names_a_part(tree: object, path: str) -> bool:
    """Whether a record's text has something at `path`.

    Keys may hold dots themselves, so each step tries the longest key first.
    """
    if not path:
        return True
    if isinstance(tree, Map):
        for key in sorted(tree, key=len, reverse=True):
            if path == key or path.startswith(f"{key}."):
                return names_a_part(tree[key], path[len(key) + 1 :])
        return False
    if isinstance(tree, Seq):
        head, _, rest = path.partition(".")
        for number, item in enumerate(tree):
            if head == str(number) or (isinstance(item, Map) and item.get("id") == head):
                return names_a_part(item, rest)
    return False
