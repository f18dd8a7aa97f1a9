"""Run the checks over the evidence, and find the cause."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rumkit.investigation import HopState, Investigation, Missing, Onset
from rumkit.model import (
    Finding,
    Hop,
    NotCollected,
    Outcome,
    Proof,
    ReadRefused,
    Status,
    Verdict,
)
from rumkit.target import Target, iso, parse_traffic, parse_window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import boto3

    from rumkit.checks.base import Check
    from rumkit.evidence import Evidence

# Each fact may wait on another one in a thread of its own, so there are more threads than facts.
_THREADS = 96
_ARRIVED = "events-arriving"
_JOINED = "xray-joined"
# Nearest first: what came long before is in the table of changes.
_MAX_CHANGES = 20
# What a finding misses when rumkit itself failed; the command line exits with 4 then.
DEFECT = "rumkit:defect"
# What proves that clients got as far as this hop, whatever could not be looked at before it.
_REACHED = {"token-vending-failures": Hop.CREDENTIALS, "put-events-denied": Hop.AUTHORIZE}
_WORST_FIRST = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS)


def investigate(
    *,
    monitor: str | None = None,
    page: str | None = None,
    recording: str | None = None,
    console: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    session: boto3.Session | None = None,
    since: str = "24h",
    until: str | None = None,
    trail: str = "auto",
    probe: bool = False,
    traffic: str | None = None,
    on_finding: Callable[[Finding], None] | None = None,
) -> Investigation:
    """Investigate an app monitor, a page, a recording, or what the environment names.

    What is not named is taken from `RUMKIT_MONITOR` and `RUMKIT_PAGE`. `since` is a
    length (`24h`, `3d`) before `until`, or a moment; `until` is now when left out. `traffic`
    (`alb:app/NAME/ID`, `cloudfront:ID`) sets the site's requests beside arrival. `on_finding` is
    called with each finding as it is decided, from several threads. Raises BadInput.
    """
    from rumkit.aws.session import AwsSession
    from rumkit.evidence import Evidence
    from rumkit.target import with_environment

    monitor, page = with_environment(monitor or None, page or None, recording or None)
    if traffic:
        parse_traffic(traffic)
    target = Target(
        window=parse_window(since, until),
        monitor=monitor or None,
        page=page or None,
        recording=recording or None,
        console=console or None,
        region=region or None,
        profile=profile or None,
        trail=trail or "auto",
        probe=probe,
        traffic=traffic or None,
    )
    aws = AwsSession(profile=target.profile, region=target.region, session=session)
    return run(Evidence(target, aws), on_finding=on_finding)


def run(
    evidence: Evidence, *, on_finding: Callable[[Finding], None] | None = None
) -> Investigation:
    """Collect all facts side by side, decide every check, and conclude."""
    from rumkit.checks import CHECKS

    evidence.refuse_bad_input()
    with ThreadPoolExecutor(_THREADS) as pool:
        collecting = [pool.submit(_collect, evidence, name) for name in evidence.names()]
        deciding = [pool.submit(_decide_and_tell, check, evidence, on_finding) for check in CHECKS]
        findings = tuple(decided.result() for decided in deciding)
        gaps = [collected.result() for collected in collecting]
    evidence.refuse_bad_trail()
    return conclude(evidence, findings, [gap for gap in gaps if gap])


def conclude(
    evidence: Evidence, findings: tuple[Finding, ...], gaps: Sequence[Missing]
) -> Investigation:
    """Draw path, cause and verdict from the findings."""
    arrived = _arrived(evidence, findings)
    hops = list(Hop)
    proven = hops[: hops.index(reached(findings))]
    if any(found.check == _JOINED and found.status is Status.PASS for found in findings):
        proven.append(Hop.TRACE)
    return Investigation(
        target=_described(evidence),
        verdict=verdict(findings, arrived=arrived),
        root_cause=root_cause(findings),
        path=tuple(HopState(hop, hop_status(hop, findings, proven=hop in proven)) for hop in Hop),
        findings=findings,
        not_collected=_distinct(gaps),
        tables=evidence.tables(),
        onset=onset(evidence, findings),
    )


def onset(evidence: Evidence, findings: Sequence[Finding]) -> Onset | None:
    """Return since when it is bad; where nothing is, a change of rate is but a rhythm."""
    if not any(found.status in {Status.FAIL, Status.WARN} for found in findings):
        return None
    began = evidence.began()
    if began is None:
        return None
    found = began.onset
    moment, earliest, latest = found.moment, found.earliest, found.latest
    if moment is None or earliest is None or latest is None:
        return None
    changes = tuple(_change(cause) for cause in began.causes[:_MAX_CHANGES])
    ends = iso(earliest), iso(latest)
    return Onset(began.what, found.direction, iso(moment), *ends, found.note, changes)


def _change(cause: Any) -> dict[str, Any]:
    change = cause.change
    return {
        "time": iso(change.time),
        "name": change.name,
        "changed": change.changed,
        "resource": change.resource,
        "principal": change.principal,
        "event_id": change.event_id,
        "lead_seconds": int(cause.lead.total_seconds()),
    }


def _arrived(evidence: Evidence, findings: Sequence[Finding]) -> bool:
    """Tell whether events were seen to arrive; a silence of the whole site takes nothing back."""
    states = {found.status for found in findings if found.check == _ARRIVED}
    return Status.PASS in states or (Status.WARN in states and bool(evidence.arrival_or_none()))


def root_cause(findings: Sequence[Finding]) -> str | None:
    """Return the check that explains the failure.

    The first broken hop decides, and within it the order of the checks. A symptom explains
    nothing, so it stands only when nothing else failed.
    """
    order = list(Hop)
    broken = [found for found in findings if found.status is Status.FAIL]
    causes = [found for found in broken if not found.symptom] or broken
    first = min(causes, key=lambda found: order.index(found.hop), default=None)
    return first.check if first else None


def verdict(findings: Sequence[Finding], *, arrived: bool) -> Verdict:
    """Return the verdict; without events that were seen to arrive nothing is called healthy."""
    statuses = {found.status for found in findings}
    if Status.FAIL in statuses:
        return Verdict.BROKEN
    if not arrived:
        return Verdict.UNPROVEN
    return Verdict.DEGRADED if Status.WARN in statuses else Verdict.HEALTHY


def reached(findings: Sequence[Finding]) -> Hop:
    """Return the hop that clients were seen to reach: the trace when events arrive.

    A call that was denied was made by a client that had passed every hop before it.
    """
    hops = list(Hop)
    seen = [Hop.PAGE]
    for found in findings:
        if found.check == _ARRIVED and found.status is Status.PASS:
            seen.append(Hop.TRACE)
        elif found.status in {Status.FAIL, Status.WARN} and found.check in _REACHED:
            seen.append(_REACHED[found.check])
    return max(seen, key=hops.index)


def hop_status(hop: Hop, findings: Sequence[Finding], *, proven: bool) -> Status:
    """Return a hop's state: its worst finding; what was proven is not merely unknown."""
    statuses = {found.status for found in findings if found.hop is hop}
    for status in _WORST_FIRST:
        if status not in statuses:
            continue
        if status is Status.UNKNOWN and proven:
            return Status.PASS
        return status
    return Status.SKIP


