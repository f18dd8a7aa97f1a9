"""One GET of a page, with redirects, limits, and no way into private networks by redirect."""

from __future__ import annotations

import base64
import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_REDIRECTS = 10
_REDIRECTS = frozenset([301, 302, 303, 307, 308])
_CHUNK = 65_536
_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (compatible; rumkit)"


@dataclass(frozen=True)
class Reply:
    """The last reply of a chain of redirects, decompressed.

    `private` says that it came from a private network.
    """

    url: str
    requested: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    redirects: tuple[str, ...]
    truncated: bool
    private: bool = False


@dataclass(frozen=True)
class _Hop:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    private: bool


def fetch(location: str, *, timeout: float, max_bytes: int, may_be_private: bool = True) -> Reply:
    """Fetch a URL; `timeout` (seconds) holds for the whole, `max_bytes` after decompression.

    A private network is asked only if the URL itself is in one and `may_be_private`. Raises
    BadInput for a URL that cannot be fetched, in one sentence with the next step.
    """
    deadline = time.monotonic() + timeout
    parts = _checked(location)
    requested = url = _without_user(parts)
    user = _basic(parts)
    home = (parts.scheme, parts.netloc.rpartition("@")[2])
    visited: list[str] = []
    while True:
        same = (parts.scheme, parts.netloc.rpartition("@")[2]) == home
        hop = _get(
            parts,
            deadline=deadline,
            max_bytes=max_bytes,
            authorization=user if same else None,
            may_be_private=may_be_private,
        )
        if not visited:
            may_be_private = may_be_private and hop.private
        target = next((v for k, v in hop.headers if k.lower() == "location"), None)
        if hop.status not in _REDIRECTS or not target:
            return Reply(
                url=url,
                requested=requested,
                status=hop.status,
                headers=hop.headers,
                body=hop.body,
                redirects=tuple(visited),
                truncated=hop.truncated,
                private=hop.private,
            )
        visited.append(url)
        parts = _redirected(url, target, visited)
        url = _without_user(parts)


def _redirected(url: str, target: str, visited: list[str]) -> SplitResult:
    """Return where a redirect leads. Raises BadInput for a loop or too long a chain."""
    try:
        following = urljoin(url, target.encode("latin-1", "replace").decode("utf-8", "replace"))
        parts = urlsplit(following)
    except ValueError:
        raise BadInput(f"{url} redirects to something that is no URL: check the server.") from None
    if parts.scheme not in {"http", "https"}:
        raise BadInput(
            f"{url} redirects to a {parts.scheme or 'nameless'} URL, which is not followed: "
            "give the page's own http or https URL."
        )
    plain = _without_user(_checked(following))
    if plain in visited:
        raise BadInput(
            f"{visited[0]} redirects in a circle (back to {plain}): it may need a cookie or a "
            "login; save the page from a browser and give the file."
        )
    if len(visited) > _MAX_REDIRECTS:
        raise BadInput(
            f"{visited[0]} redirects more than {_MAX_REDIRECTS} times: give the URL that the "
            "browser ends at."
        )
    return _checked(following)


def _checked(location: str) -> SplitResult:
    """Split a URL. Raises BadInput unless it is http or https with a host."""
    try:
        parts = urlsplit(location.strip())
        port = parts.port
        host = parts.hostname
    except ValueError:
        raise BadInput(f"{location!r} is not a URL: write it as https://host/path.") from None
    if parts.scheme.lower() not in {"http", "https"}:
        raise BadInput(
            f"A page is read from an http or https URL or from a file, not from a "
            f"{parts.scheme} URL."
        )
    if not host or port == 0:
        raise BadInput(f"{location!r} names no host: write it as https://host/path.")
    return parts


def _without_user(parts: SplitResult) -> str:
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme.lower(), netloc, parts.path or "/", parts.query, ""))


def _basic(parts: SplitResult) -> str | None:
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _get(
    parts: SplitResult,
    *,
    deadline: float,
    max_bytes: int,
    authorization: str | None,
    may_be_private: bool,
) -> _Hop:
    url = _without_user(parts)
    reached, mapped = _mapped(parts)
    addresses = _resolve(reached, url, deadline)
    private = mapped or any(not _public(address) for address in addresses)
    if private and not may_be_private and not mapped:
        raise BadInput(
            f"{url}, to which the page leads, is an address of a private network: it is not "
            "asked; name that URL yourself if you mean it."
        )
    try:
        connection = _connect(reached, parts.hostname or "", addresses, deadline)
    except OSError as error:
        raise BadInput(_why(error, url)) from None
    guard = threading.Timer(max(deadline - time.monotonic(), 0.01), _shut, [connection])
    guard.daemon = True
    guard.start()
    try:
        hop = _exchange(connection, parts, max_bytes, authorization, private)
    except (OSError, http.client.HTTPException, zlib.error, EOFError, ValueError) as error:
        if time.monotonic() >= deadline:
            raise BadInput(_too_slow(url)) from None
        raise BadInput(_why(error, url)) from None
    finally:
        guard.cancel()
        connection.close()
    if time.monotonic() >= deadline:
        # The guard's shutdown looks like an ordinary end of the body.
        raise BadInput(_too_slow(url))
    return hop


def _mapped(parts: SplitResult) -> tuple[SplitResult, bool]:
    """Apply RUMKIT_CONNECT_TO ("origin=origin ..."): the origin that is really asked."""
    asked = _origin(parts)
    for pair in os.environ.get("RUMKIT_CONNECT_TO", "").split():
        left, _, right = pair.partition("=")
        try:
            if right and _origin(urlsplit(left)) == asked:
                return urlsplit(right), True
        except ValueError:
            continue
    return parts, False


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), _port(parts)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme.lower() == "https" else 80)


