"""The snippet that a page should carry, with this installation's own ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.aws.partitions import partition_of
from rumkit.checks.fixes import javascript, member
from rumkit.client.generations import CDN_HOST
from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.aws.monitor import Monitor
    from rumkit.evidence import Evidence

_CLIENT = f"https://{CDN_HOST}/1.x/cwr.js"
# What a person replaces when nothing tells the monitor.
_UNKNOWN_ID, _UNKNOWN_REGION = "APP_MONITOR_ID", "REGION"

_LOADER = (
    "(function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};"
    "window[n]=function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');"
    "z.async=true;z.src=s;document.head.insertBefore(z,"
    "document.head.getElementsByTagName('script')[0]);})"
)


def loader(evidence: Evidence) -> str:
    """Return the loader call as JavaScript, in the form that the RUM console generates."""
    monitor = known_monitor(evidence)
    ident, region = _UNKNOWN_ID, _UNKNOWN_REGION
    config: Mapping[str, Any] = {}
    if monitor is not None:
        ident, region, config = monitor.id, monitor.region, monitor.config
    url, written = _kept(evidence)
    options = {
        "sessionSampleRate": config.get("SessionSampleRate", 1),
        "identityPoolId": config.get("IdentityPoolId", "IDENTITY_POOL_ID"),
        "endpoint": f"https://dataplane.rum.{region}.{partition_of(region).dns_suffix}",
        "telemetries": config.get("Telemetries") or ["errors", "performance", "http"],
        "allowCookies": config.get("AllowCookies", True),
        "enableXRay": config.get("EnableXRay", False),
    }
    if written:
        bad = _left_out(evidence)
        good = {name: value for name, value in written.items() if name not in bad}
        options = good | {name: options[name] for name in bad if name in options}
    lines = ",\n".join(f"    {member(name, value)}" for name, value in options.items())
    return (
        f"{_LOADER}(\n  'cwr',\n  {javascript(ident)},\n  '1.0.0',\n  {javascript(region)},\n"
        f"  {javascript(url)},\n  {{\n{lines}\n  }}\n);"
    )


def known_monitor(evidence: Evidence) -> Monitor | None:
    """Return the monitor, None where it is not known; for fixes only."""
    try:
        return evidence.monitor
    except NotCollected:
        return None


def _kept(evidence: Evidence) -> tuple[str, Mapping[str, Any]]:
    """Return the client URL and the configuration of a snippet that only stands wrongly."""
    snippet = evidence.snippet_or_none()
    if snippet is None or snippet.config_open:
        return _CLIENT, {}
    cdn = snippet.version.cdn and snippet.version.known
    return str(snippet.client_url) if cdn else _CLIENT, dict(snippet.config)


def _left_out(evidence: Evidence) -> frozenset[str]:
    """Return the options whose values are no values, such as placeholders."""
    snippet = evidence.snippet_or_none()
    return frozenset(problem.field for problem in snippet.problems) if snippet else frozenset()
