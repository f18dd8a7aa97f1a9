"""Does the monitor accept the custom events that the page records?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import authority, fixes, infrastructure, names
from rumkit.checks.base import Check, failed, passed, skipped
from rumkit.model import Hop, Outcome, Proof, Section
from rumkit.trail.names import MONITOR_CHANGES

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_API = "https://docs.aws.amazon.com/cloudwatchrum/latest/APIReference"


def configured(evidence: Evidence) -> Outcome | None:
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


CHECK = Check(
    id=names.CUSTOM_EVENTS,
    hop=Hop.INGEST,
    section=Section.BEYOND,
    title="The monitor accepts the custom events that the page records",
    configured=configured,
    changes=MONITOR_CHANGES,
    docs=(f"{_API}/API_CustomEvents.html",),
    feature=True,
)
