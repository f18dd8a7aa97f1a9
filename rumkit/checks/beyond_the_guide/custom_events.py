"""Does the monitor accept the custom events that the page records?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import authority, fixes, infrastructure, links, names
from rumkit.checks.base import Check, failed, passed, skipped, warned
from rumkit.client.values import Expression, rest_of
from rumkit.model import Hop, Outcome, Proof, Section
from rumkit.trail.names import MONITOR_CHANGES

if TYPE_CHECKING:
    from rumkit.client.snippet import ClientCommand
    from rumkit.evidence import Evidence


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `cwr('recordEvent', …)` on a monitor whose custom events are switched off."""
    snippet = evidence.snippet
    used = [command for command in snippet.commands if command.name == "recordEvent"]
    if not used:
        return skipped("The page's scripts that were read record no custom events.")
    if outcome := _of_the_wrong_shape(snippet.kind, used):
        return outcome
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


def _of_the_wrong_shape(kind: str, used: list[ClientCommand]) -> Outcome | None:
    """Warn of an event without a type: of what recordEvent is given, the client reads little."""
    for command in used:
        given = command.payload
        if kind == "loader" and isinstance(given, str):
            given = {"a text": None}
        if not isinstance(given, dict) or isinstance(rest_of(given), Expression):
            continue
        if kind == "loader" and "type" in given:
            continue
        written = "cwr('recordEvent', { type: 'checkout', data: { total: 12 } })"
        if kind == "npm":
            written = "awsRum.recordEvent('checkout', { total: 12 })"
        listed = ", ".join(given)[:120]
        return warned(
            f"Line {command.line} gives recordEvent {listed or 'an empty object'},"
            f" in which the client finds no type for the event; it wants {written}.",
            Proof("page", {"recordEvent": listed}),
            fixes=(fixes.advice("Give the event a type", written),),
        )
    return None


CHECK = Check(
    id=names.CUSTOM_EVENTS,
    hop=Hop.INGEST,
    section=Section.BEYOND,
    title="The monitor accepts the custom events that the page records",
    configured=configured,
    changes=MONITOR_CHANGES,
    docs=(f"{links.RUM_API}/API_CustomEvents.html",),
    feature=True,
)
