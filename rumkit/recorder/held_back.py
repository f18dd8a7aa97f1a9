"""`--dry`: how a browser is kept from sending events, whoever on the page sends them, and when.

What is failed over the protocol is seen in the recording. Beneath it lies what no page gets
around, since a protocol's view of a page ends before the page does and misses some workers:
AWS's data planes have no network (Chromium), the data plane's paths lead nowhere (Firefox).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

if TYPE_CHECKING:
    from collections.abc import Callable

PATH: Final = "/appmonitors/"
_PATTERN: Final = f"*://*/*{PATH[1:]}*"
CHROMIUM_HOSTS: Final = ("dataplane.rum.*", "dataplane.rum-*")


def in_chromium(post: Callable[..., None]) -> None:
    """Let no event out of a page, a frame or a worker, before any script of it runs."""
    post("Network.enable", {})
    post("Network.setBlockedURLs", {"urlPatterns": [{"urlPattern": _PATTERN, "block": True}]})
    # The block above ends where a page is being unloaded; what is paused stays so.
    post("Fetch.enable", {"patterns": [{"urlPattern": _PATTERN}]})


def failing(event: dict[str, str]) -> dict[str, str]:
    """Return the parameters by which Chromium fails a request that it paused."""
    return {"requestId": event["requestId"], "errorReason": "BlockedByClient"}


def in_firefox(front: int) -> dict[str, object]:
    """Return the preferences by which every event goes to a proxy that is not there.

    Everything else goes the way that it would have gone: to the front, else to the system's
    proxy, else out.
    """
    proxy = urlsplit(getproxies().get("https", ""))
    beyond = f"PROXY {proxy.hostname}:{proxy.port or 8080}" if proxy.hostname else "DIRECT"
    way = f"PROXY 127.0.0.1:{front}" if front else beyond
    script = (
        "function FindProxyForURL(url, host) {"
        f" return url.includes({json.dumps(PATH)}) ? 'PROXY 127.0.0.1:9' : {json.dumps(way)}; }}"
    )
    return {
        "network.proxy.type": 2,
        "network.proxy.autoconfig_url": f"data:text/javascript,{script}",
        "network.proxy.autoconfig_url.include_path": True,
    }
