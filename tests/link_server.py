"""A server for the link checker: every kind of answer at an address of its own, and a log of what was asked."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit


class LinkServer(http.server.ThreadingHTTPServer):
    """`asked` holds (method, path) of every request."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []
        self.busy = 0
        self.most_busy = 0
        self.lock = threading.Lock()
        self.robots: tuple[int, str] = (404, "")

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def count(self, path: str) -> int:
        return sum(where == path for _, where in self.asked)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LinkServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        with self.server.lock:
            self.server.asked.append((self.command, urlsplit(self.path).path))
        with suppress(BrokenPipeError, ConnectionResetError):
            self.dispatch(urlsplit(self.path).path)

    def dispatch(self, path: str) -> None:
        first, _, rest = path[1:].partition("/")
        if path == "/robots.txt":
            self.send(self.server.robots[0], self.server.robots[1].encode())
        elif first.isdigit():
            self.send(int(first))
        elif first in ("301", "302", "to") or first == "permanent":
            self.send(301, headers={"Location": f"/{rest}"})
        elif first == "temporary":
            self.send(302, headers={"Location": f"/{rest}"})
        elif first == "away":
            self.send(301, headers={"Location": parse_qs(urlsplit(self.path).query)["to"][0]})
        elif first == "loop":
            self.send(302, headers={"Location": f"/loop/{len(rest)}x{rest[:4]}"})
        elif first == "no-head":
            self.send(200 if self.command == "GET" else 405)
        elif first == "busy":
            times = int(rest.split("/")[0])
            self.send(200 if self.server.count(path) > times else 429, headers={"Retry-After": rest.split("/")[1]})
        elif first == "slow":
            self.wait(float(rest.partition("/")[0]))
            self.send(200)
        elif first == "drip":
            self.drip()
        elif first == "endless":
            self.endless()
        elif first == "broken":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif first == "api":
            self.hub(rest)
        elif first == "wayback":
            self.wayback()
        else:
            self.send(404)

    def wait(self, seconds: float) -> None:
        with self.server.lock:
            self.server.busy += 1
            self.server.most_busy = max(self.server.most_busy, self.server.busy)
        time.sleep(seconds)
        with self.server.lock:
            self.server.busy -= 1

    def hub(self, rest: str) -> None:
        name = rest.rpartition("/")[2]
        if name in ("gone", "renamed"):
            self.send(*((404, b"{}") if name == "gone" else (307, b"")), headers={"Location": "/api/models/new/open"})
            return
        given: dict[str, Any] = {"gated": {"form": "manual", "click": "auto"}.get(name, False), "id": rest}
        given["disabled"] = name == "disabled"
        self.send(200, json.dumps(given).encode() if name != "nonsense" else b"[" * 50_000)

    def wayback(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        url, when = query["url"][0], query.get("timestamp", ["20200101"])[0]
        closest: dict[str, Any] = {"available": True, "status": "200", "timestamp": f"{when}000000"}
        closest["url"] = (
            f"http://web.archive.org/web/{when}000000/{url.replace('http://127.0.0.1', 'https://example.org')}"
        )
        if url.endswith("/evil"):
            closest["url"] = "javascript:alert(1)"
        self.send(
            200, json.dumps({"archived_snapshots": {} if url.endswith("/lost") else {"closest": closest}}).encode()
        )

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def endless(self) -> None:
        self.send_response(404 if self.command == "HEAD" else 200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for _ in range(0 if self.command == "HEAD" else 10_000):
            self.wfile.write(b"x" * 65_536)

    def send(self, code: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def serving() -> Iterator[LinkServer]:
    with LinkServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
