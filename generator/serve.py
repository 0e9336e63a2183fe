"""Shows both languages on this machine, and builds them again when a record, page or style changes."""

import os
import socket
import sys
import tempfile
from pathlib import Path

from catalog.errors import UserError
from generator.build import CONFIGS, build

WATCHED = ("catalog", "generator", "site", *CONFIGS.values())


def serve(root: Path, port: int) -> None:
    """Serves from a temporary folder until it is interrupted; a build that fails leaves the last good site."""
    check_port(port)
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    from mkdocs.livereload import LiveReloadServer

    with tempfile.TemporaryDirectory(prefix="herdbook-") as scratch:
        folder = Path(scratch, "site")

        def rebuild() -> None:
            try:
                build(root, folder, live=True)
            except UserError as error:
                print(error, file=sys.stderr, flush=True)

        build(root, folder, live=True)
        server = LiveReloadServer(builder=rebuild, host="127.0.0.1", port=port, root=str(folder))
        server.error_handler = lambda code: (folder / "404.html").read_bytes() if code == 404 else None
        for name in WATCHED:
            server.watch(str(root / name))
        print(f"The site is at {server.url} until Ctrl+C", flush=True)
        try:
            server.serve()
        finally:
            server.shutdown()


def check_port(port: int) -> None:
    """Before the build, which takes seconds."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UserError(f"port {port} cannot be used", why=why, hint="try another one with --port") from error
