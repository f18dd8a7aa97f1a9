"""Does the client begin traces?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import authority, fixes, infrastructure, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown
from rumkit.checks.observed import seen_to_work
from rumkit.checks.words import monitor_proof, shown
from rumkit.checks.xray_tracing.tracing import (
    CORS_RISK,
    NO_LIST,
    NOT_ASKED,
    SLIM,
    asks_for_traces,
    with_header,
)
from rumkit.client.values import truthy
from rumkit.model import Hop, Outcome, Proof, Section

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `addXRayTraceIdHeader: true` without `enableXRay: true`."""
    snippet = evidence.snippet
    if not evidence.behaviour.telemetries_option:
        return unknown(SLIM)
    if snippet.problem("telemetries-not-list"):
        return skipped(NO_LIST)
    enabled = evidence.option("enableXRay", default=False)
    has_http = snippet.telemetry("http") is not None or _default_http(evidence)
    proof = Proof("snippet", {"enableXRay": shown(enabled), "http telemetry": has_http})
    if not asks_for_traces(evidence):
        return skipped(NOT_ASKED, proof)
    missing, wanted = [], {}
    if not truthy(enabled):
        missing.append("enableXRay is not true")
        wanted["X-Ray"] = "enableXRay: true"
    if not has_http:
        missing.append("the http telemetry is missing")
        wanted["the http telemetry"] = with_header(evidence)
    if missing:
        return failed(
            f"The snippet asks for trace headers, but {' and '.join(missing)}: no trace is begun"
            " and no header is sent. (The guide's text leaves enableXRay out.)",
            proof,
            fixes=(
                fixes.configuration(
                    f"Switch on {' and '.join(wanted)}",
                    ",\n".join(wanted.values()),
                    side_effect=CORS_RISK,
                ),
            ),
        )
    return _kept_by_monitor(evidence, proof)


def _kept_by_monitor(evidence: Evidence, proof: Proof) -> Outcome:
    """Fail, as likely, for a monitor whose own X-Ray setting is off: it drops the segments."""
    monitor = evidence.monitor_or_none()
    if monitor is None or monitor.config.get("EnableXRay") is not False:
        return passed("The client begins a trace for each request that it records.", proof)
    return failed(
        f"The client begins traces, and the monitor {monitor.name} has EnableXRay: false, so that"
        " RUM likely sends no segment on to X-Ray.",
        proof,
        monitor_proof(monitor),
        fixes=authority.on_monitor(
            evidence,
            (
                fixes.update_monitor(monitor, "Let RUM send segments to X-Ray", EnableXRay=True),
                *infrastructure.app_monitor(
                    monitor, AppMonitorConfiguration={**monitor.config, "EnableXRay": True}
                ),
            ),
            undo=fixes.update_monitor(monitor, "undo"),
        ),
        certain=False,
    )


def _default_http(evidence: Evidence) -> bool:
    default = evidence.behaviour.default_telemetries
    return evidence.option("telemetries") is None and "http" in default


def observed(evidence: Evidence) -> Outcome | None:
    """Check whether the client sends trace segments."""
    visit = evidence.visit
    traced = [call for call in visit.puts if call.batch and call.batch.has("xray_trace_event")]
    return seen_to_work("The client sends X-Ray trace events.", traced[:1]) if traced else None


CHECK = Check(
    id=names.XRAY_ENABLED,
    hop=Hop.TRACE,
    section=Section.XRAY_TRACING,
    title="The client begins traces",
    configured=configured,
    observed=observed,
    docs=(links.CLIENT_OPTIONS,),
)
