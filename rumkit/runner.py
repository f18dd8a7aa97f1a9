"""Run the checks over the evidence, and find the cause."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rumkit import conclusion
from rumkit.aws.patience import DEFAULT_SECONDS
from rumkit.checks.ask import ask
from rumkit.checks.names import EVENTS_ARRIVING
from rumkit.inputs import INPUTS, refuse_contradictions
from rumkit.investigation import Investigation, Missing, Onset
from rumkit.model import (
    DEFECT,
    Finding,
    NotCollected,
    ReadRefused,
    Status,
    in_words,
)
from rumkit.plain_file import given_path, is_there
from rumkit.secret import without_secrets
from rumkit.target import (
    Target,
    in_sandbox,
    iso,
    parse_monitor,
    parse_traffic,
    parse_window,
    with_environment,
)
from rumkit.threads import Workers
from rumkit.trail.names import ANY_CHANGE
from rumkit.trail.onset import EarlierChange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import boto3

    from rumkit.checks.base import Check
    from rumkit.evidence import Evidence

# Each fact may wait on another one in a thread of its own, so there are more threads than facts.
_THREADS = 96
# Nearest first: what came long before is in the table of changes.
_MAX_CHANGES = 20


def investigate(
    *,
    monitor: str | None = None,
    page: str | None = None,
    recording: str | None = None,
    console: str | None = None,
    storage: str | None = None,
    source: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    session: boto3.Session | None = None,
    since: str = "24h",
    until: str | None = None,
    trail: str = "auto",
    probe: bool = False,
    traffic: str | None = None,
    timeout: float = DEFAULT_SECONDS,
    on_finding: Callable[[Finding], None] | None = None,
) -> Investigation:
    """Investigate an app monitor, a page, a recording, or what the environment names.

    `source` is the file that constructs a bundled client, evaluated together with the page.
    What is not named is taken from `RUMKIT_MONITOR` and `RUMKIT_PAGE`. `since` is a
    length (`24h`, `3d`) before `until`, or a moment; `until` is now when left out. `traffic`
    (`alb:app/NAME/ID`, `cloudfront:ID`) sets the site's requests beside arrival. `timeout` is how
    many seconds AWS is waited for in all; what had not come by then is unknown. `on_finding` is
    called with each finding as it is decided, from several threads. Raises BadInput.
    """
    evidence = evidence_for(
        session=session,
        monitor=monitor,
        page=page,
        recording=recording,
        console=console,
        storage=storage,
        source=source,
        region=region,
        profile=profile,
        since=since,
        until=until,
        trail=trail,
        probe=probe,
        traffic=traffic,
    )
    return run(evidence, timeout=timeout, on_finding=on_finding)


def evidence_for(*, session: boto3.Session | None = None, **given: Any) -> Evidence:
    """Return the evidence of what is asked for: by name, the inputs of `rumkit.inputs`.

    Nothing is collected yet. Raises BadInput for what can't be, or can't go together.
    """
    from rumkit.aws.session import AwsSession
    from rumkit.evidence import Evidence

    named = {name: value or None for name, value in given.items()}
    refuse_contradictions(named)
    # A profile or Region that does not exist is said first: nothing else is known without it.
    aws = AwsSession(profile=named.get("profile"), region=named.get("region"), session=session)
    others = [named.get(name) for name in ("recording", "console", "storage", "source")]
    monitor = named.get("monitor")
    if monitor:
        monitor, named["region"] = parse_monitor(monitor, named.get("region"))
    monitor, page = with_environment(
        monitor,
        named.get("page"),
        next(filter(None, others), None),
        files=_is_file_of_trail(named.get("trail")),
    )
    if traffic := named.get("traffic"):
        parse_traffic(traffic)
    window = parse_window(named.pop("since", None) or "24h", named.pop("until", None))
    known = named | {
        "monitor": monitor,
        "page": page,
        "trail": named.get("trail") or "auto",
        "probe": bool(named.get("probe")),
    }
    target = Target(window=window, **known)
    return Evidence(target, aws)


def _is_file_of_trail(trail: str | None) -> bool:
    """Tell whether a trail is a file or folder, which alone is something to look at."""
    from rumkit.trail.sources import is_local

    return trail is not None and is_local(trail) and is_there(given_path(trail))


def run(
    evidence: Evidence,
    *,
    timeout: float = DEFAULT_SECONDS,
    on_finding: Callable[[Finding], None] | None = None,
) -> Investigation:
    """Collect all facts side by side, decide every check, and conclude."""
    from rumkit.checks import all_checks
    from rumkit.proof import proven

    pool = Workers(_THREADS)
    try:
        with evidence.session.patience.limited(timeout):
            evidence.refuse_bad_input()
            collecting = [pool.submit(_collect, evidence, name) for name in evidence.names()]
            deciding = [
                pool.submit(_decide_and_tell, check, evidence, on_finding) for check in all_checks()
            ]
            findings = tuple(decided.result() for decided in deciding)
            gaps = [collected.result() for collected in collecting]
            evidence.refuse_bad_trail()
            evidence.refuse_misspelt_monitor()
            findings = proven(evidence, findings)
    finally:
        # Whoever ends it early is not kept waiting for what is still being read.
        pool.shutdown(wait=False, cancel_futures=True)
    return conclude(evidence, findings, [gap for gap in gaps if gap])


def conclude(
    evidence: Evidence, findings: tuple[Finding, ...], gaps: Sequence[Missing]
) -> Investigation:
    """Draw path, cause and verdict from the findings."""
    return Investigation(
        target=_described(evidence),
        verdict=conclusion.verdict(findings, arrived=_arrived(evidence, findings)),
        root_cause=conclusion.root_cause(findings),
        path=conclusion.path(findings),
        findings=findings,
        not_collected=_distinct(gaps),
        tables=evidence.tables(),
        onset=onset(evidence, findings),
        origins=evidence.origins(),
    )


def onset(evidence: Evidence, findings: Sequence[Finding]) -> Onset | None:
    """Return since when it is bad; where nothing is, a change of rate is but a rhythm."""
    if not any(finding.bad for finding in findings):
        return None
    bearing = _bearing(findings)
    began = evidence.began()
    if began is None:
        return _just_changed(evidence, bearing) if conclusion.root_cause(findings) else None
    change = began.onset
    moment, earliest, latest = change.moment, change.earliest, change.latest
    if moment is None or earliest is None or latest is None:
        return None
    changes = tuple(_change(cause, bearing) for cause in began.causes[:_MAX_CHANGES])
    ends = iso(earliest), iso(latest)
    return Onset(began.what, change.direction, iso(moment), *ends, change.note, changes)


def _just_changed(evidence: Evidence, bearing: frozenset[str]) -> Onset | None:
    """Return the change of what the cause is about that was made after the last event came."""
    change = evidence.changed_since_last_event(bearing)
    if change is None:
        return None
    at = iso(change.time)
    note = "No event has come since; browsers go on with credentials that they have, for an hour."
    made = EarlierChange(change, timedelta(0), within=True)
    return Onset("change", "made", at, at, at, note, (_change(made, bearing),))


def _bearing(findings: Sequence[Finding]) -> frozenset[str]:
    """Return the events that change what the cause is about; without a cause, all of them."""
    from rumkit.checks import all_checks

    cause = conclusion.root_cause(findings)
    return next((check.changes for check in all_checks() if check.id == cause), ANY_CHANGE)


def _change(cause: Any, bearing: frozenset[str]) -> dict[str, Any]:
    change = cause.change
    return {
        "time": iso(change.time),
        "name": change.name,
        "changed": change.changed,
        "resource": change.resource,
        "principal": change.principal,
        "event_id": change.event_id,
        "lead_seconds": int(cause.lead.total_seconds()),
        "bears_on_cause": change.name in bearing,
    }


def _arrived(evidence: Evidence, findings: Sequence[Finding]) -> bool:
    """Tell whether events were seen to arrive; a silence of the whole site takes nothing back.

    Where RUM cannot publish its metrics, what it stored tells; a recording of which RUM took a
    part shows that events arrive.
    """
    states = {finding.status for finding in findings if finding.check == EVENTS_ARRIVING}
    if Status.WARN not in states:
        return Status.PASS in states
    without_metrics = evidence.no_service_role() and evidence.stored_or_none()
    recorded = evidence.recording_or_none() is not None and not evidence.page_changed()
    in_part = recorded and evidence.visit.delivered
    return bool(evidence.arrival_or_none() or without_metrics or in_part)


def _decide_and_tell(
    check: Check, evidence: Evidence, on_finding: Callable[[Finding], None] | None
) -> Finding:
    finding = ask(check, evidence)
    if on_finding:
        on_finding(finding)
    return finding


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
        return Missing(name, f"rumkit itself failed: {in_words(defect)}", (DEFECT,))
    return None


def _distinct(gaps: Sequence[Missing]) -> tuple[Missing, ...]:
    """Return each reason once, in a fixed order; several facts may wait on one refusal."""
    return tuple(sorted({gap.reason: gap for gap in gaps}.values(), key=lambda gap: gap.fact))


def _described(evidence: Evidence) -> dict[str, Any]:
    from rumkit.aws.sign_in import profile_in_use

    target = evidence.target
    profile = profile_in_use(evidence.session, target.profile)
    asked = {each.name: getattr(target, each.name, None) for each in INPUTS if not each.flag}
    shown: dict[str, Any] = without_secrets(asked)
    return shown | {
        "monitor": evidence.monitor_name(),
        "region": evidence.region_name(),
        "account": evidence.account_or_none(),
        "profile": profile,
        "sandbox": "practice" if in_sandbox(profile) else None,
        "since": iso(target.window.since),
        "until": iso(target.window.until),
    }
