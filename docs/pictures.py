"""Takes the README's pictures from the built site: `make pictures`. Needs Chromium and the test extra."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
PAGES = {
    "alpaca": "models/alpaca/",
    "explorer": "explorer/",
    "timeline": "timeline/",
    "lineage": "lineage/",
    "compare": "compare/?m=alpaca&m=vicuna&m=guanaco",
    "tournament": "models/anima33b/tournament/elo-vicuna80-zh/",
}
PICTURES = {
    f"{name}-{language}.png": f"/{way}{path}"
    for language, way in (("en", ""), ("zh", "zh/"))
    for name, path in PAGES.items()
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves without a line a request."""

    def log_message(self, *_: object) -> None:
        return None


def main() -> None:
    """Serve public/ on this machine, open each page, write the first screen beside this file."""
    folder = functools.partial(Quiet, directory=str(HERE.parent / "public"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        for name, path in PICTURES.items():
            page.goto(f"http://127.0.0.1:{server.server_port}{path}", wait_until="networkidle")
            page.screenshot(path=str(HERE / name))
            print(HERE / name)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
