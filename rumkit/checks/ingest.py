"""Beyond the guide: whether RUM knows the monitor, accepts its events and keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.monitor import is_id, names_host
from rumkit.checks import authority, fixes, infrastructure
from rumkit.checks.arriving import EVENTS_ARRIVING
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.drift import CONFIGURATION_DRIFT
from rumkit.checks.words import count, monitor_proof, page_host, shown
from rumkit.model import Absent, Hop, Proof, Section

if TYPE_CHECKING:
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome

_API = "https://docs.aws.amazon.com/cloudwatchrum/latest/APIReference"
_QUOTAS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"


def monitor_exists(evidence: Evidence) -> Outcome:
    """Fail for `cwr(…, '<id of a deleted monitor>', …)`."""
    monitor = evidence.monitor_lookup
    if isinstance(monitor, Absent):
        return failed(
            f"RUM does not know the monitor: {monitor.reason}. PutRumEvents is answered with 404"
            " ResourceNotFoundException (or with 403 when the role names other monitors).",
            Proof("rum:GetAppMonitor", {"wanted": evidence.target.monitor or "the page's id"}),
            fixes=_find_the_monitor(evidence),
        )
    if monitor.state == "DELETING":
        return failed(f"The monitor {monitor.name} is being deleted.", monitor_proof(monitor))
    snippet = evidence.snippet_or_none()
    if snippet is None:
        return passed(
            f"The monitor {monitor.name} exists in {monitor.region}.", monitor_proof(monitor)
        )
    sent = snippet.app_monitor_id
    if not isinstance(sent, str):
        return unknown(
            f"The monitor {monitor.name} exists; the page's id is an expression ({shown(sent)}).",
            monitor_proof(monitor),
        )
    if not is_id(sent):
        return skipped(f"The page's id {shown(sent)} is none: see snippet-present.")
    proof = Proof(
        "rum:GetAppMonitor", {"page's id": sent, "monitor's id": monitor.id}, {"Name": monitor.name}
    )
    if sent.lower() != monitor.id.lower():
        return failed(
            f"The page sends to {sent}, and the monitor {monitor.name} has the id {monitor.id}:"
            " its events go elsewhere or nowhere.",
            proof,
            fixes=(fixes.monitor_id("Put the monitor's own id into the snippet", monitor.id),),
        )
    return passed(f"The page's id is that of {monitor.name} in {monitor.region}.", proof)


def _find_the_monitor(evidence: Evidence) -> tuple[Fix, ...]:
    region = next(iter(evidence.regions), "REGION")
    return (
        fixes.command(
            "See which monitors there are",
            ["aws", "rum", "list-app-monitors", "--region", region],
        ),
        fixes.advice(
            "Put an existing monitor's id into the snippet",
            "Create the monitor again, or take the id of an existing one from the list and put"
            " it into the snippet's second argument. A new monitor has a new id: the old one"
            " never comes back.",
        ),
    )


def monitor_domain(evidence: Evidence) -> Outcome:
    """Warn for a page on www.example.org when the monitor lists example.com."""
    host = page_host(evidence)
    if host is None:
        return unknown("The page was read from a file, so its host is not known.")
    monitor = evidence.monitor
    proof = Proof("rum:GetAppMonitor", {"page": host, "domains": list(monitor.domains)})
    if not monitor.domains:
        return skipped(f"The monitor {monitor.name} names no domain.", proof)
    if names_host(monitor, host):
        return passed(f"{host} is on the monitor's list of domains.", proof)
    domains = [*monitor.domains, host][-5:]
    return warned(
        f"{host} is not on the list of domains of {monitor.name}"
        f" ({', '.join(monitor.domains)}). Nothing documented says that RUM refuses its events.",
        proof,
        fixes=authority.on_monitor(
            evidence,
            (
                fixes.update_monitor(
                    monitor, "Add the page's host to the list", "--domain-list", *domains
                ),
                *infrastructure.app_monitor(monitor, DomainList=domains),
            ),
            undo=fixes.update_monitor(monitor, "undo", "--domain-list", *monitor.domains),
        ),
    )


def throttling(evidence: Evidence) -> Outcome:
    """Fail for PutRumEvents calls that were answered with ThrottlingException."""
    seen = evidence.put_events
    throttled = [row for row in seen.rows if "throttl" in row.error_code.lower()]
    if throttled:
        return failed(
            f"{count(len(throttled), 'PutRumEvents call')} were throttled; the client tries 429"
            " again after 2 and 4 seconds, then drops the batch.",
            Proof("cloudtrail", {"throttled": len(throttled), "source": seen.source}),
            fixes=(
                fixes.advice(
                    "Ask for a higher rate of PutRumEvents (50 a second by default)",
                    "Service Quotas, Amazon CloudWatch RUM: aws service-quotas"
                    f" list-service-quotas --service-code rum --region {evidence.monitor.region}",
                ),
                fixes.configuration(
                    "Or send less: sample sessions, or send larger batches less often",
                    "sessionSampleRate: 0.5,\ndispatchInterval: 15000",
                ),
            ),
        )
    return passed(
        "No PutRumEvents call was throttled.", Proof("cloudtrail", {"source": seen.source})
    )


def custom_events(evidence: Evidence) -> Outcome:
    """Fail for `cwr('recordEvent', …)` on a monitor whose custom events are switched off."""
    snippet = evidence.snippet
    used = [command for command in snippet.commands if command.name == "recordEvent"]
    if not used:
        return skipped("The page's scripts that were read record no custom events.")
    monitor = evidence.monitor
    proof = Proof(
        "rum:GetAppMonitor",
        {"CustomEvents.Status": "ENABLED" if monitor.custom_events else "DISABLED"},
        {"Name": monitor.name},
    )
    if monitor.custom_events:
        return passed("The monitor accepts custom events.", proof)
    return failed(
        "The page records custom events and the monitor does not accept them: PutRumEvents is"
        " answered with 200 and they are dropped.",
        proof,
        fixes=authority.on_monitor(
            evidence,
            (
                fixes.update_monitor(
                    monitor,
                    "Accept custom events",
                    "--custom-events",
                    "Status=ENABLED",
                    side_effect="Custom events are billed as RUM events.",
                ),
                *infrastructure.app_monitor(monitor, CustomEvents={"Status": "ENABLED"}),
            ),
            undo=fixes.update_monitor(monitor, "undo", "--custom-events", "Status=DISABLED"),
        ),
    )


CHECKS = (
    Check(
        "monitor-exists",
        Hop.INGEST,
        Section.RETURNS_403,
        "The page's app monitor exists in this region and account",
        monitor_exists,
        (f"{_API}/API_GetAppMonitor.html",),
    ),
    Check(
        "monitor-domain",
        Hop.INGEST,
        Section.BEYOND,
        "The page's host is on the monitor's list of domains",
        monitor_domain,
        (f"{_API}/API_AppMonitor.html",),
    ),
    EVENTS_ARRIVING,
    Check(
        "throttling",
        Hop.INGEST,
        Section.BEYOND,
        "PutRumEvents stays below its rate",
        throttling,
        (_QUOTAS,),
    ),
    Check(
        "custom-events",
        Hop.INGEST,
        Section.BEYOND,
        "The monitor accepts the custom events that the page records",
        custom_events,
        (f"{_API}/API_CustomEvents.html",),
    ),
    CONFIGURATION_DRIFT,
)
