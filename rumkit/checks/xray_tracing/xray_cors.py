"""Do cross-origin APIs let the trace header through?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import links, names
from rumkit.checks.base import Check, failed, skipped, unknown
from rumkit.checks.observed import seen_to_fail, seen_to_work
from rumkit.checks.words import count
from rumkit.checks.xray_tracing.tracing import (
    TRACE_HEADERS,
    W3C_SINCE,
    add_header,
    asks_for_traces,
    let_header_through,
    not_asked,
)
from rumkit.client.har.conversation import Call, Kind
from rumkit.model import Hop, Outcome, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


def configured(evidence: Evidence) -> Outcome | None:
    """Skip an installation that sends no trace header; None for any other."""
    if outcome := not_asked(evidence):
        return outcome
    return None if _header_name(evidence) else skipped("No trace header is sent.")


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for requests of traced sessions that no server answered."""
    header = _header_name(evidence) if asks_for_traces(evidence) else None
    if header is None:
        return None
    failing = evidence.unanswered_requests
    if not failing:
        return unknown(
            f"Whether cross-origin APIs let {header} through, only a browser recording shows."
        )
    rows = tuple((url, str(times)) for url, times in failing.items())
    return failed(
        f"{count(len(failing), 'cross-origin API')} never answered browsers with a status, as a"
        f" refused preflight looks: likely the header {header} is not allowed there.",
        Proof("rum:GetAppMonitorData", {"header": header}, table=Table(("API", "failures"), rows)),
        fixes=(let_header_through(header), add_header(evidence)),
        certain=False,
    )


def _header_name(evidence: Evidence) -> str | None:
    """Return the header that is sent, None for none; raises where the telemetries do not tell."""
    evidence.option("telemetries")
    config = evidence.snippet.telemetry("http")
    if not isinstance(config, dict) or not config.get("addXRayTraceIdHeader"):
        return None
    w3c = evidence.option("enableW3CTraceId") is True
    return "traceparent" if w3c and evidence.behaviour.version >= W3C_SINCE else "x-amzn-trace-id"


def observed(evidence: Evidence) -> Outcome | None:
    """Check the preflights of the page's APIs: do they let the trace header through."""
    visit = evidence.visit
    if visit.console and (said := visit.console.said("cors-trace-header")):
        return seen_to_fail(
            f"The browser refused a traced request: {said.text}", fixes=(let_header_through(),)
        )
    asked = [
        call
        for call in visit.recording.calls
        if call.preflight
        and call.kind is Kind.APPLICATION
        and call.cors
        and set(call.cors.asked) & set(TRACE_HEADERS)
    ]
    bad = [call for call in asked if not _lets_through(call)]
    if bad:
        hosts = ", ".join(dict.fromkeys(call.host for call in bad))
        return seen_to_fail(
            f"{hosts} does not allow the trace header in its preflight's "
            "Access-Control-Allow-Headers, so the page's own requests there fail.",
            bad,
            fixes=(let_header_through(),),
        )
    return seen_to_work("The preflights allow the trace header.", asked[:1]) if asked else None


def _lets_through(call: Call) -> bool:
    cors = call.cors
    if cors is None or not call.status or not cors.answered:
        return True
    if call.status >= 400 or not cors.origin:
        return False
    wildcard = "*" in cors.allowed and not cors.credentials
    needed = set(cors.asked) & set(TRACE_HEADERS)
    return wildcard or needed <= set(cors.allowed)


CHECK = Check(
    id=names.XRAY_CORS,
    hop=Hop.TRACE,
    section=Section.XRAY_TRACING,
    title="Cross-origin APIs let the trace header through",
    configured=configured,
    recorded=recorded,
    observed=observed,
    docs=(links.CLIENT_OPTIONS,),
)
