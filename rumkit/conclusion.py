"""What the findings come to: the state of every hop, the root cause, the verdict.

Pure functions over findings. What a client was seen to reach, what is proven and what is healthy
all follow from the answers of the checks' witnesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks.names import PUT_EVENTS_DENIED, TOKEN_VENDING_FAILURES
from rumkit.model import Condition, Finding, Hop, HopState, Status, Verdict, Witness

if TYPE_CHECKING:
    from collections.abc import Sequence

# What would answer these is another look at a browser; the hop was looked at all the same.
_ANOTHER_LOOK = ("input:recording", "input:console", "input:storage", "input:probe")
# Calls that were refused were made: their client had come as far as this hop.
_REFUSALS = frozenset({TOKEN_VENDING_FAILURES, PUT_EVENTS_DENIED})
_HOPS = list(Hop)


def delivers(finding: Finding) -> bool:
    """Tell whether a finding is about delivery itself, not about traces or one feature."""
    return finding.hop is not Hop.TRACE and not finding.feature


def reached(findings: Sequence[Finding]) -> Hop:
    """Return the furthest hop at which a client was seen, working or refused.

    Whoever was refused at a hop had passed every hop before it. A trace is begun beside the
    events, so the last hop proves nothing of the others.
    """
    seen = [Hop.PAGE]
    for finding in findings:
        if finding.hop is Hop.TRACE or not finding.seen:
            continue
        refused = finding.check in _REFUSALS and finding.bad
        if finding.status is Status.PASS or refused:
            seen.append(finding.hop)
    return max(seen, key=_HOPS.index)


def path(findings: Sequence[Finding]) -> tuple[HopState, ...]:
    """Return every hop with its status and the word that a person reads."""
    proven = _proven(findings)
    broken = _first_broken(findings)
    states = []
    for hop in Hop:
        status = hop_status(hop, findings, proven=hop in proven)
        after = broken is not None and _HOPS.index(hop) > _HOPS.index(broken)
        states.append(
            HopState(hop, status, _condition(hop, status, findings, hop in proven, after=after))
        )
    return tuple(states)


def _proven(findings: Sequence[Finding]) -> set[Hop]:
    """Return the hops that clients were seen to pass."""
    passed = _HOPS[: _HOPS.index(reached(findings))]
    works = {f.hop for f in findings if f.seen and f.status is Status.PASS}
    return works.union(passed)


def _first_broken(findings: Sequence[Finding]) -> Hop | None:
    hops = [f.hop for f in findings if f.status is Status.FAIL and delivers(f)]
    return min(hops, key=_HOPS.index, default=None)


def hop_status(hop: Hop, findings: Sequence[Finding], *, proven: bool) -> Status:
    """Return a hop's status: its worst finding; what was proven is not merely unknown."""
    statuses = {f.status for f in findings if f.hop is hop}
    for status in (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS):
        if status in statuses:
            return Status.PASS if status is Status.UNKNOWN and proven else status
    return Status.SKIP


def _condition(
    hop: Hop, status: Status, findings: Sequence[Finding], proven: bool, *, after: bool
) -> Condition:
    if status is Status.FAIL:
        return Condition.BROKEN
    if status is Status.WARN:
        return Condition.AT_RISK
    if proven and status is Status.PASS:
        return Condition.WORKS
    if after:
        return Condition.NOT_REACHED
    if status is Status.SKIP:
        return Condition.NOT_APPLICABLE
    fits = any(f.hop is hop and f.status is Status.PASS for f in findings)
    if status is Status.PASS or (fits and not _unread(findings, hop)):
        return Condition.CONFIGURED
    return Condition.NOT_LOOKED_AT


def _unread(findings: Sequence[Finding], hop: Hop) -> bool:
    """Tell whether a check of this hop could not look for want of something to read."""
    return any(
        f.hop is hop
        and not f.symptom
        and f.status is Status.UNKNOWN
        and any(name not in _ANOTHER_LOOK for name in f.missing)
        for f in findings
    )


def unseen_before(findings: Sequence[Finding], symptom: Finding) -> tuple[Hop, ...]:
    """Return the hops before a symptom that nobody saw working and that could not be read."""
    proven = _proven(findings)
    before = _HOPS[: _HOPS.index(symptom.hop)]
    return tuple(hop for hop in before if hop not in proven and _unread(findings, hop))


def root_cause(findings: Sequence[Finding]) -> str | None:
    """Return the check that explains the failure, None when nothing failed or nothing explains it.

    The first broken hop decides, and within it the order of the checks. A symptom explains
    nothing, so it stands only when nothing else failed and every hop before it was looked at.
    The fault of a trace or of a feature is the cause only of that, when delivery is whole.
    """
    broken = [f for f in findings if f.status is Status.FAIL]
    delivery = [f for f in broken if delivers(f)]
    groups = (_causes(delivery), delivery, _causes(broken), broken)
    first = min(next(filter(None, groups), ()), key=lambda f: _HOPS.index(f.hop), default=None)
    if first is None:
        return None
    unseen = first.symptom and not _watched(first) and unseen_before(findings, first)
    return None if unseen else first.check


def _causes(findings: Sequence[Finding]) -> list[Finding]:
    return [f for f in findings if not f.symptom]


def _watched(finding: Finding) -> bool:
    """Tell whether a browser was watched while this failed, which shows where it failed."""
    observed = (each for each in finding.answers if each.witness is Witness.OBSERVED)
    return any(each.status is Status.FAIL for each in observed)


def independent(findings: Sequence[Finding], cause: str | None) -> tuple[Finding, ...]:
    """Return the failures that stand on their own beside the cause: no symptom, and certain."""
    return tuple(
        f
        for f in findings
        if f.status is Status.FAIL and f.check != cause and not f.symptom and f.certain
    )


def verdict(findings: Sequence[Finding], *, arrived: bool) -> Verdict:
    """Return the verdict; without events that were seen to arrive nothing is called healthy.

    `broken` is said of delivery alone: a fault of the traces or of one feature is `degraded`
    while events arrive.
    """
    failed = [f for f in findings if f.status is Status.FAIL]
    if any(delivers(f) for f in failed):
        return Verdict.BROKEN
    if not arrived:
        return Verdict.UNPROVEN
    warned = any(f.status is Status.WARN for f in findings)
    return Verdict.DEGRADED if warned or failed else Verdict.HEALTHY
