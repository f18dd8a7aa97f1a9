"""The sandbox over HTTP: one port for every service, the page and the sandbox's own admin."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from rumkit.sandbox import admin, front, page
from rumkit.sandbox.wire.read import Http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rumkit.sandbox.wire.write import Reply
    from rumkit.sandbox.world import World

_MAX_BODY = 20_000_000
_REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}


class Application:
    """The WSGI application of one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        """Answer one request."""
        http = read_http(environ)
        reply = self._reply(http, environ)
        headers = [*reply.headers, ("content-length", str(len(reply.body)))]
        start_response(f"{reply.status} {_REASONS.get(reply.status, 'Status')}", headers)
        return [reply.body]

    def _reply(self, http: Http, environ: dict[str, Any]) -> Reply:
        if http.path.startswith("/_sandbox/"):
            return admin.answer(self.world, http)
        target = front.target_of(http, self.world)
        if target is None:
            return page.serve(self.world, http)
        return front.answer(self.world, http, target, environ)


class Server:
    """The application on a free loopback port, served from a thread."""

    def __init__(self, world: World) -> None:
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log(self, *_: object, **__: object) -> None:
                """Say nothing: standard error belongs to the command."""

        self.world = world
        self._server = make_server(
            "127.0.0.1", 0, Application(world), threaded=True, request_handler=Quiet
        )
        self.port: int = self._server.server_port
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


def read_http(environ: dict[str, Any]) -> Http:
    """Return a WSGI request, its body read (at most 20 MB) and unpacked."""
    import io

    length = min(int(environ.get("CONTENT_LENGTH") or 0), _MAX_BODY)
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    raw = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ["PATH_INFO"])
    return Http(
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        environ.get("QUERY_STRING", ""),
        headers,
        body,
        raw.partition("?")[0],
    )
