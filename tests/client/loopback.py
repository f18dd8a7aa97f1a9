"""A web server on loopback whose replies are set by path, and names that lead to it."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from urllib3.util import connection as line

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

Reply = tuple[int, list[tuple[str, str]], bytes]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        status, headers, body = self.server.replies[self.path]  # type: ignore[attr-defined]
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Site:
    """A server on loopback whose replies are set by path."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.replies = {}  # type: ignore[attr-defined]
        self.server.seen = []  # type: ignore[attr-defined]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def reply(self, path: str, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.server.replies[path] = (status, headers, body)  # type: ignore[attr-defined]

    @property
    def seen(self) -> list[tuple[str, dict[str, str]]]:
        return self.server.seen  # type: ignore[attr-defined,no-any-return]


@contextmanager
def stalling(sent: bytes) -> Iterator[int]:
    """Serve one connection a byte each 50 ms, `sent` and then more; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def stall() -> None:
            connection, _ = server.accept()
            with connection:
                for byte in sent + b"x" * 120:
                    try:
                        connection.sendall(bytes([byte]))
                    except OSError:
                        return
                    time.sleep(0.05)

        threading.Thread(target=stall, daemon=True).start()
        yield int(server.getsockname()[1])


def resolve(monkeypatch: pytest.MonkeyPatch, table: dict[str, list[str]], port: int) -> None:
    """Make names resolve as told, and connections to any address end at the test's server."""

    def look_up(host: str, at: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, at)) for address in table[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(line, "create_connection", lambda *_, **__: connected(port))


def connected(port: int) -> socket.socket:
    connection = socket.socket()
    connection.connect(("127.0.0.1", port))
    return connection
