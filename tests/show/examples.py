"""Investigations made by hand: broken, healthy, unproven, and one full of hostile text."""

from __future__ import annotations

from typing import Any

from rumkit.investigation import Investigation, Missing, Onset
from rumkit.model import (
    Condition,
    Finding,
    Fix,
    Hop,
    HopState,
    Proof,
    Section,
    Status,
    Table,
    Verdict,
)

ROLE = "arn:aws:iam::111122223333:role/shop-web-rum-guest"
MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"
TARGET = {
    "monitor": "shop-web",
    "page": "https://www.shop.example/",
    "region": "eu-west-1",
    "since": "2026-03-01T09:00:00Z",
    "until": "2026-03-02T09:00:00Z",
    "trail": "auto",
}
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`${7*7}{{7*7}}"
    "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\x00 javascript:alert(3)"
)


def finding(check: str, hop: Hop, status: Status, summary: str, **more: Any) -> Finding:
    section = more.pop("section", Section.EVENTS_NOT_SENT)
    title = more.pop("title", f"{check} is as it should be")
    return Finding(check, hop, section, status, title, summary, **more)


CONDITIONS = {
    Status.PASS: Condition.WORKS,
    Status.FAIL: Condition.BROKEN,
    Status.WARN: Condition.AT_RISK,
    Status.UNKNOWN: Condition.NOT_LOOKED_AT,
    Status.SKIP: Condition.NOT_APPLICABLE,
}


def path(**states: Status) -> tuple[HopState, ...]:
    known = {hop: states.get(str(hop), Status.PASS) for hop in Hop}
    return tuple(HopState(hop, status, CONDITIONS[status]) for hop, status in known.items())


def trail_row(minute: int, **more: str) -> dict[str, Any]:
    row = {
        "time": f"2026-03-02T08:{minute:02d}:00Z",
        "name": "PutRumEvents",
        "source": "rum.amazonaws.com",
        "region": "eu-west-1",
        "account": "111122223333",
        "category": "Data",
        "error_code": "AccessDenied",
        "error_message": "User is not authorized to perform rum:PutRumEvents",
        "principal": f"{ROLE.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/cwr",
        "role": ROLE,
        "session_name": "cwr",
        "flow": "basic",
        "monitor_name": "shop-web",
        "resource": MONITOR,
        "source_address": "203.0.113.7",
        "user_agent": "Mozilla/5.0",
    }
    return row | more


def permission_fix() -> Fix:
    return Fix(
        "aws-cli",
        "Let the guest role send to this monitor",
        f"aws iam put-role-policy --role-name shop-web-rum-guest --policy-name rum \\\n"
        f'  --policy-document \'{{"Resource":"{MONITOR}"}}\'',
        side_effect="Anyone on the internet can then send events to this monitor.",
        target=ROLE,
    )


def broken() -> Investigation:
    denied = Table(
        ("time", "actor", "error"),
        tuple((f"2026-03-02 08:{m:02d} UTC", f"{ROLE}/cwr", "AccessDenied") for m in range(15)),
    )
    cause = finding(
        "guest-role-permission",
        Hop.AUTHORIZE,
        Status.FAIL,
        "The role shop-web-rum-guest may not call rum:PutRumEvents on shop-web.",
        section=Section.RETURNS_403,
        evidence=(
            Proof(
                "iam:GetRolePolicy",
                values={"allowed resource": MONITOR.replace("shop-web", "shop-old")},
                parameters={"RoleName": "shop-web-rum-guest"},
            ),
        ),
        fixes=(permission_fix(),),
        docs=(
            "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-RUM.html",
        ),
    )
    symptom = finding(
        "put-events-denied",
        Hop.AUTHORIZE,
        Status.FAIL,
        "15 calls of PutRumEvents were denied.",
        section=Section.RETURNS_403,
        evidence=(Proof("cloudtrail", table=denied, since=TARGET["since"], until=TARGET["until"]),),
        symptom=True,
    )
    missing = finding(
        "xray-joined",
        Hop.TRACE,
        Status.UNKNOWN,
        "The traces could not be read.",
        section=Section.XRAY_TRACING,
        missing=("xray:GetTraceSummaries",),
    )
    sampled = finding(
        "session-sample-rate", Hop.SESSION, Status.WARN, "One session in ten is recorded."
    )
    good = finding("snippet-present", Hop.PAGE, Status.PASS, "One snippet, which parses.")
    return Investigation(
        target=TARGET,
        verdict=Verdict.BROKEN,
        root_cause="guest-role-permission",
        path=path(
            session=Status.WARN,
            authorize=Status.FAIL,
            ingest=Status.UNKNOWN,
            trace=Status.UNKNOWN,
        ),
        findings=(good, sampled, cause, symptom, missing),
        not_collected=(
            Missing("trace_summaries", "xray refused the call.", ("xray:GetTraceSummaries",)),
        ),
        tables={
            "denied_put_events": tuple(trail_row(minute) for minute in range(10, 25)),
            "token_failures": (),
            "changes": (
                trail_row(9, source="iam.amazonaws.com", name="DeleteRolePolicy", error_code=""),
            ),
            "arrival": tuple(
                {"time": f"2026-03-02T08:{minute:02d}:00Z", "events": 40 if minute < 10 else 0}
                for minute in range(0, 30, 5)
            ),
            "sessions": (
                {"events": 5, "sessions": 12, "at_limit": False},
                {"events": 200, "sessions": 31, "at_limit": True},
            ),
            "budget": ({"event_type": "page_view_event", "events": 80, "share": 0.8},),
            "client_versions": ({"client_version": "1.25.0", "events": 80, "sessions": 9},),
            "traces": ({"trace_id": "1-69a5-1", "url": "https://api.example/", "joined": False},),
        },
        onset=onset(),
    )


def onset(**more: Any) -> Onset:
    given: dict[str, Any] = {
        "what": "arrival",
        "direction": "stopped",
        "when": "2026-03-02T08:10:00Z",
        "earliest": "2026-03-02T08:05:00Z",
        "latest": "2026-03-02T08:15:00Z",
        "changes": (
            {
                "time": "2026-03-02T08:04:00Z",
                "name": "DeleteRolePolicy",
                "principal": "arn:aws:iam::111122223333:user/operator",
            },
        ),
    }
    return Onset(**given | more)


def healthy() -> Investigation:
    found = (
        finding("snippet-present", Hop.PAGE, Status.PASS, "One snippet, which parses."),
        finding("events-arriving", Hop.INGEST, Status.PASS, "240 events in the last hour."),
    )
    return Investigation(TARGET, Verdict.HEALTHY, None, path(), found)


def unproven() -> Investigation:
    found = (
        finding("snippet-present", Hop.PAGE, Status.PASS, "One snippet, which parses."),
        finding("events-arriving", Hop.INGEST, Status.UNKNOWN, "No metric could be read."),
    )
    states = path(ingest=Status.UNKNOWN, trace=Status.SKIP)
    return Investigation(TARGET, Verdict.UNPROVEN, None, states, found)


def hostile() -> Investigation:
    """Return an investigation whose every free text was written by an attacker."""
    bad = finding(
        "csp-script",
        Hop.PAGE,
        Status.FAIL,
        HOSTILE,
        title=HOSTILE,
        evidence=(
            Proof(
                HOSTILE,
                values={HOSTILE: HOSTILE},
                parameters={HOSTILE: HOSTILE},
                since=HOSTILE,
                until=HOSTILE,
                table=Table((HOSTILE,), ((HOSTILE,),)),
            ),
        ),
        fixes=(Fix("advice", HOSTILE, HOSTILE, side_effect=HOSTILE, target=HOSTILE),),
        docs=(HOSTILE, "javascript:alert(1)"),
        missing=(HOSTILE,),
    )
    row = dict.fromkeys(trail_row(0), HOSTILE) | {"time": "2026-03-02T08:00:00Z"}
    return Investigation(
        target=dict.fromkeys(TARGET, HOSTILE),
        verdict=Verdict.BROKEN,
        root_cause="csp-script",
        path=path(page=Status.FAIL),
        findings=(bad, finding("client-version", Hop.PAGE, Status.WARN, HOSTILE)),
        not_collected=(Missing(HOSTILE, HOSTILE, (HOSTILE,)),),
        tables=dict.fromkeys(("denied_put_events", "token_failures", "changes"), (row,))
        | {
            "budget": ({"event_type": HOSTILE, "events": 1, "share": 1.0},),
            "client_versions": ({"client_version": HOSTILE, "events": 1, "sessions": 1},),
            "traces": ({"trace_id": HOSTILE, "url": HOSTILE, "joined": False},),
        },
        onset=onset(
            what=HOSTILE,
            direction=HOSTILE,
            changes=({"time": HOSTILE, "name": HOSTILE, "principal": HOSTILE},),
        ),
    )
