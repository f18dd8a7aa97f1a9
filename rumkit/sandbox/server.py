"""The sandbox over HTTP: one port for every service, the page and the sandbox's own admin."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from rumkit.sandbox import admin, front, page
from rumkit.sandbox.wire.read import Http

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from rumkit.sandbox.wire.write import Reply
    from rumkit.sandbox.world import World

    Respond = Callable[[Http], Reply]

_MAX_BODY = 20_000_000


def respond(world: World, http: Http) -> Reply:
    """Answer one request."""
    if http.path.startswith("/_sandbox/"):
        return admin.answer(world, http)
    target = front.target_of(http, world)
    return page.serve(world, http) if target is None else front.answer(world, http, target)


class Server:
    """Serves on a free loopback port, from a thread, with TLS where a context is given."""

    def __init__(self, answer: Respond, tls: ssl.SSLContext | None = None) -> None:
        handler = type("Handler", (_Handler,), {"answer": staticmethod(answer)})
        self._server = _Listener(("127.0.0.1", 0), handler)
        if tls is not None:
            # The handshake is left to the connection's own thread, so none waits for another.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name="rumkit-sandbox"
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the server's origin."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Listener(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    # A browser opens many connections at once.
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that was dropped, which browsers do all the time."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    answer: Respond
    protocol_version = "HTTP/1.1"
    # A reply leaves in one piece: small pieces would wait for each other's receipt.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _reply(self) -> None:
        reply = self.answer(self._read())
        self.send_response(reply.status)
        for name, value in (*reply.headers, ("content-length", str(len(reply.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _reply  # noqa: N815

    def _read(self) -> Http:
        """Return the request, its body read, at most 20 MB."""
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]},{value}" if key in headers else value
        given = headers.get("content-length", "0")
        length = int(given) if given.isdigit() else 0
        body = self.rfile.read(min(length, _MAX_BODY))
        if length > _MAX_BODY or "transfer-encoding" in headers:
            # What is not read of this request would be taken for the next one.
            self.close_connection = True
        asked = urlsplit(self.path)
        return Http(self.command, unquote(asked.path), asked.query, headers, body, asked.path)

    def version_string(self) -> str:
        """Return the Server header."""
        return "rumkit-sandbox"

    def log_message(self, *_: object) -> None:
        """Say nothing: standard error belongs to the command."""
