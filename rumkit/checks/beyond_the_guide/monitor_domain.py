"""Is the page's host on the monitor's list of domains?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.monitor import names_host
from rumkit.checks import authority, fixes, infrastructure, names
from rumkit.checks.base import Check, passed, skipped, unknown, warned
from rumkit.checks.words import page_host
from rumkit.model import Hop, Outcome, Proof, Section
from rumkit.trail.names import MONITOR_CHANGES

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_API = "https://docs.aws.amazon.com/cloudwatchrum/latest/APIReference"


def configured(evidence: Evidence) -> Outcome | None:
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


CHECK = Check(
    id=names.MONITOR_DOMAIN,
    hop=Hop.INGEST,
    section=Section.BEYOND,
    title="The page's host is on the monitor's list of domains",
    configured=configured,
    changes=MONITOR_CHANGES,
    docs=(f"{_API}/API_AppMonitor.html",),
)
