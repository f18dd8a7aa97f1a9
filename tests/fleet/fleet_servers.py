"""Small servers for what a fleet sends: an S3 that keeps objects, and whatever takes a POST."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator


# Status, body and headers.
_Answer = tuple[Any, ...]


class Server:
    """Where it listens, the objects that it keeps, what was posted, and the status it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.objects: dict[str, bytes] = {}
        self.written: dict[str, float] = {}
        self.lock = threading.Lock()
        self.posted: list[bytes] = []
        self.methods: list[str] = []
        self.refuse_puts_of = ""
        self.status = 200

    def put(self, key: str, body: bytes, match: str | None, none: str | None) -> _Answer:
        """Keep an object, unless a condition on what is there forbids it."""
        with self.lock:
            there = self.objects.get(key)
            if (none and there is not None) or (match and match != _etag(there)):
                return 412, _CHANGED
            self.objects[key], self.written[key] = body, time.time()
            return 200, b"", ("etag", _etag(body))

    def get(self, key: str) -> _Answer:
        """Return an object as S3 does."""
        found = self.objects.get(key)
        if found is None:
            return 404, _NO_KEY
        written = formatdate(self.written[key], usegmt=True)
        return 200, found, ("etag", _etag(found)), ("last-modified", written)


_REFUSED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
_NO_KEY = b"<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>"
_CHANGED = b"<Error><Code>PreconditionFailed</Code><Message>changed</Message></Error>"
_SNS = (
    b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
    b"<MessageId>1</MessageId></PublishResult></PublishResponse>"
)


def _etag(body: bytes | None) -> str:
    return f'"{hashlib.md5(body or b"", usedforsecurity=False).hexdigest()}"'


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """Yield a running server."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
            self.send_response(status)
            for header in headers:
                self.send_header(*header)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _body(self) -> bytes:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if "aws-chunked" not in self.headers.get("content-encoding", ""):
                return body
            size, _, rest = body.partition(b"\r\n")
            return rest[: int(size.split(b";")[0], 16)]

        def do_PUT(self) -> None:
            server.methods.append("PUT")
            body, key = self._body(), unquote(self.path.partition("?")[0])
            if server.refuse_puts_of and server.refuse_puts_of in key:
                self._answer(403, _REFUSED)
                return
            condition = self.headers.get("if-match"), self.headers.get("if-none-match")
            self._answer(*server.put(key, body, *condition))

        def do_GET(self) -> None:
            server.methods.append("GET")
            key = unquote(self.path.partition("?")[0])
            self._answer(*server.get(key))

        def do_POST(self) -> None:
            server.methods.append("POST")
            server.posted.append(self._body())
            self._answer(server.status, _SNS)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
