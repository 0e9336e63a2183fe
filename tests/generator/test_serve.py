import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from generator.cli import main

from .conftest import ROOT


def test_port_in_use_is_said_before_building(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "try another one with --port" in capsys.readouterr().err


def test_preview_shows_both_languages_and_may_reload_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "generator.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        try:
            assert f"http://127.0.0.1:{port}/" in server.stdout.readline()
            html = read(f"http://127.0.0.1:{port}/zh/")
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=20) == 130
    assert "'unsafe-inline'" in html
    assert "livereload(" in html


def read(url: str) -> str:
    """The server prints its address shortly before it answers there."""
    last = time.monotonic() + 10
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            if time.monotonic() > last:
                raise
            time.sleep(0.1)
