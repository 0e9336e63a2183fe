"""`catalog diff`: what the records here change against a revision, for the one who reviews it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from catalog.commands import Declare

if TYPE_CHECKING:
    from catalog.changes import Changes
    from catalog.store import Loading


def add(declare: Declare) -> None:
    parser = declare(
        "diff", "say what changed since a revision, as Markdown for a pull request", "catalog diff origin/main"
    )
    parser.add_argument("revision", metavar="REV", help="branch, tag or commit; its files are compared with those here")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from catalog.changes.markdown import as_markdown
    from catalog.changes.revision import catalog_at
    from catalog.store import find_root, read_catalog

    root = find_root()
    with catalog_at(root, arguments.revision) as (before, commit):
        changes = changed(read_catalog(before), read_catalog(root))
    if arguments.json:
        content = {"base": commit, **asdict(changes), "pages": None}
        sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(as_markdown(changes, commit))
    return 0


def changed(before: Loading, after: Loading) -> Changes:
    """The changes; what could not be read on either side is named and not compared."""
    from catalog.changes import compare

    notes = []
    for when, loading in (("before", before), ("now", after)):
        if loading.findings:
            one = loading.findings[0]
            more = f", and {len(loading.findings) - 1} more" if len(loading.findings) > 1 else ""
            notes.append(f"{when}: {one.path}:{one.at.line}: {one.code} {one.message}{more}")
    return compare(before.catalog, after.catalog, notes)
