"""What the built site weighs, how fast the explorer answers, and what html-validate and Lighthouse say of it.

python benchmarks/quality.py weight            # every model page, compressed, with what it loads; no browser needed
python benchmarks/quality.py explorer          # sort and filter with 1,000 rows in Chromium
python benchmarks/quality.py html              # html-validate and the link check over every page (needs npm)
python benchmarks/quality.py axe               # axe-core on every page, desk and phone, light and dark: many minutes
python benchmarks/quality.py lighthouse        # four pages as a phone sees them (needs npm)

Builds what it measures; `--site public` takes a site that is there. Exits with 1 where a bound is not kept.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urldefrag

from catalog.store import load
from generator.build import SMALLEST_PAGE, build, find_root
from generator.links import dead_links

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE = Path(__file__).resolve().parent
ROOT = find_root(HERE)
CHROMIUM = "/usr/bin/chromium"
TOOLS = ROOT / ".cache/npm"
HTML_VALIDATE, LIGHTHOUSE = "html-validate@10.17.0", "lighthouse@12.8.2"

HEAVIEST = 120_000
"""Bytes a model page may send at most, compressed, with styles and scripts and without the search index."""
ANSWER = 100
"""Milliseconds within which 1,000 rows are sorted or filtered and laid out."""
SCORES = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
PAGES = ("", "explorer/", "models/alpaca/", "timeline/")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("weight", "explorer", "html", "axe", "lighthouse"))
    parser.add_argument("--site", type=Path, help="a built site; default: build one")
    parser.add_argument("--runs", type=int, default=3, help="runs of Lighthouse, of which the middle one counts")
    parser.add_argument("--page", action="append", help="a page for Lighthouse, such as explorer/; may be repeated")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="herdbook-") as scratch:
        if options.what == "explorer":
            return explorer(Path(scratch))
        site = options.site or Path(scratch, "herdbook")
        if not options.site:
            build(ROOT, site)
        return (
            {"weight": weight, "html": html, "axe": axe}[options.what](site)
            if options.what != "lighthouse"
            else lighthouse(site, options.runs, options.page or PAGES)
        )


def weight(site: Path) -> int:
    """The page and what its head and foot name, each compressed as hosts do."""
    sizes = {page: _sent(site, page) for page in sorted(site.glob("**/models/*/index.html"))}
    sizes = {page: size for page, size in sizes.items() if page.stat().st_size > 2_000}
    heaviest = max(sizes, key=lambda page: sizes[page])
    print(f"{len(sizes)} model pages; median {statistics.median(sizes.values()) / 1000:.1f} kB compressed")
    print(f"heaviest: {heaviest.relative_to(site).parent} {sizes[heaviest] / 1000:.1f} kB")
    return int(sizes[heaviest] > HEAVIEST)


def _sent(site: Path, page: Path) -> int:
    text = page.read_text("utf-8")
    named = re.findall(r'<(?:link[^>]*rel="(?:stylesheet|icon)"[^>]*href|script[^>]*src)="([^"]+)"', text)
    worker = re.findall(r'"search": "([^"?]+)', text)
    files = {page, *((page.parent / urldefrag(name).url).resolve() for name in [*named, *worker])}
    files |= set((site / "assets/javascripts/workers").glob("search.*.js"))
    return sum(len(gzip.compress(file.read_bytes(), 6)) for file in files)


def explorer(scratch: Path) -> int:
    """Median and worst of repeated sorts and filters, from the click to the laid-out table."""
    from playwright.sync_api import sync_playwright

    from benchmarks.synthetic import write

    catalog = write(scratch, 1_000)
    with mock.patch("generator.build.load_catalog", return_value=load(catalog)):
        build(ROOT, scratch / "herdbook")
    slowest = 0.0
    with served(scratch) as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(home + "explorer/")
        print(f"{page.locator('tbody tr').count()} rows")
        for name, script in STEPS.items():
            taken = sorted(_answer(page, script) for _ in range(9))
            slowest = max(slowest, taken[4])
            print(f"{name:<20} median {taken[4]:5.0f} ms, worst {taken[-1]:5.0f} ms")
        browser.close()
    return int(slowest > ANSWER)


def _answer(page: Page, script: str) -> float:
    """Milliseconds of one step, begun with every row laid out."""
    page.locator(".hb-late").first.wait_for(state="detached")
    return float(page.evaluate(TIMED % script))


# The reading of a height makes the browser lay the table out before the clock is read.
TIMED = "() => { const start = performance.now(); %s; document.body.offsetHeight; return performance.now() - start; }"
STEPS = {
    "sort by parameters": "document.querySelector('th[data-k=parameters] button').click()",
    "sort by name": "document.querySelector('th[data-k=name] button').click()",
    "facet": "document.querySelector('[data-facet=weights] input').click()",
    "second facet": "document.querySelector('[data-facet=method] input').click()",
    "search": "{ const q = document.querySelector('[name=q]'); q.value = q.value === 'al' ? 'alp' : 'al';"
    " q.dispatchEvent(new Event('input', {bubbles: true})) }",
    "column": "document.querySelector('[data-col=hardware]').click()",
}


def html(site: Path) -> int:
    """Every page by html-validate, every link by the generator's own check."""
    tool(HTML_VALIDATE)
    command = ["npx", "html-validate", "--config", str(HERE / "htmlvalidate.cjs"), "--max-warnings", "0"]
    done = subprocess.run([*command, f"{site.resolve()}/**/*.html"], cwd=TOOLS, check=False)
    dead = dead_links(site)
    print("\n".join(dead) or f"no dead link, {len(list(site.rglob('*.html')))} pages")
    return int(done.returncode != 0 or bool(dead))


