"""An endpoint on this machine that answers as a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A response; `promised` is the Content-Length where it is not the true one."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    delay: float = 0.0
    drip: float = 0.0


def completion(text: str | None, *, finish: str = "stop", tokens: tuple[int, int] | None = (100, 20)) -> Answer:
    value: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "judge-1-2026",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
    }
    if tokens:
        value["usage"] = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    return Answer(json.dumps(value).encode())


def failure(status: int, message: str = "", **headers: str) -> Answer:
    body = json.dumps({"error": {"message": message, "type": "some_error"}}).encode()
    return Answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class Server:
    """`answer(n, request)` decides about the nth request, from 0."""

    answer: Callable[[int, Mapping[str, Any]], Answer]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> list[str]:
        """The users' messages, in the order of arrival."""
        return [request["messages"][1]["content"] for request in self.requests]


@contextmanager
def serving(answer: Callable[[int, Mapping[str, Any]], Answer]) -> Iterator[Server]:
    server = Server(answer)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with server.lock:
                number = len(server.requests)
                server.requests.append(request)
                server.keys.append(self.headers.get("Authorization", ""))
            answer = server.answer(number, request)
            time.sleep(answer.delay)
            try:
                self._send(answer)
            except OSError:
                self.close_connection = True  # the client left

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            length = len(answer.body) if answer.promised is None else answer.promised
            for name, value in {"Content-Type": "application/json", "Content-Length": str(length)}.items():
                self.send_header(name, value)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            pieces = [answer.body[at : at + 1] for at in range(len(answer.body))] if answer.drip else [answer.body]
            for piece in pieces:
                self.wfile.write(piece)
                time.sleep(answer.drip)
            if answer.promised is not None:
                self.close_connection = True

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        http_server.daemon_threads = True
        threading.Thread(target=http_server.serve_forever, args=(0.01,), daemon=True).start()
        server.url = f"http://127.0.0.1:{http_server.server_port}/v1"
        yield server
        http_server.shutdown()
