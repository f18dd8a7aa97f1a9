"""The proxy by which the environment has pages read: HTTP_PROXY, HTTPS_PROXY, NO_PROXY."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from rumkit.model import BadInput

if TYPE_CHECKING:
    import ssl

    from urllib3 import ProxyManager

_TUNNEL_REFUSED = "Tunnel connection failed: "


@dataclass(frozen=True)
class Proxy:
    """A proxy; `url` is without user and password, `variable` is what names it."""

    url: str
    variable: str
    user: str | None = field(default=None, repr=False)

    def manager(self, context: ssl.SSLContext | None) -> ProxyManager:
        """Return what sends requests by this proxy; https goes through CONNECT."""
        from urllib3 import ProxyManager, make_headers

        headers = make_headers(proxy_basic_auth=self.user) if self.user else None
        return ProxyManager(self.url, proxy_headers=headers, ssl_context=context)

    def refusal(self, detail: str) -> str:
        """Return with what the proxy itself refused, empty when it did not."""
        if detail.startswith(_TUNNEL_REFUSED):
            return detail.removeprefix(_TUNNEL_REFUSED)
        return detail if detail.startswith("407") else ""


def proxy_for(parts: SplitResult) -> Proxy | None:
    """Return the proxy for a URL, by the rules of Python's standard library and of botocore.

    Raises BadInput for a value that is no HTTP proxy's.
    """
    from urllib.request import getproxies, proxy_bypass

    address = getproxies().get(parts.scheme, "").strip()
    if not address or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    variable = f"{parts.scheme.upper()}_PROXY"
    try:
        proxy = urlsplit(address if "://" in address else f"http://{address}")
        host, port = proxy.hostname, proxy.port
    except ValueError:
        host, port = None, None
    if not host or proxy.scheme not in {"http", "https"}:
        raise BadInput(
            f"{variable} does not name an HTTP proxy: write it as http://host:port, or name the "
            "page's host in NO_PROXY."
        )
    user = None
    if proxy.username is not None:
        user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    netloc = f"[{host}]" if ":" in host else host
    return Proxy(f"{proxy.scheme}://{netloc}" + (f":{port}" if port else ""), variable, user)
