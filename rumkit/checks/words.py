"""How checks word values, counts and where they were seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.model import Proof

if TYPE_CHECKING:
    from rumkit.aws.monitor import Monitor
    from rumkit.evidence import Evidence

_SHOWN = 120


def count(number: int, noun: str) -> str:
    """Return `1 call`, `2 calls`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(value: Any) -> str:
    """Return a snippet's value as a person reads it, bounded in length."""
    source = getattr(value, "source", None)
    text = source if isinstance(source, str) else str(value)
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
