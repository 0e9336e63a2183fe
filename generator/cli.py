"""The command `generator`: builds the site from the catalog."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from catalog.command import finish


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; the exit code is 0, 1 for a failure, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    return finish(lambda: int(options.run(options)))


def parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        prog="generator",
        description="Builds the site from the catalog.",
        epilog="example:\n  generator build --output public",
        formatter_class=raw,
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser(
        "build",
        help="write the English and the Chinese site into a folder",
        description="Writes the English site into a folder and the Chinese one into zh/ below it.\n"
        "The folder is replaced only after both have been built.",
        epilog="example:\n  HERDBOOK_SITE_URL=https://example.org/herdbook/ generator build --strict",
        formatter_class=raw,
    )
    build.add_argument("--output", type=Path, default=Path("public"), metavar="FOLDER", help="default: public")
    build.add_argument("--strict", action="store_true", help="fail on warnings and on links that lead nowhere")
    build.set_defaults(run=run_build)

    serve = commands.add_parser(
        "serve",
        help="show the site on this machine and reload it when a file changes",
        description="Shows the site on this machine and reloads it when a record, page or style changes.\n"
        "After a change of Python code, start it again.",
        epilog="example:\n  generator serve --port 8001",
        formatter_class=raw,
    )
    serve.add_argument("--port", type=int, default=8000, help="default: 8000")
    serve.set_defaults(run=run_serve)

    diff = commands.add_parser(
        "diff",
        help="say what changed since a revision, rendered pages too",
        description="What `catalog diff` says, and every page that is rendered differently, as Markdown.",
        epilog="example:\n  generator diff origin/main > summary.md",
        formatter_class=raw,
    )
    diff.add_argument("revision", metavar="REV", help="branch, tag or commit; its records are compared with those here")
    diff.add_argument("--json", action="store_true", help="print JSON")
    diff.set_defaults(run=run_diff)
    return top


def run_build(options: argparse.Namespace) -> int:
    from generator.build import build, find_root

    start = time.monotonic()
    pages = build(find_root(Path.cwd()), options.output, strict=options.strict)
    print(
        f"{pages} pages in {options.output} ({time.monotonic() - start:.1f} s). To read them: "
        f"python3 -m http.server --bind 127.0.0.1 --directory {options.output} 8000, then http://127.0.0.1:8000/"
    )
    return 0


def run_serve(options: argparse.Namespace) -> int:
    from generator.build import find_root
    from generator.serve import serve

    serve(find_root(Path.cwd()), options.port)
    return 0


def run_diff(options: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from catalog.changes.markdown import as_markdown
    from catalog.changes.revision import catalog_at
    from catalog.commands.diff import changed
    from catalog.store import find_root, read_catalog, readable
    from generator.diff import page_changes

    root = find_root()
    after = read_catalog(root)
    readable(after)
    with catalog_at(root, options.revision) as (folder, commit):
        before = read_catalog(folder)
        changes = changed(before, after)
        # What this code cannot read it cannot render either; the records are still compared.
        pages = None if before.findings else page_changes(before.catalog, after.catalog)
    if options.json:
        rows = None if pages is None else [asdict(page) for page in pages]
        print(json.dumps({"base": commit, **asdict(changes), "pages": rows}, ensure_ascii=False, indent=1))
    else:
        print(as_markdown(changes, commit, pages), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
