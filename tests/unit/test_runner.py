"""The runner: how findings become a path, a cause and a verdict."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from rumkit import runner
from rumkit.checks import CHECKS
from rumkit.checks.base import Check, failed, passed
from rumkit.investigation import Investigation
from rumkit.model import BadInput, Finding, Hop, NotCollected, Section, Status, Verdict
from rumkit.once import Once

PASS, FAIL, WARN = Status.PASS, Status.FAIL, Status.WARN
UNKNOWN, SKIP = Status.UNKNOWN, Status.SKIP


def finding(check, hop, status, *, symptom=False):
    return Finding(check, hop, Section.BEYOND, status, "title", "summary", symptom=symptom)


ARRIVES = finding("events-arriving", Hop.INGEST, PASS, symptom=True)


def test_the_first_broken_hop_holds_the_cause():
    found = [finding("late", Hop.INGEST, FAIL), finding("early", Hop.SESSION, FAIL)]
    assert runner.root_cause(found) == "early"


def test_within_a_hop_the_order_of_the_checks_decides():
    found = [finding("one", Hop.PAGE, FAIL), finding("two", Hop.PAGE, FAIL)]
    assert runner.root_cause(found) == "one"


def test_a_symptom_is_no_cause_when_a_cause_was_found_even_further_on():
    found = [
        finding("token-vending-failures", Hop.CREDENTIALS, FAIL, symptom=True),
        finding("guest-role-permission", Hop.AUTHORIZE, FAIL),
    ]
    assert runner.root_cause(found) == "guest-role-permission"


def test_a_symptom_stands_when_nothing_else_failed():
    found = [finding("events-arriving", Hop.INGEST, FAIL, symptom=True)]
    assert runner.root_cause(found) == "events-arriving"


def test_a_warning_is_no_cause():
    assert runner.root_cause([finding("a", Hop.PAGE, WARN), ARRIVES]) is None


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
    assert runner.verdict(found, arrived=arrived) is verdict
    assert verdict.exit_code == code


def test_a_hop_that_clients_passed_is_not_unknown():
    assert runner.hop_status(Hop.PAGE, [finding("a", Hop.PAGE, UNKNOWN)], proven=True) is PASS
    assert runner.hop_status(Hop.PAGE, [finding("a", Hop.PAGE, UNKNOWN)], proven=False) is UNKNOWN


def test_a_denied_call_proves_the_hops_before_it_and_no_more():
    denied = finding("put-events-denied", Hop.AUTHORIZE, FAIL, symptom=True)
    assert runner.reached([denied]) is Hop.AUTHORIZE
    assert runner.reached([denied, ARRIVES]) is Hop.TRACE
    assert runner.reached([]) is Hop.PAGE


NoRecording = lambda: SimpleNamespace(  # noqa: E731
    target=SimpleNamespace(recording=None, probe=False)
)


def check(decide):
    return Check("a-check", Hop.PAGE, Section.BEYOND, "Healthy", decide)


def test_a_fact_that_cannot_be_collected_makes_the_finding_unknown_and_names_what_is_missing():
    def decide(_):
        raise NotCollected("role", "iam:GetRole was refused", missing=("iam:GetRole",))

    found = runner.decide(check(decide), NoRecording())
    assert found.status is UNKNOWN
    assert found.missing == ("iam:GetRole",)
    assert "iam:GetRole" in found.summary


def test_a_defect_in_a_check_is_unknown_and_says_so():
    found = runner.decide(check(lambda _: 1 / 0), NoRecording())
    assert found.status is UNKNOWN
    assert found.missing == (runner.DEFECT,)
    assert "ZeroDivisionError" in found.summary


def test_work_is_done_once_whoever_asks():
    once, calls, gate = Once(), [], threading.Barrier(8)

    def ask():
        gate.wait()
        once.get("key", lambda: calls.append(1) or len(calls))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]


def test_a_failure_is_remembered_like_a_result():
    once, calls = Once(), []

    def work():
        calls.append(1)
        raise NotCollected("fact", "no")

    for _ in range(2):
        with pytest.raises(NotCollected):
            once.get("key", work)
    assert calls == [1]


def test_an_investigation_survives_json():
    found = (
        check(lambda _: None).finding(failed("Broken.")),
        check(lambda _: None).finding(passed("Well.")),
    )
    path = tuple(runner.HopState(hop, UNKNOWN) for hop in Hop)
    tables = {"arrival": ({"time": "2026-03-02T09:00:00Z", "events": 3},)}
    one = Investigation({"monitor": "m"}, Verdict.BROKEN, "a-check", path, found, (), tables)
    import json

    assert Investigation.from_dict(json.loads(one.to_json())).to_dict() == one.to_dict()


@pytest.mark.parametrize("data", [{}, {"schema": 99}, {"schema": 1}, {"schema": 1, "target": 3}])
def test_another_object_is_refused_in_one_sentence(data):
    with pytest.raises(BadInput):
        Investigation.from_dict(data)


def test_every_check_of_the_design_is_in_the_list_once():
    ids = [each.id for each in CHECKS]
    assert len(ids) == len(set(ids))
    assert set(ids) == {
        "snippet-present", "client-script-loads", "csp-script", "csp-connect", "client-version",
        "client-enabled", "session-sample-rate", "session-event-limit", "credentials-configured",
        "identity-pool", "classic-flow", "guest-role-trust", "pool-guest-role",
        "token-vending-failures", "endpoint-region", "stored-credentials",
        "guest-role-permission", "signing", "resource-policy", "put-events-denied",
        "monitor-exists", "monitor-domain", "events-arriving", "throttling", "custom-events",
        "configuration-drift", "xray-enabled", "xray-header", "xray-cors", "xray-joined",
    }  # fmt: skip


def test_the_checks_come_in_the_order_of_the_path():
    order = list(Hop)
    hops = [order.index(each.hop) for each in CHECKS]
    assert hops == sorted(hops)
