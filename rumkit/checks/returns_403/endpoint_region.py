"""Does the client send to the region in which the monitor lives?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.checks import fixes, names
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.observed import seen_to_fail, seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.refusal import host_region, refusal_of, refused_outcome
from rumkit.checks.words import shown
from rumkit.client.options import LeftOut
from rumkit.model import Fix, Hop, Outcome, Proof, Section

if TYPE_CHECKING:
    from rumkit.client.har.conversation import Call
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_HOST = re.compile(
    r"dataplane\.rum(?:-fips)?\.([a-z]{2,6}(?:-[a-z]+)+-\d)"
    r"\.(?:amazonaws\.(?:com|com\.cn|eu)|api\.aws)"
)


def region_of(host: str) -> str | None:
    """Return the region that a data plane's host name holds, None for any other host."""
    match = _HOST.fullmatch(host.lower())
    return match[1] if match else None


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a snippet with region us-west-2 and a monitor in eu-west-1."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    region, host = snippet.region, snippet.data_plane_host(behaviour)
    sends_to = region_of(host) if host else None
    proof = Proof(
        "snippet",
        {
            "region argument": shown(region),
            "endpoint option": shown(snippet.setting("endpoint")),
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
    by_default = evidence.option("endpoint") is None
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
    if evidence.option("endpoint") is None and _may_default(evidence):
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


_DOUBLED = re.compile(r"/appmonitors/.{0,200}/appmonitors/")


def observed(evidence: Evidence) -> Outcome | None:
    """Judge the endpoint: a host that exists, of the region that the request is signed for."""
    visit = evidence.visit
    if found := refusal_of(visit, names.ENDPOINT_REGION):
        text = f"PutRumEvents is refused because {found.why}.{_default_endpoint(visit, found.call)}"
        return refused_outcome(visit, found, text)
    for call in visit.refused:
        if trouble := _bad_endpoint(visit, call):
            return seen_to_fail(trouble, [call])
    if visit.console and visit.console.said("invalid-endpoint") and not visit.delivered:
        return seen_to_fail(
            "The client threw 'Invalid URL' while it started: endpoint must be a whole URL, with "
            "https:// in front.",
            certain=False,
        )
    good = [call for call in visit.delivered if host_region(call)]
    return seen_to_work(f"RUM accepts events at {good[0].host}.", good[:1]) if good else None


def _bad_endpoint(visit: Visit, call: Call) -> str:
    if call.host in ("localhost", "127.0.0.1") and not call.ok:
        return (
            f"The events are sent to {call.host}: endpoint lacks https:// in front, and this "
            "client takes it for a path."
        )
    if call.url.startswith("http:") and not call.status:
        return (
            f"The endpoint is http://{call.host}, which browsers block as mixed content on an "
            "https page: write https."
        )
    if _DOUBLED.search(call.path):
        return (
            f"The path {call.path} names /appmonitors twice: endpoint must be the bare host "
            f"(https://{call.host})."
        )
    if "could not be resolved" in visit.why_silent(call):
        return f"{call.host} can't be resolved: the endpoint or the region is misspelt."
    proxy = not host_region(call) and not call.error_type
    if proxy and call.status in (404, 405):
        return (
            f"The endpoint {call.host} answers {call.status} and is not RUM: a proxy there must "
            "pass POST /appmonitors/ID on to the data plane."
        )
    return ""


def _default_endpoint(visit: Visit, call: Call) -> str:
    default = visit.behaviour.default_endpoint_region
    if default and host_region(call) == default and visit.setting("endpoint") == LeftOut():
        return (
            f" {visit.label.capitalize()} sends to {default} when endpoint is left out; set "
            "endpoint to the data plane of the monitor's region, or use 3.2.1 or newer."
        )
    return ""


CHECK = Check(
    id=names.ENDPOINT_REGION,
    hop=Hop.AUTHORIZE,
    section=Section.RETURNS_403,
    title="The client sends to the monitor's region",
    configured=configured,
    observed=observed,
    probed=refused(names.ENDPOINT_REGION),
    docs=("https://github.com/aws-observability/aws-rum-web/issues/854",),
)
