"""A proxy on loopback: it forwards what is asked in absolute form, and tunnels by CONNECT."""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path


class Relay:
    """A proxy that sends every host to the `ports` of its name, and refuses with `status`."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.relay = self  # type: ignore[attr-defined]
        self.ports: dict[str, int] = {}
        self.status = 0
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def url(self, user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def _refused(self) -> bool:
        relay: Relay = self.server.relay  # type: ignore[attr-defined]
        relay.seen.append(
            (self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        )
        if relay.status:
            self.send_response(relay.status)
            self.send_header("Content-Length", "0")
            self.end_headers()
        return bool(relay.status)

    def _port(self, host: str) -> int:
        return int(self.server.relay.ports[host])  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        if self._refused():
            return
        asked = urlsplit(self.path)
        onward = HTTPConnection("127.0.0.1", self._port(asked.hostname or ""))
        onward.request(
            "GET", f"{asked.path}?{asked.query}".rstrip("?"), headers={"Host": self.headers["Host"]}
        )
        reply = onward.getresponse()
        self.send_response_only(reply.status)
        for name, value in reply.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.read())

    def do_CONNECT(self) -> None:
        if self._refused():
            return
        with socket.create_connection(("127.0.0.1", self._port(self.path.split(":")[0]))) as there:
            self.send_response_only(200)
            self.end_headers()
            _pass_on(self.connection, there)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


def _pass_on(here: socket.socket, there: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            for ready in select.select([here, there], [], [], 10)[0]:
                data = ready.recv(65_536)
                if not data:
                    return
                (there if ready is here else here).sendall(data)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Return certificate and key, made for a name and signed by nobody else."""
    made, key = folder / "site.pem", folder / "site.key"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
            ),
            *("-nodes", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-days", "2", "-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    return made, key
