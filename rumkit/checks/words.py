"""How checks word values, counts and where they were seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.client.options import KnownOption, LeftOut
from rumkit.client.values import written
from rumkit.model import NotCollected, Proof

if TYPE_CHECKING:
    from rumkit.aws.monitor import Monitor
    from rumkit.evidence import Evidence

_SHOWN = 120
# Flows in which the browser asks an identity pool for credentials.
VENDED = frozenset({"enhanced", "basic", "unknown"})
# Flows in which PutRumEvents is not signed, or would not be: the client has no credentials.
UNSIGNED = frozenset({"unsigned", "none"})
NO_POOL = "This client gets its credentials elsewhere; it asks no identity pool."


def count(number: int, noun: str) -> str:
    """Return `1 call`, `2 calls`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(value: Any) -> str:
    """Return a snippet's value or option as a person reads it, bounded in length."""
    if isinstance(value, KnownOption):
        value = value.value
    if isinstance(value, LeftOut):
        return "left out"
    if value is None:
        return "nothing"
    source = getattr(value, "source", None)
    if isinstance(source, str):
        text = source.rstrip("\n\r ;,")
    else:
        text = written(value) if isinstance(value, bool | list | dict) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def monitor_proof(monitor: Monitor) -> Proof:
    """Return what GetAppMonitor said of a monitor."""
    return Proof(
        "rum:GetAppMonitor",
        {"Id": monitor.id, "State": monitor.state, "LastModified": monitor.modified},
        {"Name": monitor.name, "Region": monitor.region},
    )


def page_host(evidence: Evidence) -> str | None:
    """Return the page's host name, None when the page is a file."""
    parts = urlsplit(evidence.page.url)
    return parts.hostname if parts.scheme in {"http", "https"} else None


def page_host_or_none(evidence: Evidence) -> str | None:
    """Return the page's host name, None also when no page can be read."""
    try:
        return page_host(evidence)
    except NotCollected:
        return None
