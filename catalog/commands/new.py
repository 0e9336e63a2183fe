"""`catalog new`: a draft of a record, filled with what the thing's own files say."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.commands import Declare

if TYPE_CHECKING:
    from catalog.new.gathered import Gathered
    from catalog.new.writing import Addition
    from catalog.register import Catalog, Kind

KINDS = {"model": "models/{}/model.yaml", "dataset": "datasets/{}.yaml", "framework": "frameworks/{}.yaml"}
_FOLDERS: dict[str, Kind] = {"model": "models", "dataset": "datasets", "framework": "frameworks"}


def add(declare: Declare) -> None:
    parser = declare(
        "new",
        "draft a record from what a model card, its settings and weights, a folder or GitHub say",
        "catalog new model ewe-7b --from-hf farm/ewe-7b --interactive",
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("slug", metavar="SLUG", help="lower-case letters, digits, hyphens: the record's id")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--from-hf", metavar="REPO", help="owner/name on the hub (HF_ENDPOINT, HF_TOKEN are obeyed)")
    source.add_argument("--from-folder", type=Path, metavar="DIR", help="a model or data set on this machine")
    parser.add_argument("--revision", metavar="REV", help="with --from-hf: branch, tag or commit; default: main")
    parser.add_argument("--from-github", metavar="OWNER/NAME", help="repository of the code (GITHUB_TOKEN is obeyed)")
    parser.add_argument("--interactive", action="store_true", help="ask for what no file can say")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog.errors import UserError
    from catalog.files import show
    from catalog.formatting import formatted
    from catalog.new.ask import ask
    from catalog.new.draft import Draft
    from catalog.new.kinds import text_of
    from catalog.new.known import Known
    from catalog.new.writing import add as add_line
    from catalog.new.writing import write_new
    from catalog.register import KINDS as TYPES
    from catalog.store import find_root, read_catalog

    if arguments.revision and not arguments.from_hf:
        raise UserError("--revision belongs to --from-hf", exit_code=2)
    root = find_root()
    path = root / KINDS[arguments.kind].format(arguments.slug)
    catalog = read_catalog(root).catalog
    _free(catalog, arguments.slug, path)
    draft = Draft(arguments.slug, _gather(arguments), Known(catalog))
    additions: list[Addition] = []
    if arguments.interactive:
        answers, additions = ask(draft, arguments.kind)
        draft = replace(draft, answers=answers, cited={})
    text = formatted(text_of(draft, arguments.kind), TYPES[_FOLDERS[arguments.kind]])
    for addition in additions:
        add_line(root, addition)
    write_new(path, text)
    sys.stdout.write(f"{show(path)}\n")
    for addition in additions:
        sys.stderr.write(f"added `{addition.id}` to {addition.file}\n")
    for remark in draft.gathered.remarks:
        sys.stderr.write(f"not read: {remark}\n")
    sys.stderr.write(
        f"{draft.facts} facts with evidence, {draft.unknowns} unknown, each with a hint. Next: read every fact at its "
        f"source, then `catalog lint {show(path)}`\n"
    )
    return 0


def _free(catalog: Catalog, slug: str, path: Path) -> None:
    """UserError where the slug is none or means something already."""
    from catalog.errors import UserError
    from catalog.new.known import slug_of
    from catalog.new.writing import taken
    from catalog.store import is_slug

    if not is_slug(slug):
        near = slug_of(slug[:80])
        hint = f"write `{near}`" if near else "lower-case letters, digits, single dots and hyphens"
        raise UserError(f"`{slug[:80]}` is not a slug", hint=hint, exit_code=2)
    if path.exists() or path.is_symlink():
        raise taken(path)
    if target := catalog.resolve(slug):
        where = "outside.yaml" if target.kind == "outside" else f"the {target.kind} `{target.entry}`"
        raise UserError(
            f"`{slug}` is an id already",
            why=f"it means {where}",
            hint="move it here by hand, or choose another slug" if target.kind == "outside" else "choose another slug",
        )


def _gather(arguments: argparse.Namespace) -> Gathered:
    from catalog.clock import today
    from catalog.errors import UserError
    from catalog.new import folder, github, hub
    from catalog.new.gathered import Gathered

    day = today().isoformat()
    gathered = Gathered(origin="", name="", today=day)
    if arguments.kind == "framework" and (arguments.from_hf or arguments.from_folder):
        raise UserError("a framework is drafted from its repository", hint="--from-github OWNER/NAME", exit_code=2)
    if arguments.from_hf:
        gathered = hub.gather(arguments.from_hf, arguments.kind, arguments.revision, day)
    elif arguments.from_folder:
        gathered = folder.gather(arguments.from_folder, day)
    if arguments.from_github:
        code = github.gather(arguments.from_github, day)
        gathered = replace(gathered, code=code, origin=gathered.origin or code.url)
    return gathered
