"""One GET, by the environment's proxy or from an address that was checked, before a deadline."""

from __future__ import annotations

import http.client
import ipaddress
import os
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from rumkit.client.proxy import Proxy, proxy_for
from rumkit.model import BadInput
from rumkit.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

REDIRECTS = frozenset([301, 302, 303, 307, 308])
_ADDRESSES = 4
_CODINGS = frozenset(["", "identity", "gzip", "x-gzip", "deflate"])
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (compatible; rumkit)",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}
_PROXY_WANTS_USER = 407


@dataclass(frozen=True)
class OneReply:
    """One reply, decompressed; a redirect's body is not read.

    `private` says that it came from a private network, as far as that can be told from here.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    private: bool


@dataclass
class _Request:
    """What is asked, how, and the connection that is open for it."""

    parts: SplitResult
    reached: SplitResult
    proxy: Proxy | None
    deadline: float
    connection: Any = None
    pools: list[HTTPConnectionPool] = field(default_factory=list)

    @property
    def url(self) -> str:
        return without_user(self.parts)

    @property
    def host(self) -> str:
        """The host with its port, as a request names it."""
        return self.parts.netloc.rpartition("@")[2].encode("idna").decode()

    @property
    def left(self) -> float:
        return max(self.deadline - time.monotonic(), 0.01)

    def watch(self, pool: HTTPConnectionPool) -> HTTPConnectionPool:
        """Keep each connection that the pool opens, so that it can be cut from outside."""
        made: Any = pool.ConnectionCls

        def connection(**settings: Any) -> Any:
            self.connection = made(**settings)
            return self.connection

        pool.ConnectionCls = connection  # type: ignore[assignment]
        self.pools.append(pool)
        return pool

    def close(self) -> None:
        """End what is still under way, in whatever thread that is."""
        line = getattr(self.connection, "sock", None)
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                line.close()
        for pool in self.pools:
            pool.close()


def get(
    parts: SplitResult,
    *,
    deadline: float,
    max_bytes: int,
    authorization: str | None,
    may_be_private: bool,
) -> OneReply:
    """Ask once. Raises BadInput, in one sentence, for whatever is no reply in time."""
    from urllib3.exceptions import HTTPError

    reached, mapped = _mapped(parts)
    proxy = None if mapped else proxy_for(parts)
    request = _Request(parts, reached, proxy, deadline)

    def answer() -> OneReply:
        addresses = [] if proxy else _resolve(request)
        private = mapped or _is_private(addresses, parts.hostname or "")
        if private and not may_be_private and not mapped:
            raise BadInput(
                f"{request.url}, to which the page leads, is an address of a private network: it "
                "is not asked; name that URL yourself if you mean it."
            )
        headers = {**_HEADERS, "Host": request.host}
        if authorization:
            headers["Authorization"] = authorization
        response = _opened(request, addresses, headers)
        if proxy and response.status == _PROXY_WANTS_USER:
            raise OSError(f"{response.status} {response.reason or ''}".strip())
        return _read(response, max_bytes, private)

    try:
        # Names are looked up, proxies and servers answer as slowly as they like: only a thread
        # that can be left alone keeps to a time.
        return in_thread(answer, "rumkit-request").result(request.left)
    except (OSError, HTTPError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= deadline
        raise BadInput(_why(TimeoutError() if late else error, request)) from None
    finally:
        request.close()


def without_user(parts: SplitResult) -> str:
    """Return a URL without user, password and fragment."""
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


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
    return parts.scheme, parts.hostname or "", _port(parts)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _resolve(request: _Request) -> list[str]:
    """Return the host's addresses."""
    host, port = request.reached.hostname or "", _port(request.reached)
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        entries = []
    if not entries:
        raise BadInput(
            f"The host of {request.url} has no address (DNS): check the spelling, or save the "
            "page from a browser and give the file."
        )
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def _is_private(addresses: list[str], host: str) -> bool:
    """Say whether an address is private; a name that a proxy resolves counts as public.

    Behind a proxy only the proxy knows the address of a name, and only it can guard its network.
    """
    if addresses:
        return any(not _public(address) for address in addresses)
    try:
        return not _public(host)
    except ValueError:
        return f".{host.lower().rstrip('.')}".endswith(".localhost")


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


