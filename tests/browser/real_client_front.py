"""One TLS port for every host of the browser; each request goes to the sandbox of its page."""

from __future__ import annotations

import contextlib
import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from real_client_bundles import GENERATIONS, bundles

from rumkit.sandbox.server import Application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

CDN = "client.rum.us-east-1.amazonaws.com"
# What the CDN gives for the addresses that float, and for 3.0.0, which is not bundled.
_FLOATING = {
    "/1.x/cwr.js": "1.25",
    "/2.x/cwr.js": "2.1",
    "/3.x/cwr.js": "newest",
    "/3.0.0/cwr.js": "3.2.0",
    "/3.x/cwr-slim.js": "slim",
}


@dataclass(frozen=True)
class Answered:
    """A request that was answered: the service's host, the method, the path and the status."""

    host: str
    method: str
    path: str
    status: int


@dataclass
class Site:
    """A page's world, and what was asked of it."""

    world: World
    place: Installation
    application: Application
    answered: list[Answered] = field(default_factory=list)

    def puts(self) -> list[int]:
        """Return the statuses of the PutRumEvents calls, in order."""
        return [a.status for a in self.answered if a.path.startswith("/appmonitors/")
                and a.method == "POST"]  # fmt: skip


class Front:
    """Sends each request to the world of the page that made it: by host, Origin or Referer."""

    def __init__(self) -> None:
        self.port = 0
        self.lost: list[str] = []
        self._sites: dict[str, Site] = {}
        paths = {each.path: each.name for each in GENERATIONS} | _FLOATING
        self._scripts = {path: bundles()[name] for path, name in paths.items()}

    def add(self, world: World, place: Installation) -> Site:
        """Serve a page's world from now on."""
        site = Site(world, place, Application(world))
        for host in (place.host, place.api_host):
            if host:
                self._sites[host] = site
        return site

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        """Answer one request."""
        host = environ.get("HTTP_HOST", "")
        path = environ["PATH_INFO"]
        if host == CDN and path in self._scripts:
            return self._script(path, start_response)
        site = self._site(host, environ)
        if site is None:
            self.lost.append(f"{environ['REQUEST_METHOD']} {host}{path}")
            start_response("404 Not Found", [("content-length", "0")])
            return []

        def start(status: str, headers: list[tuple[str, str]]) -> object:
            code = int(status.split(maxsplit=1)[0])
            site.answered.append(Answered(host, environ["REQUEST_METHOD"], path, code))
            return start_response(status, headers)

        return site.application(environ, start)

    def _site(self, host: str, environ: dict[str, Any]) -> Site | None:
        origins = (environ.get("HTTP_ORIGIN", ""), environ.get("HTTP_REFERER", ""))
        hosts = (host, *(urlsplit(origin).hostname or "" for origin in origins))
        return next((self._sites[one] for one in hosts if one in self._sites), None)

    def _script(self, path: str, start_response: Callable[..., object]) -> Iterable[bytes]:
        body = self._scripts[path]
        headers = [
            ("content-type", "text/javascript"),
            ("cache-control", "max-age=604800"),
            ("content-length", str(len(body))),
        ]
        start_response("200 OK", headers)
        return [body]


@contextlib.contextmanager
def open_front(folder: Path) -> Iterator[Front]:
    """Serve on a free loopback port, with a certificate that nobody signed."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *_: object, **__: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            # Browsers drop connections that they opened ahead of need.
            with contextlib.suppress(OSError):
                super().handle()

    front = Front()
    server = make_server("127.0.0.1", 0, front, threaded=True, request_handler=Quiet)
    # The handshake is left to the connection's own thread, so none waits for another.
    server.socket = _context(folder).wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    front.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _context(folder: Path) -> ssl.SSLContext:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sandbox")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    file = folder / "front.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
