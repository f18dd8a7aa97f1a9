"""Calls by sessions of a role that was deleted and made again are told from the others."""

from __future__ import annotations

from datetime import UTC, datetime

from rumkit.checks.returns_403.put_events_denied import of_former_role
from rumkit.evidence.given import evidence_of
from rumkit.trail.events import TrailEvent

OLD, NEW = "AROAOLDOLDOLDOLDOLDOL", "AROANEWNEWNEWNEWNEWNE"
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
CALLS = [TrailEvent(AT, "PutRumEvents", role_id=each) for each in (OLD, OLD, NEW)]


def test_the_calls_of_the_former_role_are_counted() -> None:
    said = of_former_role(evidence_of(former_guest_roles=(OLD,)), CALLS)
    assert said.startswith(" 2 calls came from sessions of an earlier role of this name")


def test_nothing_is_said_without_a_former_role() -> None:
    assert of_former_role(evidence_of(former_guest_roles=()), CALLS) == ""
    assert of_former_role(evidence_of(), CALLS) == ""