def axe(site: Path) -> int:
    """Every rule on every page in the light; in the dark contrast, which is all that a scheme changes."""
    from playwright.sync_api import sync_playwright

    script = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    files = [path for path in sorted(site.rglob("index.html")) if path.stat().st_size > SMALLEST_PAGE]
    found = 0
    with tempfile.TemporaryDirectory() as parent, sync_playwright() as playwright:
        Path(parent, "herdbook").symlink_to(site.resolve())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with served(Path(parent)) as home:
            for width in (1440, 390):
                page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme="light")
                page.add_init_script(script)
                for path in (file.parent.relative_to(site).as_posix() for file in files):
                    page.emulate_media(color_scheme="light")
                    page.goto(f"{home}{path}/")
                    wrong = page.evaluate(AXE, {"rules": {"target-size": {"enabled": True}}})
                    page.emulate_media(color_scheme="dark")
                    page.locator("body[data-md-color-scheme=slate]").wait_for()
                    wrong += page.evaluate(AXE, {"runOnly": ["color-contrast"]})
                    found += len(wrong)
                    print("".join(f"{path} at {width}: {violation}\n" for violation in wrong), end="", flush=True)
                page.close()
        browser.close()
    print(f"{found} violations on {len(files)} pages at two widths in two schemes")
    return int(found > 0)


AXE = """options => axe.run(document, {resultTypes: ["violations"], ...options}).then(found => found.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id} at ${node.target.join(" ")}`)))"""


def lighthouse(site: Path, runs: int, pages: Sequence[str]) -> int:
    """The middle of several runs: the figures of one depend on what else the machine does."""
    tool(LIGHTHOUSE)
    missed = False
    with tempfile.TemporaryDirectory() as parent:
        Path(parent, "herdbook").symlink_to(site.resolve())
        with served(Path(parent)) as home:
            for page in pages:
                found = [_scores(home + page) for _ in range(runs)]
                middle = {name: statistics.median_low(scores[name] for scores in found) for name in SCORES}
                missed |= any(middle[name] < least for name, least in SCORES.items())
                print(f"{page or 'home':<16}", *(f"{name} {score:.0f}" for name, score in middle.items()), sep="  ")
    print(f"middle of {runs}; load of the last minutes {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors")
    return int(missed)


def _scores(address: str) -> dict[str, float]:
    flags = "--headless=new --no-sandbox --disable-gpu"
    command = ["npx", "lighthouse", address, "--quiet", "--output=json", f"--chrome-flags={flags}"]
    env = os.environ | {"CHROME_PATH": CHROMIUM}
    reply = subprocess.run(command, cwd=TOOLS, env=env, check=True, capture_output=True, text=True).stdout
    report: dict[str, Any] = json.loads(reply)
    for audit in report["audits"].values():
        if audit["score"] not in (None, 1) and audit["scoreDisplayMode"] == "binary":
            print(f"  {address}: {audit['id']}")
    return {name: round(100 * (report["categories"][name]["score"] or 0)) for name in SCORES}


def tool(name: str) -> None:
    """Installs a tool of one version below .cache, once."""
    package, _, version = name.rpartition("@")
    installed = TOOLS / "node_modules" / package / "package.json"
    if not installed.is_file() or json.loads(installed.read_text("utf-8"))["version"] != version:
        TOOLS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(TOOLS), name], check=True)


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Sends text compressed and lets it be kept for ten minutes, as hosts of static sites do."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Cache-Control", "max-age=600")
        if path.suffix in (".html", ".css", ".js", ".json", ".svg", ".xml"):
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # a browser that goes on to the next page hangs up
            self.wfile.write(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `folder`/herdbook while it is served."""
    handler = functools.partial(Compressing, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/herdbook/"
        server.shutdown()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
