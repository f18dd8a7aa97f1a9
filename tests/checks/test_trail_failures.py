"""What is said of failed calls: AWS's reason where no check reads it, and a change since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from rumkit.checks.trail_failures import failures_outcome
from rumkit.evidence.given import evidence_of
from rumkit.model import Proof
from rumkit.target import Window
from rumkit.trail.events import TrailEvent
from rumkit.trail.query import TrailResult
from rumkit.trail.views import ConfigurationChange

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HERE = SimpleNamespace(account="111122223333")
SEEN = TrailResult((), "test", Window(AT, AT), frozenset())
IN_A_POLICY = "with an explicit deny in a service control policy"
NOT_ALLOWED = "because no identity-based policy allows the rum:PutRumEvents action"


def refused(reason: str) -> list[TrailEvent]:
    message = f"User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized {reason}"
    return [
        TrailEvent(
            AT, "PutRumEvents", error_code="AccessDenied", error_message=message, failure="denial"
        )
    ]


def changed(minutes: int, **more: object) -> ConfigurationChange:
    given = {"error_code": "", "concerns": True} | more
    return ConfigurationChange(
        AT + timedelta(minutes=minutes), "PutRolePolicy", "guest", "", "", "", "",
        event_id="", resource_kind="role", **given,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "caller", "told"),
    [
        (IN_A_POLICY, HERE, True),
        (IN_A_POLICY, None, True),
        (NOT_ALLOWED, HERE, False),
        (NOT_ALLOWED, None, True),
    ],
)
def test_aws_s_reason_is_told_where_no_check_reads_that_policy(
    reason: str, caller: object, told: bool
) -> None:
    given = {"caller": caller} if caller else {}
    outcome = failures_outcome(evidence_of(**given), refused(reason), SEEN, "call", Proof("trail"))
    assert (f"AWS says: {reason}." in outcome.summary) is told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (changed(5), True),
        (changed(-5), False),
        (changed(5, concerns=False), False),
        (changed(5, error_code="AccessDenied"), False),
    ],
)
def test_a_change_since_the_last_of_them_comes_first(
    change: ConfigurationChange, told: bool
) -> None:
    evidence = evidence_of(configuration_changes=(change,))
    outcome = failures_outcome(evidence, refused(NOT_ALLOWED), SEEN, "call", Proof("trail"))
    assert ("came before PutRolePolicy of guest at 2026-03-02T08:05:00Z" in outcome.summary) is told
    assert outcome.fixes[0].text.startswith("rumkit watch") is told


@pytest.mark.parametrize(
    ("calls", "what", "said"),
    [
        ([("GetId", "Denied")] * 2, "token call", "2 token calls failed (Denied of GetId) between"),
        ([("PutRumEvents", "Denied")], "PutRumEvents call", "call failed (Denied) between"),
        (
            [*[("GetId", "Denied")] * 2, ("GetId", "Expired")],
            "token call",
            "3 token calls failed (most often Denied of GetId, 2) between",
        ),
    ],
)
def test_what_the_calls_were_answered_comes_before_when(
    calls: list[tuple[str, str]], what: str, said: str
) -> None:
    rows = [TrailEvent(AT, name, error_code=code, failure="denial") for name, code in calls]
    outcome = failures_outcome(evidence_of(), rows, SEEN, what, Proof("trail"))
    assert said in outcome.summary
