"""Does a source list let a URL through? CSP Level 3 §6.7.2, as Chromium does it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from rumkit.client.csp.parse import decode_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.client.csp.parse import SourceExpression

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_SECURE = {"http": "https", "ws": "wss"}
_IGNORED = re.compile(r"[\t\n\r]")
_MAX_URL = 8_192
_MAX_SHOWN = 200


@dataclass(frozen=True)
class Location:
    """A URL in the parts that matching looks at; `port` is None for the scheme's own."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def effective_port(self) -> int | None:
        """Return the port that a connection would use."""
        return self.port if self.port is not None else _DEFAULT_PORTS.get(self.scheme)

    @property
    def origin(self) -> str:
        """Return the origin as a host source, without a port that is the scheme's own."""
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port is not None else "")

    @property
    def text(self) -> str:
        """Return the URL as far as matching looks at it, shortened for a sentence."""
        whole = self.origin + self.path if self.host else f"{self.scheme}:"
        return whole if len(whole) <= _MAX_SHOWN else whole[:_MAX_SHOWN] + "…"


def page_location(url: str) -> Location:
    """Return the page's own location; a file's is unknown and stands for some https origin."""
    location = parse_location(url)
    if location is None or location.scheme not in ("http", "https") or not location.host:
        return Location("https", "page.invalid", None, "/")
    return location


def parse_location(url: str, base: str = "") -> Location | None:
    """Take a URL apart as a browser would; None where a browser would refuse it."""
    text = _forward_slashes(_IGNORED.sub("", url[:_MAX_URL]).strip())
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except (ValueError, UnicodeError):
        return None
    scheme = parts.scheme.lower()
    if not scheme or (scheme in _DEFAULT_PORTS and not host):
        return None
    return Location(
        scheme,
        host,
        None if port == _DEFAULT_PORTS.get(scheme) else port,
        _clean_path(parts.path, network=scheme in _DEFAULT_PORTS),
    )


def _forward_slashes(url: str) -> str:
    """Read a backslash before the query as a slash, as browsers do in web URLs."""
    if url.lower().startswith(("data:", "blob:", "about:", "javascript:")):
        return url
    return re.sub(r"[^?#]*", lambda before: before[0].replace("\\", "/"), url, count=1)


def _ascii_host(host: str) -> str:
    if host.isascii():
        return f"[{host}]" if ":" in host else host.lower()
    return host.encode("idna").decode("ascii").lower()


def _clean_path(path: str, *, network: bool) -> str:
    if not network:
        return path
    quoted = quote(path, safe="/%!$&'()*+,;=:@~-._[]|^`", errors="replace")
    kept: list[str] = []
    segments = quoted.split("/")[1:]
    for at, segment in enumerate(segments):
        plain = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        if plain == ".." and kept:
            kept.pop()
        if plain not in (".", ".."):
            kept.append(segment)
        elif at == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def upgraded(location: Location) -> Location:
    """Return the location after upgrade-insecure-requests."""
    return replace(location, scheme=_SECURE.get(location.scheme, location.scheme))


def list_allows(
    sources: Iterable[SourceExpression], url: Location, page: Location, *, redirected: bool = False
) -> bool:
    """Tell whether any source matches the URL; after a redirect paths do not count."""
    return any(source_allows(source, url, page, redirected=redirected) for source in sources)


def source_allows(
    source: SourceExpression, url: Location, page: Location, *, redirected: bool = False
) -> bool:
    """Tell whether one source expression matches the URL."""
    if source.kind == "star":
        return url.scheme in _DEFAULT_PORTS or url.scheme == page.scheme
    if source.kind == "self":
        return _is_self(url, page)
    if source.kind == "scheme":
        return _scheme_matches(source.scheme, url.scheme) is not None
    if source.kind != "host":
        return False
    return (
        _host_matches(source, url.host)
        and _scheme_and_port_match(source, url, page)
        and (redirected or _path_matches(source.path, url.path))
    )


def _is_self(url: Location, page: Location) -> bool:
    ports = url.port == page.port or url.effective_port == page.effective_port
    secure = url.scheme in ("https", "wss") or (page.scheme, url.scheme) == ("http", "ws")
    return url.host == page.host and ports and (url.scheme == page.scheme or secure)


def _scheme_matches(allowed: str, scheme: str) -> str | None:
    """Return "exact", "upgrade" or None."""
    if allowed == scheme:
        return "exact"
    return "upgrade" if _SECURE.get(allowed) == scheme else None


def _host_matches(source: SourceExpression, host: str) -> bool:
    if not source.host_wildcard:
        return host == source.host
    return not source.host or host.endswith("." + source.host)


def _scheme_and_port_match(source: SourceExpression, url: Location, page: Location) -> bool:
    # An upgrade of the scheme must come with one of the port, and the other way round.
    allowed = source.scheme or page.scheme
    scheme = _scheme_matches(allowed, url.scheme)
    port = _port_matches(source, allowed, url)
    if scheme is None or port is None:
        return False
    if scheme == "upgrade":
        return port in ("upgrade", "any")
    return port != "upgrade"


def _port_matches(source: SourceExpression, allowed_scheme: str, url: Location) -> str | None:
    """Return "any", "exact", "upgrade" or None."""
    if source.port_wildcard:
        return "any"
    if source.port is None and url.port is None:
        return "any"
    if url.effective_port == 443 and (
        source.port == 80 or (source.port == 443 and allowed_scheme == "http")
    ):
        return "upgrade"
    wanted = _DEFAULT_PORTS.get(url.scheme) if source.port is None else source.port
    return "exact" if wanted == url.effective_port else None


def _path_matches(source_path: str, path: str) -> bool:
    if not source_path:
        return True
    decoded = decode_path(path)
    if source_path.endswith("/"):
        return decoded.startswith(source_path) or (source_path == "/" and not decoded)
    return decoded == source_path
