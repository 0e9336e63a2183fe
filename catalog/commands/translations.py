"""`catalog translations`: texts that changed in one language only."""

from __future__ import annotations

import argparse
import sys

from catalog.commands import Declare, register


def add(declare: Declare) -> None:
    parser = declare("translations", "say which texts changed in one language only", "catalog translations --accept")
    parser.add_argument("--accept", action="store_true", help="record that both languages were read together")
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="only these records")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from catalog import translations
    from catalog.errors import UserError
    from catalog.writing import write_atomically

    catalog = register()
    names = {f.slug for f in catalog.files}
    if unknown := [slug for slug in arguments.slugs if slug not in names]:
        raise UserError(f"nothing is called `{unknown[0]}`", hint="`catalog list` names all", exit_code=2)
    accepted = {name: dict(rows) for name, rows in catalog.translations.items()}
    pending = 0
    for file in translations.bilingual(catalog):
        if arguments.slugs and file.slug not in arguments.slugs:
            continue
        name, rows = f"{file.kind}/{file.slug}", translations.of_record(file)
        for path, digest in rows.items():
            if accepted.get(name, {}).get(path) != digest:
                pending += 1
                if not arguments.accept:
                    sys.stdout.write(f"{name}: {path}\n")
        accepted[name] = rows
    if arguments.accept:
        write_atomically(catalog.root / "translations.lock.yaml", translations.lock_text(catalog, accepted).encode())
    sys.stderr.write(f"{pending} texts {'recorded as read together' if arguments.accept else 'to read'}\n")
    return 0
