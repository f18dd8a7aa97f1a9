"""Is the page's host on the monitor's list of domains?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit.aws.monitor import names_host
from rumkit.checks import authority, fixes, infrastructure, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.observed import seen_to_fail
from rumkit.checks.trail_failures import failures_proof
from rumkit.checks.words import count, page_host, page_host_or_none
from rumkit.model import Fix, Hop, Outcome, Proof, Section, ended
from rumkit.target import iso
from rumkit.trail.names import MONITOR_CHANGES

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


# So many patterns a monitor's DomainList takes; source: the API reference of AppMonitor.
_MOST = 5
_DOMAIN = re.compile(r"(?i)domain .{0,300}(?:does not match|not allowed|is not)")
_BY_HAND = fixes.advice(
    "Add the page's host to the monitor's list of domains",
    "Name the monitor and a profile of its account, and the command is printed with the list as it"
    " is now.",
)


def configured(evidence: Evidence) -> Outcome | None:
    """Fail, as likely, for a page on www.example.org when the monitor lists example.com."""
    host = page_host(evidence)
    if host is None:
        return unknown("The page was read from a file, so its host is not known.")
    monitor = evidence.monitor
    proof = Proof("rum:GetAppMonitor", {"page": host, "domains": list(monitor.domains)})
    if not monitor.domains:
        return skipped(f"The monitor {monitor.name} names no domain.", proof)
    if names_host(monitor, host):
        return passed(f"{host} is on the monitor's list of domains.", proof)
    words = (
        f"{host} is not on the list of domains of {monitor.name} ({', '.join(monitor.domains)})."
    )
    if _arrive(evidence):
        return warned(f"{words} Events arrive all the same.", proof, fixes=_add(evidence, host))
    return failed(
        f"{words} RUM likely refuses its events with 400: one production report has it so.",
        proof,
        fixes=_add(evidence, host),
        certain=False,
    )


def _arrive(evidence: Evidence) -> bool:
    """Tell whether events were accepted until just now; that some were refused tells nothing."""
    return evidence.arriving() or bool(evidence.recording_or_none() and evidence.visit.delivered)


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for PutRumEvents calls that RUM refused for their domain."""
    rows = [row for row in evidence.put_events.rows if _DOMAIN.search(row.error_message)]
    if not rows:
        return None
    last = rows[-1]
    return failed(
        f"RUM refused {count(len(rows), 'PutRumEvents call')} for their domain, the last at"
        f" {iso(last.time)}: {last.error_code}: {ended(last.error_message)}",
        failures_proof(evidence.put_events, rows),
        fixes=_add(evidence, page_host_or_none(evidence) or ""),
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Fail for 400 with a message about the domain."""
    visit = evidence.visit
    refused = [c for c in visit.refused_by_rum if _DOMAIN.search(c.error_message)]
    if not refused:
        return None
    host = urlsplit(visit.load_of(refused[0]).url).hostname or ""
    return seen_to_fail(
        f"RUM refuses the events for their domain: {refused[0].trouble}.",
        refused,
        fixes=_add(evidence, host),
    )


def _add(evidence: Evidence, host: str) -> tuple[Fix, ...]:
    """Return what adds a host to the monitor's list; five patterns are the most that it takes."""
    monitor = evidence.monitor_or_none()
    if monitor is None or not host:
        return (_BY_HAND,)
    if len(monitor.domains) >= _MOST:
        return (
            fixes.advice(
                "Make room in the monitor's list of domains",
                f"It takes {_MOST} patterns and holds {len(monitor.domains)}"
                f" ({', '.join(monitor.domains)}): replace several by one such as *.example.com,"
                f" example.* or *.example.*, so that {host} is among them.",
            ),
        )
    domains = [*monitor.domains, host]
    return authority.on_monitor(
        evidence,
        (
            fixes.update_monitor(
                monitor, "Add the page's host to the list", "--domain-list", *domains
            ),
            *infrastructure.app_monitor(monitor, DomainList=domains),
        ),
        undo=fixes.update_monitor(monitor, "undo", "--domain-list", *monitor.domains),
    )


CHECK = Check(
    id=names.MONITOR_DOMAIN,
    hop=Hop.INGEST,
    section=Section.BEYOND,
    title="The page's host is on the monitor's list of domains",
    configured=configured,
    observed=observed,
    recorded=recorded,
    changes=MONITOR_CHANGES,
    docs=(f"{links.RUM_API}/API_AppMonitor.html",),
)