def _resolve(parts: SplitResult, url: str, deadline: float) -> list[str]:
    """Return the host's addresses, found in time."""
    found: list[str] = []
    failure: list[Exception] = []

    def look_up() -> None:
        try:
            host = parts.hostname or ""
            for entry in socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM):
                address = str(entry[4][0])
                if address not in found:
                    found.append(address)
        except (OSError, UnicodeError) as error:
            failure.append(error)

    worker = threading.Thread(target=look_up, daemon=True)
    worker.start()
    worker.join(max(deadline - time.monotonic(), 0.01))
    if worker.is_alive():
        raise BadInput(_too_slow(url))
    if failure or not found:
        raise BadInput(
            f"The host of {url} has no address (DNS): check the spelling, or save the page from "
            "a browser and give the file."
        )
    return found


def _public(address: str) -> bool:
    """Say whether an address is reachable by anyone; tunnelled IPv4 counts as what it holds."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast


def _connect(
    reached: SplitResult, name: str, addresses: list[str], deadline: float
) -> socket.socket:
    """Connect to an address that was checked, so that a second lookup cannot change it."""
    last: OSError = OSError("no address")
    for address in addresses[:4]:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            plain = socket.create_connection((address, _port(reached)), timeout=left)
        except OSError as error:
            last = error
            continue
        if reached.scheme.lower() != "https":
            return plain
        try:
            plain.settimeout(max(deadline - time.monotonic(), 0.01))
            context = ssl.create_default_context()
            return context.wrap_socket(plain, server_hostname=name)
        except BaseException:
            plain.close()
            raise
    raise last


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()


def _exchange(
    connection: socket.socket,
    parts: SplitResult,
    max_bytes: int,
    authorization: str | None,
    private: bool,
) -> _Hop:
    client = http.client.HTTPConnection(parts.hostname or "")
    client.sock = connection
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._[]|^`{}\\")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._[]?|^`{}\\") if parts.query else ""
    client.putrequest("GET", path + query, skip_host=True, skip_accept_encoding=True)
    client.putheader("Host", parts.netloc.rpartition("@")[2].encode("idna").decode())
    client.putheader("User-Agent", _USER_AGENT)
    client.putheader("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    client.putheader("Accept-Encoding", "gzip, deflate")
    client.putheader("Connection", "close")
    if authorization:
        client.putheader("Authorization", authorization)
    client.endheaders()
    reply = client.getresponse()
    headers = tuple((name, value) for name, value in reply.getheaders())
    if reply.status in _REDIRECTS:
        return _Hop(reply.status, headers, b"", False, private)
    body, truncated = _body(reply, max_bytes)
    return _Hop(reply.status, headers, body, truncated, private)


def _body(reply: http.client.HTTPResponse, max_bytes: int) -> tuple[bytes, bool]:
    """Read and decompress up to the limit."""
    coding = (reply.getheader("Content-Encoding") or "").strip().lower()
    expand = _expander(coding)
    parts: list[bytes] = []
    size = 0
    while chunk := reply.read1(_CHUNK):
        piece = expand(chunk, max_bytes + 1 - size)
        parts.append(piece)
        size += len(piece)
        if size > max_bytes:
            return b"".join(parts)[:max_bytes], True
    return b"".join(parts), False


def _expander(coding: str) -> Callable[[bytes, int], bytes]:
    """Return what turns a chunk and a limit into at most so many bytes."""
    if coding in {"gzip", "x-gzip"}:
        return _Inflate(31)
    if coding == "deflate":
        return _Inflate(15)
    if coding in {"", "identity"}:
        return lambda chunk, limit: chunk[:limit]
    raise ValueError(f"it came compressed as {coding[:20]}, which was not asked for")


class _Inflate:
    """Bounded decompression of zlib, raw deflate or gzip with several members."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._stream = zlib.decompressobj(bits)
        self._started = False

    def __call__(self, chunk: bytes, limit: int) -> bytes:
        out: list[bytes] = []
        while chunk and limit > 0:
            piece = self._step(chunk, limit)
            out.append(piece)
            limit -= len(piece)
            chunk = self._stream.unconsumed_tail
            if self._stream.eof:
                chunk = self._stream.unused_data.lstrip(b"\0")
                if not chunk or self._bits != 31:
                    break
                self._stream = zlib.decompressobj(self._bits)
        return b"".join(out)

    def _step(self, chunk: bytes, limit: int) -> bytes:
        try:
            piece = self._stream.decompress(chunk, limit)
        except zlib.error:
            if self._started or self._bits != 15:
                raise
            self._stream = zlib.decompressobj(-15)
            piece = self._stream.decompress(chunk, limit)
        self._started = True
        return piece


def _too_slow(url: str) -> str:
    return (
        f"{url} did not answer in time: try again, or save the page from a browser and give "
        "the file."
    )


def _why(error: Exception, url: str) -> str:
    """Word a failed fetch in one sentence with the next step."""
    if isinstance(error, TimeoutError):
        return _too_slow(url)
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {url} is not trusted ({error.verify_message}): mend it, or save "
            "the page from a browser and give the file."
        )
    if isinstance(error, ssl.SSLError):
        return f"{url} does not speak TLS ({error.reason}): check the port and the scheme."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {url}: check the host and the port."
    detail = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return (
        f"{url} could not be read ({detail}): try again, or save the page from a browser and "
        "give the file."
    )
