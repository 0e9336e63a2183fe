"""How long `generator build` takes for both languages, beside MkDocs alone with the same pages in the same run.

python benchmarks/site.py                   # 1,000 models, twice each
python benchmarks/site.py --models 200 --repeat 3

Ours reads the records, derives, renders and writes the data files, then runs MkDocs. The plain build gets what we
rendered as Markdown files with raw HTML, and the data files, and runs MkDocs twice with the same theme, overrides,
search and navigation.prune: what anybody would have who wrote these pages by hand. Nothing is written into the
repository.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import yaml
from measure import Runs, interleaved, table
from synthetic import HERE, write

ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

PLAIN = """
import logging, sys
from mkdocs.commands.build import build
from mkdocs.config import load_config
logging.getLogger("mkdocs").setLevel(logging.ERROR)
for config in sys.argv[1:]:
    build(load_config(config))
"""

HOOKS = """
from generator.frame import frame

def on_page_context(context, page, config, nav):
    context["frame"] = frame(config.extra["language"], page.url, context["base_url"], True)
    return context

def on_template_context(context, template_name, config):
    context["frame"] = frame(config.extra["language"], "", context["base_url"], True)
    return context
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=1_000)
    parser.add_argument("--repeat", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="herdbook-site-") as name:
        folder = Path(name)
        pages = plain_sources(write(folder, options.models), folder / "plain")
        ours, plain = measure(folder, options.repeat)
    rows = [("generator build", *ours.cells(), ours.ratio(plain)), ("MkDocs alone", *plain.cells(), "1.00")]
    print(f"{options.models:,} models, {pages:,} pages in two languages")
    print(table(("", "s", "CPU s", "MB RSS", "CPU ratio"), rows))


def measure(folder: Path, repeat: int) -> tuple[Runs, Runs]:
    build = [sys.executable, "-P", "-m", "generator.cli", "build", "--output", str(folder / "public")]
    plain_build = [sys.executable, "-P", "-c", PLAIN, *(str(folder / "plain" / name) for name in ("en.yml", "zh.yml"))]
    ours, plain = interleaved([build, plain_build], repeat, folder, ROOT)
    compare(folder)
    return ours, plain


def plain_sources(catalog_folder: Path, plain: Path) -> int:
    """What we render of the catalog as the sources of an ordinary MkDocs site; returns the number of pages."""
    from catalog.store import read_catalog, readable
    from generator.render import LANGUAGES, render

    catalog = readable(read_catalog(catalog_folder))
    count = 0
    plain.mkdir()
    (plain / "hooks.py").write_text(HOOKS, "utf-8")
    for language in LANGUAGES:
        docs = plain / language
        shutil.copytree(ROOT / "site" / language, docs)
        site = render(catalog, language)
        for page in site.pages:
            front = json.dumps(page.meta, ensure_ascii=False)
            put(docs / page.path / "index.md", f"---\n{front}\n---\n{page.html}".encode())
        for path, data in site.files.items():
            put(docs / path, data)
        configure(plain, language)
        count += len(site.pages)
    return count


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def configure(plain: Path, language: str) -> None:
    """Our own configuration without our plugin."""
    name = "mkdocs.yml" if language == "en" else "mkdocs.zh.yml"
    search = {"lang": "en"} if language == "en" else {"lang": ["zh", "en"]}
    settings = {
        "INHERIT": str(ROOT / name),
        "docs_dir": str(plain / language),
        "site_dir": str(plain / "public" / language),
        "theme": {"custom_dir": str(ROOT / "site/overrides")},
        "plugins": [{"search": search}],
        "hooks": [str(plain / "hooks.py")],
        "watch": [],
        "extra": {"language": language},
    }
    (plain / f"{language}.yml").write_text(yaml.safe_dump(settings), "utf-8")


def compare(folder: Path) -> None:
    """Both must have made the same pages, or the figures mean nothing."""
    ours = {path.relative_to(folder / "public").as_posix() for path in (folder / "public").rglob("index.html")}
    built = folder / "plain/public"
    plain = {path.relative_to(built).as_posix() for path in built.rglob("index.html")}
    plain = {path.removeprefix("en/") for path in plain}
    if ours != plain:
        raise SystemExit(f"not the same pages: {sorted(ours ^ plain)[:5]}")


if __name__ == "__main__":
    main()
