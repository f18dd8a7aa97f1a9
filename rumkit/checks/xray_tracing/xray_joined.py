"""Do server segments join the client's traces?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, names
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.service_role import MAKE_SERVICE_ROLE, SERVICE_ROLE
from rumkit.checks.words import count
from rumkit.checks.xray_tracing.tracing import asks_for_traces, not_asked
from rumkit.model import Hop, NotCollected, Outcome, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_XRAY = "https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html"


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for traces that hold the client's segment and no server's."""
    if not asks_for_traces(evidence):
        return None
    try:
        traces = evidence.traces
    except NotCollected as gap:
        if not evidence.no_service_role():
            raise
        return warned(
            f"{gap.reason}. The role {SERVICE_ROLE}, by which RUM sends the client's traces to"
            " X-Ray, does not exist.",
            fixes=(MAKE_SERVICE_ROLE,),
        )
    if not traces and evidence.trace_destination == "CloudWatchLogs":
        return unknown(
            "Traces of this region go to CloudWatch Logs (Transaction Search), where X-Ray's API"
            " does not see them: look into the log group aws/spans."
        )
    if not traces:
        return unknown("RUM stored no trace event in the window.")
    joined = [trace for trace in traces if trace.joined]
    rows = tuple((each.id, each.url, "yes" if each.joined else "no") for each in traces)
    proof = Proof(
        "xray:BatchGetTraces",
        {"traces": len(traces), "joined": len(joined)},
        table=Table(("trace", "request", "joined"), rows),
    )
    if len(joined) == len(traces):
        return passed(f"A server segment joined each of {count(len(traces), 'trace')}.", proof)
    if joined:
        return warned(f"{len(joined)} of {len(traces)} traces were joined by a server.", proof)
    return failed(
        f"No server segment joined any of {count(len(traces), 'trace')}: the header does not"
        " arrive, or the server behind it is not instrumented or ignores it.",
        proof,
        fixes=(
            fixes.advice(
                "Instrument the first server hop",
                "Switch on X-Ray tracing on the API Gateway stage, or instrument the service (AWS"
                " Distro for OpenTelemetry), so that it honours the incoming trace header.",
            ),
        ),
    )


CHECK = Check(
    id=names.XRAY_JOINED,
    hop=Hop.TRACE,
    section=Section.XRAY_TRACING,
    title="Server segments join the client's traces",
    configured=not_asked,
    recorded=recorded,
    docs=(_XRAY,),
    symptom=True,
    table="traces",
)
