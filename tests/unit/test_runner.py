"""A check is asked, its facts are collected once, and an investigation survives JSON."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from rumkit.checks import CHECKS
from rumkit.checks.ask import ask
from rumkit.checks.base import Check, failed, passed
from rumkit.checks.names import CHECK_IDS
from rumkit.investigation import Investigation
from rumkit.model import DEFECT, BadInput, Hop, HopState, NotCollected, Section, Status, Verdict
from rumkit.once import Once

UNKNOWN = Status.UNKNOWN

NoRecording = lambda: SimpleNamespace(  # noqa: E731
    target=SimpleNamespace(recording=None, probe=False), mobile=lambda: False,
    variables_used=dict,
)  # fmt: skip


def check(decide):
    return Check("a-check", Hop.PAGE, Section.BEYOND, "Healthy", configured=decide)


def test_a_fact_that_cannot_be_collected_makes_the_finding_unknown_and_names_what_is_missing():
    def decide(_):
        raise NotCollected("role", "iam:GetRole was refused", missing=("iam:GetRole",))

    found = ask(check(decide), NoRecording())
    assert found.status is UNKNOWN
    assert found.missing == ("iam:GetRole",)
    assert "iam:GetRole" in found.summary


def test_a_defect_in_a_check_is_unknown_and_says_so():
    found = ask(check(lambda _: 1 / 0), NoRecording())
    assert found.status is UNKNOWN
    assert found.missing == (DEFECT,)
    assert "ZeroDivisionError" in found.summary


def test_work_is_done_once_whoever_asks():
    once, calls, gate = Once(), [], threading.Barrier(8)

    def work_once():
        gate.wait()
        once.get("key", lambda: calls.append(1) or len(calls))

    threads = [threading.Thread(target=work_once) for _ in range(8)]
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
        ask(check(lambda _: failed("Broken.")), NoRecording()),
        ask(check(lambda _: passed("Well.")), NoRecording()),
    )
    path = tuple(HopState(hop, UNKNOWN) for hop in Hop)
    tables = {"arrival": ({"time": "2026-03-02T09:00:00Z", "events": 3},)}
    one = Investigation({"monitor": "m"}, Verdict.BROKEN, "a-check", path, found, (), tables)
    import json

    assert Investigation.from_dict(json.loads(one.to_json())).to_dict() == one.to_dict()


@pytest.mark.parametrize("data", [{}, {"schema": 99}, {"schema": 1}, {"schema": 1, "target": 3}])
def test_another_object_is_refused_in_one_sentence(data):
    with pytest.raises(BadInput):
        Investigation.from_dict(data)


def test_every_check_is_in_the_list_once():
    ids = [each.id for each in CHECKS]
    assert sorted(ids) == sorted(CHECK_IDS)


def test_the_checks_come_in_the_order_of_the_path():
    order = list(Hop)
    hops = [order.index(each.hop) for each in CHECKS]
    assert hops == sorted(hops)
