"""The way to the sandbox: every host of the browser ends at it, over TLS as the browser expects.

Where `RUMKIT_CONNECT_TO` names an origin for the page, nothing of the visit may reach the real
network. One loopback port takes the connections, opens their TLS with a certificate of its own,
and passes them on. A browser with a proxy (Firefox) says CONNECT first.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit import isolated
from rumkit.model import RumkitError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 65_536
_SECONDS = 60.0


def sandbox_of(url: str) -> tuple[str, int] | None:
    """Return host and port of the sandbox that stands in for a page's origin, None without one."""
    asked = urlsplit(url)
    for pair in os.environ.get("RUMKIT_CONNECT_TO", "").split():
        left, _, right = pair.partition("=")
        origin, there = urlsplit(left), urlsplit(right)
        same = (origin.scheme, origin.hostname) == (asked.scheme, asked.hostname)
        if same and there.scheme == "http" and there.hostname and there.port:
            return there.hostname, there.port
    return None


@contextlib.contextmanager
def front_to(sandbox: tuple[str, int] | None) -> Iterator[int]:
    """Serve the front while the context lasts and give its port; 0 where there is no sandbox."""
    if sandbox is None:
        yield 0
        return
    with tempfile.TemporaryDirectory(prefix="rumkit-front-") as folder:
        context = _context(Path(folder))
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(
        target=_accept, args=(listener, context, sandbox), daemon=True, name="rumkit-front"
    ).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.close()


def _context(folder: Path) -> ssl.SSLContext:
    """Make a certificate that nobody signed, for the sandbox alone."""
    openssl = isolated.which("openssl")
    if openssl is None:
        raise RumkitError("Recording the sandbox needs the openssl command, for its certificate.")
    certificate, key = folder / "front.pem", folder / "front.key"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    names = ("-subj", "/CN=rumkit sandbox", "-days", "2")
    argv = [openssl, "req", "-x509", *curve, *names, "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(argv, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        raise RumkitError("The sandbox's certificate could not be made with openssl.") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _accept(listener: socket.socket, context: ssl.SSLContext, sandbox: tuple[str, int]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(
            target=_serve, args=(connection, context, sandbox), daemon=True, name="rumkit-front"
        ).start()


def _serve(connection: socket.socket, context: ssl.SSLContext, sandbox: tuple[str, int]) -> None:
    with contextlib.suppress(OSError, ValueError), connection:
        connection.settimeout(_SECONDS)
        if connection.recv(1, socket.MSG_PEEK) != b"\x16":
            _greet(connection)
        with (
            context.wrap_socket(connection, server_side=True) as secure,
            socket.create_connection(sandbox, timeout=_SECONDS) as plain,
        ):
            _relay(secure, plain)


def _greet(connection: socket.socket) -> None:
    """Answer a browser's CONNECT."""
    asked = b""
    while b"\r\n\r\n" not in asked and len(asked) < _CHUNK:
        chunk = connection.recv(_CHUNK)
        if not chunk:
            raise OSError("the browser went away")
        asked += chunk
    connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")


def _relay(secure: ssl.SSLSocket, plain: socket.socket) -> None:
    """Pass bytes both ways until one side closes; one thread, since TLS allows no two at once."""
    while True:
        ready = (
            [secure] if secure.pending() else select.select([secure, plain], [], [], _SECONDS)[0]
        )
        if not ready:
            return
        for source in ready:
            chunk = source.recv(_CHUNK)
            if not chunk:
                return
            (plain if source is secure else secure).sendall(chunk)
