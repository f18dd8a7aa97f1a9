"""Whether the client sends to the region in which the monitor lives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.words import shown
from rumkit.model import Hop, Proof, Section

if TYPE_CHECKING:
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome


_HOST = re.compile(
    r"dataplane\.rum(?:-fips)?\.([a-z]{2,6}(?:-[a-z]+)+-\d)"
    r"\.(?:amazonaws\.(?:com|com\.cn|eu)|api\.aws)"
)


def region_of(host: str) -> str | None:
    """Return the region that a data plane's host name holds, None for any other host."""
    match = _HOST.fullmatch(host.lower())
    return match[1] if match else None


def endpoint_region(evidence: Evidence) -> Outcome:
    """Fail for a snippet with region us-west-2 and a monitor in eu-west-1."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    region, host = snippet.region, snippet.data_plane_host(behaviour)
    sends_to = region_of(host) if host else None
    proof = Proof(
        "snippet",
        {
            "region argument": shown(region),
            "endpoint option": shown(snippet.get("endpoint", "none")),
            "sends to": host or "unknown",
            "client": behaviour.label,
        },
    )
    if not isinstance(region, str) or host is None:
        return unknown("Region or endpoint of the snippet is an expression.", proof)
    if sends_to is None:
        return unknown(
            f"The client sends to {host}, which names no region: a proxy there decides.", proof
        )
    if sends_to != region:
        return _disagree(evidence, proof, region, sends_to)
    return _against_monitor(evidence, proof, region)


def _disagree(evidence: Evidence, proof: Proof, region: str, sends_to: str) -> Outcome:
    behaviour = evidence.behaviour
    by_default = evidence.snippet.get("endpoint") is None
    fix = _endpoint(region)
    if by_default and behaviour.floating:
        return warned(
            f"No endpoint is set. Clients 3.0.0 to 3.2.0 then send to us-west-2 whatever the"
            f" region; the floating URL serves {behaviour.label} today, and a cached one may"
            " be older.",
            proof,
            fixes=(fix,),
        )
    why = (
        f"client {behaviour.label} sends to {sends_to} when no endpoint is set, whatever the"
        " region argument"
        if by_default
        else f"the endpoint option names {sends_to}"
    )
    return failed(
        f"The requests are signed for {region} and sent to {sends_to}: {why}. PutRumEvents"
        " answers 403.",
        proof,
        fixes=(fix,),
    )


def _against_monitor(evidence: Evidence, proof: Proof, region: str) -> Outcome:
    """Compare with the monitor; without an account the snippet at least agrees with itself."""
    found = evidence.monitor
    seen = Proof("rum:GetAppMonitor", {"monitor's region": found.region}, {"Name": found.name})
    if found.region != region:
        return failed(
            f"The client sends to {region}, and the monitor {found.name} lives in"
            f" {found.region}. PutRumEvents answers 403 (or likely 404).",
            proof,
            seen,
            fixes=(
                fixes.region("Put the monitor's region into the snippet", found.region),
                _endpoint(found.region),
            ),
        )
    if evidence.snippet.get("endpoint") is None and _may_default(evidence):
        return warned(
            "No endpoint is set, and 3.x is served as whatever is newest: clients 3.0.0 to"
            " 3.2.0, which a cache may still hold, send to us-west-2 whatever the region.",
            proof,
            seen,
            fixes=(_endpoint(region),),
        )
    return passed(f"The client sends to {region}, where the monitor lives.", proof, seen)


def _may_default(evidence: Evidence) -> bool:
    behaviour = evidence.behaviour
    return (
        behaviour.floating
        and behaviour.build == "full"
        and behaviour.version[0] == 3
        and evidence.monitor.region != "us-west-2"
    )


def _endpoint(region: str) -> Fix:
    from rumkit.aws.partitions import partition_of

    suffix = partition_of(region).dns_suffix
    return fixes.configuration(
        "Name the endpoint of the monitor's region",
        fixes.member("endpoint", f"https://dataplane.rum.{region}.{suffix}"),
        side_effect="A content security policy must let the page connect to this host.",
    )


ENDPOINT_REGION = Check(
    "endpoint-region",
    Hop.AUTHORIZE,
    Section.RETURNS_403,
    "The client sends to the monitor's region",
    endpoint_region,
    ("https://github.com/aws-observability/aws-rum-web/issues/854",),
)
