"""Do PutRumEvents and token vending stay below their rates?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.errors import is_throttled
from rumkit.aws_names import known_regions
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed
from rumkit.checks.observed import seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.trail_failures import not_covered
from rumkit.checks.words import count
from rumkit.model import Hop, Outcome, Proof, Section

if TYPE_CHECKING:
    from rumkit.evidence import Evidence

_SEND_LESS = fixes.configuration(
    "Send less: sample sessions, or send larger batches less often",
    "sessionSampleRate: 0.5,\ndispatchInterval: 15000",
)
_QUOTA = fixes.advice(
    "Or ask for a higher rate",
    "Service Quotas lists them: aws service-quotas list-service-quotas --service-code rum, and"
    " Amazon Cognito Identity Pools for GetId and GetCredentialsForIdentity. AWS's texts count"
    " RUM's quota in requests here and in events there: fewer and larger batches help with the"
    " first, sampling with both.",
)


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for PutRumEvents calls that were answered with ThrottlingException."""
    seen = evidence.put_events
    throttled = [row for row in seen.rows if row.failure == "throttled"]
    if throttled:
        return failed(
            f"{count(len(throttled), 'PutRumEvents call')} were throttled; the client tries 429"
            " again after 2 and 4 seconds, then drops the batch.",
            Proof("cloudtrail", {"throttled": len(throttled), "source": seen.source}),
            fixes=(
                fixes.advice(
                    "Ask for a higher rate of PutRumEvents (50 a second by default)",
                    "Service Quotas, Amazon CloudWatch RUM: aws service-quotas"
                    f" list-service-quotas --service-code rum{_in_region(evidence)}",
                ),
                _SEND_LESS,
            ),
        )
    proof = Proof("cloudtrail", {"source": seen.source})
    if not seen.complete:
        return not_covered(evidence, seen, proof)
    return passed("No PutRumEvents call was throttled.", proof)


def _in_region(evidence: Evidence) -> str:
    region = evidence.region_name() or ""
    return f" --region {region}" if region in known_regions() else ""


def observed(evidence: Evidence) -> Outcome | None:
    """Check 429 and throttling errors of RUM, Cognito and STS."""
    visit = evidence.visit
    between = {call.index for call in (*visit.answered_in_between, *visit.vending_in_between)}
    calls = [c for c in (*visit.puts, *visit.vending) if c.index not in between]
    bad = [c for c in calls if c.status == 429 or is_throttled(c.error_type)]
    if not bad:
        if told := next((each for each in visit.unrecorded_puts if each.status == 429), None):
            return seen_to_fail(
                f"The console says that {told.host} answers 429: {told.explained}. The client tries"
                " again after 2 and 4 seconds; whether RUM took the batch then, a recording shows.",
                fixes=(_SEND_LESS, _QUOTA),
            )
        if visit.delivered:
            return seen_to_work("No call was throttled.", visit.delivered[:1])
        # That Cognito answered says nothing of RUM.
        return passed("No call was throttled.") if any(call.status for call in calls) else None
    first = bad[0]
    text = f"{first.kind} is throttled: {first.trouble}."
    if all(visit.healed(call) for call in bad):
        return seen_in_part(f"{text} A later call succeeded.", bad, fixes=(_SEND_LESS, _QUOTA))
    text = f"{text} See the quota of {first.kind} calls per second."
    return seen_to_fail(text, bad, fixes=(_SEND_LESS, _QUOTA))


CHECK = Check(
    id=names.THROTTLING,
    hop=Hop.INGEST,
    section=Section.BEYOND,
    title="PutRumEvents stays below its rate",
    observed=observed,
    recorded=recorded,
    probed=refused(names.THROTTLING),
    mobile=True,
    docs=(f"{links.MONITORING}/cloudwatch_limits.html",),
    table="denied_put_events",
)
