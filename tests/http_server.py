"""A web server inside a test: answers from a function, byte ranges, a log of what was asked, and faults to order.

with Server() as server:              # subclasses override `answer`
    server.fault("error", "*/config.json", status=503, times=2)
    ...
    server.asked                      # what came in, in order
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit

CHUNK = 64 * 1024


class Body(Protocol):
    """Bytes of a known length, of which any part can be had."""

    @property
    def size(self) -> int: ...

    def part(self, first: int, end: int) -> bytes:
        """The bytes from `first` up to, not including, `end`."""
        ...


@dataclass(frozen=True)
class Plain:
    """Bytes held in memory."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def part(self, first: int, end: int) -> bytes:
        return self.data[first:end]


@dataclass(frozen=True)
class Large:
    """A file that begins with `head` and is zeros from there on: gigabytes that take no memory."""

    head: bytes
    size: int

    def part(self, first: int, end: int) -> bytes:
        end = min(end, self.size)
        return (self.head[first:end] + bytes(max(0, end - max(first, len(self.head)))))[: max(0, end - first)]


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    host: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""

    @property
    def token(self) -> str | None:
        """The bearer token that came with it."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else None


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Body = Plain(b"")

    @classmethod
    def of_json(cls, value: Any, status: int = 200, **headers: str) -> Answer:
        """A JSON answer; `_` in a header's name stands for `-`."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, {"Content-Type": "application/json", **named}, Plain(json.dumps(value).encode()))


FaultKind = Literal["hang", "error", "cut", "wrong", "drip"]


@dataclass
class Fault:
    """`hang`: no answer; `error`: `status`; `cut`: the connection breaks after `after` bytes of the body; `wrong`: the
    right length, the wrong bytes from `after` on; `drip`: `pause` seconds after each `after` bytes."""

    kind: FaultKind
    path: str
    """Of the request without its query; `*` and `?` as in a shell."""
    method: str
    times: int | None
    """How often it happens; None: always."""
    status: int
    after: int
    pause: float


class Server:
    """Listens on 127.0.0.1 at a free port while used with `with`."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.faults: list[Fault] = []
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def answer(self, request: Request) -> Answer:
        """What a request gets; the base class knows nothing."""
        return Answer.of_json({"error": "Not found"}, 404)

    def fault(
        self, kind: FaultKind, path: str = "*", *, method: str = "*", times: int | None = None, status: int = 500,
        after: int = 0, pause: float = 0.05,
    ) -> None:  # fmt: skip
        """Order a fault; of several that fit a request the first is used up first."""
        self.faults.append(Fault(kind, path, method, times, status, after, pause))

    def due(self, request: Request) -> Fault | None:
        """The fault for this request, which counts as having happened."""
        with self._lock:
            for fault in self.faults:
                fits = fnmatchcase(request.path, fault.path) and fnmatchcase(request.method, fault.method)
                if fits and fault.times != 0:
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return None

    def paths(self, method: str = "*") -> list[str]:
        """The paths asked for so far."""
        return [request.path for request in self.asked if fnmatchcase(request.method, method)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stopped.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def ranged(request: Request, answer: Answer) -> tuple[Answer, int, int]:
    """The answer to a GET with `Range`, and the part of the body it has: `first`, and `end` not included."""
    size = answer.body.size
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if answer.status != 200 or request.method != "GET" or not match or not any(match.groups()):
        return answer, 0, size
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= size or end <= start:
        return Answer(416, {"Content-Range": f"bytes */{size}"}), 0, 0
    headers = {**answer.headers, "Content-Range": f"bytes {start}-{end - 1}/{size}"}
    return Answer(206, headers, answer.body), start, end


def pieces(body: Body, first: int, end: int, step: int) -> Iterator[bytes]:
    """The part in steps."""
    for start in range(first, end, step):
        yield body.part(start, min(end, start + step))


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "Tests"

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what was asked is in `server.asked`."""

        def do_GET(self) -> None:
            self.serve()

        do_HEAD = do_POST = do_GET

        def serve(self) -> None:
            address = urlsplit(self.path)
            headers = {name.lower(): text for name, text in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            path, query = unquote(address.path), parse_qs(address.query)
            request = Request(self.command, headers.get("host", ""), path, query, headers, body)
            server.asked.append(request)
            fault = server.due(request)
            if fault and fault.kind == "hang":
                server.stopped.wait()
                self.close_connection = True
            elif fault and fault.kind == "error":
                self.send(request, Answer.of_json({"error": "ordered by the test"}, fault.status), None)
            else:
                self.send(request, server.answer(request), fault)

        def send(self, request: Request, answer: Answer, fault: Fault | None) -> None:
            answer, first, end = ranged(request, answer)
            self.send_response(answer.status)
            for name, text in {"Content-Length": str(end - first), **answer.headers}.items():
                self.send_header(name, text)
            self.end_headers()
            if request.method == "HEAD":
                return
            try:
                self.send_body(answer.body, first, end, fault)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def send_body(self, body: Body, first: int, end: int, fault: Fault | None) -> None:
            cut = min(end, first + fault.after) if fault and fault.kind == "cut" else end
            step = max(1, fault.after) if fault and fault.kind == "drip" else CHUNK
            at = first
            for piece in pieces(body, first, cut, step):
                if fault and fault.kind == "wrong":
                    keep = max(0, fault.after - at)
                    piece = piece[:keep] + bytes(byte ^ 0xFF for byte in piece[keep:])
                self.wfile.write(piece)
                at += len(piece)
                if fault and fault.kind == "drip":
                    self.wfile.flush()
                    if server.stopped.wait(fault.pause):
                        break
            if at < end:
                self.wfile.flush()
                self.close_connection = True

    return Handler
