"""One TLS port for every host of the browser; each request goes to the sandbox of its page."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from real_client_bundles import GENERATIONS, bundles

from rumkit.sandbox.server import Server, respond
from rumkit.sandbox.wire.write import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.wire.read import Http
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
        site = Site(world, place)
        for host in (place.host, place.api_host):
            if host:
                self._sites[host] = site
        return site

    def __call__(self, http: Http) -> Reply:
        """Answer one request."""
        host = http.headers.get("host", "")
        if host == CDN and http.path in self._scripts:
            headers = (("content-type", "text/javascript"), ("cache-control", "max-age=604800"))
            return Reply(200, headers, self._scripts[http.path])
        site = self._site(host, http)
        if site is None:
            self.lost.append(f"{http.method} {host}{http.path}")
            return Reply(404, (), b"")
        reply = respond(site.world, http)
        site.answered.append(Answered(host, http.method, http.path, reply.status))
        return reply

    def _site(self, host: str, http: Http) -> Site | None:
        origins = (http.headers.get("origin", ""), http.headers.get("referer", ""))
        hosts = (host, *(urlsplit(origin).hostname or "" for origin in origins))
        return next((self._sites[one] for one in hosts if one in self._sites), None)


@contextlib.contextmanager
def open_front(folder: Path) -> Iterator[Front]:
    """Serve on a free loopback port, with a certificate that nobody signed."""
    front = Front()
    server = Server(front, _context(folder))
    front.port = server.port
    try:
        yield front
    finally:
        server.stop()


def _context(folder: Path) -> ssl.SSLContext:
    file = folder / "front.pem"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    made = ("openssl", "req", "-x509", *curve, "-subj", "/CN=sandbox", "-days", "2")
    written = ("-keyout", f"{file}.key", "-out", str(file))
    subprocess.run([*made, *written], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, f"{file}.key")
    return context
