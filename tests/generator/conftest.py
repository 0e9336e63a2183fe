"""One built site and one server for all tests of this folder; they leave them as they are."""

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from generator.build import SMALLEST_PAGE, build, find_root

ROOT = find_root(Path(__file__).parent)
ADDRESS = "https://example.org/herdbook/"

PHONE, DESK = 390, 1440


def build_site(folder: Path, address: str = "") -> Path:
    """The site in `folder`/herdbook, as a host would serve it below a sub-path."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HERDBOOK_")]:
            patch.delenv(name)
        if address:
            patch.setenv("HERDBOOK_SITE_URL", address)
        build(ROOT, folder / "herdbook", strict=True)
    return folder


@pytest.fixture(scope="session")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the site is in."""
    return build_site(tmp_path_factory.mktemp("host"))


@pytest.fixture(scope="session")
def site(parent: Path) -> Path:
    return parent / "herdbook"


@pytest.fixture(scope="session")
def addressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site built for the host `ADDRESS`."""
    return build_site(tmp_path_factory.mktemp("addressed"), ADDRESS) / "herdbook"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Like a host of static files: a lost address gets the 404 page of the site."""

    protocol_version = "HTTP/1.1"  # one connection for many files

    def log_message(self, format: str, *args: object) -> None:
        pass

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        lost = Path(self.directory, "herdbook/404.html")
        body = lost.read_bytes() if lost.is_file() else b"lost"
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `folder`/herdbook while it is served."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/herdbook/"
        server.shutdown()


@pytest.fixture(scope="session")
def home(parent: Path) -> Iterator[str]:
    """Address of the English home page."""
    with served(parent) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": DESK, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A page without JavaScript."""
    context = browser.new_context(viewport={"width": DESK, "height": 900}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def pages_of(site: Path) -> list[str]:
    """Addresses below the site of every page that is not a redirect."""
    files = [file for file in sorted(site.rglob("index.html")) if file.stat().st_size > SMALLEST_PAGE]
    return [file.relative_to(site).as_posix().removesuffix("index.html") for file in files]


def one_of_each_kind(site: Path) -> list[str]:
    """Of every kind of page, in each language, one of middling weight: the weightiest take the tests too long."""
    kinds: dict[tuple[bool, str, str], list[str]] = {}
    for path in sorted(pages_of(site), key=lambda path: (site / path / "index.html").stat().st_size):
        top, _, below = path.removeprefix("zh/").partition("/")
        inner = next((name for name in ("tournament", "results") if f"/{name}/" in below), "entry")
        kind = inner if below else ""
        kinds.setdefault((path.startswith("zh/"), top, kind), []).append(path)
    return sorted(paths[len(paths) // 2] for paths in kinds.values())