def _opened(request: _Request, addresses: list[str], headers: dict[str, str]) -> BaseHTTPResponse:
    """Send the request; of several addresses the first that can be connected to answers."""
    from urllib3 import Timeout
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    failure: Exception = OSError("no address")
    for opener, target in _ways(request, addresses):
        try:
            return opener.urlopen(  # type: ignore[no-any-return]
                "GET",
                target,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                timeout=Timeout(connect=request.left, read=request.left),
            )
        except (ConnectTimeoutError, NewConnectionError) as error:
            failure = error
    raise failure


def _ways(request: _Request, addresses: list[str]) -> Iterator[tuple[Any, str]]:
    """Yield what can send the request, each with the target to name to it."""
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

    parts, port = request.parts, _port(request.reached)
    if request.proxy:
        target = urlunsplit((parts.scheme, request.host, parts.path or "/", parts.query, ""))
        secure = parts.scheme == "https"
        manager = request.proxy.manager(ssl.create_default_context() if secure else None)
        request.watch(manager.connection_from_url(target))
        yield manager, target
    # A connection goes to an address that was checked: a second lookup can't change it.
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    for address in addresses[:_ADDRESSES]:
        if request.reached.scheme == "https":
            context, name = ssl.create_default_context(), parts.hostname
            pool: HTTPConnectionPool = HTTPSConnectionPool(
                address, port, ssl_context=context, server_hostname=name
            )
        else:
            pool = HTTPConnectionPool(address, port)
        yield request.watch(pool), target


def _read(response: BaseHTTPResponse, max_bytes: int, private: bool) -> OneReply:
    """Read and decompress a reply up to the limit."""
    status, headers = response.status, tuple(response.headers.items())
    if status in REDIRECTS:
        return OneReply(status, headers, b"", False, private)
    for coding in response.headers.get("Content-Encoding", "").split(","):
        if coding.strip().lower() not in _CODINGS:
            raise ValueError(f"it came compressed as {coding[:20]}, which was not asked for")
    body = bytearray()
    while piece := response.read(max_bytes + 1 - len(body), decode_content=True):
        body += piece
        if len(body) > max_bytes:
            return OneReply(status, headers, bytes(body[:max_bytes]), True, private)
    return OneReply(status, headers, bytes(body), False, private)


def _why(error: BaseException, request: _Request) -> str:
    """Word a failed request in one sentence with the next step."""
    from urllib3.exceptions import ProxyError

    cause, url, proxy = _cause(error), request.url, request.proxy
    detail = (str(cause).splitlines() or [type(cause).__name__])[0][:120]
    if isinstance(cause, TimeoutError):
        through = f" through the proxy {proxy.url}" if proxy else ""
        return (
            f"{url} did not answer in time{through}: try again, or save the page from a browser "
            "and give the file."
        )
    if proxy and (refused := proxy.refusal(detail)):
        return (
            f"The proxy {proxy.url} does not let {url} be read ({refused}): check "
            f"{proxy.variable} and what the proxy allows, or name the host in NO_PROXY."
        )
    if proxy and isinstance(error, ProxyError):
        return (
            f"The proxy {proxy.url}, by which {url} is read, can't be reached ({detail}): check "
            f"{proxy.variable}, or name the host in NO_PROXY."
        )
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {url} is not trusted ({cause.verify_message}): mend it, or save "
            "the page from a browser and give the file."
        )
    if isinstance(cause, ssl.SSLError):
        return f"{url} does not speak TLS ({cause.reason}): check the port and the scheme."
    if isinstance(cause, ConnectionRefusedError):
        return f"Nothing listens at {url}: check the host and the port."
    return (
        f"{url} could not be read ({detail}): try again, or save the page from a browser and "
        "give the file."
    )


def _cause(error: BaseException) -> BaseException:
    """Return the error of the socket, of TLS or of a decoder that urllib3's tells of."""
    inner = next((a for a in (*error.args, error.__cause__) if isinstance(a, BaseException)), None)
    return error if inner is None else _cause(inner)