def decide(check: Check, evidence: Evidence) -> Finding:
    """Return a check's finding; a fact that could not be collected makes it unknown."""
    from rumkit.checks.probe import with_probe

    try:
        outcome = check.decide(evidence)
    except NotCollected as gap:
        reason = gap.reason.rstrip(".")
        outcome = Outcome(Status.UNKNOWN, f"Could not look: {reason}.", missing=gap.missing)
    except ReadRefused:
        raise
    except Exception as defect:  # noqa: BLE001 - one defect must not take the other findings along
        outcome = Outcome(
            Status.UNKNOWN,
            f"rumkit itself failed here: {type(defect).__name__}: {defect}. Please report it with"
            " what --debug prints.",
            missing=(DEFECT,),
        )
    return with_probe(_with_recording(check, evidence, check.finding(outcome)), evidence)


def _with_recording(check: Check, evidence: Evidence, found: Finding) -> Finding:
    """Let a browser recording answer what nothing else did, or overrule what looks right.

    A certain verdict is something that the browser did; it stands against a configuration
    that looks right now. A likely one is heard only where nothing else decides.
    """
    if evidence.target.recording is None:
        return found
    try:
        seen = evidence.recording_verdicts.get(check.id)
    except NotCollected:
        return found
    if seen is None or found.status is Status.FAIL:
        return found
    undecided = found.status in {Status.UNKNOWN, Status.SKIP}
    if not undecided and not (seen.certain and seen.status is Status.FAIL):
        return found
    if seen.status is Status.UNKNOWN and found.status is Status.SKIP:
        return found
    proof = Proof("recording", {"certain": seen.certain}, table=seen.table)
    return replace(
        found,
        status=seen.status,
        summary=seen.summary,
        evidence=(proof, *found.evidence),
        missing=found.missing if seen.status is Status.UNKNOWN else (),
    )


def _decide_and_tell(
    check: Check, evidence: Evidence, on_finding: Callable[[Finding], None] | None
) -> Finding:
    found = decide(check, evidence)
    if on_finding:
        on_finding(found)
    return found


def _collect(evidence: Evidence, name: str) -> Missing | None:
    """Collect one fact ahead of the checks, so that independent calls go side by side."""
    try:
        getattr(evidence, name)
    except NotCollected as gap:
        # A probe is only ever made when it was asked for; that it was not is no gap.
        known = not gap.missing or gap.missing == ("input:probe",)
        return None if known else Missing(gap.fact, gap.reason, gap.missing)
    except ReadRefused:
        raise
    except Exception as defect:  # noqa: BLE001 - the checks that need the fact report it
        return Missing(name, f"rumkit itself failed: {type(defect).__name__}: {defect}", (DEFECT,))
    return None


def _distinct(gaps: Sequence[Missing]) -> tuple[Missing, ...]:
    """Return each reason once, in a fixed order; several facts may wait on one refusal."""
    return tuple(sorted({gap.reason: gap for gap in gaps}.values(), key=lambda gap: gap.fact))


def _described(evidence: Evidence) -> dict[str, Any]:
    target = evidence.target
    return {
        "monitor": evidence.monitor_name(),
        "page": target.page,
        "recording": target.recording,
        "region": evidence.region_name(),
        "since": iso(target.window.since),
        "until": iso(target.window.until),
        "trail": target.trail,
        "traffic": target.traffic,
    }
