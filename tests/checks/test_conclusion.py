"""How findings become a path, a cause and a verdict."""

from __future__ import annotations

import pytest

from rumkit import conclusion
from rumkit.model import Condition, Finding, Hop, Section, Status, Verdict

PASS, FAIL, WARN = Status.PASS, Status.FAIL, Status.WARN
UNKNOWN, SKIP = Status.UNKNOWN, Status.SKIP


def finding(check, hop, status, **more):
    return Finding(check, hop, Section.BEYOND, status, "title", "summary", **more)


ARRIVES = finding("events-arriving", Hop.INGEST, PASS, symptom=True, seen=True)
SILENT = finding("events-arriving", Hop.INGEST, FAIL, symptom=True, seen=True)


def test_the_first_broken_hop_holds_the_cause():
    found = [finding("late", Hop.INGEST, FAIL), finding("early", Hop.SESSION, FAIL)]
    assert conclusion.root_cause(found) == "early"


def test_within_a_hop_the_order_of_the_checks_decides():
    found = [finding("one", Hop.PAGE, FAIL), finding("two", Hop.PAGE, FAIL)]
    assert conclusion.root_cause(found) == "one"


def test_a_symptom_is_no_cause_when_a_cause_was_found_even_further_on():
    found = [
        finding("token-vending-failures", Hop.CREDENTIALS, FAIL, symptom=True),
        finding("guest-role-permission", Hop.AUTHORIZE, FAIL),
    ]
    assert conclusion.root_cause(found) == "guest-role-permission"


def test_a_symptom_stands_when_nothing_else_failed():
    found = [finding("events-arriving", Hop.INGEST, FAIL, symptom=True)]
    assert conclusion.root_cause(found) == "events-arriving"


def test_a_warning_is_no_cause():
    assert conclusion.root_cause([finding("a", Hop.PAGE, WARN), ARRIVES]) is None


@pytest.mark.parametrize(
    ("statuses", "arrived", "verdict", "code"),
    [
        ([PASS], True, Verdict.HEALTHY, 0),
        ([PASS], False, Verdict.UNPROVEN, 3),
        ([PASS, WARN], True, Verdict.DEGRADED, 0),
        ([PASS, WARN], False, Verdict.UNPROVEN, 3),
        ([UNKNOWN], True, Verdict.HEALTHY, 0),
        ([UNKNOWN, FAIL], True, Verdict.BROKEN, 1),
    ],
)
def test_nothing_is_healthy_without_events_that_arrive(statuses, arrived, verdict, code):
    found = [finding(str(n), Hop.PAGE, status) for n, status in enumerate(statuses)]
    assert conclusion.verdict(found, arrived=arrived) is verdict
    assert verdict.exit_code == code


def test_a_hop_that_clients_passed_is_not_unknown():
    assert conclusion.hop_status(Hop.PAGE, [finding("a", Hop.PAGE, UNKNOWN)], proven=True) is PASS
    assert (
        conclusion.hop_status(Hop.PAGE, [finding("a", Hop.PAGE, UNKNOWN)], proven=False) is UNKNOWN
    )


def test_a_denied_call_proves_the_hops_before_it_and_no_more():
    denied = finding("put-events-denied", Hop.AUTHORIZE, FAIL, symptom=True, seen=True)
    assert conclusion.reached([denied]) is Hop.AUTHORIZE
    assert conclusion.reached([denied, ARRIVES]) is Hop.INGEST
    assert conclusion.reached([]) is Hop.PAGE


def conditions(*findings):
    return {state.hop: state.condition for state in conclusion.path(findings)}


def test_configured_well_is_not_called_working():
    well = finding("signing", Hop.AUTHORIZE, PASS)
    assert conditions(well)[Hop.AUTHORIZE] is Condition.CONFIGURED
    assert conditions(well, ARRIVES)[Hop.AUTHORIZE] is Condition.WORKS


def test_what_lies_behind_a_broken_hop_was_not_reached():
    off = finding("client-enabled", Hop.SESSION, FAIL)
    well = finding("signing", Hop.AUTHORIZE, PASS)
    assert conditions(off, well)[Hop.AUTHORIZE] is Condition.NOT_REACHED


def test_what_nobody_could_read_was_not_looked_at():
    unread = finding("guest-role-permission", Hop.AUTHORIZE, UNKNOWN, missing=("iam:GetRole",))
    well = finding("signing", Hop.AUTHORIZE, PASS)
    assert conditions(unread, well)[Hop.AUTHORIZE] is Condition.NOT_LOOKED_AT


def test_a_symptom_behind_hops_that_nobody_saw_is_not_called_the_cause():
    unread = finding("guest-role-permission", Hop.AUTHORIZE, UNKNOWN, missing=("iam:GetRole",))
    assert conclusion.root_cause([unread, SILENT]) is None
    assert conclusion.verdict([unread, SILENT], arrived=False) is Verdict.BROKEN
    assert conclusion.unseen_before([unread, SILENT], SILENT) == (Hop.AUTHORIZE,)


def test_a_recording_that_nobody_made_leaves_no_hop_unseen():
    loads = finding("client-script-loads", Hop.PAGE, UNKNOWN, missing=("input:recording",))
    assert conclusion.root_cause([loads, SILENT]) == "events-arriving"


@pytest.mark.parametrize(
    "fault",
    [
        finding("xray-header", Hop.TRACE, FAIL),
        finding("custom-events", Hop.INGEST, FAIL, feature=True),
    ],
    ids=lambda fault: fault.check,
)
def test_a_fault_beside_delivery_degrades_and_is_named_as_the_cause_of_that(fault):
    assert conclusion.verdict([fault, ARRIVES], arrived=True) is Verdict.DEGRADED
    assert conclusion.verdict([fault], arrived=False) is Verdict.UNPROVEN
    assert conclusion.root_cause([fault, ARRIVES]) == fault.check


def test_a_fault_of_delivery_comes_before_one_of_a_feature():
    feature = finding("custom-events", Hop.INGEST, FAIL, feature=True)
    assert conclusion.root_cause([feature, SILENT]) == "events-arriving"


def test_faults_that_stand_on_their_own_are_counted():
    found = [
        finding("client-enabled", Hop.SESSION, FAIL),
        finding("guest-role-permission", Hop.AUTHORIZE, FAIL),
        finding("classic-flow", Hop.CREDENTIALS, FAIL, certain=False),
        SILENT,
    ]
    beside = conclusion.independent(found, "client-enabled")
    assert [each.check for each in beside] == ["guest-role-permission"]
