"""Keeps the Chinese site while MkDocs empties the folder of the English one, which it lies in.

MkDocs removes everything but hidden entries from its output folder before each build. So the Chinese folder is
hidden for the time of the English build. When a build is killed half-way, the next one brings the folder back.
"""

import shutil
from pathlib import Path


def hide(site_dir: str) -> None:
    shown, hidden = Path(site_dir, "zh"), Path(site_dir, ".zh")
    if shown.is_dir():
        shutil.rmtree(hidden, ignore_errors=True)  # of a killed build; a newer one has been made since
        shown.rename(hidden)


def reveal(site_dir: str) -> None:
    shown, hidden = Path(site_dir, "zh"), Path(site_dir, ".zh")
    if hidden.is_dir() and not shown.exists():
        hidden.rename(shown)
