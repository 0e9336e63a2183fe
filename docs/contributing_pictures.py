"""The pictures of CONTRIBUTING.md: what the real commands print about a record with slips, and about a change.

.venv/bin/python docs/contributing_pictures.py
"""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
RECORD = "catalog/models/alpaca/model.yaml"
SLIPS = (
    ("duration: {value: 3 h,", "duration: {value: 3 hrz,"),
    ("        method: {value: full", "        metod: {value: full"),
)
CHANGE = (
    ("duration: {value: 3 h,", "duration: {value: 4 h,"),
    ("weights: {value: CC-BY-NC-4.0", "weights: {value: Apache-2.0"),
)
STYLE = """
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; background: #fdfcf9; color: #1c1b18; }
main { padding: 20px 26px; } pre { margin: 0; font: 13.5px/1.6 monospace; white-space: pre-wrap; } b { color: #1d4d3c; }
code { font: 13px monospace; background: #f0ece2; padding: 1px 4px; border-radius: 3px; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 0 0 8px; } h3 { font-size: 16px; margin: 14px 0 4px; } p, ul { margin: 4px 0; }
"""


def run(folder: Path, command: str, *arguments: str) -> str:
    program = Path(sys.executable).with_name(command)
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True)
    return done.stdout + done.stderr


def changed(folder: Path, changes: tuple[tuple[str, str], ...]) -> None:
    path = folder / RECORD
    text = (ROOT / RECORD).read_text("utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def clone(folder: Path) -> None:
    """The records under git, away from the checkout, so that nothing of it is touched."""
    left_out = shutil.ignore_patterns("*.py", "__pycache__", "schema")
    shutil.copytree(ROOT / "catalog", folder / "catalog", ignore=left_out)
    who = ["-c", "user.name=Herdbook", "-c", "user.email=herdbook@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "as it stands"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def shoot(page: Page, body: str, name: str) -> None:
    page.set_content(f"<style>{STYLE}</style><main>{body}</main>")
    page.locator("main").screenshot(path=ROOT / "docs" / name)


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        clone(folder)
        changed(folder, SLIPS)
        found = run(folder, "catalog", "lint", RECORD)
        changed(folder, CHANGE)
        diff = run(folder, "generator", "diff", "HEAD")
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 980, "height": 400})
        shoot(page, f"<pre><b>$ catalog lint {RECORD}</b>\n{html.escape(found)}</pre>", "lint.png")
        shoot(page, MarkdownIt("gfm-like").render(diff), "diff.png")
        browser.close()


if __name__ == "__main__":
    main()
