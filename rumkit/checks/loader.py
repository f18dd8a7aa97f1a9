"""The snippet that a page should carry, with this installation's own ids."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rumkit.aws.partitions import partition_of
from rumkit.client.generations import CDN_HOST
from rumkit.model import NotCollected

if TYPE_CHECKING:
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
    try:
        monitor = evidence.monitor
        ident, region, config = monitor.id, monitor.region, monitor.config
    except NotCollected:
        ident, region, config = _UNKNOWN_ID, _UNKNOWN_REGION, {}
    options = {
        "sessionSampleRate": config.get("SessionSampleRate", 1),
        "identityPoolId": config.get("IdentityPoolId", "IDENTITY_POOL_ID"),
        "endpoint": f"https://dataplane.rum.{region}.{partition_of(region).dns_suffix}",
        "telemetries": config.get("Telemetries") or ["errors", "performance", "http"],
        "allowCookies": config.get("AllowCookies", True),
        "enableXRay": config.get("EnableXRay", False),
    }
    lines = ",\n".join(f"    {name}: {json.dumps(value)}" for name, value in options.items())
    return (
        f"{_LOADER}(\n  'cwr',\n  '{ident}',\n  '1.0.0',\n  '{region}',\n  '{_CLIENT}',\n"
        f"  {{\n{lines}\n  }}\n);"
    )
