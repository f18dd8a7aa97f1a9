"""One GET of a page, with redirects, limits, and no way into private networks by redirect."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from rumkit.client.request import REDIRECTS, get, without_user
from rumkit.model import BadInput

_MAX_REDIRECTS = 10


@dataclass(frozen=True)
class PageReply:
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


def fetch(
    location: str, *, timeout: float, max_bytes: int, may_be_private: bool = True
) -> PageReply:
    """Fetch a URL; `timeout` (seconds) holds for the whole, `max_bytes` after decompression.

    A private network is asked only if the URL itself is in one and `may_be_private`. Raises
    BadInput for a URL that cannot be fetched, in one sentence with the next step.
    """
    deadline = time.monotonic() + timeout
    parts = _checked(location)
    requested = url = without_user(parts)
    user = _basic(parts)
    home = (parts.scheme, parts.netloc.rpartition("@")[2])
    visited: list[str] = []
    while True:
        same = (parts.scheme, parts.netloc.rpartition("@")[2]) == home
        hop = get(
            parts,
            deadline=deadline,
            max_bytes=max_bytes,
            authorization=user if same else None,
            may_be_private=may_be_private,
        )
        if not visited:
            may_be_private = may_be_private and hop.private
        target = next((v for k, v in hop.headers if k.lower() == "location"), None)
        if hop.status not in REDIRECTS or not target:
            return PageReply(
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
        url = without_user(parts)


def _redirected(url: str, target: str, visited: list[str]) -> SplitResult:
    """Return where a redirect leads. Raises BadInput for a loop or too long a chain."""
    try:
        following = urljoin(url, target.encode("latin-1", "replace").decode("utf-8", "replace"))
        scheme = urlsplit(following).scheme
    except ValueError:
        raise BadInput(f"{url} redirects to something that is no URL: check the server.") from None
    if scheme not in {"http", "https"}:
        raise BadInput(
            f"{url} redirects to a {scheme or 'nameless'} URL, which is not followed: "
            "give the page's own http or https URL."
        )
    parts = _checked(following)
    plain = without_user(parts)
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
    return parts


def _checked(location: str) -> SplitResult:
    """Split a URL. Raises BadInput unless it is http or https with a host."""
    try:
        parts = urlsplit(location.strip())
        port = parts.port
        host = parts.hostname
    except ValueError:
        raise BadInput(f"{location!r} is not a URL: write it as https://host/path.") from None
    if parts.scheme not in {"http", "https"}:
        raise BadInput(
            f"A page is read from an http or https URL or from a file, not from a "
            f"{parts.scheme} URL."
        )
    if not host or port == 0:
        raise BadInput(f"{location!r} names no host: write it as https://host/path.")
    return parts


def _basic(parts: SplitResult) -> str | None:
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()
